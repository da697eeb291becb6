package slack

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"parley/bots"
	"parley/conversation"
)

// Catcher is told when messages may have been missed, and when none are. conversation.Engine implements it.
type Catcher interface {
	// CatchUp takes in what was missed. It is called again, after a wait, until it gives no error.
	CatchUp(ctx context.Context, p conversation.Platform) error
	// Online notes that the platform is connected and nothing is left to catch up.
	Online(ctx context.Context, p conversation.Platform) error
}

const (
	// heartbeat is how often the bot token is checked and Online is noted.
	heartbeat = 30 * time.Second
	// catchUpGap is the least between two readings of what was missed, catchUpBackoff the most after failures.
	catchUpGap     = 5 * time.Second
	catchUpBackoff = 2 * time.Minute
	// onlineTimeout bounds a note to the store.
	onlineTimeout = 5 * time.Second
)

// beat checks every heartbeat, until ctx ends, that Slack still accepts the bot token, and notes that nothing is
// missing. Open sockets do not show it: they live by the app-level token.
func (a *Adapter) beat(ctx context.Context) {
	ticker := time.NewTicker(a.heartbeat)
	defer ticker.Stop()
	last := a.presence.now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.doubt:
		case <-ticker.C:
		}
		now := a.presence.now()
		if now.Sub(last) > a.heartbeat+a.o.PingTimeout {
			a.presence.missed() // the process was stopped, or the machine slept
		}
		last = now
		a.checkToken(ctx)
		for _, ref := range a.sessions.idle() {
			a.endSession(ctx, ref, false)
		}
		if a.o.Catcher != nil && a.presence.complete() {
			a.online(ctx)
		}
	}
}

// checkToken asks Slack whether the bot token still works. Without an answer nothing is known, and nothing changes.
func (a *Adapter) checkToken(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := a.api.AuthTestContext(ctx)
	switch {
	case err == nil:
		a.presence.refuse(nil)
	case revoked(errorCode(err)):
		fault := botTokenError(err)
		a.presence.refuse(fault)
		a.log.ErrorContext(ctx, "the bot token is refused", "err", fault.Error())
	}
}

func (a *Adapter) online(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, onlineTimeout)
	defer cancel()
	if err := a.o.Catcher.Online(ctx, conversation.Slack); err != nil && ctx.Err() == nil {
		a.log.WarnContext(ctx, "not noted that Slack is connected; the next catch-up reads further back", "err", shortError(err))
	}
}

// catchUp has what was missed taken in, after each start and absence, until ctx ends.
func (a *Adapter) catchUp(ctx context.Context) {
	for failures := 0; ; {
		absence, err := a.presence.pending(ctx)
		if err != nil {
			return
		}
		if err = a.catchUpOnce(ctx); err == nil {
			a.presence.caughtUp(absence)
			failures = 0
		} else if ctx.Err() == nil {
			failures++
			a.log.WarnContext(ctx, "catching up failed, it will be tried again", "failures", failures, "err", shortError(err))
		}
		wait := min(a.catchUpGap<<min(failures, 10), catchUpBackoff)
		timer := time.NewTimer(wait/2 + rand.N(wait/2+1))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// catchUpOnce makes one attempt; replicas make theirs one after the other, since they share Slack's limits and what the
// first has read the others need not read again.
func (a *Adapter) catchUpOnce(ctx context.Context) (err error) {
	if a.o.Leaser != nil {
		lease, err := a.claim(ctx, func(error) {}, a.slot("catch-up"))
		if err != nil {
			return err
		}
		defer a.release(ctx, lease)
		var cancel context.CancelFunc
		ctx, cancel = bots.UnderLease(ctx, lease)
		defer cancel()
	}
	defer func() {
		if p := recover(); p != nil {
			a.log.ErrorContext(ctx, "catching up panicked", "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("catch up: panic: %v", p)
		}
	}()
	return a.o.Catcher.CatchUp(ctx, conversation.Slack)
}
