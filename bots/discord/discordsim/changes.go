package discordsim

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// ErrClosed is returned to those who wait on a simulated Discord that was closed.
var ErrClosed = errors.New("simulated discord is closed")

// watchers wakes those who wait for a change and collects for each subscription what changed.
type watchers struct {
	next          chan struct{}
	subscriptions map[*Subscription]bool
	done          bool
}

func newWatchers() watchers {
	return watchers{next: make(chan struct{}), subscriptions: map[*Subscription]bool{}}
}

func (w *watchers) wake() {
	if w.done {
		return
	}
	close(w.next)
	w.next = make(chan struct{})
}

func (w *watchers) close() {
	if !w.done {
		w.done = true
		close(w.next)
	}
}

// touched notes that a channel looks different now, for live pages. The lock must be held.
func (s *Server) touched(channelID string) {
	for sub := range s.watchers.subscriptions {
		if !slices.Contains(sub.channels, channelID) {
			sub.channels = append(sub.channels, channelID)
		}
	}
	s.watchers.wake()
}

// WaitFor returns when cond is true. It looks at once and after every change; cond runs without
// the server's lock and may call any method. It fails when ctx ends or the server is closed.
func (s *Server) WaitFor(ctx context.Context, cond func() bool) error {
	for {
		s.mu.Lock()
		next, done := s.watchers.next, s.watchers.done
		s.mu.Unlock()
		if cond() {
			return nil
		}
		if done {
			return ErrClosed
		}
		select {
		case <-next:
		case <-ctx.Done():
			return fmt.Errorf("wait for simulated discord: %w", context.Cause(ctx))
		}
	}
}

// Subscription tells a live page which channels changed. Changes to one channel are merged until
// the page asks, so that a slow page costs nothing.
type Subscription struct {
	server   *Server
	channels []string
}

// Subscribe starts to collect changes; call Close at the end.
func (s *Server) Subscribe() *Subscription {
	s.mu.Lock()
	defer s.mu.Unlock()
	sub := &Subscription{server: s}
	s.watchers.subscriptions[sub] = true
	return sub
}

// Next waits for changes and returns the ids of the channels that changed since the last call: a
// message, a reaction, someone typing, or the channel itself is new. It fails when ctx ends or
// the server is closed.
func (sub *Subscription) Next(ctx context.Context) ([]string, error) {
	var channels []string
	err := sub.server.WaitFor(ctx, func() bool {
		sub.server.mu.Lock()
		defer sub.server.mu.Unlock()
		channels, sub.channels = sub.channels, nil
		return len(channels) > 0
	})
	return channels, err
}

// Close ends the subscription.
func (sub *Subscription) Close() {
	sub.server.mu.Lock()
	defer sub.server.mu.Unlock()
	delete(sub.server.watchers.subscriptions, sub)
}
