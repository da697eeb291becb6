package store

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/store/internal/dbsqlc"
)

const (
	// leaseTTL is how long the database keeps a lease that is not renewed: what a crashed replica held can be taken
	// this long after its last renewal.
	leaseTTL = 6 * time.Second
	// leaseMargin is how long before that the holder itself counts the lease as lost.
	leaseMargin = time.Second
	// renewEvery and renewTimeout leave room for two renewals that fail.
	renewEvery   = 1500 * time.Millisecond
	renewTimeout = 1500 * time.Millisecond
)

// Lease is a claim of this replica to a name, renewed in the background until it is released or lost. It is safe
// for concurrent use.
type Lease struct {
	replica *Replica
	name    string
	lost    chan struct{}

	mu    sync.Mutex
	until time.Time
	timer *time.Timer // notices the loss when nobody asks
}

// Acquire takes the first of names that no replica holds, this one included, in one round trip. ok is false when all
// are held. Names are the callers' own; those that begin with "replica/" are taken.
//
// The times are the database's, so that the replicas' clocks need not agree.
func (r *Replica) Acquire(ctx context.Context, names ...string) (l *Lease, ok bool, err error) {
	for ctx.Err() == nil {
		begun := time.Now()
		row, err := r.store.q.AcquireLease(ctx, r.store.pool, dbsqlc.AcquireLeaseParams{
			Names: names, Holder: r.id, Seconds: leaseTTL.Seconds(),
		})
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return nil, false, nil
		case err != nil:
			return nil, false, fault("acquire lease", err)
		case row.Taken:
			return r.hold(row.Name, begun), true, nil
		}
		// Another replica was quicker: on to the next name.
	}
	return nil, false, fault("acquire lease", ctx.Err())
}

// hold begins to renew a name that was taken by a statement sent at begun.
func (r *Replica) hold(name string, begun time.Time) *Lease {
	l := &Lease{replica: r, name: name, lost: make(chan struct{})}
	l.timer = time.AfterFunc(leaseTTL, func() { l.Held() })
	l.extend(begun)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.leases[name] = l
	return l
}

// Name is the name that was free.
func (l *Lease) Name() string { return l.name }

// Lost is closed when the lease is lost or released.
func (l *Lease) Lost() <-chan struct{} { return l.lost }

// Held reports whether the lease stands. It looks at the clock each time and makes no round trip: a process that was
// stopped for a while and goes on learns here that it lost the lease, before anything else has told it.
func (l *Lease) Held() bool {
	if l.expired() {
		l.replica.drop(l)
	}
	select {
	case <-l.lost:
		return false
	default:
		return true
	}
}

// expired looks at both clocks: the monotonic one, which nobody can set back, and that on the wall, which goes on
// while the machine sleeps.
func (l *Lease) expired() bool {
	l.mu.Lock()
	until := l.until
	l.mu.Unlock()
	now := time.Now()
	return !now.Before(until) || !now.Round(0).Before(until.Round(0))
}

// extend notes a renewal that was sent at begun.
func (l *Lease) extend(begun time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.until = begun.Add(leaseTTL - leaseMargin)
	l.timer.Reset(time.Until(l.until))
}

// Release gives the name back, so that others can take it at once. It is idempotent. When the database is away, the
// name is free as after a crash.
func (l *Lease) Release(ctx context.Context) error {
	if !l.replica.drop(l) {
		return nil
	}
	err := l.replica.store.q.ReleaseLease(ctx, l.replica.store.pool, dbsqlc.ReleaseLeaseParams{Name: l.name, Holder: l.replica.id})
	return fault("release lease", err)
}
