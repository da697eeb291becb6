package slack

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/conversation"
)

// busiest is the largest number of calls in any minute.
func busiest(times []time.Time) int {
	most := 0
	for i := range times {
		n := 0
		for _, t := range times[i:] {
			if t.Sub(times[i]) < time.Minute {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

func TestEditsStayWithinTierThree(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimits(time.Now, false, nil)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		var mu sync.Mutex
		var interim, all []time.Time
		var wg sync.WaitGroup
		for n := range 8 {
			ref := conversation.ThreadRef{Thread: fmt.Sprint(n)}
			wg.Go(func() {
				for i := 1; ; i++ {
					final := i%10 == 0
					if !final && l.awaitEdit(ctx, ref) != nil {
						return
					}
					if l.edit(ctx, ref, final) != nil {
						return
					}
					mu.Lock()
					if all = append(all, time.Now()); !final {
						interim = append(interim, time.Now())
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if n := busiest(all); n > 50 {
			t.Errorf("%d edits in a minute, Slack allows 50", n)
		}
		if n := busiest(interim); n > tier3-finalEdits {
			t.Errorf("%d interim edits in a minute: finals keep %d", n, finalEdits)
		}
		if len(interim) < 100 {
			t.Errorf("only %d interim edits in five minutes", len(interim))
		}
	})
}

func TestFinalEditDoesNotWaitForInterimOnes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimits(time.Now, false, nil)
		for n := range 30 { // as many interim edits as there may be
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			_ = l.edit(ctx, conversation.ThreadRef{Thread: fmt.Sprint(n)}, false)
			cancel()
		}
		begun := time.Now()
		for range finalEdits {
			if err := l.edit(t.Context(), conversation.ThreadRef{Thread: "final"}, true); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(begun); took > 0 {
			t.Errorf("final edits waited %s", took)
		}
	})
}

func TestEditsAreScarceBeforeFinalOnesMustWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimits(time.Now, false, nil)
		used := 0
		for ; !l.scarce(); used++ {
			if err := l.edit(t.Context(), conversation.ThreadRef{Thread: fmt.Sprint(used)}, true); err != nil {
				t.Fatal(err)
			}
		}
		if used == 0 || used > tier3-finalEdits {
			t.Errorf("edits are scarce after %d of %d", used, tier3)
		}
		time.Sleep(time.Minute)
		if l.scarce() {
			t.Error("edits are scarce in another minute")
		}
	})
}

func TestPostsArePacedByChannel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimits(time.Now, false, nil)
		begun := time.Now()
		for range postBurst {
			_ = l.post(t.Context(), "C1")
			_ = l.post(t.Context(), "C2")
		}
		if took := time.Since(begun); took > 0 {
			t.Errorf("a burst waited %s", took)
		}
		_ = l.post(t.Context(), "C1")
		if took := time.Since(begun); took < 900*time.Millisecond || took > 1100*time.Millisecond {
			t.Errorf("the post after the burst waited %s, want about 1s", took)
		}
	})
}

func TestPenaltyHoldsTheMethod(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimits(time.Now, false, nil)
		l.penalise("chat.postMessage", "C1", 30*time.Second)
		begun := time.Now()
		_ = l.post(t.Context(), "C2")
		if took := time.Since(begun); took > 0 {
			t.Errorf("another channel waited %s", took)
		}
		_ = l.post(t.Context(), "C1")
		if took := time.Since(begun); took < 30*time.Second {
			t.Errorf("posted after %s, Slack asked for 30s", took)
		}
		l.penalise("chat.update", "C1", time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if l.edit(ctx, conversation.ThreadRef{}, true) == nil {
			t.Error("edited during the penalty")
		}
	})
}

func TestServerWithoutLimitsIsStillHeeded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimits(time.Now, true, nil)
		begun := time.Now()
		for range 10 * postBurst {
			_ = l.post(t.Context(), "C1")
		}
		if took := time.Since(begun); took > 0 {
			t.Errorf("posts waited %s for limits that nobody counts", took)
		}
		for range 11 {
			_ = l.edit(t.Context(), conversation.ThreadRef{}, false)
		}
		if took := time.Since(begun); took != 10*interimGap {
			t.Errorf("eleven interim edits within %s, want %s between them", took, interimGap)
		}
		l.penalise("chat.postMessage", "C1", time.Minute)
		begun = time.Now()
		_ = l.post(t.Context(), "C1")
		if took := time.Since(begun); took < time.Minute {
			t.Errorf("posted after %s, the server asked for a minute", took)
		}
	})
}

// replicas is a bots.Share.
type replicas int

func (r replicas) Replicas() int { return int(r) }

func TestReplicasDivideTheLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 4
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		var mu sync.Mutex
		calls := map[string][]time.Time{}
		var wg sync.WaitGroup
		repeat := func(name string, call func() error) {
			wg.Go(func() {
				for call() == nil {
					mu.Lock()
					calls[name] = append(calls[name], time.Now())
					mu.Unlock()
				}
			})
		}
		for range n {
			l := newLimits(time.Now, false, replicas(n))
			for i := range 4 {
				ref := conversation.ThreadRef{Thread: fmt.Sprint(i)}
				repeat("interim", func() error { return l.edit(ctx, ref, false) })
			}
			repeat("post", func() error { return l.post(ctx, "C1") })
			repeat("read", func() error { return l.call(ctx, "conversations.replies") })
			repeat("later", func() error { return l.callLater(ctx, "conversations.history") })
		}
		wg.Wait()
		for name, most := range map[string]int{"interim": tier3 - finalEdits, "post": 60 + n*postBurst, "read": tier3, "later": tier3 - channelReads} {
			if got := busiest(calls[name]); got > most || got < most/3 {
				t.Errorf("%d replicas made %d %s calls in a minute, want at most %d together and not far less", n, got, name, most)
			}
		}
	})
}

func TestFinalEditsComeFirstAmongReplicasToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimits(time.Now, false, replicas(4))
		for n := range 30 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			_ = l.edit(ctx, conversation.ThreadRef{Thread: fmt.Sprint(n)}, false)
			cancel()
		}
		begun := time.Now()
		for range finalEdits / 4 {
			if err := l.edit(t.Context(), conversation.ThreadRef{Thread: "final"}, true); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(begun); took > 0 {
			t.Errorf("final edits waited %s", took)
		}
	})
}

func TestCatchingUpLeavesRoomForAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const method = "conversations.replies"
		l := newLimits(time.Now, false, nil)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		later := 0
		for l.callLater(ctx, method) == nil {
			later++
		}
		if later != tier3-answersReads {
			t.Errorf("%d calls for catching up, want %d", later, tier3-answersReads)
		}
		begun := time.Now()
		for range answersReads {
			if err := l.call(t.Context(), method); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(begun); took > 0 {
			t.Errorf("reading for answers waited %s for a catch-up", took)
		}
		// The next free call is an answer's, whoever asked first.
		first := make(chan string, 2)
		go func() { _ = l.callLater(t.Context(), method); first <- "catch-up" }()
		synctest.Wait()
		go func() { _ = l.call(t.Context(), method); first <- "answer" }()
		if got := <-first; got != "answer" {
			t.Errorf("the %s came first", got)
		}
		<-first
	})
}
