package discord

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"parley/bots"
)

// class is the urgency of a call within a limit.
type class int

// Interim edits and reading in the background leave reserve of each window to the other calls.
const (
	classWrite class = iota
	classRead
	classInterim
	// classShared is an interim edit in a channel in which other replicas may edit at the same time.
	classShared
	// classBackground also leaves most of the global limit to the others.
	classBackground
	// classCommand answers a command or button: the global limit does not count it
	// (discord.com/developers/docs/interactions/receiving-and-responding#endpoints).
	classCommand
)

func (c class) interim() bool { return c == classInterim || c == classShared }

const (
	// The bot may make 50 requests a second over all routes (discord.com/developers/docs/topics/rate-limits#global-rate-limit).
	// A rate of 35 with a burst of 15 stays within that in every second, however it is counted.
	globalRate  = 35
	globalBurst = 15
	// reserve is how many calls of a window are kept back from interim edits and from reading in the background.
	reserve = 2
	// backgroundEvery is how often reading in the background looks whether the global limit has calls to spare.
	backgroundEvery = 50 * time.Millisecond
	// maxBuckets bounds the memory for limits; channels that were quiet for long are forgotten.
	maxBuckets = 10_000
	// interimGap is the least between two interim edits in one channel, whatever Discord allows: more cannot be read.
	interimGap = 700 * time.Millisecond
	// windowSlack is added to a window's end: Discord's clock and the network are not exact.
	windowSlack = 50 * time.Millisecond
	// lookAgain bounds the wait for another call to end.
	lookAgain = time.Second
)

// limitKey is what Discord counts by, as far as a client can know before it asks.
type limitKey struct {
	route route
	major string
}

// limits keeps every call within what Discord's answers have told: X-RateLimit-* of each route and channel, the global
// limit, and the waits of 429s. A route of which nothing is known yet is tried with one call at a time.
type limits struct {
	clock  func() time.Time
	global *rate.Limiter
	free   bool
	share  bots.Share // nil: the only replica

	mu      sync.Mutex
	among   int       // by how many replicas global is divided
	blocked time.Time // nothing is sent before
	windows map[limitKey]*window
	// buckets holds what X-RateLimit-Bucket told of each route: routes with the same bucket share a limit.
	buckets map[route]route
}

// window is the state of one limit.
type window struct {
	known     bool
	unlimited bool // the last answer told no limit
	limit     int
	remaining int
	reset     time.Time
	span      time.Duration // the longest time to a reset that was seen
	inFlight  int
	last      time.Time // the last call
	interim   time.Time // the last interim edit
	freed     chan struct{}
}

// newLimits makes limits; free says that the platform counts nothing, as a simulator may, beyond what its answers tell.
func newLimits(clock func() time.Time, free bool, share bots.Share) *limits {
	global := rate.NewLimiter(globalRate, globalBurst)
	if free {
		global.SetLimit(rate.Inf)
	}
	return &limits{
		clock: clock, global: global, free: free, share: share, among: 1, windows: map[limitKey]*window{}, buckets: map[route]route{},
	}
}

// divide gives this replica its part of the global limit. What Discord counts for each route is told by its answers,
// whoever called.
func (l *limits) divide() (replicas int) {
	if l.share == nil {
		return 1
	}
	n := max(l.share.Replicas(), 1)
	l.mu.Lock()
	defer l.mu.Unlock()
	if n != l.among && !l.free {
		l.global.SetLimit(rate.Limit(globalRate) / rate.Limit(n))
		l.global.SetBurst(max(globalBurst/n, 1))
	}
	l.among = n
	return n
}

// wait takes one call out of key's limit, as soon as there is one for that class.
func (l *limits) wait(ctx context.Context, key limitKey, c class) error {
	for {
		delay, freed := l.take(key, c, true)
		if delay == 0 && freed == nil {
			break
		}
		if err := pause(ctx, delay, freed); err != nil {
			return fmt.Errorf("wait for limit of %s: %w", key.route, err)
		}
	}
	if err := l.waitGlobal(ctx, c); err != nil {
		l.done(key, nil)
		return fmt.Errorf("wait for global limit: %w", err)
	}
	return nil
}

func (l *limits) waitGlobal(ctx context.Context, c class) error {
	if c == classCommand {
		return nil
	}
	n := l.divide()
	for c == classBackground && !l.free && l.global.Tokens() < float64(globalBurst/n)/2 {
		if err := pause(ctx, backgroundEvery, nil); err != nil {
			return err
		}
	}
	return l.global.Wait(ctx)
}

// ready waits like wait, but takes nothing.
func (l *limits) ready(ctx context.Context, key limitKey, c class) error {
	l.divide()
	for {
		delay, freed := l.take(key, c, false)
		if delay == 0 && freed == nil {
			return nil
		}
		if err := pause(ctx, delay, freed); err != nil {
			return fmt.Errorf("wait for limit of %s: %w", key.route, err)
		}
	}
}

