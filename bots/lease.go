package bots

import (
	"context"
	"errors"
)

// Leaser hands out claims to things of which a platform allows only so many, among all replicas that share a
// database: Slack's ten Socket Mode connections ("slack/<team>/socket/0" to "…/9"), a shard of Discord's gateway
// ("discord/<application>/shard/<n>"). An adapter without one claims nothing and behaves as the only replica.
type Leaser interface {
	// Acquire takes the first of names that nobody holds, this process included, in one round trip. ok is false when
	// all are taken: ask again every second or two. What a replica holds that crashed is free within 15 s, what one
	// holds that stopped cleanly at once.
	Acquire(ctx context.Context, names ...string) (l Lease, ok bool, err error)
}

// Lease is a claim that is renewed in the background until it is released or lost. It is lost when the database
// did not renew it in time, which the holder notices before anybody else can take it.
type Lease interface {
	// Name is the one of the names that was free.
	Name() string
	// Held reports whether the claim stands. It looks at the clock each time, without a round trip: a process that
	// was stopped for a while and goes on must ask before it acts.
	Held() bool
	// Lost is closed when the lease is lost or released.
	Lost() <-chan struct{}
	// Release gives the claim back, so that others can take it at once. It is idempotent; ctx bounds the round trip.
	Release(ctx context.Context) error
}

// ErrLeaseLost is the cause of the contexts of UnderLease.
var ErrLeaseLost = errors.New("the lease was lost")

// UnderLease gives a context that ends with ctx, and with the cause ErrLeaseLost when l is lost or released.
func UnderLease(ctx context.Context, l Lease) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-l.Lost():
			cancel(ErrLeaseLost)
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(context.Canceled) }
}

// Share says among how many replicas a platform's rate limits are to be divided: each takes its part of them, and
// what a platform says of a wait (Retry-After) stays with the replica that was told.
type Share interface {
	// Replicas is how many replicas are alive, this one included: at least 1. It is refreshed in the background,
	// within some seconds, and costs no round trip.
	Replicas() int
}
