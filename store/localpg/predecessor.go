package localpg

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// predecessorPatience is how long a server that is shutting down may take.
const predecessorPatience = 20 * time.Second

// awaitPredecessor waits until the server of a killed parley is gone, and tells it to go: this process owns the data
// folder, so nobody uses that server any more.
func awaitPredecessor(ctx context.Context, data string) error {
	deadline := time.Now().Add(predecessorPatience)
	told := false
	for {
		pid, err := postmaster(data)
		if err != nil || pid == 0 || !lives(pid) {
			return err
		}
		if !told && isServerOf(pid, data) {
			told = true
			_ = syscall.Kill(pid, syscall.SIGINT)
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("a PostgreSQL server (process %d) still runs on %s and does not end: stop it", pid, data)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// postmaster reads the process id from the server's own lock file, 0 where there is none.
func postmaster(data string) (int, error) {
	file, err := os.Open(filepath.Join(data, "postmaster.pid"))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read postmaster.pid: %w", err)
	}
	defer func() { _ = file.Close() }()
	line, _ := bufio.NewReaderSize(file, 64).ReadString('\n')
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil || pid <= 1 {
		return 0, nil // half-written or damaged: Postgres itself decides what to do with it
	}
	return pid, nil
}

// lives reports whether the process runs. A zombie does not: nobody may be there to collect it.
func lives(pid int) bool {
	if err := syscall.Kill(pid, 0); err != nil {
		return errors.Is(err, syscall.EPERM)
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return true
	}
	_, after, found := strings.Cut(string(stat), ") ")
	return !found || !strings.HasPrefix(after, "Z")
}

// isServerOf reports whether the process is a server on this data folder, as far as the system tells: process ids
// are used again.
func isServerOf(pid int, data string) bool {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return false
	}
	args := strings.Split(string(line), "\x00")
	return strings.HasSuffix(args[0], "postgres") && strings.Contains(string(line), "\x00"+data+"\x00")
}
