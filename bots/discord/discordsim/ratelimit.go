package discordsim

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// rule is a limit of so many requests in a window. Discord does not publish the numbers; these
// are the ones that bots observe.
type rule struct {
	requests int
	window   time.Duration
}

// The limits of one channel, and of the bot over all routes
// (discord.com/developers/docs/topics/rate-limits#global-rate-limit).
var (
	perChannel = rule{5, 5 * time.Second}
	perBot     = rule{50, time.Second}
)

// limiter counts requests in fixed windows that begin with the first request.
type limiter struct {
	windows map[string]*window
}

type window struct {
	rule  rule
	used  int
	start time.Time
}

func newLimiter() *limiter { return &limiter{windows: map[string]*window{}} }

// take counts a request and reports whether it may pass.
func (l *limiter) take(key string, r rule, now time.Time) (window, bool) {
	if len(l.windows) > 10_000 {
		for k, w := range l.windows {
			if now.Sub(w.start) >= w.rule.window {
				delete(l.windows, k)
			}
		}
	}
	w := l.windows[key]
	if w == nil || now.Sub(w.start) >= r.window {
		w = &window{rule: r, start: now}
		l.windows[key] = w
	}
	if w.used >= r.requests {
		return *w, false
	}
	w.used++
	return *w, true
}

// limit applies the global limit and the limit of the route. It returns the headers for the
// response and the error for a request that is too much.
func (s *Server) limit(route, channelID string, r *rule) (http.Header, error) {
	header := http.Header{}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.options.Limits {
		return header, nil
	}
	now := s.options.Clock()
	if w, ok := s.limits.take("global", perBot, now); !ok {
		header.Set("X-RateLimit-Global", "true")
		return header, limited(header, "global", w.start.Add(perBot.window).Sub(now))
	}
	if r == nil {
		return header, nil
	}
	w, ok := s.limits.take(route+" "+channelID, *r, now)
	reset := w.start.Add(r.window)
	hash := sha256.Sum256([]byte(route))
	header.Set("X-RateLimit-Limit", strconv.Itoa(r.requests))
	header.Set("X-RateLimit-Remaining", strconv.Itoa(r.requests-w.used))
	header.Set("X-RateLimit-Reset", fmt.Sprintf("%.3f", float64(reset.UnixMilli())/1000))
	header.Set("X-RateLimit-Reset-After", fmt.Sprintf("%.3f", reset.Sub(now).Seconds()))
	header.Set("X-RateLimit-Bucket", hex.EncodeToString(hash[:16]))
	if !ok {
		return header, limited(header, "user", reset.Sub(now))
	}
	return header, nil
}

// limited notes the scope of a 429 in the headers and returns the error.
func limited(header http.Header, scope string, wait time.Duration) error {
	header.Set("X-RateLimit-Scope", scope)
	return &apiError{
		status: http.StatusTooManyRequests, message: "You are being rate limited.",
		retryAfter: wait.Seconds(), global: scope == "global",
	}
}
