// Package botstest is the conformance suite that both adapters pass. It puts an adapter between its simulated platform and
// the real engine on a store in memory, and asserts on what people find in the simulated workspace afterwards, not on the
// calls that were made.
package botstest

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/conversation"
	"parley/conversation/conversationtest"
)

// Adapter is the part of an adapter that the suite drives: it runs, and posts.
type Adapter interface {
	conversation.Messenger
	Run(ctx context.Context) error
	Ready() error
}

// Ingester is what an adapter hands its events to.
type Ingester interface {
	Ingest(ctx context.Context, e conversation.Event) error
}

// Seen is one of the bot's messages as people find it.
type Seen struct {
	Text string
	// Pings holds whom it alerted, by any name.
	Pings []string
	// Previews counts links that the platform fetched for it.
	Previews int
	// File is the content of a file that came with it.
	File string
	// Edits counts the texts that it had before.
	Edits int
}

// Place is a conversation in the simulated workspace, as its house names it.
type Place string

// House is a simulated platform with an adapter on it: a channel with two people and the bot, and a direct message.
type House interface {
	// Adapter is the adapter under test, made with the given Ingester, not yet running.
	Adapter() Adapter
	// Mention writes text to the bot at the top level of the channel and gives the place where the answer belongs.
	Mention(t *testing.T, text string) Place
	// Chat writes text in the channel, to nobody.
	Chat(t *testing.T, text string)
	// Direct writes text to the bot alone.
	Direct(t *testing.T, text string) Place
	// Thread begins a thread of people with these messages and then mentions the bot in it.
	Thread(t *testing.T, before []string, text string) Place
	// Reply writes into a place without a mention: a follow-up.
	Reply(t *testing.T, p Place, text string)
	// Seen gives the bot's messages of a place, oldest first.
	Seen(p Place) []Seen
	// Connected reports whether the bot's connection stands.
	Connected() bool
	// Cut breaks the connection; the adapter must come back by itself.
	Cut()
	// Duplicate delivers each of the next events n times more.
	Duplicate(n int)
	// Garbage delivers what no adapter can read: unknown and malformed events.
	Garbage()
	// LosePost has the next post arrive while its response is lost; RefusePost has it answered by 429 once.
	LosePost(t *testing.T)
	RefusePost(t *testing.T)
	// TooMany counts the 429 answers so far.
	TooMany() int
}

// world is a running house.
type world struct {
	House
	store  *conversationtest.Store
	model  *conversationtest.Model
	engine *conversation.Engine
	ctx    context.Context
	wake   chan conversation.ThreadRef
	mu     sync.Mutex
	errs   []error
	ref    conversation.ThreadRef // of the newest event
}

// Ingest passes an event to the engine and wakes the worker of its conversation.
func (w *world) Ingest(ctx context.Context, e conversation.Event) error {
	if err := w.engine.Ingest(ctx, e); err != nil {
		return err
	}
	w.mu.Lock()
	w.ref = e.In()
	w.mu.Unlock()
	select {
	case w.wake <- conversation.ThreadRef{}:
	case <-ctx.Done():
	}
	return nil
}

// open starts a house: engine, worker and adapter run until the test ends.
func open(t *testing.T, platform conversation.Platform, build func(*testing.T, Ingester) House, scripts ...conversationtest.Script) *world {
	t.Helper()
	return openWith(t, platform, build, func(*conversation.Options) {}, scripts...)
}

// openWith is open with other options of the engine.
func openWith(t *testing.T, platform conversation.Platform, build func(*testing.T, Ingester) House, change func(*conversation.Options), scripts ...conversationtest.Script) *world {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	w := &world{store: conversationtest.NewStore(), model: &conversationtest.Model{Scripts: scripts}, ctx: ctx, wake: make(chan conversation.ThreadRef, 1000)}
	messengers := map[conversation.Platform]conversation.Messenger{}
	var err error
	o := conversation.Options{
		Store: w.store, Model: w.model, ModelName: "google/gemma-3n-E4B-it", Messengers: messengers,
		Policy: conversation.Policy{FollowUps: conversation.FollowUpsThread}, Logger: slog.New(slog.DiscardHandler), Settle: 300 * time.Millisecond,
	}
	change(&o)
	w.engine, err = conversation.New(o)
	if err != nil {
		t.Fatal(err)
	}
	w.House = build(t, w)
	messengers[platform] = w.Adapter()
	var running sync.WaitGroup
	running.Add(2)
	go func() {
		defer running.Done()
		if err := w.Adapter().Run(ctx); err != nil && ctx.Err() == nil {
			w.fail(err)
		}
	}()
	go func() {
		defer running.Done()
		w.work(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		running.Wait()
		for _, err := range w.errs {
			t.Error(err)
		}
	})
	w.until(t, "the adapter is ready", func() bool { return w.Adapter().Ready() == nil && w.Connected() })
	return w
}

func (w *world) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.errs = append(w.errs, err)
}

// work runs the turns of all conversations, one at a time, whenever something came in.
func (w *world) work(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.wake:
		}
		for _, ref := range w.store.Owed() {
			if _, err := w.store.Work(ctx, w.engine, ref); err != nil && ctx.Err() == nil && !errors.Is(err, context.Canceled) {
				w.fail(err)
			}
		}
	}
}

// until waits for a condition of the simulated workspace.
func (w *world) until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-w.ctx.Done():
			t.Fatalf("waited in vain until %s", what)
		case <-tick.C:
		}
	}
}

// answered waits until the bot has said text in a place, finished, and nothing is owed any more.
func (w *world) answered(t *testing.T, p Place, text string) {
	t.Helper()
	w.until(t, "people read "+text, func() bool {
		for _, seen := range w.Seen(p) {
			if strings.Contains(seen.Text, text) && len(w.store.Owed()) == 0 {
				return true
			}
		}
		return false
	})
}
