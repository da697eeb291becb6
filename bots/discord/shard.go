package discord

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"parley/bots"
)

const (
	// standbyEvery is how often a free shard is looked for.
	standbyEvery = time.Second
	// recountEvery is how often a standby asks anew how many shards there are; it learns at the same time whether Discord
	// can be reached.
	recountEvery = time.Minute
	// identifyWindow is the time in which max_concurrency new sessions may begin
	// (discord.com/developers/docs/events/gateway#session-start-limit-object).
	identifyWindow = 5 * time.Second
	// releaseTimeout is for giving a lease back.
	releaseTimeout = 3 * time.Second
	// maxShards is more than any bot has.
	maxShards = 1024
)

// errReshard says that Discord wants more shards than were opened (close code 4011), or that a standby found the number
// changed.
var errReshard = errors.New("the number of shards has changed")

// shard is one part of the gateway: the guilds with (id >> 22) % count == number; direct messages are on the first
// (discord.com/developers/docs/events/gateway#sharding).
type shard struct{ number, count int }

// lease is the shard's name among all replicas. The count is part of it: while the number of shards grows, both
// divisions are held side by side, and what comes twice is stored once.
func (s shard) lease(application string) string {
	return fmt.Sprintf("discord/%s/shard/%d/%d", application, s.number, s.count)
}

// Run implements bots.Runner: it holds gateway sessions until ctx ends, and then brings to the store what it has
// read. With a Leaser those are the sessions of the shards that it could claim, and a shard whose claim is lost is left at
// once. It returns an error only where trying again is useless: a wrong token or a missing intent.
func (a *Adapter) Run(ctx context.Context) error {
	if a.ingester == nil {
		return errors.New("run discord adapter: Ingester is missing")
	}
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	in := &intake{a: a, lanes: newLanes(maxWaiting), reading: ctx, work: work, taking: make(chan struct{}, maxTaking)}
	keeping, stopKeeping := context.WithCancel(ctx)
	defer stopKeeping()
	var keeper sync.WaitGroup
	keeper.Go(func() { a.keepCommands(keeping) })
	if a.catcher != nil {
		keeper.Go(func() { a.keepUp(keeping) })
	}
	err := a.stand(ctx, in)
	if err != nil {
		a.health.set(err)
	} else {
		a.health.set(errors.New("discord is stopped"))
	}
	stopKeeping()
	keeper.Wait()
	finish, cancel := context.WithTimeout(work, finishTimeout)
	defer cancel()
	if !in.lanes.finish(finish) {
		a.log.Warn("discord events are lost: they were read but could not be stored; messages among them are caught up after the next start", "events", in.lanes.waiting())
	}
	stop()
	in.lanes.running.Wait()
	return err
}

