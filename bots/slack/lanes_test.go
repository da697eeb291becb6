package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
)

func delivery(channel string, n int) inbound {
	return inbound{envelope: fmt.Sprint(n), payload: json.RawMessage(`{"event":{"channel":"` + channel + `"}}`)}
}

func TestLanesKeepTheOrderOfAChannel(t *testing.T) {
	t.Parallel()
	const each = 100
	var mu sync.Mutex
	var all sync.WaitGroup
	all.Add(3 * each)
	got := map[string][]string{}
	lanes := newLanes(func(_ context.Context, e inbound) {
		mu.Lock()
		got[string(e.payload)] = append(got[string(e.payload)], e.envelope)
		mu.Unlock()
		all.Done()
	})
	for n := range each {
		for _, channel := range []string{"C1", "C2", "D3"} {
			if !lanes.push(t.Context(), delivery(channel, n)) {
				t.Fatal("no room")
			}
		}
	}
	all.Wait()
	lanes.wait()
	for channel, order := range got {
		for n, envelope := range order {
			if envelope != fmt.Sprint(n) {
				t.Fatalf("%s: delivery %s in place %d", channel, envelope, n)
			}
		}
	}
}

func TestLanesRefuseWhatTheyCannotHold(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	lanes := newLanes(func(context.Context, inbound) { <-release })
	defer lanes.wait()
	defer close(release)
	for n := range maxWaiting {
		if !lanes.push(t.Context(), delivery(fmt.Sprint("C", n%20), n)) {
			t.Fatalf("refused delivery %d", n)
		}
	}
	if lanes.push(t.Context(), delivery("C1", maxWaiting)) {
		t.Error("took more than there is room for")
	}
}

func TestLanesBoundTheirBytes(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	lanes := newLanes(func(context.Context, inbound) { <-release })
	defer lanes.wait()
	defer close(release)
	large := inbound{payload: make(json.RawMessage, 1<<20)}
	for range maxWaitingBytes >> 20 {
		if !lanes.push(t.Context(), large) {
			t.Fatal("refused what there is room for")
		}
	}
	if lanes.push(t.Context(), large) {
		t.Error("holds more bytes than it may")
	}
}

func TestLanesEndWithTheirContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	handled := 0
	lanes := newLanes(func(ctx context.Context, _ inbound) { handled++; <-ctx.Done() })
	for n := range 10 {
		lanes.push(ctx, delivery("C1", n))
	}
	cancel()
	lanes.wait()
	if handled > 1 {
		t.Errorf("%d deliveries handled after the end", handled)
	}
}
