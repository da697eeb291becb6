package media

import (
	"syscall"
	"time"
)

// confine sets the limits that the kernel enforces on this process, for good: memory, processor time, no file written, no
// core dump.
func confine(j job) error {
	// Beside the picture stand the program itself, compiled decoders, and memory that the collector has not taken back yet.
	data := uint64(max(j.Cost, 0)*5/4 + 224<<20 + instrumented)
	if j.wasm() {
		data += spareArena
	}
	cpu := uint64(2*j.Limits.Time/time.Second) + 2
	for _, r := range []struct {
		what int
		most uint64
	}{
		{syscall.RLIMIT_DATA, data},
		{syscall.RLIMIT_CPU, cpu},
		{syscall.RLIMIT_FSIZE, 0},
		{syscall.RLIMIT_CORE, 0},
	} {
		if err := syscall.Setrlimit(r.what, &syscall.Rlimit{Cur: r.most, Max: r.most}); err != nil {
			return err
		}
	}
	return nil
}
