package slack

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// absentTTL is how long a method is believed to be absent: what answers in a server's place may be mended.
const absentTTL = time.Hour

// absent remembers the methods that the server does not have, so that they are not called in vain for each message.
type absent struct {
	now func() time.Time
	log *slog.Logger

	mu    sync.Mutex
	until map[string]time.Time
}

func newAbsent(now func() time.Time, log *slog.Logger) *absent {
	return &absent{now: now, log: log, until: map[string]time.Time{}}
}

func (a *absent) has(method string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.now().Before(a.until[method])
}

func (a *absent) note(ctx context.Context, method string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.until[method].IsZero() {
		a.log.WarnContext(ctx, "this server does not have a method of Slack's: what needs it is left out", "method", method)
	}
	a.until[method] = a.now().Add(absentTTL)
}
