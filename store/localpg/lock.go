package localpg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// ErrInUse says that another process owns the data folder.
var ErrInUse = errors.New("data folder is in use")

// lock claims the data folder for this process. The claim ends with the process, however it ends.
func lock(dir string) (*os.File, error) {
	path := filepath.Join(dir, "postgres.lock")
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		holder := holder(file)
		_ = file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%w: another parley%s already runs on %s; stop it, or set another DATA_DIR", ErrInUse, holder, dir)
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if err := file.Truncate(0); err == nil {
		_, _ = file.WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0)
	}
	return file, nil
}

// holder names the process that wrote itself into the lock.
func holder(file *os.File) string {
	text, err := io.ReadAll(io.LimitReader(file, 32))
	if pid := strings.TrimSpace(string(text)); err == nil && pid != "" {
		return " (process " + pid + ")"
	}
	return ""
}

// retryLock waits for a holder that is about to end; each further try makes up for one that has just died.
func retryLock(ctx context.Context, dir string, patience time.Duration) (*os.File, error) {
	deadline := time.Now().Add(patience)
	for {
		file, err := lock(dir)
		if err == nil || !errors.Is(err, ErrInUse) || time.Now().After(deadline) {
			return file, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}
