package llm

import (
	"context"
	"sync"
	"time"
)

// watchdog cancels a request when its present phase takes too long.
type watchdog struct {
	mu     sync.Mutex
	timer  *time.Timer
	phase  phaseTimeout
	cancel context.CancelCauseFunc
}

// newWatchdog derives the context of one request. stop must be called at its end.
func newWatchdog(ctx context.Context, total time.Duration) (watched context.Context, w *watchdog, stop func()) {
	bounded, cancelTotal := context.WithTimeoutCause(ctx, total, &phaseTimeout{PhaseTotal, total})
	watched, cancel := context.WithCancelCause(bounded)
	w = &watchdog{cancel: cancel}
	w.timer = time.AfterFunc(time.Hour, w.bark)
	w.timer.Stop()
	return watched, w, func() {
		w.timer.Stop()
		cancel(context.Canceled)
		cancelTotal()
	}
}

func (w *watchdog) bark() {
	w.mu.Lock()
	phase := w.phase
	w.mu.Unlock()
	w.cancel(&phase)
}

// enter begins a phase, or the same one anew.
func (w *watchdog) enter(phase string, limit time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.phase = phaseTimeout{phase, limit}
	w.timer.Reset(limit)
}

// rest ends the phase without beginning another: only the total limit holds.
func (w *watchdog) rest() { w.timer.Stop() }
