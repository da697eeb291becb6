package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// inTx runs fn in a transaction that is committed when fn returns nil. Our lock order makes deadlocks impossible
// among ourselves; a transaction that Postgres gives up all the same is run again, so fn must start afresh each time.
func (s *Store) inTx(ctx context.Context, action string, fn func(pgx.Tx) error) error {
	for attempt := 1; ; attempt++ {
		err := pgx.BeginFunc(ctx, s.pool, fn)
		if !collided(err) || attempt == 4 {
			return fault(action, err)
		}
		s.log.WarnContext(ctx, "transaction collided and runs again", "action", action, "attempt", attempt)
		select {
		case <-ctx.Done():
			return fault(action, ctx.Err())
		case <-time.After(time.Duration(attempt) * 10 * time.Millisecond):
		}
	}
}
