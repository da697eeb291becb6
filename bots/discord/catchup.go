package discord

import (
	"context"
	"errors"
	"time"

	"parley/conversation"
)

// onlineEvery is how often the store learns that nothing is being missed.
const onlineEvery = 30 * time.Second

// Catcher takes in what was missed. conversation.Engine implements it.
type Catcher interface {
	// CatchUp reads what was missed and takes it in; it calls Missed. On an error the adapter tries again.
	CatchUp(ctx context.Context, p conversation.Platform) error
	// Online notes that nothing is being missed at the moment.
	Online(ctx context.Context, p conversation.Platform) error
}

// errNewSession is the cause with which catching up ends for a new session that has begun meanwhile.
var errNewSession = errors.New("another gateway session has begun")

// keepUp catches up after each session that is no resumed one, as soon as it has told of its guilds, and notes in
// between that the adapter is online. It returns when ctx ends.
func (a *Adapter) keepUp(ctx context.Context) {
	for try := 0; ctx.Err() == nil; {
		switch now := a.absence.look(a.clock()); {
		case now.ready:
			err := a.catchUp(ctx, now.epoch)
			switch {
			case ctx.Err() != nil:
				return
			case err == nil || a.absence.renewed(now.epoch):
				try = 0
			default:
				a.absence.failed()
				a.log.WarnContext(ctx, "what was missed on discord is not read yet, trying again", "try", try+1, "error", err)
				_ = pause(ctx, max(backoff(try), time.Second), nil)
				try++
			}
		case now.due:
			_ = pause(ctx, max(now.wait, time.Millisecond), now.changed)
		default:
			if pause(ctx, a.onlineEvery, now.changed) != nil || a.absence.look(a.clock()).due || !a.health.connected() {
				continue
			}
			if err := a.catcher.Online(ctx, conversation.Discord); err != nil && ctx.Err() == nil {
				a.log.WarnContext(ctx, "cannot note that discord is online", "error", err)
			}
		}
	}
}

// catchUp runs the Catcher until it is through or another session begins.
func (a *Adapter) catchUp(ctx context.Context, epoch int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	a.absence.take()
	go func() {
		for !a.absence.renewed(epoch) {
			now := a.absence.look(a.clock())
			select {
			case <-ctx.Done():
				return
			case <-now.changed:
			}
		}
		cancel(errNewSession)
	}()
	if err := a.catcher.CatchUp(ctx, conversation.Discord); err != nil {
		return err
	}
	a.absence.done(epoch)
	return nil
}
