package conversation

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"parley/conversation/failpoint"
)

const (
	// maxParts is how many messages an answer may take; a longer one ends as a file.
	maxParts = 4
	// reserve is the room that each part leaves for the mark of an unfinished answer or the note about the file.
	reserve  = 80
	writing  = " …"
	fileNote = "\n\n*The answer is long: all of it is in the file below.*"
	fileName = "answer.md"
)

// delivery brings an answer to the platform: each part is posted once, under an intent that is stored before, and
// everything after that is an edit of a known message.
type delivery struct {
	*run
	// t is the turn as far as delivery is concerned: its To and Place are where the answer goes.
	t Turn
	// base is added to the numbers of parts where they are recorded: a turn that answers in two places has two deliveries.
	base  int
	parts []SentPart
	// toldOnce says that the person who gave a command was told of progress.
	toldOnce bool
	// share is the value of the button under a private answer, empty for none.
	share string
	// last is the number of the answer's last part, under which the button stands in a direct message.
	last int
	// whole is the private answer as it is kept; followed is the number of the last further message that this attempt sent.
	whole    *SentPart
	followed int
	// unseen says that the person has another private answer, of an earlier attempt, and nobody knows what it says.
	unseen bool
	// calling is one more than the number of the part that is being sent, or whose fate is unknown; a panic leaves it.
	calling int
	// shown is the answer as far as it is to be kept when the turn fails.
	shown string
	// known are the links that may act.
	known        []string
	firstVisible time.Duration
	visible      chan struct{} // closed at the first visible text
	once         sync.Once
}

func newDelivery(r *run) *delivery {
	return newDeliveryAt(r, 0)
}

// asidePart is the base of what goes to a person alone, where something is posted in the conversation too.
const asidePart = 1 << 20

// newDeliveryAt makes a delivery whose parts are recorded from a number on.
func newDeliveryAt(r *run, base int) *delivery {
	d := &delivery{run: r, t: r.t, base: base, visible: make(chan struct{})}
	d.t.Parts = nil
	for _, p := range r.t.Parts {
		if (p.Number >= asidePart) == (base >= asidePart) {
			p.Number -= base
			d.t.Parts = append(d.t.Parts, p)
		}
	}
	return d
}

// started reports whether anything of this answer is posted.
func (d *delivery) started() bool { return len(d.parts) > 0 }

// text is what is shown of the answer, without the mark of an unfinished one.
func (d *delivery) text() string { return strings.TrimSpace(d.shown) }

// sent are the parts as they stand.
func (d *delivery) sent() []SentPart {
	parts := slices.Clone(d.parts)
	if d.whole != nil {
		parts = append(parts, *d.whole)
	}
	return parts
}

// show brings the platform up to date with an answer that is still growing.
func (d *delivery) show(ctx context.Context, text string) error {
	if d.private() {
		return nil // the platform takes few answers to a command: it gets the whole one
	}
	texts := d.m.Split(text, reserve)
	if len(texts) == 0 {
		return nil
	}
	d.shown = text
	if len(texts) > maxParts {
		texts = texts[:maxParts]
	}
	for i, t := range texts {
		last := i == len(texts)-1
		if last {
			t += writing
		}
		if err := d.put(ctx, i, t, false); err != nil {
			return err
		}
	}
	return nil
}

// finish brings the platform up to date with the whole answer, and takes away what an earlier attempt posted beyond
// it. When it returns nil, people see exactly this text.
func (d *delivery) finish(ctx context.Context, text string) error {
	if d.private() {
		return d.whisper(ctx, text)
	}
	texts := d.m.Split(text, reserve)
	poster, canFile := d.m.(FilePoster)
	if len(texts) > maxParts && canFile {
		err := d.finishWithFile(ctx, poster, texts[:maxParts], text)
		if code := FailureOf(err).Code; err == nil || code != CodePlatformRefused && code != CodeCallRefused {
			return err
		}
		d.log.WarnContext(ctx, "cannot post a file, the rest of the answer follows in further messages", "error", err)
	}
	return d.finishParts(ctx, texts, text)
}

