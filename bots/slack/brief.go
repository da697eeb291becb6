package slack

import (
	"sync"
	"time"
)

// maxBrief bounds the entries of a brief memory: it forgets everything when it is full.
const maxBrief = 20_000

// brief remembers things for a short while.
type brief[K comparable, V any] struct {
	now func() time.Time

	mu      sync.Mutex
	entries map[K]briefly[V]
}

type briefly[V any] struct {
	value V
	until time.Time
}

func newBrief[K comparable, V any](now func() time.Time) *brief[K, V] {
	return &brief[K, V]{now: now, entries: map[K]briefly[V]{}}
}

func (b *brief[K, V]) get(key K) (V, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e, ok := b.entries[key]
	if !ok || !b.now().Before(e.until) {
		var none V
		return none, false
	}
	return e.value, true
}

func (b *brief[K, V]) put(key K, value V, ttl time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.entries) >= maxBrief {
		clear(b.entries)
	}
	b.entries[key] = briefly[V]{value: value, until: b.now().Add(ttl)}
}
