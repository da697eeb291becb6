package discord

import (
	"slices"
	"sync"
)

// health is whether the adapter works: as a whole, and each shard that it holds.
type health struct {
	mu     sync.Mutex
	err    error
	shards map[int]error
}

// set notes the state of the whole; nil leaves it to the shards.
func (h *health) set(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.err = err
}

// shard notes the state of a shard that is held; nil is connected.
func (h *health) shard(number int, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.shards == nil {
		h.shards = map[int]error{}
	}
	h.shards[number] = err
}

// drop notes that a shard is not held any more.
func (h *health) drop(number int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.shards, number)
}

// get is what is wrong; nil for a standby that holds no shard.
func (h *health) get() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err != nil {
		return h.err
	}
	numbers := make([]int, 0, len(h.shards))
	for number := range h.shards {
		numbers = append(numbers, number)
	}
	slices.Sort(numbers)
	for _, number := range numbers {
		if err := h.shards[number]; err != nil {
			return err
		}
	}
	return nil
}

// connected reports whether at least one shard is held and all of those are connected.
func (h *health) connected() bool {
	err := h.get()
	h.mu.Lock()
	defer h.mu.Unlock()
	return err == nil && len(h.shards) > 0
}