// take counts a call, or says how long to wait and which signal may come before.
func (l *limits) take(key limitKey, c class, count bool) (delay time.Duration, freed <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock()
	if wait := l.blocked.Sub(now); wait > 0 && c != classCommand {
		return wait, nil
	}
	key = l.resolve(key)
	w := l.windows[key]
	if w == nil {
		l.prune(now)
		w = &window{freed: make(chan struct{})}
		l.windows[key] = w
	}
	if w.inFlight > 0 && now.Sub(w.last) > 2*callTimeout {
		w.inFlight = 0 // their answers went to another limit: the route's bucket has changed
	}
	if w.known && !now.Before(w.reset) && w.inFlight == 0 {
		w.remaining = w.limit
	}
	keep := 0
	if (c.interim() || c == classBackground) && w.limit > reserve {
		keep = reserve
	}
	if c.interim() {
		gap := interimGap
		if keep > 0 {
			gap = max(gap, w.span/time.Duration(w.limit-keep)) // evenly, so that a growing answer does not stutter
		}
		if c == classShared {
			gap *= time.Duration(l.among)
		}
		if wait := w.interim.Add(gap).Sub(now); wait > 0 {
			return wait, nil
		}
	}
	switch {
	case w.unlimited:
	case !w.known && w.inFlight > 0:
		return lookAgain, w.freed
	case w.known && w.remaining <= keep:
		if wait := w.reset.Sub(now); wait > 0 {
			return wait, nil
		}
		return lookAgain, w.freed // the window is over, but calls of it are still on their way
	}
	if count {
		w.inFlight++
		w.last = now
		w.remaining--
		if c.interim() {
			w.interim = now
		}
	}
	return 0, nil
}

// resolve gives the key under which a limit is kept.
func (l *limits) resolve(key limitKey) limitKey {
	if bucket, ok := l.buckets[key.route]; ok {
		key.route = bucket
	}
	return key
}

// learn notes the bucket of a route, joins the limits of routes that share one, and gives the limit that counts. What
// was known of the route's other channels moves along.
func (l *limits) learn(key limitKey, bucket string, w *window) *window {
	old := l.resolve(key).route
	if bucket == "" || old == route(bucket) {
		return w
	}
	l.buckets[key.route] = route(bucket)
	if old == key.route {
		for k, other := range l.windows {
			if k.route != old {
				continue
			}
			delete(l.windows, k)
			k.route = route(bucket)
			if l.windows[k] == nil {
				l.windows[k] = other
			} else {
				other.wake()
			}
		}
	}
	key = l.resolve(key)
	if l.windows[key] == nil {
		l.windows[key] = w
	}
	return l.windows[key]
}

// wake lets those who wait for a call to end look again.
func (w *window) wake() {
	close(w.freed)
	w.freed = make(chan struct{})
}

// done notes what an answer told; header is nil where there was none.
func (l *limits) done(key limitKey, header http.Header) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := l.windows[l.resolve(key)]
	if w == nil {
		return
	}
	w.inFlight = max(w.inFlight-1, 0)
	w.wake()
	if header == nil {
		return
	}
	w = l.learn(key, header.Get("X-RateLimit-Bucket"), w)
	limit, errLimit := strconv.Atoi(header.Get("X-RateLimit-Limit"))
	remaining, errRemaining := strconv.Atoi(header.Get("X-RateLimit-Remaining"))
	after, errAfter := strconv.ParseFloat(header.Get("X-RateLimit-Reset-After"), 64)
	if errLimit != nil || errRemaining != nil || errAfter != nil || limit < 1 || after < 0 || after > 86400 {
		w.unlimited = !w.known
		return
	}
	now := l.clock()
	span := time.Duration(after * float64(time.Second))
	reset := now.Add(span + windowSlack)
	newWindow := !w.known || reset.Sub(w.reset) > windowSlack && !now.Before(w.reset)
	w.known, w.unlimited, w.limit = true, false, limit
	w.span = max(w.span, span)
	if newWindow {
		w.remaining, w.reset = remaining-w.inFlight, reset
		return
	}
	// Answers may overtake each other: the most careful one counts.
	w.remaining = min(w.remaining, remaining-w.inFlight)
	if reset.After(w.reset) {
		w.reset = reset
	}
}

// refused notes a 429.
func (l *limits) refused(key limitKey, wait time.Duration, global bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	until := l.clock().Add(wait + windowSlack)
	if global {
		if until.After(l.blocked) {
			l.blocked = until
		}
		return
	}
	w := l.windows[l.resolve(key)]
	if w == nil {
		return
	}
	w.known, w.unlimited, w.remaining = true, false, 0
	w.limit = max(w.limit, 1)
	if until.After(w.reset) {
		w.reset = until
	}
}

// prune forgets limits whose windows are over.
func (l *limits) prune(now time.Time) {
	if len(l.windows) < maxBuckets {
		return
	}
	for key, w := range l.windows {
		if w.inFlight == 0 && now.After(w.reset) {
			delete(l.windows, key)
		}
	}
}

// pause waits for the time or the signal.
func pause(ctx context.Context, d time.Duration, freed <-chan struct{}) error {
	var tick <-chan time.Time
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		tick = timer.C
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-tick:
		return nil
	case <-freed:
		return nil
	}
}
