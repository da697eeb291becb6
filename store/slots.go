package store

import (
	"context"
	"errors"
	"sync"
)

// errStopping says that the worker stops before the turn has begun.
var errStopping = errors.New("worker is stopping")

// slots bounds the turns that run at once over all queues of this process: River bounds each queue for itself.
type slots struct {
	free   chan struct{}
	closed chan struct{}
	once   sync.Once
}

func newSlots(n int) *slots { return &slots{free: make(chan struct{}, n), closed: make(chan struct{})} }

// take waits for a slot; false: ctx has ended, or no more turns are to begin.
func (s *slots) take(ctx context.Context) bool {
	select {
	case s.free <- struct{}{}:
		return true
	default:
	}
	select {
	case s.free <- struct{}{}:
		return true
	case <-s.closed:
		return false
	case <-ctx.Done():
		return false
	}
}

func (s *slots) give() { <-s.free }

// close lets nobody wait any longer.
func (s *slots) close() { s.once.Do(func() { close(s.closed) }) }
