package store_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"syscall"
	"testing"
	"time"

	"parley/conversation"
	"parley/store"
	"parley/store/localpg"
	"parley/store/storetest"
)

// The database goes away in the middle of turns and comes back: everything is answered, by the same process.
func TestDatabaseRestart(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "restart")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	o := localpg.Options{DataDir: dir, Logger: slog.New(slog.DiscardHandler)}
	server, err := localpg.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Stop() })
	s := storetest.OpenURL(t, server.URL())
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	const conversations = 8
	began := make(chan struct{}, 100)
	f := &turner{before: func(ctx context.Context, turn conversation.Turn) error {
		if turn.Attempt > 1 {
			return nil
		}
		began <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	}}
	work(t, s, f)
	for i := range conversations {
		accept(t, s, posted(post(fmt.Sprint("t", i), fmt.Sprint("m", i), i, mention, root)))
	}
	for range conversations {
		<-began
	}
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err == nil {
		t.Error("a stopped database answers")
	}
	back, err := localpg.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	up := time.Now()
	t.Cleanup(func() { _ = back.Stop() })
	eventually(t, 30*time.Second, "all answered", func() bool {
		n, err := s.Unanswered(context.Background())
		return err == nil && n == 0
	})
	t.Logf("all answered %s after the database was back", time.Since(up))
}

// A stopped process sends no pulse: the server takes its lock away, and others take over.
func TestStoppedProcessIsTakenOver(t *testing.T) {
	t.Parallel()
	url := storetest.New(t)
	s := storetest.OpenURL(t, url)
	p := spawn(t, url)
	accept(t, s, posted(post("t1", "a", 1, mention, root)))
	p.await(t, "began")
	work(t, s, &turner{})
	if err := p.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	stopped := time.Now()
	answered(t, s, 15*time.Second)
	t.Logf("answered %s after the stop", time.Since(stopped))
	if err := p.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	p.await(t, "cancelled")
}

func TestOpenDefaults(t *testing.T) {
	t.Parallel()
	if _, err := store.Open(t.Context(), store.Options{Logger: slog.New(slog.DiscardHandler)}); err == nil {
		t.Error("opened without a URL")
	}
	if _, err := store.Open(t.Context(), store.Options{DatabaseURL: "postgres://x"}); err == nil {
		t.Error("opened without a logger")
	}
}