// stand holds shards until ctx ends. Its error is one that trying again does not mend.
func (a *Adapter) stand(ctx context.Context, in *intake) error {
	used := 0
	for {
		count, err := a.countShards(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if used > 0 && count == used {
			return &setupError{"Discord wants more shards than it recommends (close code 4011): the bot is in more servers than one connection may serve"}
		}
		err = a.hold(ctx, in, count)
		if ctx.Err() != nil {
			return nil
		}
		if !errors.Is(err, errReshard) {
			return err
		}
		a.log.Warn("the number of discord shards has changed, opening them anew", "was", count)
		if used = count; errors.Is(err, errRecount) {
			used = 0
		}
	}
}

// errRecount is errReshard without a complaint of Discord's.
var errRecount = fmt.Errorf("standby: %w", errReshard)

// countShards asks until it knows how many shards Discord recommends.
func (a *Adapter) countShards(ctx context.Context) (int, error) {
	for try := 0; ; try++ {
		g, err := a.askGateway(ctx)
		if err == nil {
			return min(max(g.Shards, 1), maxShards), nil
		}
		if f := fatal(err); f != nil {
			a.log.Error("discord cannot be used", "error", f)
			return 0, f
		}
		wait := reconnectWait(err, try)
		a.health.set(fmt.Errorf("discord cannot be reached: %w", err))
		a.log.Warn("discord cannot be reached, trying again", "error", err, "wait", readable(wait))
		if err := pause(ctx, wait, nil); err != nil {
			return 0, err
		}
	}
}

// heldShard is the end of a shard's session.
type heldShard struct {
	number int
	err    error
}

// hold keeps as many of count shards as are free, until ctx ends or an error concerns them all.
func (a *Adapter) hold(ctx context.Context, in *intake, count int) error {
	var running sync.WaitGroup
	defer running.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	// A session outlives the loss of its lease: if the lease comes back, it is resumed.
	links := make([]*link, count)
	ended := make(chan heldShard, count)
	free := make([]int, count)
	for i := range free {
		free[i] = i
	}
	counted := a.clock()
	for {
		for len(free) > 0 {
			number, lease, err := a.claim(ctx, free, count)
			if err != nil && ctx.Err() == nil {
				a.log.Warn("cannot ask for a discord shard, trying again", "error", err)
				a.health.set(fmt.Errorf("cannot ask for a discord shard: %w", err))
				break
			}
			if number >= 0 {
				a.health.shard(number, fmt.Errorf("discord shard %d of %d is connecting", number, count))
			}
			a.health.set(nil)
			if number < 0 {
				break
			}
			free = slices.DeleteFunc(free, func(n int) bool { return n == number })
			running.Go(func() {
				ended <- heldShard{number, a.holdOne(ctx, in, shard{number, count}, &links[number], lease)}
			})
		}
		wait := time.Duration(0)
		if len(free) > 0 {
			wait = standbyEvery
		}
		select {
		case <-ctx.Done():
			return nil
		case end := <-ended:
			if end.err != nil {
				return end.err
			}
			free = append(free, end.number)
		case <-after(wait):
		}
		if len(free) == count && a.clock().Sub(counted) > recountEvery {
			now, err := a.countShards(ctx)
			if err != nil {
				return err
			}
			if now != count {
				return errRecount
			}
			counted = a.clock()
		}
	}
}

// after is time.After, and never for 0.
func after(d time.Duration) <-chan time.Time {
	if d == 0 {
		return nil
	}
	return time.After(d)
}

// claim takes one of the free shards; number is negative where others hold them all.
func (a *Adapter) claim(ctx context.Context, free []int, count int) (number int, l bots.Lease, err error) {
	if a.leaser == nil {
		return free[0], nil, nil
	}
	application, _ := a.names.self() // one bot user belongs to one application
	names := make([]string, len(free))
	for i, n := range free {
		names[i] = shard{n, count}.lease(application)
	}
	l, ok, err := a.leaser.Acquire(ctx, names...)
	if err != nil || !ok {
		return -1, nil, err
	}
	i := slices.Index(names, l.Name())
	if i < 0 {
		return -1, nil, fmt.Errorf("claim discord shard: %q was not asked for", l.Name())
	}
	return free[i], l, nil
}

// holdOne keeps the session of one shard until ctx ends or the lease is lost, and gives the lease back.
func (a *Adapter) holdOne(ctx context.Context, in *intake, s shard, l **link, lease bots.Lease) error {
	defer a.health.drop(s.number)
	if lease == nil {
		return a.keep(ctx, in, s, l)
	}
	held, stop := bots.UnderLease(ctx, lease)
	defer stop()
	err := a.keep(held, in, s, l)
	if errors.Is(context.Cause(held), bots.ErrLeaseLost) {
		a.observe("lease_lost")
		a.log.Warn("the claim to a discord shard is lost: its gateway session is left", "shard", s.number)
	}
	release, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	if err := lease.Release(release); err != nil {
		a.log.Warn("cannot give a discord shard back: others get it when the claim runs out", "shard", s.number, "error", err)
	}
	return err
}
