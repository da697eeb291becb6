package conversation

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

const (
	// handleMargin is how long before its end a handle is no longer relied on: an answer of several messages takes its time.
	handleMargin = time.Minute
	// maxWhispers bounds the messages of one private answer. Where an app is only installed by the person, Discord takes five
	// follow-ups to a command (discord.com/developers/docs/interactions/receiving-and-responding#followup-messages).
	maxWhispers = 5
	// whisperTries bounds the further tries of one whisper: Slack counts answers, and takes five.
	whisperTries = 2
	// whisperPart is the number under which it is recorded that a command was answered; those before it are the numbers of
	// the messages that follow.
	whisperPart = asidePart - 1
	// coming stands in a further message until its id is recorded.
	coming = "…"
)

const (
	sentDirect = "I have sent it to you as a direct message."
	moreNote   = "\n\n*(There is more, but I may not send you direct messages.)*"
)

// private reports whether the answer goes to whoever gave a command and to nobody else.
func (d *delivery) private() bool {
	return d.t.Place == PlacePrivate && len(d.run.t.Items) > 0 && d.run.t.Last().Message.Ask != nil
}

// isWhisper reports whether a part is one of a private answer.
func isWhisper(number int) bool { return number <= whisperPart && number > whisperPart-maxWhispers }

// whisper answers a command: in the place where it was given, seen by one person only, or, where the platform takes no
// more answers or the text is too long, as a direct message to that person.
func (d *delivery) whisper(ctx context.Context, text string) error {
	whisperer, can := d.m.(Whisperer)
	if !can {
		return &Failure{Code: CodePlatformRefused, Err: errors.New("this platform has no private answers")}
	}
	texts, whole := whisperer.SplitWhisper(text, 0)
	if len(texts) == 0 {
		return nil
	}
	if whole && len(texts) <= maxWhispers {
		err := d.whisperParts(ctx, texts)
		if err == nil {
			return d.whispered(ctx, text)
		}
		if !noWhisper(err) {
			return err
		}
		d.log.DebugContext(ctx, "the answer to a command goes by direct message", "error", err)
	}
	err := d.direct(ctx, text)
	if noDirect(err) && !whole {
		d.t.To, d.t.Place = ThreadRef{}, PlacePrivate
		texts, _ = whisperer.SplitWhisper(text, reserve)
		texts = texts[:min(len(texts), maxWhispers)]
		texts[len(texts)-1] += moreNote
		if err := d.whisperParts(ctx, texts); err != nil {
			return err
		}
		return d.whispered(ctx, text)
	}
	if err != nil {
		return err
	}
	if d.share != "" {
		d.keep(text)
	}
	if err := d.sayDirect(ctx); err != nil {
		d.log.DebugContext(ctx, "cannot say that the answer went by direct message", "error", err)
	}
	return nil
}

// whispered notes that the person has the answer. What an earlier attempt sent as a direct message is taken away.
func (d *delivery) whispered(ctx context.Context, text string) error {
	d.parts = nil
	if err := d.trim(ctx, 0); err != nil {
		return err
	}
	d.shown = text
	switch {
	case !d.unseen:
		d.keep(text)
	case d.whole == nil:
		d.keep("") // nothing is to be made of a text that the person has not read
	}
	d.once.Do(func() {
		d.firstVisible = d.elapsed()
		close(d.visible)
	})
	return nil
}

// keep has the whole answer stored in the conversation of the command, which is where the button "Share in thread" finds it.
func (d *delivery) keep(text string) {
	d.whole = &SentPart{MessageID: d.whisperID(), Text: text, SentAt: d.Clock()}
}

// whisperID stands for the private answer: the platforms keep none that could be looked for.
func (d *delivery) whisperID() string { return d.t.Ref.Thread + ":answer" }

// whisperParts shows the messages of a private answer in order, the button under the last one, and takes away what an
// earlier attempt showed beyond them.
func (d *delivery) whisperParts(ctx context.Context, texts []string) error {
	for i, text := range texts {
		w := Whisper{Text: text, Part: i}
		if i == len(texts)-1 {
			w.Share = d.share
		}
		show := d.follow
		if i == 0 {
			show = d.begin
		}
		if err := show(ctx, w); err != nil {
			return err
		}
	}
	return d.unfollow(ctx, len(texts))
}

