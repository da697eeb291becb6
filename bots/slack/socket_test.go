package slack_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"parley/bots/slack"
	"parley/bots/slack/slacksim"
	"parley/conversation"
)

func TestSocketDelivers(t *testing.T) {
	t.Parallel()
	w := connected(t)
	said := w.say(t, "hello <@"+w.sim.BotUserID()+">")
	m := w.inbox.awaitText(t, "hello @parley")
	if m.Ref != w.ref(said) || m.ID != said.TS || !m.Root || m.Place != conversation.PlaceChannel {
		t.Errorf("message = %+v", m)
	}
	if !m.MentionsSelf() {
		t.Errorf("the mention of the bot is lost: %+v", m.Mentions)
	}
	if m.Author != (conversation.Author{ID: w.ann.ID, Name: "ann", Kind: conversation.Person}) {
		t.Errorf("author = %+v", m.Author)
	}
	w.await(t, func(*slacksim.Workspace) bool { return w.sim.Settled() })
	for _, d := range w.sim.Deliveries() {
		if !d.Acked {
			t.Errorf("not acknowledged: %+v", d)
		}
	}
}

func TestEventIsAcknowledgedOnlyAfterItIsStored(t *testing.T) {
	t.Parallel()
	w := open(t, setup{wait: true, sim: slacksim.Options{Timing: slacksim.Timing{
		Ack: 300 * time.Millisecond, Retries: []time.Duration{0, 50 * time.Millisecond, 50 * time.Millisecond}}}})
	var refusals atomic.Int32
	w.inbox.mu.Lock()
	w.inbox.refuse = func(conversation.Event) error {
		if refusals.Add(1) <= 2 {
			return errors.New("database is down")
		}
		return nil
	}
	w.inbox.mu.Unlock()
	w.say(t, "keep me")
	m := w.inbox.await(t, func(e conversation.Event) bool { return e.Meta().Retry > 0 })
	if refusals.Load() < 3 {
		t.Errorf("stored after %d refusals, want 2", refusals.Load()-1)
	}
	if m.Meta().ID == "" {
		t.Error("the event has no id for the store's dedupe")
	}
}

func TestSlowStoreDoesNotHoldTheReader(t *testing.T) {
	t.Parallel()
	slow := &gate{open: make(chan struct{})}
	// Slack's patience has no end here: what it sends again would only make the test slower.
	w := open(t, setup{wait: true, sim: slacksim.Options{Timing: slacksim.Timing{Ack: time.Hour}},
		edit: func(o *slack.Options) { slow.next, o.Ingester = o.Ingester, slow }})
	defer close(slow.open)
	other, err := w.sim.AddChannel("other", false, w.ann.ID, w.sim.BotUserID())
	if err != nil {
		t.Fatal(err)
	}
	slow.hold(w.channel.ID)
	for range 120 { // more than slack-go and the lanes hold for a reader that waits
		w.say(t, "much")
	}
	if _, err := w.sim.Say(w.ann.ID, other.ID, "quick"); err != nil {
		t.Fatal(err)
	}
	w.inbox.awaitText(t, "quick")
}

func TestSocketRefreshLosesNothing(t *testing.T) {
	t.Parallel()
	w := open(t, setup{wait: true, sim: slacksim.Options{Timing: slacksim.Timing{
		Ack: 300 * time.Millisecond, RefreshGrace: 50 * time.Millisecond,
		Retries: []time.Duration{50 * time.Millisecond, 200 * time.Millisecond, time.Second}}}})
	texts := []string{"one", "two", "three", "four", "five", "six"}
	for i, text := range texts {
		if i%2 == 0 {
			w.sim.RefreshSockets()
		}
		w.say(t, text)
	}
	for _, text := range texts {
		w.inbox.awaitText(t, text)
	}
	w.await(t, func(*slacksim.Workspace) bool { return w.adapter.Ready() == nil })
}

func TestDroppedSocketsAreOpenedAgain(t *testing.T) {
	t.Parallel()
	w := connected(t)
	w.sim.DropSockets()
	w.await(t, func(*slacksim.Workspace) bool { return w.sim.Sockets() == 2 && w.adapter.Ready() == nil })
	w.say(t, "after the drop")
	w.inbox.awaitText(t, "after the drop")
}

