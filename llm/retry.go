package llm

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Waits between two tries: full jitter over a doubling span. A server that asks for more than maxWait is not waited
// for: the caller gets the error with RetryAfter and can tell the person.
const (
	firstBackoff = 500 * time.Millisecond
	maxBackoff   = 8 * time.Second
	maxWait      = 30 * time.Second
)

// retryWait is how long to wait before try number attempt+1, and whether waiting makes sense at all.
func retryWait(ctx context.Context, attempt int, asked time.Duration) (time.Duration, bool) {
	wait := asked
	if wait <= 0 {
		span := min(maxBackoff, firstBackoff<<min(attempt-1, 10))
		wait = rand.N(span) + time.Millisecond
	}
	if wait > maxWait {
		return 0, false
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
		return 0, false
	}
	return wait, true
}

// sleep waits, or returns false when ctx ends first.
func sleep(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// retryAfter reads what the server asks for: retry-after-ms, retry-after (seconds or a date), x-ratelimit-reset
// (Together: "suggested retry interval"; as "3", "3s" or "1.5s"). 0 when it asks for nothing.
func retryAfter(header http.Header, now time.Time) time.Duration {
	if ms, err := strconv.ParseFloat(strings.TrimSpace(header.Get("retry-after-ms")), 64); err == nil {
		if d := seconds(ms / 1000); d > 0 {
			return d
		}
	}
	for _, name := range []string{"retry-after", "x-ratelimit-reset"} {
		value := strings.TrimSpace(header.Get(name))
		if value == "" {
			continue
		}
		if s, err := strconv.ParseFloat(value, 64); err == nil {
			if s > 1e9 { // a moment in Unix time, not a span
				s -= float64(now.Unix())
			}
			if d := seconds(s); d > 0 {
				return d
			}
			continue
		}
		if d, err := time.ParseDuration(value); err == nil && d > 0 {
			return min(d, 24*time.Hour)
		}
		if at, err := http.ParseTime(value); err == nil && at.After(now) {
			return min(at.Sub(now), 24*time.Hour)
		}
	}
	return 0
}

// seconds turns a foreign number into a span of at most a day; what is no sensible number is 0.
func seconds(s float64) time.Duration {
	if !(s > 0) { // also NaN
		return 0
	}
	return time.Duration(min(s, 86400) * float64(time.Second))
}
