package llm

import (
	"context"
	"sync"
)

// limiter bounds the requests in flight. It halves its bound when the server says that it is too much (429, 503) and
// raises it by one after as many good answers as the bound: bursts are what dynamic rate limits punish (Together:
// "steady traffic raises the limit").
type limiter struct {
	mu      sync.Mutex
	most    int
	bound   int
	inUse   int
	good    int
	epoch   int // grows with each halving: answers to requests from before do not halve again
	waiting []chan struct{}
}

func newLimiter(most int) *limiter { return &limiter{most: most, bound: most} }

// acquire waits for a place, first come first served. The epoch goes back with release.
func (l *limiter) acquire(ctx context.Context) (epoch int, err error) {
	l.mu.Lock()
	if l.inUse < l.bound && len(l.waiting) == 0 {
		l.inUse++
		epoch = l.epoch
		l.mu.Unlock()
		return epoch, nil
	}
	turn := make(chan struct{})
	l.waiting = append(l.waiting, turn)
	l.mu.Unlock()
	select {
	case <-turn:
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.epoch, nil
	case <-ctx.Done():
		l.mu.Lock()
		defer l.mu.Unlock()
		for i, w := range l.waiting {
			if w == turn {
				l.waiting = append(l.waiting[:i], l.waiting[i+1:]...)
				return 0, ctx.Err()
			}
		}
		l.inUse-- // the place had just been given: pass it on
		l.admit()
		return 0, ctx.Err()
	}
}

// release gives the place back and learns from the answer's kind ("" for success).
func (l *limiter) release(epoch int, kind Kind) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inUse--
	switch {
	case kind == KindRateLimited || kind == KindOverloaded:
		if epoch == l.epoch {
			l.bound = max(1, l.bound/2)
			l.good = 0
			l.epoch++
		}
	case kind == "" && l.bound < l.most:
		if l.good++; l.good >= l.bound {
			l.bound++
			l.good = 0
		}
	}
	l.admit()
}

func (l *limiter) admit() {
	for l.inUse < l.bound && len(l.waiting) > 0 {
		close(l.waiting[0])
		l.waiting = l.waiting[1:]
		l.inUse++
	}
}
