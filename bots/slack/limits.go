package slack

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"parley/bots"
	"parley/conversation"
)

// The figures that this adapter stays below; replicas divide them.
// Slack: docs.slack.dev/apis/web-api/rate-limits, and each method's page.
const (
	// tier2, tier3 and tier4 are Slack's 20, 50 and 100 calls a minute, less a margin for the way to Slack.
	tier2 = 18
	tier3 = 46
	tier4 = 90
	// answersReads of tier 3 are kept for the threads that answers read, channelReads for the channels, which they
	// seldom do; catching up takes the rest.
	answersReads = 16
	channelReads = 8
	// finalEdits of tier 3 are kept for final edits; interim edits take the rest.
	finalEdits   = 14
	interimBurst = 6
	// interimPerMinute and a burst make what final edits leave.
	interimPerMinute = tier3 - finalEdits - interimBurst
	// interimGap is the least between two interim edits of one conversation: more cannot be read.
	interimGap = 700 * time.Millisecond
	// chat.postMessage: about one a second in a channel with short bursts, several hundred a minute in a workspace.
	postBurst      = 4
	postsPerMinute = 240
	// assistant.threads.setStatus: 60 a minute in a direct conversation.
	statusPerMinute = 50
	// maxPaced bounds how many channels are kept track of.
	maxPaced = 10_000
)

// limits paces the calls of one workspace. First posts and final edits come before interim edits.
type limits struct {
	now func() time.Time
	// free says that the platform counts nothing, as a simulator may: waits that it asks for are kept all the same,
	// and so is the pace of interim edits.
	free bool
	// share says among how many replicas the figures are divided; nil: this process is alone.
	share bots.Share

	mu       sync.Mutex
	windows  map[string][]time.Time // calls of the last minute, by method
	channels map[string]*rate.Limiter
	held     map[string]time.Time // no call before: Slack has said so
	interim  *rate.Limiter
	paces    map[conversation.ThreadRef]*pace
	urgent   int            // final edits that wait
	reading  map[string]int // calls for answers that wait, by method
}

// pace is what is known of one conversation's interim edits.
type pace struct {
	last    time.Time
	granted bool // awaitEdit has counted one that is not made yet
}

func newLimits(now func() time.Time, free bool, share bots.Share) *limits {
	return &limits{
		reading: map[string]int{}, share: share,
		now: now, free: free, windows: map[string][]time.Time{}, channels: map[string]*rate.Limiter{}, held: map[string]time.Time{},
		interim: rate.NewLimiter(rate.Limit(interimPerMinute)/60, interimBurst),
		paces:   map[conversation.ThreadRef]*pace{},
	}
}

// part is one replica's part of a figure.
func part(share bots.Share, whole int) int {
	if share == nil {
		return whole
	}
	return max(1, whole/max(1, share.Replicas()))
}

// paced gives a bucket one replica's part of a pace.
func paced(bucket *rate.Limiter, share bots.Share, now time.Time, perMinute float64, burst int) *rate.Limiter {
	if share == nil {
		return bucket
	}
	if pace := rate.Limit(perMinute / 60 / float64(max(1, share.Replicas()))); bucket.Limit() != pace {
		bucket.SetLimitAt(now, pace)
		bucket.SetBurstAt(now, part(share, burst))
	}
	return bucket
}

// post waits until a message may be posted in channel.
func (l *limits) post(ctx context.Context, channel string) error {
	return l.until(ctx, func(now time.Time) time.Duration {
		if wait := l.holding(now, "chat.postMessage", channel); wait > 0 {
			return wait
		}
		perChannel := l.channels[channel]
		if perChannel == nil {
			if len(l.channels) >= maxPaced {
				clear(l.channels)
			}
			perChannel = rate.NewLimiter(1, postBurst)
			l.channels[channel] = perChannel
		}
		if wait := l.lacking(paced(perChannel, l.share, now, 60, postBurst), now); wait > 0 {
			return wait
		}
		if wait := l.window(now, "chat.postMessage", postsPerMinute); wait > 0 {
			return wait
		}
		perChannel.AllowN(now, 1)
		return 0
	})
}

// awaitEdit waits for an interim edit in ref, and counts it.
func (l *limits) awaitEdit(ctx context.Context, ref conversation.ThreadRef) error {
	return l.until(ctx, func(now time.Time) time.Duration {
		p := l.pace(ref)
		if p.granted {
			return 0
		}
		if l.urgent > 0 {
			return 100 * time.Millisecond
		}
		paced(l.interim, l.share, now, interimPerMinute, interimBurst)
		if wait := max(l.holding(now, "chat.update", ""), l.lacking(l.interim, now), p.last.Add(interimGap).Sub(now)); wait > 0 {
			return wait
		}
		if wait := l.window(now, "chat.update", tier3-finalEdits); wait > 0 {
			return wait
		}
		l.interim.AllowN(now, 1)
		p.granted, p.last = true, now
		return 0
	})
}