// finishParts shows the whole answer in messages.
func (d *delivery) finishParts(ctx context.Context, texts []string, text string) error {
	d.last = len(texts) - 1
	for i, t := range texts {
		if err := d.put(ctx, i, t, true); err != nil {
			return err
		}
	}
	d.shown = text
	return d.trim(ctx, len(texts))
}

// finishWithFile shows the beginning of a long answer in messages, and all of it in a file.
func (d *delivery) finishWithFile(ctx context.Context, poster FilePoster, texts []string, text string) error {
	noted := slices.Clone(texts)
	noted[len(noted)-1] += fileNote
	if err := d.finishParts(ctx, noted, text); err != nil {
		return err
	}
	return d.file(ctx, poster, text)
}

// put posts part i or edits it where it differs. A final edit is tried until it succeeds or the turn's time is up.
func (d *delivery) put(ctx context.Context, i int, text string, final bool) error {
	if i < len(d.parts) {
		p := &d.parts[i]
		if p.Text == text {
			return nil
		}
		err := d.edit(ctx, p.MessageID, i, text, final)
		switch code := FailureOf(err).Code; {
		case err == nil:
		case i > 0 && d.earlier(i) && code == CodeMessageGone:
			// An attempt that trimmed a shorter answer has taken this part away, and was cut off before it could say so.
			err = d.replace(ctx, i, text, final)
		case final && (code == CodeEditRefused || code == CodeCallRefused):
			// The message can no longer be brought up to date: another takes its place.
			if err = d.remove(ctx, i, p.MessageID); err == nil {
				err = d.replace(ctx, i, text, final)
			}
		}
		if err == nil {
			p.Text = text
		}
		return err
	}
	id, posted, err := d.post(ctx, i, text, final)
	if err != nil {
		return err
	}
	d.parts = append(d.parts, SentPart{MessageID: id, Text: text, SentAt: d.sentAt(id), Ref: d.t.To})
	d.once.Do(func() {
		d.firstVisible = d.elapsed()
		close(d.visible)
	})
	if posted {
		return nil
	}
	// An earlier attempt posted this part: it holds an older text.
	d.parts[i].Text = ""
	return d.put(ctx, i, text, final)
}

// replace posts part i anew.
func (d *delivery) replace(ctx context.Context, i int, text string, final bool) error {
	if err := storeError(d.Store.Removed(ctx, d.t, d.base+i)); err != nil {
		return err
	}
	id, _, err := d.post(ctx, i, text, final)
	if err == nil {
		d.parts[i].MessageID, d.parts[i].SentAt = id, d.sentAt(id)
	}
	return err
}

// sentAt is when the platform took a message, by its own clock where it tells.
func (d *delivery) sentAt(id string) time.Time {
	if dater, can := d.m.(Dater); can {
		if at, ok := dater.SentAt(id); ok {
			return at
		}
	}
	return d.Clock()
}

func (d *delivery) edit(ctx context.Context, id string, number int, text string, final bool) error {
	for try := 0; ; try++ {
		failpoint.Hit(failpoint.Editing(final))
		if err := d.Store.Holds(d.t); err != nil {
			return err
		}
		err := d.m.Edit(d.fenced(ctx), id, d.outgoing(number, text, final))
		failpoint.Hit(failpoint.Edited(final))
		if err == nil || !final || !FailureOf(err).Retry {
			return err
		}
		if !sleep(ctx, backoff(try)) {
			return err
		}
	}
}

// post sends a part once. posted is false when it turned out that an earlier attempt had sent it.
func (d *delivery) post(ctx context.Context, number int, text string, final bool) (id string, posted bool, err error) {
	return d.send(ctx, number, func(ctx context.Context, sendID string) (string, error) {
		out := d.outgoing(number, text, final)
		out.SendID = sendID
		return d.m.Post(ctx, out)
	})
}

func (d *delivery) file(ctx context.Context, poster FilePoster, text string) error {
	_, _, err := d.send(ctx, d.fileNumber(), func(ctx context.Context, sendID string) (string, error) {
		out := d.outgoing(d.fileNumber(), "", true)
		out.SendID = sendID
		return poster.PostFile(ctx, out, File{Name: fileName, Text: text})
	})
	return err
}

