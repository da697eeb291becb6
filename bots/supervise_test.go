package bots_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/bots"
)

// runner plays a script: one function a run, the last one again and again.
type runner struct {
	script []func(context.Context) error
	starts []time.Time
	ended  bool
}

func (r *runner) Name() string { return "testing" }
func (r *runner) Ready() error { return nil }
func (r *runner) Run(ctx context.Context) error {
	r.starts = append(r.starts, time.Now())
	defer func() { r.ended = true }()
	return r.script[min(len(r.starts), len(r.script))-1](ctx)
}

// waits are the times between the end of a run that lasted an instant and the next start.
func (r *runner) waits() []time.Duration {
	var w []time.Duration
	for i := 1; i < len(r.starts); i++ {
		w = append(w, r.starts[i].Sub(r.starts[i-1]))
	}
	return w
}

type revoked struct{}

func (revoked) Error() string   { return "token revoked" }
func (revoked) Permanent() bool { return true }

func fail(context.Context) error     { return errors.New("connection lost") }
func hold(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }

// supervise runs r for d of pretended time and gives what was logged.
func supervise(t *testing.T, r *runner, d time.Duration) string {
	t.Helper()
	var log bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	err := bots.Supervise(ctx, r, bots.SuperviseOptions{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatalf("supervise: %v", err)
	}
	return log.String()
}

func between(t *testing.T, got, low, high time.Duration) {
	t.Helper()
	if got < low || got > high {
		t.Errorf("waited %v, want between %v and %v", got, low, high)
	}
}

func TestSupervise(t *testing.T) {
	t.Parallel()

	t.Run("waits double up to a minute", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			r := &runner{script: []func(context.Context) error{fail}}
			supervise(t, r, 10*time.Minute)
			for i, w := range r.waits() {
				full := min(time.Second<<min(i, 10), time.Minute)
				between(t, w, full/2, full)
			}
			if n := len(r.starts); n < 12 || n > 30 {
				t.Errorf("%d starts in ten minutes", n)
			}
		})
	})

	t.Run("a steady run forgets the failures before it", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			steady := func(context.Context) error { time.Sleep(61 * time.Second); return errors.New("lost") }
			r := &runner{script: []func(context.Context) error{fail, fail, fail, fail, steady, hold}}
			supervise(t, r, 10*time.Minute)
			between(t, r.waits()[4]-61*time.Second, time.Second/2, time.Second)
		})
	})

	t.Run("a panic is a failure, logged with its stack", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			r := &runner{script: []func(context.Context) error{func(context.Context) error { panic("nil map") }, hold}}
			log := supervise(t, r, time.Minute)
			if len(r.starts) != 2 || !strings.Contains(log, "nil map") || !strings.Contains(log, "supervise_test.go") {
				t.Errorf("%d starts, log:\n%s", len(r.starts), log)
			}
		})
	})

	t.Run("a permanent error is retried slowly", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			r := &runner{script: []func(context.Context) error{func(context.Context) error { return fmt.Errorf("open: %w", revoked{}) }}}
			supervise(t, r, time.Hour)
			for _, w := range r.waits() {
				between(t, w, 150*time.Second, 5*time.Minute)
			}
			if len(r.starts) < 12 {
				t.Errorf("only %d starts in an hour", len(r.starts))
			}
		})
	})

	t.Run("a run that ends by itself is started again", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			r := &runner{script: []func(context.Context) error{func(context.Context) error { return nil }, hold}}
			supervise(t, r, time.Minute)
			if len(r.starts) != 2 {
				t.Errorf("%d starts", len(r.starts))
			}
		})
	})

	t.Run("the end of ctx is no failure and waits for the run", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			slow := func(ctx context.Context) error { <-ctx.Done(); time.Sleep(3 * time.Second); return ctx.Err() }
			r := &runner{script: []func(context.Context) error{slow}}
			if log := supervise(t, r, time.Minute); log != "" || !r.ended || len(r.starts) != 1 {
				t.Errorf("ended=%v starts=%d log=%q", r.ended, len(r.starts), log)
			}
		})
	})

	t.Run("missing options are an error", func(t *testing.T) {
		t.Parallel()
		if bots.Supervise(t.Context(), &runner{}, bots.SuperviseOptions{}) == nil {
			t.Error("no error without a Logger")
		}
		if bots.Supervise(t.Context(), nil, bots.SuperviseOptions{Logger: slog.Default()}) == nil {
			t.Error("no error without a Runner")
		}
	})
}
