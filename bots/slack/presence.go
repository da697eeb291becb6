package slack

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// shortGap is the longest time without any socket that is not caught up: Slack delivers again what it could not
// deliver, at once and a minute later.
const shortGap = time.Second

var (
	errStarting     = errors.New("slack: connecting")
	errReconnecting = errors.New("slack: no socket is open, reconnecting")
)

// presence is what the adapter knows of its connection: whether it may write, whether events reach it, and whether
// some may have been missed since it last caught up. Times are the wall's: the monotonic clock stands still while the
// machine sleeps.
type presence struct {
	clock func() time.Time
	// byHTTP says that there are no sockets: whether Slack reaches the process cannot be seen then.
	byHTTP bool
	// silence is how long nothing may be heard on any socket.
	silence time.Duration
	// stirred is told that an absence has begun or that a socket has opened.
	stirred chan struct{}

	mu      sync.Mutex
	self    Identity
	known   bool  // self is set
	fault   error // why the adapter is not ready
	refused error // Slack has refused the bot token since

	sockets int       // open
	standby int       // sockets for which there is no free slot
	heard   time.Time // when anything came over a socket
	down    time.Time // since when no socket is open; zero while one is
	absence int       // counts the occasions on which something may have been missed
	made    int       // those that have been caught up
}

func newPresence(o Options) *presence {
	return &presence{clock: o.Clock, byHTTP: o.AppToken == "", silence: o.PingTimeout, fault: errStarting,
		stirred: make(chan struct{}, 1)}
}

func (p *presence) now() time.Time { return p.clock().Round(0) }

// begin notes a start: what was said before it may have been missed.
func (p *presence) begin(self Identity) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.self, p.known, p.refused = self, true, nil
	p.down, p.heard = time.Time{}, time.Time{}
	p.missing()
}

// missed notes that something may not have reached the store.
func (p *presence) missed() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.missing()
}

// missing needs mu, as does stir.
func (p *presence) missing() {
	p.absence++
	p.stir()
}

func (p *presence) stir() {
	select {
	case p.stirred <- struct{}{}:
	default:
	}
}

// opened notes one more open socket, and gives how many there are.
func (p *presence) opened() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sockets == 0 && !p.down.IsZero() && p.now().Sub(p.down) > shortGap {
		p.missing()
	}
	p.sockets++
	p.down = time.Time{}
	p.fault = errReconnecting // what is said while no socket is open
	p.stir()
	return p.sockets
}

// closed notes one open socket less.
func (p *presence) closed() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sockets--; p.sockets == 0 {
		p.down = p.now()
	}
	return p.sockets
}

// hear notes that something came over a socket. What comes after a long silence may have been waiting for a process
// that was stopped, or a machine that slept.
func (p *presence) hear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if !p.heard.IsZero() && now.Sub(p.heard) > p.silence {
		p.missing()
	}
	p.heard = now
}

// stand notes that a socket has begun, or ceased, to wait for a free slot.
func (p *presence) stand(waits bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if waits {
		p.standby++
	} else {
		p.standby--
	}
}

// receiving reports whether events reach the process, as far as it can tell; it needs mu.
func (p *presence) receiving() bool {
	return p.known && (p.byHTTP || p.sockets > 0 && p.now().Sub(p.heard) <= 2*p.silence)
}

// complete reports whether everything that was said until now has reached the store or is about to.
func (p *presence) complete() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.receiving() && p.refused == nil && p.absence == p.made
}

// pending waits until there is something to catch up and events are received again. It gives what to tell caughtUp.
func (p *presence) pending(ctx context.Context) (absence int, err error) {
	for {
		p.mu.Lock()
		absence, due := p.absence, p.absence > p.made && p.receiving()
		p.mu.Unlock()
		if due {
			return absence, nil
		}
		select {
		case <-p.stirred:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// caughtUp notes that what was missed before absence has been read.
func (p *presence) caughtUp(absence int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.made = max(p.made, absence)
}

// ready is what is wrong. A process whose sockets stand by for a free slot is as ready as it can be.
func (p *presence) ready(wanted int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.refused != nil:
		return p.refused
	case p.receiving(), p.known && p.standby >= wanted:
		return nil
	case p.sockets > 0:
		return fmt.Errorf("slack: nothing heard for %s, reconnecting", p.now().Sub(p.heard).Round(time.Second))
	}
	return p.fault
}

// refuse notes that Slack does not accept the bot token; nil that it does again.
func (p *presence) refuse(fault error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refused = fault
}

// fail notes why the adapter is not ready, and reports whether that is new.
func (p *presence) fail(fault error) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	news := p.fault == nil || p.fault.Error() != fault.Error()
	p.fault = fault
	return news
}

func (p *presence) identity() (Identity, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.self, p.known
}

// connected is how many sockets are open.
func (p *presence) connected() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sockets
}
