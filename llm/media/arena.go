package media

import (
	"errors"
	"fmt"
	"os"

	"github.com/tetratelabs/wazero/experimental"
)

// arena is the memory of one decoder at a time. The system gives it as it is touched, it is never copied, and it has an end.
type arena struct {
	most   int64
	memory []byte
	// full says that the decoder wanted more.
	full bool
}

const (
	// minArena is what a decoder takes for itself: a stack of 1 MiB, tables, and the heap of a small picture.
	minArena = 8 << 20
	// spareArena is room beyond a picture's cost, which is measured and not proved. It costs nothing where it is not touched.
	spareArena = 32 << 20
)

// arenaFor gives the arena of a picture: room for a quarter more than it should take, and to spare, within the limit.
func arenaFor(j job) *arena {
	return &arena{most: min(j.Cost*5/4+spareArena, j.Limits.Memory-workerMemory)}
}

// open makes the arena empty. What lay in it is gone.
func (a *arena) open() error {
	if err := a.free(); err != nil {
		return err
	}
	var err error
	if a.memory, err = reserve(int(max(a.most, minArena))); err != nil {
		return fmt.Errorf("reserve %d bytes for a decoder: %w", a.most, err)
	}
	return nil
}

// free gives the memory back.
func (a *arena) free() error {
	if a.memory == nil {
		return nil
	}
	memory := a.memory
	a.memory, a.full = nil, false
	return unreserve(memory)
}

// close frees the memory when the picture is done with, and adds what fails to err.
func (a *arena) close(err *error) { *err = errors.Join(*err, a.free()) }

// keep gives all back but n bytes at a place, and the pages that they begin and end in.
func (a *arena) keep(at, n int64) {
	page := int64(os.Getpagesize())
	forget(a.memory[:at/page*page])
	if end := (at + n + page - 1) / page * page; end < int64(len(a.memory)) {
		forget(a.memory[end:])
	}
}

// Allocate implements experimental.MemoryAllocator.
func (a *arena) Allocate(uint64, uint64) experimental.LinearMemory { return a }

// Reallocate implements experimental.LinearMemory.
func (a *arena) Reallocate(size uint64) []byte {
	if size > uint64(len(a.memory)) {
		a.full = true
		return nil
	}
	return a.memory[:size:size]
}

// Free implements experimental.LinearMemory: the picture that the decoder made is still looked at.
func (a *arena) Free() {}
