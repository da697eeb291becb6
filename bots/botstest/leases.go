package botstest

import (
	"context"
	"slices"
	"sync"

	"parley/bots"
)

// Leases are the claims of the replicas of one test: adapters that are given the same Leases compete as processes
// with one database do. It implements bots.Leaser and bots.Share.
type Leases struct {
	mu       sync.Mutex
	held     map[string]*lease
	replicas int
}

// NewLeases gives Leases of which none is taken, and one replica.
func NewLeases() *Leases { return &Leases{held: make(map[string]*lease), replicas: 1} }

// Acquire implements bots.Leaser.
func (s *Leases) Acquire(_ context.Context, names ...string) (bots.Lease, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range names {
		if s.held[name] == nil {
			l := &lease{all: s, name: name, lost: make(chan struct{})}
			s.held[name] = l
			return l, true, nil
		}
	}
	return nil, false, nil
}

// Holds lists the names that are held, in order.
func (s *Leases) Holds() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := make([]string, 0, len(s.held))
	for name := range s.held {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Revoke makes the holder of a name lose it, as when its process was stopped for too long.
func (s *Leases) Revoke(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.held[name]; l != nil {
		delete(s.held, name)
		close(l.lost)
	}
}

// Replicas implements bots.Share.
func (s *Leases) Replicas() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.replicas
}

// SetReplicas says how many replicas are alive.
func (s *Leases) SetReplicas(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.replicas = n
}

type lease struct {
	all  *Leases
	name string
	lost chan struct{}
}

// Name implements bots.Lease.
func (l *lease) Name() string { return l.name }

// Lost implements bots.Lease.
func (l *lease) Lost() <-chan struct{} { return l.lost }

// Held implements bots.Lease.
func (l *lease) Held() bool {
	l.all.mu.Lock()
	defer l.all.mu.Unlock()
	return l.all.held[l.name] == l
}

// Release implements bots.Lease.
func (l *lease) Release(context.Context) error {
	if l.Held() {
		l.all.Revoke(l.name)
	}
	return nil
}
