package conversation

import (
	"context"
	"fmt"
	"iter"
	"time"

	"parley/conversation/failpoint"
)

// Mark is how far a channel or a conversation has been read.
type Mark struct {
	Ref   ThreadRef
	Place Place
	// Newest is the newest message that was accepted there, or Marks.Online where that is earlier: what was accepted
	// since then, live after the absence, may have holes before it.
	Newest Position
}

// Marks is how far a platform has been read.
type Marks struct {
	// Online is when Parley was last known to be connected to the platform; zero when it never was. Nothing older is
	// caught up where there is no mark: history from before the installation is not Parley's to answer.
	Online time.Time
	// Channels has a mark for each channel of which anything was accepted.
	Channels []Mark
	// Threads has a mark for each conversation that Parley takes part in, the most recently active first: at most 500,
	// of the last 30 days.
	Threads []Mark
}

// CatchUpOverlap is how far behind a mark the reading begins again: deliveries may arrive out of order.
const CatchUpOverlap = 10 * time.Minute

// Watermarks is what catching up needs of the store.
type Watermarks interface {
	// Marks gives how far a platform has been read.
	Marks(ctx context.Context, p Platform) (Marks, error)
	// Online notes that the platform is connected, and everything up to at is read. It never goes back. When the last
	// word is more than a minute older than at, edits and deletes may have been missed between the two: the history
	// of each conversation is then read again when the conversation is next used.
	Online(ctx context.Context, p Platform, at time.Time) error
}

// MissedReader is an optional capability of a Messenger: it reads over REST what was said since the marks less
// CatchUpOverlap, in channels and conversations that concern Parley, within the adapter's documented limits and the
// platform's rate limits. Events carry the whole present message; what is known already is no harm. The error is the
// last thing yielded.
type MissedReader interface {
	Missed(ctx context.Context, marks Marks) iter.Seq2[[]Posted, error]
}

// CatchUp takes in what was missed on a platform. Adapters call it after every connection that did not resume cleanly,
// and when the store could not be reached for a while. It is safe beside live events: both go the same way, and each
// message is accepted once.
func (e *Engine) CatchUp(ctx context.Context, p Platform) error {
	reader, can := e.Messengers[p].(MissedReader)
	if !can || e.Watermarks == nil {
		return nil
	}
	begun := e.Clock()
	marks, err := e.Watermarks.Marks(ctx, p)
	if err != nil {
		return fmt.Errorf("catch up %s: %w", p, err)
	}
	read := 0
	if !marks.Online.IsZero() {
		for page, err := range reader.Missed(ctx, marks) {
			if err != nil {
				return fmt.Errorf("catch up %s: %w", p, err)
			}
			for _, posted := range page {
				posted.Delivery.CaughtUp = true
				if err := e.Ingest(ctx, posted); err != nil {
					return fmt.Errorf("catch up %s: %w", p, err)
				}
				read++
			}
			failpoint.Hit(failpoint.CaughtUp)
		}
	}
	if err := e.Watermarks.Online(ctx, p, begun); err != nil {
		return fmt.Errorf("catch up %s: %w", p, err)
	}
	e.Logger.InfoContext(ctx, "caught up", "platform", p, "read", read, "seconds", e.Clock().Sub(begun).Seconds())
	return nil
}

// Online notes that a platform is connected and nothing is left to catch up. Adapters call it about every half minute
// while that is so: it bounds how far back an absence is read where there is no mark.
func (e *Engine) Online(ctx context.Context, p Platform) error {
	if e.Watermarks == nil {
		return nil
	}
	if err := e.Watermarks.Online(ctx, p, e.Clock()); err != nil {
		return fmt.Errorf("note that %s is online: %w", p, err)
	}
	return nil
}
