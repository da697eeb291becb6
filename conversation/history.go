package conversation

import (
	"context"
	"errors"
	"time"

	"parley/conversation/failpoint"
)

const (
	historyPage = 100
	// background is how many messages of a channel, from before a mention, a turn sees.
	background = 50
	// historyTries is how often the platform is asked for what was said before: one failed call must not make the
	// answer forgetful.
	historyTries = 3
	// overtakenMost is how long the turn of a mention that was overtaken by what followed it waits for the history.
	overtakenMost = 5 * time.Minute
)

// readHistory fetches, and stores, what was said in the conversation before Parley took part in it: once, and again
// after an absence, in which edits and deletes may have been missed. A platform
// that will not tell does not keep the answer back; the next turn asks again. But where a message overtook the mention, no
// next turn may come, and the message would stay unanswered: while the platform is down, the turn is run again.
func (r *run) readHistory(ctx context.Context) error {
	reader, can := r.m.(HistoryReader)
	if r.t.HistoryKnown || !can {
		return nil
	}
	request := HistoryRequest{Ref: r.t.Ref, Place: r.t.Place, Trigger: r.t.Last().Message}
	whole := false
	if w, tells := r.m.(HistoryWhole); tells {
		whole = w.HistoryWhole(request)
	}
	var err error
	for try := range historyTries {
		if try > 0 {
			if !sleep(ctx, backoff(try)) {
				break
			}
		}
		err = nil
		for page, readErr := range reader.History(ctx, request) {
			if err = readErr; err != nil {
				break
			}
			r.measure(page)
			if err = storeError(r.Store.SaveHistory(ctx, r.t, HistoryPage{Messages: page, Whole: whole}, r.Policy.Decide)); err != nil {
				break
			}
			failpoint.Hit(failpoint.HistorySaved)
		}
		if err == nil {
			r.t.HistoryKnown = true
			return storeError(r.Store.HistoryDone(ctx, r.t))
		}
		if errors.Is(err, errStore) || errors.Is(err, ErrFenced) {
			return err
		}
		if !FailureOf(err).Retry {
			break
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if f := FailureOf(err); r.t.Overtaken && f.Code == CodePlatformDown && f.Retry && r.elapsed() < overtakenMost {
		return err
	}
	r.log.WarnContext(ctx, "cannot read what was said before; answering without it", "error", err)
	return nil
}

// measure notes what messages take of a window.
func (e *Engine) measure(page []Message) {
	profile := e.Model.ProfileIn("")
	for i := range page {
		page[i].Tokens = profile.Estimate(page[i].Text)
	}
}