// begin shows the first message of a private answer. Where it does not take the place of what was shown before, one that
// an earlier attempt is known to have shown is not shown again.
func (d *delivery) begin(ctx context.Context, w Whisper) error {
	intent, err := d.Store.Intend(ctx, d.t, whisperPart)
	if err != nil {
		return storeError(err)
	}
	if d.unseen = intent.MessageID != "" && !d.replaces(); d.unseen {
		return nil
	}
	if _, err := d.whisperOne(ctx, w); err != nil || intent.MessageID != "" {
		return err
	}
	return storeError(d.Store.Sent(ctx, d.t, whisperPart, d.whisperID()))
}

// follow shows a further message of a private answer. No platform finds one again whose id was lost. So it is sent with
// nothing in it, its id is recorded, and then it gets its text: a second one after a crash is an empty line more, and
// nothing is said twice.
func (d *delivery) follow(ctx context.Context, w Whisper) error {
	number := whisperPart - w.Part
	for anew := false; ; anew = true {
		intent, err := d.Store.Intend(ctx, d.t, number)
		if err != nil {
			return storeError(err)
		}
		if w.MessageID = intent.MessageID; w.MessageID == "" {
			w.MessageID, err = d.whisperOne(ctx, Whisper{Text: coming, Part: w.Part})
			if err != nil {
				return err
			}
			if err := d.Store.Sent(ctx, d.t, number, w.MessageID); err != nil {
				return storeError(err)
			}
			d.followed = max(d.followed, w.Part)
		}
		_, err = d.whisperOne(ctx, w)
		if err == nil || anew || FailureOf(err).Code != CodeMessageGone {
			return err
		}
		if err := d.Store.Removed(ctx, d.t, number); err != nil { // the person has closed what an earlier attempt showed
			return storeError(err)
		}
	}
}

// unfollow takes away the further messages from number keep on.
func (d *delivery) unfollow(ctx context.Context, keep int) error {
	whisperer, can := d.m.(Whisperer)
	for i := maxWhispers - 1; can && i >= max(keep, 1); i-- {
		if !d.earlier(whisperPart-i) && i > d.followed {
			continue
		}
		intent, err := d.Store.Intend(ctx, d.t, whisperPart-i)
		if err != nil {
			return storeError(err)
		}
		if intent.MessageID != "" {
			w := d.addressed(Whisper{Part: i, MessageID: intent.MessageID})
			if err := whisperer.Unwhisper(d.fenced(ctx), w); err != nil {
				d.log.WarnContext(ctx, "a part of a private answer stays", "part", i, "error", err)
			}
		}
		if err := d.Store.Removed(ctx, d.t, whisperPart-i); err != nil {
			return storeError(err)
		}
	}
	d.followed = min(d.followed, max(keep-1, 0))
	return nil
}

// sayDirect tells, where the command was given, that the answer has gone by direct message.
func (d *delivery) sayDirect(ctx context.Context) error {
	to, place := d.t.To, d.t.Place
	defer func() { d.t.To, d.t.Place = to, place }()
	d.t.To, d.t.Place = ThreadRef{}, PlacePrivate // the parts to take away stand there
	if err := d.say(ctx, sentDirect); err != nil {
		return err
	}
	return d.unfollow(ctx, 1)
}

// noWhisper reports whether a private answer cannot be shown, now or later.
func noWhisper(err error) bool {
	if errors.Is(err, ErrFenced) || errors.Is(err, errStore) {
		return false
	}
	switch f := FailureOf(err); f.Code {
	case CodeHandleGone, CodeCallRefused, CodePlatformRefused, CodeMessageGone:
		return !f.Retry
	}
	return false
}

// noDirect reports whether a person takes no direct messages.
func noDirect(err error) bool {
	if err == nil {
		return false
	}
	code := FailureOf(err).Code
	return code == CodePlatformRefused || code == CodeCallRefused
}

// direct delivers the rest of the turn as a direct message to the person who asked.
func (d *delivery) direct(ctx context.Context, text string) error {
	whisperer, can := d.m.(Whisperer)
	if !can {
		return &Failure{Code: CodePlatformRefused, Err: errors.New("this platform has no direct messages")}
	}
	asker := d.run.t.Last().Message.Author.ID
	dm, err := whisperer.Direct(ctx, d.run.t.Ref.Workspace, asker)
	if err != nil {
		return fmt.Errorf("open direct conversation: %w", err)
	}
	d.t.To, d.t.Place = dm, PlaceDM
	return d.finish(ctx, text)
}

