package discord_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"parley/bots/discord"
)

func TestAFullIntakeHoldsTheReaderBack(t *testing.T) {
	t.Parallel()
	l := discord.NewLanes(2)
	gate := make(chan struct{})
	wait := func(context.Context, int) bool { <-gate; return true }
	for range 2 {
		if !l.Add(t.Context(), t.Context(), "a", wait) {
			t.Fatal("no room for the first two")
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if l.Add(ctx, t.Context(), "b", wait) {
		t.Error("a third job was taken although two wait")
	}
	close(gate)
	if !l.Add(t.Context(), t.Context(), "b", wait) || !l.Finish(t.Context()) {
		t.Error("no room after the two were done")
	}
}

func TestOneChannelWaitsWithoutHoldingOthers(t *testing.T) {
	t.Parallel()
	l := discord.NewLanes(100)
	var mu sync.Mutex
	var order []int
	passed := make(chan struct{})
	for i := range 10 {
		l.Add(t.Context(), t.Context(), "slow", func(_ context.Context, try int) bool {
			if i == 0 && try == 0 {
				<-passed
				return false // tried again before the others of its channel
			}
			mu.Lock()
			defer mu.Unlock()
			order = append(order, i)
			return true
		})
	}
	l.Add(t.Context(), t.Context(), "fast", func(context.Context, int) bool { close(passed); return true })
	if !l.Finish(t.Context()) {
		t.Fatal("not finished")
	}
	for i, n := range order {
		if i != n {
			t.Fatalf("order is %v", order)
		}
	}
}

func TestJobsEndWithTheirContext(t *testing.T) {
	t.Parallel()
	l := discord.NewLanes(10)
	work, stop := context.WithCancel(t.Context())
	tried := make(chan struct{}, 100)
	l.Add(t.Context(), work, "a", func(context.Context, int) bool { tried <- struct{}{}; return false })
	<-tried
	stop()
	if !l.Finish(t.Context()) {
		t.Error("a job goes on after its context")
	}
}
