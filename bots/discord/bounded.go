package discord

import "sync"

// bounded is a map that forgets its oldest keys. It is not safe for concurrent use.
type bounded[V any] struct {
	limit int
	items map[string]V
	order []string
}

func newBounded[V any](limit int) bounded[V] {
	return bounded[V]{limit: limit, items: map[string]V{}}
}

func (b *bounded[V]) get(key string) (V, bool) {
	v, ok := b.items[key]
	return v, ok
}

func (b *bounded[V]) put(key string, v V) {
	if _, ok := b.items[key]; !ok {
		b.order = append(b.order, key)
	}
	b.items[key] = v
	if len(b.order) > 2*b.limit {
		b.compact()
	}
	for len(b.items) > b.limit {
		delete(b.items, b.order[0])
		b.order = b.order[1:]
	}
}

// remove leaves the key in the order; compact drops such leftovers.
func (b *bounded[V]) remove(key string) { delete(b.items, key) }

func (b *bounded[V]) compact() {
	kept := make([]string, 0, len(b.items))
	seen := make(map[string]bool, len(b.items))
	for _, key := range b.order {
		if _, ok := b.items[key]; ok && !seen[key] {
			seen[key] = true
			kept = append(kept, key)
		}
	}
	b.order = kept
}

// syncBounded is a bounded map for several goroutines.
type syncBounded[V any] struct {
	mu    sync.Mutex
	items bounded[V]
}

func newSyncBounded[V any](limit int) *syncBounded[V] {
	return &syncBounded[V]{items: newBounded[V](limit)}
}

func (b *syncBounded[V]) get(key string) (V, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.items.get(key)
}

func (b *syncBounded[V]) put(key string, v V) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.items.put(key, v)
}
