package slack_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/bots/slack"
	"parley/bots/slack/slacksim"
	"parley/conversation"
)

// catcher is a Catcher that counts and fails when told to.
type catcher struct {
	mu      sync.Mutex
	runs    int // begun
	done    int // without an error
	onlines int
	early   int  // Online calls while something was left to catch up
	fail    int  // this many runs fail
	due     bool // something is left to catch up
	hold    chan struct{}
}

func (c *catcher) CatchUp(ctx context.Context, p conversation.Platform) error {
	c.mu.Lock()
	c.runs++
	c.due = true
	fails, hold := c.fail > 0, c.hold
	if fails {
		c.fail--
	}
	c.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if fails || p != conversation.Slack {
		return errors.New("database is down")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done++
	c.due = false
	return nil
}

func (c *catcher) Online(context.Context, conversation.Platform) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onlines++
	if c.due {
		c.early++
	}
	return nil
}

func (c *catcher) counts() (runs, done, onlines, early int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.runs, c.done, c.onlines, c.early
}

// watched opens a world with a catcher, whose adapter looks every few milliseconds.
func watched(t *testing.T, c *catcher, edit func(*slack.Options)) *world {
	t.Helper()
	return open(t, setup{wait: true, tune: func(a *slack.Adapter) { a.Hurry(30*time.Millisecond, 10*time.Millisecond) },
		edit: func(o *slack.Options) {
			o.Catcher = c
			if edit != nil {
				edit(o)
			}
		}})
}

func (w *world) awaitDone(t *testing.T, c *catcher, n int) {
	t.Helper()
	w.await(t, func(*slacksim.Workspace) bool { _, done, _, _ := c.counts(); return done >= n })
}

// awaitOnline waits for n more calls of Online, so that everything that would come before them has come.
func (w *world) awaitOnline(t *testing.T, c *catcher, n int) {
	t.Helper()
	_, _, before, _ := c.counts()
	w.await(t, func(*slacksim.Workspace) bool { _, _, onlines, _ := c.counts(); return onlines >= before+n })
}

func TestStartIsCaughtUpBeforeSlackCountsAsOnline(t *testing.T) {
	t.Parallel()
	c := &catcher{fail: 2, hold: make(chan struct{})}
	w := watched(t, c, nil)
	w.await(t, func(*slacksim.Workspace) bool { return w.adapter.Ready() == nil && len(w.sim.Calls("auth.test")) > 4 })
	if runs, _, onlines, _ := c.counts(); runs != 1 || onlines != 0 {
		t.Errorf("while the first run lasts: %d runs, %d notes of being online", runs, onlines)
	}
	close(c.hold)
	w.awaitDone(t, c, 1)
	w.awaitOnline(t, c, 3)
	if runs, done, _, early := c.counts(); runs != 3 || done != 1 || early > 0 {
		t.Errorf("%d runs, %d done, %d early notes; want two that fail and one more", runs, done, early)
	}
}

func TestOneSocketOfTwoMissesNothing(t *testing.T) {
	t.Parallel()
	c := &catcher{}
	w := watched(t, c, nil)
	w.await(t, func(*slacksim.Workspace) bool { return w.sim.Sockets() == 2 })
	w.awaitDone(t, c, 1)
	w.sim.DropOneSocket()
	w.await(t, func(*slacksim.Workspace) bool {
		return len(w.sim.Calls("apps.connections.open")) == 3 && w.sim.Sockets() == 2
	})
	w.awaitOnline(t, c, 3)
	if runs, _, _, _ := c.counts(); runs != 1 {
		t.Errorf("caught up %d times, want only after the start", runs)
	}
}