func TestSilentSocketsAreOpenedAgain(t *testing.T) {
	t.Parallel()
	w := open(t, setup{wait: true, sim: slacksim.Options{Timing: slacksim.Timing{
		Ping: 50 * time.Millisecond, Ack: 300 * time.Millisecond,
		Retries: []time.Duration{time.Second, time.Second, time.Second}}},
		edit: func(o *slack.Options) { o.PingTimeout = 500 * time.Millisecond }})
	w.sim.SilenceSockets()
	w.say(t, "into the silence")
	w.inbox.awaitText(t, "into the silence")
}

func TestServerWithoutPingsKeepsItsSockets(t *testing.T) {
	t.Parallel()
	w := open(t, setup{wait: true, sim: slacksim.Options{NoPings: true},
		edit: func(o *slack.Options) { o.PingTimeout = time.Second }})
	w.await(t, func(*slacksim.Workspace) bool { return w.sim.Pings() >= 6 })
	if n := len(w.sim.Calls("apps.connections.open")); n != 2 || w.sim.Sockets() != 2 {
		t.Errorf("%d sockets opened, %d are open, want the first two: they answer pings", n, w.sim.Sockets())
	}
	if err := w.adapter.Ready(); err != nil {
		t.Errorf("Ready = %v", err)
	}
}

func TestSecondSocketMayBeRefused(t *testing.T) {
	t.Parallel()
	w := open(t, setup{wait: true, sim: slacksim.Options{MaxSockets: 1, Limits: true}})
	w.say(t, "one socket is enough")
	w.inbox.awaitText(t, "one socket is enough")
	if err := w.adapter.Ready(); err != nil {
		t.Errorf("Ready = %v with one socket open", err)
	}
}

func TestUnknownAndMalformedEventsAreAcknowledged(t *testing.T) {
	t.Parallel()
	w := connected(t)
	w.sim.SendUnknownEvent()
	w.sim.SendMalformedEvent()
	w.sim.SendGarbageFrame()
	w.counts.await(t, "malformed", 1)
	w.await(t, func(*slacksim.Workspace) bool { return len(w.sim.Deliveries()) >= 2 && w.sim.Settled() })
	for _, d := range w.sim.Deliveries() {
		if !d.Acked {
			t.Errorf("not acknowledged: %+v", d)
		}
	}
	w.say(t, "still here")
	w.inbox.awaitText(t, "still here")
}

func TestDuplicatesCarryTheSameEventID(t *testing.T) {
	t.Parallel()
	w := connected(t)
	w.sim.DuplicateDeliveries(2)
	w.say(t, "twice")
	w.say(t, "twice again")
	w.await(t, func(*slacksim.Workspace) bool { return len(w.inbox.all()) >= 4 })
	ids := map[string]int{}
	for _, e := range w.inbox.all() {
		ids[e.Meta().ID]++
	}
	if len(ids) != 2 {
		t.Errorf("event ids = %v, want two, each twice", ids)
	}
}

func TestSocketsWithoutHelloAreOpenedAgain(t *testing.T) {
	t.Parallel()
	w := open(t, setup{wait: true, sim: slacksim.Options{Timing: slacksim.Timing{Ping: 20 * time.Millisecond}},
		edit: func(o *slack.Options) { o.PingTimeout = 400 * time.Millisecond }})
	w.sim.WithholdHello(true)
	w.sim.DropSockets()
	w.await(t, func(*slacksim.Workspace) bool { return w.adapter.Ready() != nil && w.sim.Sockets() > 0 })
	w.sim.WithholdHello(false)
	w.await(t, func(*slacksim.Workspace) bool { return w.adapter.Ready() == nil })
	w.say(t, "after the hello")
	w.inbox.awaitText(t, "after the hello")
}

func TestSilenceIsNotReady(t *testing.T) {
	t.Parallel()
	w := open(t, setup{wait: true, sim: slacksim.Options{Timing: slacksim.Timing{Ping: 20 * time.Millisecond}},
		edit: func(o *slack.Options) { o.PingTimeout = 300 * time.Millisecond }})
	w.sim.SetFault("apps.connections.open", slacksim.Fault{Status: 502, Body: "<html>a hotel's page</html>"})
	w.sim.SilenceSockets()
	w.await(t, func(*slacksim.Workspace) bool { return w.adapter.Ready() != nil })
	w.sim.ClearFault("apps.connections.open")
	w.await(t, func(*slacksim.Workspace) bool { return w.adapter.Ready() == nil })
}