// say shows a sentence to whoever gave the command.
func (d *delivery) say(ctx context.Context, text string) error {
	_, err := d.whisperOne(ctx, Whisper{Text: text})
	return err
}

// whisperOne shows one message to whoever gave the command. It is tried again while the platform is busy.
func (d *delivery) whisperOne(ctx context.Context, w Whisper) (messageID string, err error) {
	for try := 0; ; try++ {
		messageID, err = d.whisperOnce(ctx, w)
		if err == nil || !FailureOf(err).Retry || try == whisperTries || !sleep(ctx, backoff(try)) {
			return messageID, err
		}
	}
}

func (d *delivery) whisperOnce(ctx context.Context, w Whisper) (messageID string, err error) {
	whisperer, can := d.m.(Whisperer)
	if !can {
		return "", &Failure{Code: CodeHandleGone, Err: errors.New("this platform has no private answers")}
	}
	if left := d.handleLeft(); left < handleMargin {
		return "", &Failure{Code: CodeHandleGone, Err: fmt.Errorf("the command is answered too late by %s", (handleMargin - left).Round(time.Second))}
	}
	if err := d.Store.Holds(d.run.t); err != nil {
		return "", err
	}
	return whisperer.Whisper(d.fenced(ctx), d.addressed(w))
}

// addressed is w as the answer to the turn's command.
func (d *delivery) addressed(w Whisper) Whisper {
	message := d.run.t.Last().Message
	w.Ask, w.Ref, w.To, w.KnownURLs = *message.Ask, d.run.t.Ref, message.Author.ID, d.known
	return w
}

// handleLeft is how long the command can still be answered.
func (d *delivery) handleLeft() time.Duration {
	return d.run.t.Last().Message.Ask.Expires.Sub(d.Clock())
}

// replaces reports whether each whisper takes the place of the one before, so that progress makes no noise.
func (d *delivery) replaces() bool {
	whisperer, can := d.m.(Whisperer)
	return can && whisperer.Replaces()
}

// progress tells how far the work is: as a message that grows in a thread, in the acknowledgement of a command where
// that can be changed, else once. That it cannot be told is no reason to stop.
func (d *delivery) progress(ctx context.Context, text string) {
	var err error
	switch {
	case d.private() && d.replaces():
		if d.handleLeft() < 2*handleMargin {
			text += ". It will come as a direct message"
		}
		_, err = d.whisperOnce(ctx, Whisper{Text: text})
	case d.private() && !d.toldOnce && d.run.t.Attempt == 1 && d.elapsed() >= d.hush():
		d.toldOnce = true
		_, err = d.whisperOnce(ctx, Whisper{Text: text})
	case d.private():
	case !d.started() || d.m.AwaitEdit(ctx, d.t.Target()) == nil:
		err = d.show(ctx, text)
		d.shown = "" // it is no part of an answer
	}
	if err != nil && ctx.Err() == nil {
		d.log.DebugContext(ctx, "cannot tell progress", "error", err)
	}
}

// hush is how long a command is worked on before its person is told, where that takes a message of its own. Whoever typed it
// has read at once that it is worked on, and is spared another message about what is quick.
func (d *delivery) hush() time.Duration {
	if d.private() && !d.replaces() && strings.HasPrefix(d.run.t.Last().Message.Text, "/") {
		return 20 * time.Second
	}
	return 0
}

// shareValue is what the button "Share in thread" brings back, under a direct message with the place of the command, which
// is another one.
func (d *delivery) shareValue() string {
	return d.run.t.Ref.Workspace + "/" + d.run.t.Ref.Channel + "/" + d.share
}

// sharedFrom gives the conversation of the command whose answer a button stands under, from where the button was pressed.
func sharedFrom(pressed ThreadRef, value string) ThreadRef {
	at := pressed
	at.Thread = value
	if i := strings.Index(value, "/"+CommandThread("")); i > 0 {
		if workspace, channel, ok := strings.Cut(value[:i], "/"); ok {
			at.Workspace, at.Channel, at.Thread = workspace, channel, value[i+1:]
		}
	}
	return at
}
