package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"parley/store/internal/dbsqlc"
)

// maxMemory bounds a value of the memory.
const maxMemory = 64 << 10

// Load gives what was saved under a name; nil when that is nothing.
func (s *Store) Load(ctx context.Context, name string) ([]byte, error) {
	value, err := s.q.LoadMemory(ctx, s.pool, name)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return value, fault("load memory", err)
}

// Save keeps a value under a name, in place of the one before. Replicas that save the same name do not merge: the last
// one stays, so a value must be one that another can do with.
func (s *Store) Save(ctx context.Context, name string, value []byte) error {
	if len(value) > maxMemory {
		return fmt.Errorf("save memory: %d bytes, more than %d", len(value), maxMemory)
	}
	return fault("save memory", s.q.SaveMemory(ctx, s.pool, dbsqlc.SaveMemoryParams{Name: name, Value: value}))
}
