package conversation

import (
	"context"
	"fmt"
	"strings"
)

// digest does what nobody waits for: it describes pictures that were only shown, and brings the conversation's standing
// summary up to date. What was shown meanwhile is described as well: while this runs, nobody can ask for it again.
func (r *run) digest(ctx context.Context) error {
	r.out.Kind = Answered
	tried := map[string]bool{}
	if err := r.describeShown(ctx, tried); err != nil {
		return err
	}
	if err := r.takeNotes(ctx); err != nil {
		return err
	}
	return r.describeShown(ctx, tried)
}

// takeNotes keeps notes of what no longer fits the window of a turn.
func (r *run) takeNotes(ctx context.Context) error {
	if r.Readings == nil {
		return nil
	}
	chunks, err := r.Readings.Standing(ctx, r.t.Ref)
	if err != nil {
		return storeError(err)
	}
	until, err := r.windowBegins(ctx)
	if err != nil {
		return err
	}
	// A chunk that an edit or a delete has removed leaves a gap: what lies in it is read again, and so is what follows, from
	// the cache.
	after := Position{}
	for _, c := range chunks {
		after = c.Through
	}
	if gap, found, err := r.firstGap(ctx, chunks); err != nil || found {
		if err != nil {
			return err
		}
		after = gap
	}
	spend := r.spending()
	result, err := r.summarizer.Digest(ctx, SummaryJob{
		Ref: r.t.Ref, Cache: CacheOf(r.Readings, r.t, r.t.Ref), After: after, Ask: spend.ask,
		Source: PagedSource(func(ctx context.Context, after Position, limit int) ([]Message, error) {
			page, err := r.Readings.Since(ctx, r.t.Ref, after, limit)
			for i, m := range page {
				if !m.Position().Before(until) {
					page = page[:i]
					break
				}
			}
			return page, storeError(err)
		}),
	})
	spend.record(r)
	if err != nil {
		return fmt.Errorf("take notes: %w", err)
	}
	r.log.DebugContext(ctx, "notes taken", "chunks", len(result.Chunks), "unread", result.Unread)
	return nil
}

// windowBegins is the first message that a turn would still see whole: notes end before it.
func (r *run) windowBegins(ctx context.Context) (Position, error) {
	profile := r.profile()
	room := profile.Context - r.maxOutput(profile)
	room -= room / tailShare // of notes and instructions
	query := HistoryQuery{Ref: r.t.Ref, Before: endOfTime, Limit: historyPage}
	begin := endOfTime
	for {
		page, err := r.Store.History(ctx, query)
		if err != nil {
			return begin, storeError(err)
		}
		for _, m := range page {
			if room -= profile.Estimate(m.Text) + profile.Estimate(m.Author.Name) + 4; room < 0 {
				return begin, nil
			}
			begin = m.Position()
		}
		if len(page) < query.Limit {
			return Position{}, nil // all of it fits
		}
		query.Before = page[len(page)-1].Position()
	}
}

// gapLook is how many messages after a chunk are looked at for the first that notes are taken of.
const gapLook = 20

// firstGap finds where the notes leave something out that was said before their end.
func (r *run) firstGap(ctx context.Context, chunks []Chunk) (after Position, found bool, err error) {
	for _, c := range chunks {
		page, err := r.Readings.Since(ctx, r.t.Ref, after, gapLook)
		if err != nil {
			return after, false, storeError(err)
		}
		for _, m := range page {
			if m.Author.Kind == Person && strings.TrimSpace(m.Text) != "" {
				if m.Position().Before(c.From) {
					return after, true, nil
				}
				break
			}
		}
		if after.Before(c.Through) {
			after = c.Through
		}
	}
	return after, false, nil
}
