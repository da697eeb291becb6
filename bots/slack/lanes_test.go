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
	ctx, cancel := context.WithCancel(t.Context())
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
	wait := lanes.run(ctx)
	for n := range each {
		for _, channel := range []string{"C1", "C2", "D3"} {
			if !lanes.push(delivery(channel, n)) {
				t.Fatal("no room")
			}
		}
	}
	all.Wait()
	cancel()
	wait()
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
	lanes := newLanes(func(context.Context, inbound) {})
	for n := range laneRoom {
		if !lanes.push(delivery("C1", n)) {
			t.Fatalf("refused delivery %d", n)
		}
	}
	if lanes.push(delivery("C1", laneRoom)) {
		t.Error("took more than there is room for")
	}
	large := inbound{payload: json.RawMessage(fmt.Sprintf(`{"event":{"channel":"C9","text":%q}}`, make([]byte, 1<<20)))}
	for n := 0; lanes.push(large); n++ {
		if n*len(large.payload) > laneBytes {
			t.Fatal("holds more bytes than it may")
		}
	}
}
