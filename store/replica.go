package store

import (
	"context"
	"crypto/rand"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"parley/store/internal/dbsqlc"
)

// Replica is this process among those that share the database: it holds leases, and knows how many others are alive.
// It is safe for concurrent use.
type Replica struct {
	store *Store
	// own holds one connection, for renewals alone: they must not wait behind turns for one of the store's.
	own    *pgxpool.Pool
	id     string
	others atomic.Int64
	end    context.CancelFunc
	done   chan struct{}

	mu     sync.Mutex
	leases map[string]*Lease
}

// Join makes this process known to the others, until Leave. ctx bounds the start only. The database must be migrated.
// Where the store is alone on its database, what a predecessor held is free at once.
func (s *Store) Join(ctx context.Context) (*Replica, error) {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	r := &Replica{store: s, id: clean(host) + "/" + rand.Text(), leases: make(map[string]*Lease), done: make(chan struct{})}
	if r.own, err = s.reserve(ctx); err != nil {
		return nil, fault("join replicas", err)
	}
	err = s.q.ForgetLeases(ctx, r.own, s.opts.Alone)
	if err == nil {
		err = r.renew(ctx)
	}
	if err != nil {
		r.own.Close()
		return nil, fault("join replicas", err)
	}
	running, end := context.WithCancel(context.WithoutCancel(ctx))
	r.end = end
	go func() {
		defer close(r.done)
		r.run(running)
	}()
	return r, nil
}

// reserve gives a pool of one connection beside the store's. One that is lost is opened anew; an attempt at that which
// gets no answer must not take the time of the next renewals.
func (s *Store) reserve(ctx context.Context) (*pgxpool.Pool, error) {
	config := s.pool.Config()
	config.MaxConns, config.MinConns, config.MinIdleConns = 1, 0, 0
	config.ConnConfig.ConnectTimeout = min(config.ConnConfig.ConnectTimeout, 2*renewTimeout)
	return pgxpool.NewWithConfig(ctx, config)
}

// Leave gives everything back and makes this process unknown to the others. ctx bounds the round trip; what it
// cannot give back is free as after a crash.
func (r *Replica) Leave(ctx context.Context) error {
	r.end()
	<-r.done
	defer r.own.Close()
	for _, l := range r.held() {
		r.drop(l)
	}
	return fault("leave replicas", r.store.q.ReleaseAllLeases(ctx, r.own, r.id))
}

// Replicas is how many processes with this database are alive, this one included: at least 1. It is as of the last
// renewal, at most some seconds ago, or from before an outage of the database.
func (r *Replica) Replicas() int { return int(r.others.Load()) + 1 }

// run renews until ctx ends.
func (r *Replica) run(ctx context.Context) {
	tick := time.NewTicker(renewEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := r.renew(ctx); err != nil && ctx.Err() == nil {
			r.store.log.WarnContext(ctx, "leases were not renewed", "error", err)
		}
	}
}

// renew renews in one round trip what is held. What has expired by our clock is lost even if the database would still
// renew it: nobody acts on it any more.
func (r *Replica) renew(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, renewTimeout)
	defer cancel()
	held := r.held()
	names := make([]string, 0, len(held))
	for _, l := range held {
		names = append(names, l.name)
	}
	begun := time.Now()
	row, err := r.store.q.RenewLeases(ctx, r.own, dbsqlc.RenewLeasesParams{
		Holder: r.id, Seconds: leaseTTL.Seconds(), Names: names,
	})
	if err != nil {
		return err
	}
	r.others.Store(row.Others)
	for _, l := range held {
		if !slices.Contains(row.Renewed, l.name) {
			r.drop(l)
			continue
		}
		l.extend(begun)
	}
	return nil
}

// held gives the leases that stand, and lets go of those that have expired.
func (r *Replica) held() []*Lease {
	r.mu.Lock()
	all := make([]*Lease, 0, len(r.leases))
	for _, l := range r.leases {
		all = append(all, l)
	}
	r.mu.Unlock()
	return slices.DeleteFunc(all, func(l *Lease) bool { return !l.Held() })
}

// drop ends a lease for its holder, and reports whether this call did.
func (r *Replica) drop(l *Lease) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.leases[l.name] != l {
		return false
	}
	delete(r.leases, l.name)
	close(l.lost)
	l.timer.Stop()
	return true
}
