//go:build unix

package media

import "syscall"

// reserve takes n bytes of zeros from the system. The collector would touch them all where it has to clear them.
func reserve(n int) ([]byte, error) {
	return syscall.Mmap(-1, 0, n, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
}

// forget gives the pages of b back to the system, as zeros.
func forget(b []byte) {
	if len(b) > 0 {
		_ = syscall.Madvise(b, syscall.MADV_DONTNEED) // a hint: all goes with the arena at the latest
	}
}

func unreserve(b []byte) error { return syscall.Munmap(b) }