// fileNumber differs with each attempt: a file cannot be edited, and another attempt's answer is another text.
func (d *delivery) fileNumber() int { return FilePart + d.t.Attempt }

// earlier reports whether an earlier attempt meant to send part i.
func (d *delivery) earlier(i int) bool {
	return slices.ContainsFunc(d.t.Parts, func(p Part) bool { return p.Number == i })
}

// replyTo is the message that the answer is attached to.
func (d *delivery) replyTo() string {
	if len(d.t.Items) == 0 {
		return ""
	}
	return d.t.Last().Message.ID
}

func (d *delivery) outgoing(number int, text string, final bool) Outgoing {
	out := Outgoing{Ref: d.t.Target(), Place: d.t.Place, Part: number, Text: text, KnownURLs: d.known, Final: final,
		Stop: !final && strings.HasSuffix(text, writing)}
	if d.t.To == (ThreadRef{}) && (number == 0 || number >= FilePart) {
		out.ReplyTo = d.replyTo()
	}
	if final && number == d.last && d.share != "" {
		out.Share = d.shareValue()
	}
	return out
}

// trim takes away what earlier attempts, or this one, posted beyond the first keep parts: the finished answer does not
// need it. A part whose fate is unknown is looked for first. The last one goes first: if this is cut off, what is left is
// the beginning of the answer, and the next attempt posts what is missing below it.
func (d *delivery) trim(ctx context.Context, keep int) error {
	for _, p := range slices.Backward(d.t.Parts) {
		if p.Number < max(keep, len(d.parts)) || p.Number == d.fileNumber() || isWhisper(p.Number) {
			continue // unfollow takes away what it can of a private answer
		}
		id := p.MessageID
		if id == "" {
			var err error
			if id, err = d.find(ctx, p.Number, p); err != nil {
				return err
			}
		}
		if err := d.remove(ctx, p.Number, id); err != nil {
			return err
		}
	}
	for len(d.parts) > keep {
		last := len(d.parts) - 1
		if err := d.remove(ctx, last, d.parts[last].MessageID); err != nil {
			return err
		}
		d.parts = d.parts[:last]
	}
	return nil
}

// remove deletes a message of ours where the platform can. That it is gone, or may not be deleted, is no reason to
// begin the turn again.
func (d *delivery) remove(ctx context.Context, number int, id string) error {
	if id == "" {
		return storeError(d.Store.Removed(ctx, d.t, d.base+number))
	}
	deleter, can := d.m.(Deleter)
	if !can {
		d.log.WarnContext(ctx, "a message of an earlier attempt stays", "message", id)
		return nil
	}
	for try := 0; ; try++ {
		failpoint.Hit(failpoint.Trimming)
		if err := d.Store.Holds(d.t); err != nil {
			return err
		}
		err := deleter.Delete(d.fenced(ctx), d.standsIn(number), id)
		failpoint.Hit(failpoint.Trimmed)
		if err == nil {
			return storeError(d.Store.Removed(ctx, d.t, d.base+number))
		}
		if !FailureOf(err).Retry {
			d.log.WarnContext(ctx, "a message of an earlier attempt stays", "message", id, "error", err)
			return nil
		}
		if !sleep(ctx, backoff(try)) {
			return err
		}
	}
}

// standsIn is where a part was posted.
func (d *delivery) standsIn(number int) ThreadRef {
	for _, p := range d.t.Parts {
		if p.Number == number && p.Ref != (ThreadRef{}) {
			return p.Ref
		}
	}
	return d.t.Target()
}

// fenced is the context of a call that writes.
func (d *delivery) fenced(ctx context.Context) context.Context {
	return WithFence(ctx, func() error { return d.Store.Holds(d.t) })
}

// sleep waits, and reports false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// backoff is the pause before another try: half a second, doubling to eight.
func backoff(try int) time.Duration {
	return min(500*time.Millisecond<<min(try, 5), 8*time.Second)
}

var errUnknownSend = errors.New("the platform did not say whether it took the message")
