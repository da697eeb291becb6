package slack_test

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/bots/slack"
	"parley/bots/slack/slacksim"
	"parley/conversation"
)

// patience is how long a test waits for what must come: only a failure takes as long, whatever the machine is busy with.
const patience = time.Minute

// inbox is an Ingester that keeps what it gets and wakes who waits.
type inbox struct {
	mu      sync.Mutex
	events  []conversation.Event
	refuse  func(conversation.Event) error
	changed chan struct{}
}

func newInbox() *inbox { return &inbox{changed: make(chan struct{})} }

func (i *inbox) Ingest(_ context.Context, e conversation.Event) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.refuse != nil {
		if err := i.refuse(e); err != nil {
			return err
		}
	}
	i.events = append(i.events, e)
	close(i.changed)
	i.changed = make(chan struct{})
	return nil
}

func (i *inbox) all() []conversation.Event {
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]conversation.Event(nil), i.events...)
}

// await waits until an event satisfies want.
func (i *inbox) await(t *testing.T, want func(conversation.Event) bool) conversation.Event {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		i.mu.Lock()
		changed := i.changed
		for _, e := range i.events {
			if want(e) {
				i.mu.Unlock()
				return e
			}
		}
		i.mu.Unlock()
		select {
		case <-changed:
		case <-deadline.C:
			t.Fatalf("the event did not come; there are %d others", len(i.all()))
		}
	}
}

func (i *inbox) awaitText(t *testing.T, text string) conversation.Message {
	t.Helper()
	e := i.await(t, func(e conversation.Event) bool {
		p, ok := e.(conversation.Posted)
		return ok && p.Message.Text == text
	})
	return e.(conversation.Posted).Message
}

// counter counts observations.
type counter struct {
	mu      sync.Mutex
	kinds   map[string]int
	changed chan struct{}
}

func newCounter() *counter { return &counter{kinds: map[string]int{}, changed: make(chan struct{})} }

func (c *counter) observe(kind string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kinds[kind]++
	close(c.changed)
	c.changed = make(chan struct{})
}

func (c *counter) await(t *testing.T, kind string, n int) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		c.mu.Lock()
		have, changed := c.kinds[kind], c.changed
		c.mu.Unlock()
		if have >= n {
			return
		}
		select {
		case <-changed:
		case <-deadline.C:
			t.Fatalf("observed %s %d times, want %d", kind, have, n)
		}
	}
}

// world is a simulated workspace with a person and the adapter connected to it.
type world struct {
	sim     *slacksim.Server
	adapter *slack.Adapter
	inbox   *inbox
	counts  *counter
	ann     slacksim.User
	channel slacksim.Channel
	stop    func() error
}

type setup struct {
	sim  slacksim.Options
	edit func(*slack.Options)
	tune func(*slack.Adapter)
	wait bool // for an open socket
}

func open(t *testing.T, s setup) *world {
	t.Helper()
	sim, err := slacksim.New(s.sim)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	w := &world{sim: sim, inbox: newInbox(), counts: newCounter(), ann: sim.AddUser("ann")}
	if w.channel, err = sim.AddChannel("general", false, w.ann.ID, sim.BotUserID()); err != nil {
		t.Fatal(err)
	}
	o := slack.Options{
		BotToken: sim.BotToken(), AppToken: sim.AppToken(), SigningSecret: sim.SigningSecret(), APIURL: sim.URL(),
		Ingester: w.inbox, Logger: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug})),
		HTTPClient: &http.Client{Transport: transport, Timeout: 10 * time.Second}, Observe: w.counts.observe,
	}
	if s.edit != nil {
		s.edit(&o)
	}
	if w.adapter, err = slack.New(o); err != nil {
		t.Fatal(err)
	}
	if s.tune != nil {
		s.tune(w.adapter)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.adapter.Run(ctx) }()
	w.stop = sync.OnceValue(func() error { cancel(); return <-done })
	t.Cleanup(func() { _ = w.stop() })
	if s.wait {
		w.await(t, func(*slacksim.Workspace) bool { return w.adapter.Ready() == nil })
	}
	return w
}

// connected opens a world whose sockets are open.
func connected(t *testing.T) *world {
	t.Helper()
	w := open(t, setup{wait: true})
	w.await(t, func(*slacksim.Workspace) bool { return w.sim.Sockets() == 2 })
	return w
}

func (w *world) await(t *testing.T, done func(*slacksim.Workspace) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	// Not everything that is waited for wakes the simulator.
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !done(w.sim.Workspace) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("the workspace did not come to it in time")
		}
	}
}

func (w *world) say(t *testing.T, text string, opts ...slacksim.SayOption) slacksim.Message {
	t.Helper()
	m, err := w.sim.Say(w.ann.ID, w.channel.ID, text, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// ref is the conversation that a message begins or belongs to.
func (w *world) ref(m slacksim.Message) conversation.ThreadRef {
	thread := m.ThreadTS
	if thread == "" {
		thread = m.TS
	}
	return conversation.ThreadRef{Platform: conversation.Slack, Workspace: w.sim.Team(), Channel: m.Channel, Thread: thread}
}

func (w *world) own(channel string) []slacksim.Message {
	var out []slacksim.Message
	for _, m := range w.sim.AllMessages(channel) {
		if m.BotID == w.sim.BotID() {
			out = append(out, m)
		}
	}
	return out
}

// gate holds the events of one channel back until it opens.
type gate struct {
	next slack.Ingester
	held atomic.Value
	open chan struct{}
}

func (g *gate) hold(channel string) { g.held.Store(channel) }

func (g *gate) Ingest(ctx context.Context, e conversation.Event) error {
	if e.In().Channel == g.held.Load() {
		select {
		case <-g.open:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return g.next.Ingest(ctx, e)
}

type slackOptions = slack.Options

// ingester is an Ingester that is a function.
type ingester func(context.Context, conversation.Event) error

func (i ingester) Ingest(ctx context.Context, e conversation.Event) error { return i(ctx, e) }

func inThread(ts string) slacksim.SayOption { return slacksim.InThread(ts) }

// second makes another adapter, which is not running, for the server at url.
func (w *world) second(t *testing.T, url string) *slack.Adapter {
	t.Helper()
	a, err := slack.New(slack.Options{
		BotToken: "xoxb-1", AppToken: "xapp-1", APIURL: url, Ingester: w.inbox, Logger: slog.New(slog.DiscardHandler),
		HTTPClient: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}
