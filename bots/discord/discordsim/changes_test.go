package discordsim_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"parley/bots/discord/discordsim"
)

func TestSubscriptionMergesChanges(t *testing.T) {
	t.Parallel()
	sim := start(t)
	p := furnish(t, sim)
	other, err := sim.AddChannel(p.guild.ID, "other", discordsim.Text)
	if err != nil {
		t.Fatal(err)
	}
	sub := sim.Subscribe()
	defer sub.Close()
	for range 100 {
		say(t, sim, p.alice.ID, p.channel.ID, "x")
	}
	if err := sim.StartTyping(p.alice.ID, other.ID); err != nil {
		t.Fatal(err)
	}
	got, err := sub.Next(within(t))
	if err != nil || !slices.Equal(got, []string{p.channel.ID, other.ID}) {
		t.Errorf("changed: %v, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := sub.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("without a change: %v", err)
	}
}

func TestWaitForSeesEveryChange(t *testing.T) {
	t.Parallel()
	sim := start(t)
	p := furnish(t, sim)
	go func() {
		for range 50 {
			_, _ = sim.Say(p.alice.ID, p.channel.ID, "x")
		}
	}()
	if err := sim.WaitFor(within(t), func() bool { return len(sim.Messages(p.channel.ID)) == 50 }); err != nil {
		t.Error(err)
	}
}

func TestWaitForEndsWithTheServer(t *testing.T) {
	t.Parallel()
	sim := start(t)
	waiting, result := make(chan struct{}), make(chan error)
	go func() {
		first := true
		result <- sim.WaitFor(context.Background(), func() bool {
			if first {
				close(waiting)
				first = false
			}
			return false
		})
	}()
	<-waiting
	if err := sim.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-result; !errors.Is(err, discordsim.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestTypingEnds(t *testing.T) {
	t.Parallel()
	now := newClock()
	sim := start(t, discordsim.Options{Clock: now.Now})
	p := furnish(t, sim)
	if err := sim.StartTyping(p.alice.ID, p.channel.ID); err != nil {
		t.Fatal(err)
	}
	if len(sim.Typing(p.channel.ID)) != 1 {
		t.Error("alice is not typing")
	}
	now.add(11 * time.Second)
	if len(sim.Typing(p.channel.ID)) != 0 {
		t.Error("the indicator must end after 10 s")
	}
}

func TestZlibStreamKeepsOneWindow(t *testing.T) {
	t.Parallel()
	sim := start(t)
	address := "ws" + strings.TrimSuffix(strings.TrimPrefix(sim.URL(), "http"), "api/") + "?v=10&encoding=json&compress=zlib-stream"
	ws, response, err := websocket.DefaultDialer.Dial(address, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	_ = response.Body.Close()
	if err := ws.WriteJSON(map[string]any{"op": 1, "d": nil}); err != nil {
		t.Fatal(err)
	}
	var stream bytes.Buffer
	for range 2 {
		kind, data, err := ws.ReadMessage()
		if err != nil || kind != websocket.BinaryMessage || !bytes.HasSuffix(data, []byte{0, 0, 0xff, 0xff}) {
			t.Fatalf("frame %d %x %v", kind, data, err)
		}
		stream.Write(data)
	}
	reader, err := zlib.NewReader(&stream)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(reader)
	for _, want := range []int{10, 11} {
		var p payload
		if err := decoder.Decode(&p); err != nil || p.Op != want {
			t.Errorf("op %d, %v; want %d", p.Op, err, want)
		}
	}
}
