package store

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// InTx lets tests run a transaction as the store does.
func (s *Store) InTx(ctx context.Context, fn func(pgx.Tx) error) error {
	return s.inTx(ctx, "test", fn)
}
