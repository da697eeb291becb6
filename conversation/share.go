package conversation

import (
	"context"
	"errors"
)

// share posts a private summary in the conversation that it is of, for the person who asked for it and may write there: the
// button under it.
func (r *run) share(ctx context.Context, ask Ask) error {
	gone := &Failure{Code: CodeNotReadable, Safe: "I no longer have that summary. Please ask for it again."}
	at := sharedFrom(r.t.Ref, ask.Text)
	page, err := r.Store.History(ctx, HistoryQuery{Ref: at, Before: endOfTime, Limit: 10})
	if err != nil {
		return storeError(err)
	}
	var summary *Message
	mine := false
	for i, m := range page {
		switch m.Author.Kind {
		case Self:
			if summary == nil {
				summary = &page[i]
			}
		case Person:
			mine = mine || m.Author.ID == r.t.Last().Message.Author.ID
		case Bot:
		}
	}
	if summary == nil || !mine || summary.Source.Channel == "" || summary.Text == "" {
		gone.Err = errors.New("no such summary of this person")
		return gone
	}
	source := summary.Source
	if err := r.mayRead(ctx, source); err != nil {
		return err
	}
	if err := r.mayPost(ctx, source); err != nil {
		return err
	}
	r.out.Derived = &Source{Ref: source, From: summary.Position(), Through: summary.Position()}
	whispering := r.deliver
	r.deliver = newDelivery(r)
	r.deliver.t.To, r.deliver.t.Place = source, PlaceThread
	r.deliver.known = knownURLs(summary.Text)
	err = r.deliver.finish(ctx, summary.Text)
	if code := FailureOf(err).Code; err != nil && !r.deliver.started() && (code == CodePlatformRefused || code == CodeCallRefused) {
		r.deliver = whispering // there it can be told
		return &Failure{Code: CodeCallRefused, Err: err, Safe: "I may not post there, so only you have that summary. Please ask somebody who runs that place to let me."}
	}
	if err != nil {
		return err
	}
	r.out.Kind = Answered
	if err := whispering.say(ctx, "Shared."); err != nil {
		r.log.DebugContext(ctx, "cannot say that the summary was shared", "error", err)
	}
	return nil
}
