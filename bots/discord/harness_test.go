package discord_test

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/bots/discord"
	"parley/bots/discord/discordsim"
	"parley/conversation"
)

// The tests mostly wait, for limits and for the second that the gateway library takes to close: more of them than
// processors may run at a time.
func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "16")
	goleak.VerifyTestMain(m)
}

// inbox is an Ingester that keeps what it gets and can be out of order for a while.
type inbox struct {
	mu      sync.Mutex
	events  []conversation.Event
	broken  bool
	changed chan struct{}
}

func newInbox() *inbox { return &inbox{changed: make(chan struct{})} }

var errStoreDown = errors.New("store is down")

func (b *inbox) Ingest(_ context.Context, e conversation.Event) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.broken {
		return errStoreDown
	}
	b.events = append(b.events, e)
	close(b.changed)
	b.changed = make(chan struct{})
	return nil
}

func (b *inbox) setBroken(on bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.broken = on
}

// await returns the events once ok holds for them.
func (b *inbox) await(t *testing.T, what string, ok func([]conversation.Event) bool) []conversation.Event {
	t.Helper()
	timeout := time.After(40 * time.Second)
	for {
		b.mu.Lock()
		events, changed := append([]conversation.Event(nil), b.events...), b.changed
		b.mu.Unlock()
		if ok(events) {
			return events
		}
		select {
		case <-changed:
		case <-timeout:
			t.Fatalf("%s: not seen among %d events", what, len(events))
		}
	}
}

// message waits for the message with an id.
func (b *inbox) message(t *testing.T, id string) conversation.Message {
	t.Helper()
	var found conversation.Message
	b.await(t, "message "+id, func(events []conversation.Event) bool {
		for _, e := range events {
			if p, ok := e.(conversation.Posted); ok && p.Message.ID == id {
				found = p.Message
				return true
			}
		}
		return false
	})
	return found
}

// rig is an adapter on a simulated Discord with a guild, a channel and two people.
type rig struct {
	sim      *discordsim.Server
	adapter  *discord.Adapter
	inbox    *inbox
	observed *counter
	ada, bob discordsim.User
	guild    discordsim.Guild
	channel  discordsim.Channel
	stopped  chan error
	stop     context.CancelFunc
	log      *slog.Logger
}

type counter struct {
	mu sync.Mutex
	n  map[string]int
}

func (c *counter) add(kind string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n[kind]++
}

func (c *counter) get(kind string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n[kind]
}

// newRig makes the world without running the adapter.
func newRig(t *testing.T, o discordsim.Options, change ...func(*discord.Options)) *rig {
	t.Helper()
	if o.HeartbeatInterval == 0 {
		o.HeartbeatInterval = 5 * time.Second
	}
	sim, err := discordsim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	})
	r := &rig{sim: sim, inbox: newInbox(), observed: &counter{n: map[string]int{}}, log: slog.New(slog.DiscardHandler)}
	r.ada, r.bob = sim.AddUser("Ada"), sim.AddUser("Bob")
	r.guild = sim.AddGuild("Lab", r.ada.ID, r.bob.ID)
	r.channel = must(sim.AddChannel(r.guild.ID, "general", discordsim.Text))(t)
	options := discord.Options{
		BotToken: sim.BotToken(), APIURL: sim.URL(), Ingester: r.inbox, Logger: r.log,
		Observe: r.observed.add,
	}
	for _, f := range change {
		f(&options)
	}
	r.adapter = must(discord.New(options))(t)
	return r
}

// start runs the adapter until the test ends.
func (r *rig) start(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	r.stop, r.stopped = stop, make(chan error, 1)
	go func() { r.stopped <- r.adapter.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-r.stopped; err != nil {
			t.Errorf("run: %v", err)
		}
	})
}

// running is a rig whose adapter is connected.
func running(t *testing.T, o discordsim.Options, change ...func(*discord.Options)) *rig {
	t.Helper()
	o.MessageContentEnabled = true
	r := newRig(t, o, change...)
	r.start(t)
	r.connected(t)
	return r
}

func (r *rig) connected(t *testing.T) {
	t.Helper()
	eventually(t, "adapter is ready", func() bool { return r.adapter.Ready() == nil && r.sim.Connected() })
}

// eventually polls a condition for which there is no signal.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	timeout := time.After(40 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-timeout:
			t.Fatalf("%s: did not happen", what)
		}
	}
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (r *rig) say(t *testing.T, user discordsim.User, channel, text string, opts ...discordsim.SayOption) discordsim.Message {
	t.Helper()
	return must(r.sim.Say(user.ID, channel, text, opts...))(t)
}

func (r *rig) bot() string { return "<@" + r.sim.BotUserID() + ">" }

func (r *rig) dm(t *testing.T, user discordsim.User) discordsim.Channel {
	t.Helper()
	return must(r.sim.OpenDM(user.ID))(t)
}

// newAdapter is another process on the same Discord.
func newAdapter(t testing.TB, sim *discordsim.Server) *discord.Adapter {
	t.Helper()
	return must(discord.New(discord.Options{
		BotToken: "Bot " + sim.BotToken(), APIURL: sim.URL(), Ingester: newInbox(), Logger: slog.New(slog.DiscardHandler),
	}))(t)
}

// codeOf is the code of a failure, empty for none.
func codeOf(err error) conversation.Code {
	if err == nil {
		return ""
	}
	return conversation.FailureOf(err).Code
}

// settable is a clock that a test sets forward.
type settable struct {
	mu  sync.Mutex
	now time.Time
}

func newSettable() *settable { return &settable{now: time.Now()} }

func (c *settable) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *settable) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
