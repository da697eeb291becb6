package slack

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"parley/bots"
)

const (
	// maxSockets is how many Socket Mode connections Slack allows an app.
	// Slack: docs.slack.dev/apis/events-api/using-socket-mode.
	maxSockets = 10
	// claimPause is about how long a socket waits before it asks again for a free slot.
	claimPause = 2 * time.Second
	// releaseTimeout bounds the giving back of a slot.
	releaseTimeout = 2 * time.Second
)

// slot names one of the things that the app's replicas share: by the app where its app-level token (xapp-1-A…-…) tells
// the id, else by the workspace. All replicas must come to the same name, whatever Slack answers them.
func (a *Adapter) slot(name string) string {
	owner := ""
	if parts := strings.Split(a.o.AppToken, "-"); len(parts) > 3 && isAppID(parts[2]) {
		owner = parts[2]
	} else {
		self, _ := a.Self()
		owner = self.TeamID
	}
	return "slack/" + owner + "/" + name
}

func isAppID(s string) bool {
	return len(s) > 6 && len(s) < 32 && s[0] == 'A' &&
		strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// slots names the sockets that the app may have open.
func (a *Adapter) slots() []string {
	names := make([]string, maxSockets)
	for n := range names {
		names[n] = a.slot(fmt.Sprintf("socket/%d", n))
	}
	return names
}

// claim waits until one of names is free and takes it. Before each wait it calls waiting: with nil where others hold
// all of them, else with why it could not ask.
func (a *Adapter) claim(ctx context.Context, waiting func(error), names ...string) (bots.Lease, error) {
	for {
		lease, ok, err := a.o.Leaser.Acquire(ctx, names...)
		if err == nil && ok {
			return lease, nil
		}
		if err != nil && ctx.Err() == nil {
			a.log.WarnContext(ctx, "nothing can be claimed, trying on", "err", shortError(err))
		}
		waiting(err)
		timer := time.NewTimer(claimPause/2 + rand.N(claimPause))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err()
		}
	}
}

// claimSocket waits for a free socket. Meanwhile the process stands by.
func (a *Adapter) claimSocket(ctx context.Context) (bots.Lease, error) {
	standing := false
	stand := func(now bool) {
		if now != standing {
			standing = now
			a.presence.stand(now)
		}
	}
	defer stand(false)
	return a.claim(ctx, func(err error) {
		stand(err == nil)
		if err != nil {
			a.presence.fail(fmt.Errorf("slack: no socket can be claimed: %s", shortError(err)))
		}
	}, a.slots()...)
}

// release gives a lease back, also when ctx has ended.
func (a *Adapter) release(ctx context.Context, lease bots.Lease) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	if err := lease.Release(ctx); err != nil {
		a.log.WarnContext(ctx, "not given back; it is free by itself soon", "lease", lease.Name(), "err", shortError(err))
	}
}

// runSockets holds the sockets open until ctx ends or one of them can never open.
func (a *Adapter) runSockets(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for n := range a.o.Sockets {
		g.Go(func() error {
			for ctx.Err() == nil {
				if err := a.holdSocket(ctx, n); err != nil && ctx.Err() == nil {
					return err
				}
			}
			return ctx.Err()
		})
	}
	return g.Wait()
}

// holdSocket keeps one socket open until ctx ends, it can never open, or the lease under which replicas share the app's
// sockets is lost.
func (a *Adapter) holdSocket(ctx context.Context, number int) error {
	held := ctx
	if a.o.Leaser != nil {
		lease, err := a.claimSocket(ctx)
		if err != nil {
			return err
		}
		defer a.release(ctx, lease)
		var cancel context.CancelFunc
		held, cancel = bots.UnderLease(ctx, lease)
		defer cancel()
	}
	s := &socket{a: a, number: number}
	err := s.run(held)
	if errors.Is(context.Cause(held), bots.ErrLeaseLost) {
		a.log.WarnContext(ctx, "socket closed: its lease was lost", "number", number)
		return nil
	}
	return err
}