// scarce reports whether so few edits are left in this minute that an answer is better posted once, when it is whole.
func (l *limits) scarce() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if l.urgent > 0 || l.holding(now, "chat.update", "") > 0 {
		return true
	}
	if l.free {
		return false
	}
	used := 0
	for _, at := range l.windows["chat.update"] {
		if now.Sub(at) < time.Minute {
			used++
		}
	}
	return used >= part(l.share, tier3-finalEdits)
}

// pace needs mu.
func (l *limits) pace(ref conversation.ThreadRef) *pace {
	p := l.paces[ref]
	if p == nil {
		if len(l.paces) >= maxPaced {
			clear(l.paces)
		}
		p = &pace{}
		l.paces[ref] = p
	}
	return p
}

// edit waits until an edit in ref may be made: one that awaitEdit has granted at once.
func (l *limits) edit(ctx context.Context, ref conversation.ThreadRef, final bool) error {
	if !final {
		if err := l.awaitEdit(ctx, ref); err != nil {
			return err
		}
	}
	l.mu.Lock()
	p := l.pace(ref)
	granted := p.granted
	p.granted = false
	if !granted {
		l.urgent++
	}
	l.mu.Unlock()
	if granted {
		return nil
	}
	defer func() {
		l.mu.Lock()
		l.urgent--
		l.mu.Unlock()
	}()
	return l.until(ctx, func(now time.Time) time.Duration {
		if wait := l.holding(now, "chat.update", ""); wait > 0 {
			return wait
		}
		return l.window(now, "chat.update", tier3)
	})
}

// call waits until any other method may be called.
func (l *limits) call(ctx context.Context, method string) error {
	limit := tier3
	switch method {
	case "files.getUploadURLExternal", "files.completeUploadExternal", "files.info", "conversations.members":
		limit = tier4
	case "users.info":
		limit = tier4 - namesPerMinute
	}
	l.mu.Lock()
	l.reading[method]++
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.reading[method]--; l.reading[method] == 0 {
			delete(l.reading, method)
		}
	}()
	return l.until(ctx, func(now time.Time) time.Duration {
		if wait := l.holding(now, method, ""); wait > 0 {
			return wait
		}
		return l.window(now, method, limit)
	})
}

// callLater waits until a method may be called for what nobody waits for: in what calls for answers leave.
func (l *limits) callLater(ctx context.Context, method string) error {
	limit := tier3 - answersReads
	switch method {
	case "users.conversations":
		limit = tier2
	case "conversations.history":
		limit = tier3 - channelReads
	}
	return l.until(ctx, func(now time.Time) time.Duration {
		if l.reading[method] > 0 {
			return 200 * time.Millisecond
		}
		if wait := l.holding(now, method, ""); wait > 0 {
			return wait
		}
		return l.window(now, method, limit)
	})
}

// try counts a call that may as well be left out, where there is room for it.
func (l *limits) try(method string, limit int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	return l.holding(now, method, "") <= 0 && l.window(now, method, limit) == 0
}

// status reports whether a status may be set in channel now; one that may not is left out.
func (l *limits) status(channel string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	const method = "assistant.threads.setStatus"
	now := l.now()
	if l.holding(now, method, channel) > 0 {
		return false
	}
	if len(l.windows) >= maxPaced {
		clear(l.windows)
	}
	return l.window(now, method+" "+channel, statusPerMinute) == 0
}

// penalise holds a method back for as long as Slack has said; posts and statuses in that channel only.
func (l *limits) penalise(method, channel string, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.held) >= maxPaced {
		clear(l.held)
	}
	l.held[holdKey(method, channel)] = l.now().Add(wait)
}

func holdKey(method, channel string) string {
	if method == "chat.postMessage" || method == "assistant.threads.setStatus" {
		return method + " " + channel
	}
	return method
}

// until calls take under the lock until it gives no more time to wait.
func (l *limits) until(ctx context.Context, take func(now time.Time) time.Duration) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		l.mu.Lock()
		wait := take(l.now())
		l.mu.Unlock()
		if wait <= 0 {
			return nil
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// holding needs mu, as do the following.
func (l *limits) holding(now time.Time, method, channel string) time.Duration {
	return l.held[holdKey(method, channel)].Sub(now)
}

// window counts a call and gives 0, or how long to wait before it may be made.
func (l *limits) window(now time.Time, key string, limit int) time.Duration {
	if l.free {
		return 0
	}
	limit = part(l.share, limit)
	recent := l.windows[key]
	for len(recent) > 0 && now.Sub(recent[0]) >= time.Minute {
		recent = recent[1:]
	}
	if len(recent) >= limit {
		l.windows[key] = recent
		return recent[len(recent)-limit].Add(time.Minute).Sub(now)
	}
	l.windows[key] = append(recent, now)
	return 0
}

// lacking is how long a bucket takes to hold a token.
func (l *limits) lacking(bucket *rate.Limiter, now time.Time) time.Duration {
	tokens := bucket.TokensAt(now)
	if tokens >= 1 || l.free {
		return 0
	}
	return time.Duration((1-tokens)/float64(bucket.Limit())*float64(time.Second)) + time.Millisecond
}
