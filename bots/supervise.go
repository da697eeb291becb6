package bots

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"time"
)

// Runner is a platform adapter as the program runs it.
type Runner interface {
	// Name is the platform's name, for logs and health.
	Name() string
	// Run connects and receives until ctx ends, and frees what it holds before it returns. It may be called again
	// after it has returned.
	Run(ctx context.Context) error
	// Ready is nil while events are received, else what is wrong and what to do about it. It may be called at any
	// time, from any goroutine.
	Ready() error
}

// Defaults of SuperviseOptions.
const (
	DefaultMinBackoff   = time.Second
	DefaultMaxBackoff   = time.Minute
	DefaultPermanent    = 5 * time.Minute
	DefaultSteadyPeriod = time.Minute
)

// SuperviseOptions says how a Runner is started again. Zero durations stand for the defaults.
type SuperviseOptions struct {
	// Logger is required.
	Logger *slog.Logger
	// MinBackoff is the wait after the first failure; it doubles with each further one up to MaxBackoff. The true
	// wait is between half of it and all of it, at random, so that replicas do not come back in step.
	MinBackoff, MaxBackoff time.Duration
	// PermanentBackoff is the wait after an error that says of itself that it is permanent.
	PermanentBackoff time.Duration
	// SteadyPeriod is how long a run must have lasted for the failures before it to be forgotten.
	SteadyPeriod time.Duration
}

// PermanentError is an error that a retry cannot mend: a token that was revoked, an intent that is switched off.
// Errors may implement it at any depth of their chain.
type PermanentError interface {
	error
	Permanent() bool
}

// Supervise runs r until ctx ends, and starts it again when it returns or panics: after a growing wait, or, when its
// error is a PermanentError, every few minutes, in case somebody has mended the configuration. It returns when ctx
// has ended and r has returned; the error is only ever one of the options. A panic is recovered in the goroutine
// that calls Run, not in others that r may have started.
func Supervise(ctx context.Context, r Runner, o SuperviseOptions) error {
	if r == nil {
		return errors.New("supervise: Runner is missing")
	}
	if o.Logger == nil {
		return fmt.Errorf("supervise %s: Logger is missing", r.Name())
	}
	orDefault(&o.MinBackoff, DefaultMinBackoff)
	orDefault(&o.MaxBackoff, DefaultMaxBackoff)
	orDefault(&o.PermanentBackoff, DefaultPermanent)
	orDefault(&o.SteadyPeriod, DefaultSteadyPeriod)
	log := o.Logger.With("platform", r.Name())
	failures := 0
	for ctx.Err() == nil {
		start := time.Now()
		err := runOnce(ctx, r, log)
		if ctx.Err() != nil {
			return nil
		}
		if time.Since(start) >= o.SteadyPeriod {
			failures = 0
		}
		failures++
		wait, permanent := backoff(o, failures), false
		if p := PermanentError(nil); errors.As(err, &p) && p.Permanent() {
			wait, permanent = jitter(o.PermanentBackoff), true
		}
		log.Error("platform stopped; it will be started again", "err", err, "wait", wait.Round(time.Millisecond),
			"permanent", permanent, "failures", failures)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
		case <-timer.C:
		}
	}
	return nil
}

// errEnded stands for a Run that returned without an error although nobody asked it to.
var errEnded = errors.New("run ended by itself")

// runOnce makes an error of a panic.
func runOnce(ctx context.Context, r Runner, log *slog.Logger) (err error) {
	defer func() {
		if p := recover(); p != nil {
			log.Error("platform panicked", "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("run %s: panic: %v", r.Name(), p)
		}
	}()
	if err := r.Run(ctx); err != nil {
		return fmt.Errorf("run %s: %w", r.Name(), err)
	}
	return errEnded
}

// backoff is the wait after so many failures in a row.
func backoff(o SuperviseOptions, failures int) time.Duration {
	wait := o.MinBackoff
	for i := 1; i < failures && wait < o.MaxBackoff; i++ {
		wait *= 2
	}
	return jitter(min(wait, max(o.MaxBackoff, o.MinBackoff)))
}

// jitter is between half of d and d.
func jitter(d time.Duration) time.Duration {
	return d - rand.N(d/2+1)
}

func orDefault(d *time.Duration, value time.Duration) {
	if *d <= 0 {
		*d = value
	}
}
