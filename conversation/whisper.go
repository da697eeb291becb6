package conversation

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// progressMost is how often whoever gave a command is told how far the work is: the platforms take few answers to one.
const progressMost = 2

// handleMargin is how long before its end a handle is no longer relied on.
const handleMargin = 15 * time.Second

// private reports whether the answer goes to whoever gave a command and to nobody else.
func (d *delivery) private() bool {
	return d.t.Place == PlacePrivate && len(d.run.t.Items) > 0 && d.run.t.Last().Message.Ask != nil
}

// whisper answers a command: in the place where it was given, seen by one person only, or, where the platform takes no
// more answers or the text is too long for one, as a direct message to that person. An answer that an earlier
// attempt is known to have shown is not shown again.
func (d *delivery) whisper(ctx context.Context, text string) error {
	texts := d.m.Split(text, 0)
	if len(texts) == 0 {
		return nil
	}
	if len(texts) == 1 {
		err := d.sayOnce(ctx, texts[0])
		if err == nil {
			d.parts = nil
			if err := d.trim(ctx, 0); err != nil { // an earlier attempt's direct message
				return err
			}
			d.shown = text
			d.parts = []SentPart{{MessageID: d.whisperID(), Text: text, SentAt: d.Clock()}}
			d.once.Do(func() {
				d.firstVisible = d.elapsed()
				close(d.visible)
			})
			return nil
		}
		if code := FailureOf(err).Code; code != CodeHandleGone && code != CodeCallRefused {
			return err
		}
	}
	err := d.direct(ctx, text)
	if noDirect(err) && len(texts) > 1 {
		d.t.To, d.t.Place = ThreadRef{}, PlacePrivate
		short := d.m.Split(text, reserve)[0] + "\n\n*(There is more, but I may not send you direct messages.)*"
		d.parts = []SentPart{{MessageID: d.whisperID(), Text: short, SentAt: d.Clock()}}
		return d.say(ctx, short, "")
	}
	if err != nil {
		return err
	}
	if err := d.say(ctx, "I have sent it to you as a direct message.", ""); err != nil {
		d.log.DebugContext(ctx, "cannot say that the answer went by direct message", "error", err)
	}
	return nil
}

// whisperPart is the number under which it is recorded that a command was answered.
const whisperPart = asidePart - 1

// whisperID stands for the private answer: the platforms give it no id.
func (d *delivery) whisperID() string { return d.t.Ref.Thread + ":answer" }

// sayOnce shows the answer, unless an earlier attempt has: Slack adds each answer to a command to those before.
func (d *delivery) sayOnce(ctx context.Context, text string) error {
	intent, err := d.Store.Intend(ctx, d.t, whisperPart)
	if err != nil || intent.MessageID != "" {
		return storeError(err)
	}
	if err := d.say(ctx, text, d.share); err != nil {
		return err
	}
	return storeError(d.Store.Sent(ctx, d.t, whisperPart, d.whisperID()))
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

// say shows a text to whoever gave the command. It is tried again while the platform is busy.
func (d *delivery) say(ctx context.Context, text, share string) error {
	whisperer, can := d.m.(Whisperer)
	if !can {
		return &Failure{Code: CodeHandleGone, Err: errors.New("this platform has no private answers")}
	}
	message := d.run.t.Last().Message
	if left := message.Ask.Expires.Sub(d.Clock()); left < handleMargin {
		return &Failure{Code: CodeHandleGone, Err: fmt.Errorf("the command is answered too late by %s", (handleMargin - left).Round(time.Second))}
	}
	for try := 0; ; try++ {
		if err := d.Store.Holds(d.run.t); err != nil {
			return err
		}
		err := whisperer.Whisper(d.fenced(ctx), Whisper{
			Ask: *message.Ask, Ref: d.run.t.Ref, To: message.Author.ID, Text: text, KnownURLs: d.known, Share: share,
		})
		if err == nil || !FailureOf(err).Retry || try == whisperTries || !sleep(ctx, backoff(try)) {
			return err
		}
	}
}

// whisperTries bounds the tries of one whisper: Slack counts answers, and takes five.
const whisperTries = 2

// progress tells how far the work is: as a message that grows in a thread, by a few whispers for a command. That it
// cannot be told is no reason to stop.
func (d *delivery) progress(ctx context.Context, text string) {
	var err error
	switch {
	case d.private() && d.told < progressMost:
		d.told++
		err = d.say(ctx, text, "")
	case d.private():
	case !d.started() || d.m.AwaitEdit(ctx, d.t.Target()) == nil:
		err = d.show(ctx, text)
		d.shown = "" // it is no part of an answer
	}
	if err != nil && ctx.Err() == nil {
		d.log.DebugContext(ctx, "cannot tell progress", "error", err)
	}
}
