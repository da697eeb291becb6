package conversation

import (
	"context"
	"errors"
	"slices"
)

// describeBack is how many of the newest messages are looked through for pictures to describe.
const describeBack = 100

// shownOnly reports whether a picture was shown to the model that answers, and no text is kept of it: later turns, summaries
// and searches would have nothing.
func shownOnly(a Attachment) bool {
	return a.Kind == AttachmentImage && a.Verdict == VerdictDescribed && a.Description == ""
}

// wantDescriptions has pictures described once they were shown, by the task that nobody waits for. A command's file goes with
// another message than the command, and is not looked for again.
func (r *run) wantDescriptions(all []Attachment) {
	if r.t.Place != PlacePrivate && slices.ContainsFunc(all, shownOnly) {
		r.out.Digest = true
	}
}

// describeShown describes pictures of the conversation that a turn has shown to the model: once for each content, and those
// not that were tried before. One that cannot be described now is tried again after a later answer.
func (r *run) describeShown(ctx context.Context, tried map[string]bool) error {
	if r.Media == nil || r.Files == nil {
		return nil
	}
	page, err := r.Store.History(ctx, HistoryQuery{Ref: r.t.Ref, Before: endOfTime, Limit: describeBack})
	if err != nil {
		return storeError(err)
	}
	for _, m := range page {
		for _, a := range m.Attachments {
			file := m.ID + " " + a.ID
			if len(tried) == filesPerTurn || tried[file] || !shownOnly(a) {
				continue
			}
			tried[file] = true
			if err := r.describeOne(ctx, m, a); err != nil {
				return err
			}
		}
	}
	return nil
}

// describeOne describes one picture and keeps that. Only what ends the task is an error.
func (r *run) describeOne(ctx context.Context, m Message, a Attachment) error {
	s := seen{in: m, file: a}
	err := r.takeIn(ctx, &s, wish{kind: wishDescription})
	switch {
	case err == nil:
		return storeError(r.Files.NoteFile(ctx, r.t, m.Ref, m.ID, s.file))
	case ctx.Err() != nil, errors.Is(err, errStore), errors.Is(err, ErrFenced), errors.Is(err, ErrBudget):
		return err
	}
	r.log.WarnContext(ctx, "a picture that was answered about is not described", "file", a.ID, "error", err)
	return nil
}
