package store

import (
	"context"
	"sync"

	"parley/conversation"
)

// attemptAt is one attempt at a turn that runs in this process.
type attemptAt struct {
	lease int64
	// stopped says that the attempt has begun to say that its turn is stopped.
	stopped bool
	// lock is this process's liveness lock, alive the context of the time for which it has been held without a break.
	lock   *liveness
	alive  context.Context
	cancel context.CancelCauseFunc
}

// running knows the turns that run in this process, each by its newest attempt.
type running struct {
	mu    sync.Mutex
	turns map[int64]attemptAt
}

// add notes an attempt until the returned function is called. An older one that still runs here is at its end.
func (r *running) add(t conversation.Turn, a attemptAt) (remove func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if older, runs := r.turns[t.ID]; runs {
		older.cancel(conversation.ErrFenced)
	}
	r.turns[t.ID] = a
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.turns[t.ID].lease == a.lease {
			delete(r.turns, t.ID)
		}
	}
}

func (r *running) get(turn, lease int64) (attemptAt, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a, runs := r.turns[turn]
	return a, runs && a.lease == lease
}

// interrupt ends an attempt whose questions have changed. A later attempt has read them as they are.
func (r *running) interrupt(turn, lease int64) {
	if a, runs := r.get(turn, lease); runs {
		a.cancel(conversation.ErrStale)
	}
}

// stop ends an attempt whose answer is not wanted any more, unless it knows that.
func (r *running) stop(turn, lease int64) {
	if a, runs := r.get(turn, lease); runs && !a.stopped {
		a.cancel(conversation.ErrStopped)
	}
}

// Holds implements conversation.Store. A process cannot know that another has taken its turn over, but it knows when
// it last was sure of its lock, and others wait longer than that before they take over.
func (s *Store) Holds(t conversation.Turn) error {
	a, runs := s.running.get(t.ID, t.Lease)
	if !runs || a.alive.Err() != nil || !a.lock.certain() {
		return conversation.ErrFenced
	}
	return nil
}
