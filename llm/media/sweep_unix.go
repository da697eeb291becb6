//go:build unix && !solaris && !aix

package media

import (
	"io"
	"os"
	"syscall"
)

// hold locks a directory for this process until the result is closed or the process ends; it fails when another one
// holds it.
func hold(dir string) (io.Closer, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}
