//go:build unix

package media

import "syscall"

// reserve takes n bytes of zeros from the system. The collector would touch them all where it has to clear them.
func reserve(n int) ([]byte, error) {
	return syscall.Mmap(-1, 0, n, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
}

func unreserve(b []byte) error { return syscall.Munmap(b) }
