package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// steadyRate is the rate at which latency and CPU time are stated, in turns a second.
const steadyRate = 20

// latency measures idle costs, warms up, and measures at the steady rate.
func (b *bench) latency(ctx context.Context, r *report) error {
	length := 30 * time.Second
	if b.short {
		length = 10 * time.Second
	}
	before, err := b.read(ctx)
	if err != nil {
		return err
	}
	if err := sleep(ctx, 5*time.Second); err != nil {
		return err
	}
	after, err := b.read(ctx)
	if err != nil {
		return err
	}
	idle := after.at.Sub(before.at).Seconds()
	r.IdleParley = milliseconds(after.parley-before.parley) / idle
	r.IdlePostgres = milliseconds(after.db.cpu-before.db.cpu) / idle
	if err := b.warm(ctx); err != nil {
		return err
	}
	if err := b.world.db.forget(ctx); err != nil {
		return err
	}
	wait := b.parley.profile(ctx, b.plan.profile, "steady", int(length.Seconds()))
	f, err := b.window(ctx, func() ([]*turn, error) { return b.offer(ctx, steadyRate, length, false) })
	if err != nil {
		return err
	}
	r.Steady = &f
	if b.listing {
		if err := b.world.db.list(ctx, os.Stderr, f.Turns); err != nil {
			return err
		}
	}
	return wait()
}

// warm fills caches, opens connections and lets the first statements be planned, with few turns.
func (b *bench) warm(ctx context.Context) error {
	if b.warmed {
		return nil
	}
	b.warmed = true
	if _, err := b.offer(ctx, 10, 5*time.Second, false); err != nil {
		return err
	}
	return b.world.book.settle(ctx, 30*time.Second)
}

// ramp raises the rate until parley no longer keeps up: answers fall behind by a tenth, or the slowest hundredth of the
// model requests is a second late.
func (b *bench) ramp(ctx context.Context, r *report) error {
	if err := b.warm(ctx); err != nil {
		return err
	}
	length := 12 * time.Second
	if b.short {
		length = 5 * time.Second
	}
	for _, rate := range []int{20, 40, 60, 70, 80, 100, 120, 150, 200} {
		wait := b.parley.profile(ctx, b.plan.profile, fmt.Sprint("ramp-", rate), int(length.Seconds()))
		f, err := b.window(ctx, func() ([]*turn, error) { return b.offer(ctx, rate, length, false) })
		if err != nil {
			return err
		}
		if err := wait(); err != nil {
			return err
		}
		held := f.PerSecond >= 0.9*float64(rate) && f.Added.P99 < 1000
		r.Ramp = append(r.Ramp, step{Offered: rate, Held: held, figures: f})
		fmt.Fprintf(os.Stderr, "bench: %d turns a second: %.1f answered, added latency p99 %.0f ms\n", rate, f.PerSecond, f.Added.P99)
		if !held {
			return nil
		}
		r.Sustained = f.PerSecond
	}
	return nil
}

// flight holds the model back until many turns wait for it, then lets all of them stream at once.
func (b *bench) flight(ctx context.Context, r *report) error {
	n := 500
	if b.short {
		n = 100
	}
	if err := b.warm(ctx); err != nil {
		return err
	}
	gate := make(chan struct{})
	b.world.model.hold.Store(&gate)
	before := b.world.model.asked.Load()
	var live int64
	f, err := b.window(ctx, func() ([]*turn, error) {
		sent, err := b.offer(ctx, 50, time.Duration(n)*time.Second/50, true)
		if err != nil {
			return nil, err
		}
		err = b.world.book.until(ctx, time.Minute, func() bool { return b.world.model.asked.Load()-before >= int64(len(sent)) })
		if err != nil {
			return nil, err
		}
		r.FlightWaitingRSS, err = peakRSS(b.parley.pid())
		if err != nil {
			return nil, err
		}
		if live, err = b.parley.liveHeap(ctx); err != nil {
			return nil, err
		}
		if b.plan.profile != "" {
			for _, kind := range []string{"heap", "goroutine"} {
				if err := b.parley.save(ctx, "/debug/pprof/"+kind, filepath.Join(b.plan.profile, "flight."+kind+".pprof")); err != nil {
					return nil, err
				}
			}
		}
		b.world.model.hold.Store(nil)
		close(gate)
		return sent, nil
	})
	if err != nil {
		return err
	}
	r.Flight, r.FlightLiveHeap = &f, live
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
