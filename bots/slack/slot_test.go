package slack_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"testing"

	"parley/bots"
	"parley/bots/botstest"
	"parley/bots/slack"
	"parley/bots/slack/slacksim"
)

// replica is another adapter on a world's workspace.
type replica struct {
	*slack.Adapter
	stop func() error
}

func (w *world) replica(t *testing.T, leases bots.Leaser) replica {
	t.Helper()
	transport := &http.Transport{}
	a, err := slack.New(slack.Options{BotToken: w.sim.BotToken(), AppToken: w.sim.AppToken(), APIURL: w.sim.URL(),
		Ingester: w.inbox, Leaser: leases, Logger: slog.New(slog.DiscardHandler), HTTPClient: &http.Client{Transport: transport}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	r := replica{a, sync.OnceValue(func() error {
		cancel()
		err := <-done
		transport.CloseIdleConnections()
		return err
	})}
	t.Cleanup(func() { _ = r.stop() })
	return r
}

func TestReplicasShareTenSockets(t *testing.T) {
	t.Parallel()
	leases := botstest.NewLeases()
	w := open(t, setup{wait: true, edit: func(o *slack.Options) { o.Leaser = leases }})
	all := []replica{}
	for range 4 {
		all = append(all, w.replica(t, leases))
	}
	w.await(t, func(*slacksim.Workspace) bool { return w.sim.Sockets() == 10 })
	sixth := w.replica(t, leases)
	w.await(t, func(*slacksim.Workspace) bool { return sixth.Ready() == nil })
	if w.sim.Sockets() != 10 || len(leases.Holds()) != 10 {
		t.Errorf("%d sockets, leases %q", w.sim.Sockets(), leases.Holds())
	}
	for _, r := range all {
		if err := r.Ready(); err != nil {
			t.Errorf("Ready = %v", err)
		}
	}
	opened := len(w.sim.Calls("apps.connections.open"))
	if err := all[0].stop(); err != nil {
		t.Fatal(err)
	}
	w.await(t, func(*slacksim.Workspace) bool { // the sixth takes them over
		return len(w.sim.Calls("apps.connections.open")) == opened+2 && w.sim.Sockets() == 10
	})
	for _, r := range append(all[1:], sixth) {
		if err := r.stop(); err != nil {
			t.Error(err)
		}
	}
	if err := w.stop(); err != nil || len(leases.Holds()) != 0 {
		t.Errorf("after all have stopped: %v, leases %q", err, leases.Holds())
	}
}

func TestLostLeaseClosesItsSocket(t *testing.T) {
	t.Parallel()
	leases := botstest.NewLeases()
	w := open(t, setup{wait: true, edit: func(o *slack.Options) { o.Leaser, o.Sockets = leases, 1 }})
	others := make([]string, 0, 10)
	slot := leases.Holds()[0]
	for n := range 10 {
		others = append(others, slot[:len(slot)-1]+string(rune('0'+n)))
	}
	for range 9 { // another process holds the rest
		if _, ok, _ := leases.Acquire(t.Context(), others...); !ok {
			t.Fatal("not to be had")
		}
	}
	leases.Revoke(slot)
	if l, ok, _ := leases.Acquire(t.Context(), slot); ok {
		w.await(t, func(*slacksim.Workspace) bool { return w.sim.Sockets() == 0 })
		w.await(t, func(*slacksim.Workspace) bool { return w.adapter.Ready() == nil }) // it stands by
		w.say(t, "while nobody listens")
		_ = l.Release(t.Context())
	} else { // the adapter was quicker
		w.say(t, "while nobody listens")
	}
	w.await(t, func(*slacksim.Workspace) bool { return w.sim.Sockets() == 1 && slices.Contains(leases.Holds(), slot) })
	w.sim.FlushRetries()
	w.inbox.awaitText(t, "while nobody listens")
}

// broken is a Leaser whose database is away.
type broken struct{}

func (broken) Acquire(context.Context, ...string) (bots.Lease, bool, error) {
	return nil, false, errors.New("no database")
}

func TestNoSocketWithoutTheDatabaseThatLeasesIt(t *testing.T) {
	t.Parallel()
	w := open(t, setup{edit: func(o *slack.Options) { o.Leaser = broken{} }})
	w.await(t, func(*slacksim.Workspace) bool {
		err := w.adapter.Ready()
		return err != nil && err.Error() == "slack: no socket can be claimed: no database"
	})
	if n := len(w.sim.Calls("apps.connections.open")); n != 0 {
		t.Errorf("%d sockets opened without a lease", n)
	}
}