func TestTimeWithoutSocketsIsCaughtUp(t *testing.T) {
	t.Parallel()
	c := &catcher{}
	w := watched(t, c, nil)
	w.await(t, func(*slacksim.Workspace) bool { return w.sim.Sockets() == 2 })
	w.awaitDone(t, c, 1)
	w.sim.SetFault("apps.connections.open", slacksim.Fault{Status: http.StatusServiceUnavailable, Body: "no network"})
	w.sim.DropSockets()
	gone := time.Now()
	w.await(t, func(*slacksim.Workspace) bool {
		return w.adapter.Ready() != nil && time.Since(gone) > 1100*time.Millisecond
	})
	_, _, onlines, _ := c.counts()
	before := len(w.sim.Calls("auth.test"))
	w.await(t, func(*slacksim.Workspace) bool { return len(w.sim.Calls("auth.test")) > before+2 })
	if _, _, now, _ := c.counts(); now != onlines {
		t.Error("online without a socket")
	}
	w.sim.ClearFault("apps.connections.open")
	w.awaitDone(t, c, 2)
	w.awaitOnline(t, c, 1)
}

func TestStoreOutageIsCaughtUp(t *testing.T) {
	t.Parallel()
	c := &catcher{}
	w := watched(t, c, nil)
	w.awaitDone(t, c, 1)
	w.inbox.mu.Lock()
	failed := make(chan struct{})
	w.inbox.refuse = func(conversation.Event) error {
		close(failed)
		w.inbox.refuse = nil
		return errors.New("database is down")
	}
	w.inbox.mu.Unlock()
	w.say(t, "into the outage")
	<-failed
	w.awaitDone(t, c, 2) // whether or not anything is said afterwards
}

func TestHTTPIsCaughtUpAtTheStart(t *testing.T) {
	t.Parallel()
	c := &catcher{}
	w := watched(t, c, func(o *slack.Options) { o.AppToken = "" })
	w.awaitDone(t, c, 1)
	w.awaitOnline(t, c, 2)
	w.inbox.mu.Lock()
	w.inbox.refuse = func(conversation.Event) error { return errors.New("database is down") }
	w.inbox.mu.Unlock()
	body := []byte(`{"type":"event_callback","event_id":"Ev1","event":{"type":"message","channel":"` + w.channel.ID +
		`","user":"` + w.ann.ID + `","text":"x","ts":"1700000000.000100"}}`)
	now := strconv.FormatInt(time.Now().Unix(), 10)
	r := httptest.NewRequest(http.MethodPost, "/slack/events", bytes.NewReader(body))
	r.Header.Set("X-Slack-Request-Timestamp", now)
	r.Header.Set("X-Slack-Signature", slacksim.Sign(w.sim.SigningSecret(), now, body))
	answer := httptest.NewRecorder()
	w.adapter.EventsHandler().ServeHTTP(answer, r)
	if answer.Code != http.StatusServiceUnavailable {
		t.Errorf("status %d for an event that was not stored", answer.Code)
	}
	w.awaitDone(t, c, 2)
}

func TestTokenRevokedWhileIdle(t *testing.T) {
	t.Parallel()
	c := &catcher{}
	w := watched(t, c, nil)
	w.awaitDone(t, c, 1)
	w.sim.SetFault("auth.test", slacksim.Fault{Error: "token_revoked"})
	w.await(t, func(*slacksim.Workspace) bool {
		err := w.adapter.Ready()
		return err != nil && strings.Contains(err.Error(), "SLACK_BOT_TOKEN")
	})
	w.sim.ClearFault("auth.test")
	w.await(t, func(*slacksim.Workspace) bool { return w.adapter.Ready() == nil })
}

func TestRevocationIsHeardAtOnce(t *testing.T) {
	t.Parallel()
	for _, event := range []string{"tokens_revoked", "app_uninstalled"} {
		t.Run(event, func(t *testing.T) {
			t.Parallel()
			w := connected(t) // looks at the token twice a minute
			w.sim.SetFault("auth.test", slacksim.Fault{Error: "account_inactive"})
			w.sim.SendEvent(event, map[string]any{"tokens": map[string]any{"bot": []string{w.sim.BotUserID()}}})
			w.await(t, func(*slacksim.Workspace) bool { return w.adapter.Ready() != nil })
		})
	}
}
