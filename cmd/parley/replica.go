package main

import (
	"context"
	"log/slog"
	"time"

	"parley/bots"
	"parley/store"
)

// replica gives the adapters what the store knows of the other replicas: it is their Leaser and their Share.
type replica struct{ *store.Replica }

var (
	_ bots.Leaser = replica{}
	_ bots.Share  = replica{}
)

// Acquire implements bots.Leaser.
func (r replica) Acquire(ctx context.Context, names ...string) (bots.Lease, bool, error) {
	l, ok, err := r.Replica.Acquire(ctx, names...)
	if !ok || err != nil {
		return nil, false, err
	}
	return l, true, nil
}

// leave gives back what is held, within a moment: without a database it is free by itself soon.
func (r replica) leave(log *slog.Logger) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := r.Leave(ctx); err != nil {
		log.Warn("leases were not given back; they end by themselves", "error", err)
	}
}
