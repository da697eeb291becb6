package slacksim

import (
	"sync"
	"time"
)

// tier is how often a method may be called in a minute, by workspace and app.
type tier int

// Slack's tiers (docs.slack.dev/apis/web-api/rate-limits). Tier 1 is given the small burst that the
// documentation speaks of.
const (
	unlimited tier = 0
	tier1     tier = 3
	tier2     tier = 20
	tier3     tier = 50
	tier4     tier = 100
)

// Posting is limited apart: about one a second in each channel with short bursts, several hundred a
// minute in a workspace; a thread's status sixty a minute in each DM.
const (
	postBurst        = 5
	postPerWorkspace = 300
	statusPerChannel = 60
)

// limiter counts calls in sliding minutes.
type limiter struct {
	mu    sync.Mutex
	calls map[string][]time.Time
	posts map[string]time.Time // by channel: when its bucket of posts is full again
}

func newLimiter() *limiter {
	return &limiter{calls: map[string][]time.Time{}, posts: map[string]time.Time{}}
}

// take counts a call and returns 0, or how long to wait before it would be let through.
func (l *limiter) take(now time.Time, method string, t tier, channel string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch method {
	case "chat.postMessage":
		full := l.posts[channel]
		if full.Before(now) {
			full = now
		}
		if wait := full.Sub(now) - (postBurst-1)*time.Second; wait > 0 {
			return wait
		}
		if wait := l.window(now, method, postPerWorkspace); wait > 0 {
			return wait
		}
		l.posts[channel] = full.Add(time.Second)
		return 0
	case "assistant.threads.setStatus":
		return l.window(now, method+" "+channel, statusPerChannel)
	}
	if t == unlimited {
		return 0
	}
	return l.window(now, method, int(t))
}

func (l *limiter) window(now time.Time, key string, limit int) time.Duration {
	recent := l.calls[key]
	for len(recent) > 0 && now.Sub(recent[0]) >= time.Minute {
		recent = recent[1:]
	}
	l.calls[key] = recent
	if len(recent) >= limit {
		return time.Minute - now.Sub(recent[0])
	}
	l.calls[key] = append(recent, now)
	return 0
}
