package llm_test

import (
	"context"
	"testing"
	"testing/synctest"

	"parley/llm"
)

func TestLimiterHalvesOnceForABurstAndRecovers(t *testing.T) {
	t.Parallel()
	l := llm.NewLimiter(8)
	var epochs []int
	for range 8 {
		epoch, err := llm.Acquire(l, t.Context())
		if err != nil {
			t.Fatal(err)
		}
		epochs = append(epochs, epoch)
	}
	for _, epoch := range epochs {
		llm.Release(l, epoch, llm.KindRateLimited)
	}
	if got := llm.Bound(l); got != 4 {
		t.Fatalf("bound %d after one burst, want 4", got)
	}
	for range 3 {
		epoch, err := llm.Acquire(l, t.Context())
		if err != nil {
			t.Fatal(err)
		}
		llm.Release(l, epoch, llm.KindOverloaded)
	}
	if got := llm.Bound(l); got != 1 {
		t.Fatalf("bound %d, want 1", got)
	}
	for range 1 + 2 + 3 + 4 + 5 + 6 + 7 {
		epoch, err := llm.Acquire(l, t.Context())
		if err != nil {
			t.Fatal(err)
		}
		llm.Release(l, epoch, "")
	}
	if got := llm.Bound(l); got != 8 {
		t.Fatalf("bound %d after good answers, want 8", got)
	}
}

func TestLimiterPassesAPlaceOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := llm.NewLimiter(1)
		first, err := llm.Acquire(l, t.Context())
		if err != nil {
			t.Fatal(err)
		}
		leaving, leave := context.WithCancel(t.Context())
		got := make(chan string, 2)
		go func() {
			if _, err := llm.Acquire(l, leaving); err != nil {
				got <- "left"
			}
		}()
		synctest.Wait()
		go func() {
			if _, err := llm.Acquire(l, t.Context()); err == nil {
				got <- "placed"
			}
		}()
		synctest.Wait()
		leave()
		if who := <-got; who != "left" {
			t.Fatalf("first %s", who)
		}
		llm.Release(l, first, "")
		if who := <-got; who != "placed" {
			t.Fatalf("then %s", who)
		}
	})
}
