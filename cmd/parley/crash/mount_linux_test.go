//go:build crash

package crash

import (
	"os"
	"syscall"
	"testing"
)

// mount puts a small file system in memory on dir: enough for Postgres and little more.
func mount(dir string) error {
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=160m,mode=711"); err != nil {
		return err
	}
	return os.Chmod(dir, 0o711)
}

func unmount(t *testing.T, dir string) {
	if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
		t.Error(err)
	}
}
