package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// rollbackTimeout bounds how long a transaction that failed is waited for; after it the connection is closed.
const rollbackTimeout = 5 * time.Second

// inTx runs fn in a transaction that is committed when fn returns nil. Our lock order makes deadlocks impossible
// among ourselves; a transaction that Postgres gives up all the same is run again, so fn must start afresh each time.
func (s *Store) inTx(ctx context.Context, action string, fn func(pgx.Tx) error) error {
	for attempt := 1; ; attempt++ {
		err := s.once(ctx, fn)
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

func (s *Store) once(ctx context.Context, fn func(pgx.Tx) error) error {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	tx := newPipelined(conn.Conn())
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
		defer cancel()
		_ = tx.Rollback(ctx) // after the commit there is nothing left of it
	}()
	if err := fn(tx); err != nil {
		return err
	}
	return tx.Commit(ctx)
}
