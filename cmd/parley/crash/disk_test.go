//go:build crash

package crash

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"parley/bots/slack/slacksim"
	"parley/store/localpg"
)

// TestDiskFull lets the disk of the private Postgres run full while people talk, and makes room again. The disk is a
// small file system in memory.
func TestDiskFull(t *testing.T) {
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("a file system of its own can be mounted only by root, on Linux")
	}
	t.Parallel()
	dir, err := os.MkdirTemp("", "crashdisk")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := mount(dir); err != nil {
		t.Skipf("a file system of its own cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { unmount(t, dir) })
	// While the process starts anew nobody hears Discord: people speak on Slack only.
	c := newCity(t, options{timing: slacksim.Timing{Ack: 2 * time.Second, Retries: []time.Duration{time.Second, 3 * time.Second, 5 * time.Second, 10 * time.Second}}})
	private := []string{"DATABASE_URL=", "DATA_DIR=" + dir}
	p := c.start("", private...)
	p.ready()
	running := must(localpg.Attach(t.Context(), localpg.Options{DataDir: filepath.Join(dir, "postgres"), Logger: slog.New(slog.DiscardHandler)}))(t)
	c.db.Close()
	c.db = must(pgxpool.New(context.Background(), running.URL()))(t)
	c.chat(6)
	c.quiet(time.Minute)

	filler := filepath.Join(dir, "filler")
	fill(t, filler)
	for range 4 {
		for range 2 {
			c.sayAnything(onSlack, 0)
		}
		// The next segment of the log needs room that is not there, which Postgres takes for a crash.
		_, _ = c.db.Exec(t.Context(), `SELECT pg_switch_wal()`)
		pause(time.Second)
	}
	if !strings.Contains(p.said(), "No space left on device") {
		t.Error("the disk did not run full")
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	// A service manager starts it again where it gave up.
	for range 20 {
		if p.diesWithin(time.Second) {
			said := strings.Split(strings.TrimSpace(p.said()), "\n")
			t.Logf("parley had ended: %s", said[len(said)-1])
			p = c.start("", private...)
		}
		if p.isReady() {
			break
		}
	}
	c.chat(4)
	c.quiet(time.Minute)
	c.check(nil)
}

// fill writes until nothing more fits.
func fill(t *testing.T, path string) {
	t.Helper()
	f := must(os.Create(path))(t)
	defer f.Close() //nolint:errcheck // it is full
	block := make([]byte, 1<<20)
	for size := len(block); size >= 512; size /= 2 {
		for {
			if _, err := f.Write(block[:size]); err != nil {
				if !errors.Is(err, syscall.ENOSPC) {
					t.Fatal(err)
				}
				break
			}
		}
	}
}
