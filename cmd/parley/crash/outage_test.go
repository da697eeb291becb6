//go:build crash

package crash

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"parley/bots/discord/discordsim"
	"parley/bots/slack/slacksim"
	"parley/store/localpg"
)

// TestDatabaseRestartsUnderLoad stops Postgres while people talk, lets them go on, and starts it again.
func TestDatabaseRestartsUnderLoad(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "crashdb")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	o := localpg.Options{DataDir: dir, Logger: slog.New(slog.DiscardHandler)}
	server := must(localpg.Start(context.Background(), o))(t)
	t.Cleanup(func() { _ = server.Stop() })
	c := newCity(t, options{url: server.URL()})
	c.warmUp()
	for range 2 {
		c.start("").ready()
	}
	for _, away := range []time.Duration{100 * time.Millisecond, 4 * time.Second} {
		c.chat(6)
		if err := server.Stop(); err != nil {
			t.Fatal(err)
		}
		c.chat(4)
		pause(away)
		server = must(localpg.Start(context.Background(), o))(t)
		c.chat(4)
	}
	c.quiet(time.Minute)
	c.check(nil)
}

// TestModelServerDown lets the model refuse everything for some seconds: what is asked then is answered, or fails
// with one sentence that people see, and what is asked afterwards is answered.
func TestModelServerDown(t *testing.T) {
	t.Parallel()
	c := newCity(t, options{})
	c.warmUp()
	c.start("").ready()
	c.chat(4)
	c.author.set(func(a *author) { a.down = true })
	c.chat(8)
	pause(5 * time.Second)
	c.author.set(func(a *author) { a.down = false })
	c.chat(8)
	c.quiet(time.Minute)
	sentences := 0
	c.check(func(text string) bool {
		sentences++
		return strings.Contains(text, "model")
	})
	failed := map[int64]bool{}
	for _, e := range c.ledger() {
		if e.Outcome != nil && *e.Outcome == "failed" {
			failed[*e.Turn] = true
		}
	}
	if sentences != len(failed) {
		t.Errorf("people see %d sentences about %d failed turns", sentences, len(failed))
	}
	t.Logf("%d turns failed", len(failed))
}

// TestPlatformsDown lets both platforms refuse every call for some seconds, then take calls without answering.
func TestPlatformsDown(t *testing.T) {
	t.Parallel()
	c := newCity(t, options{})
	c.warmUp()
	c.start("").ready()
	for rule, fault := range map[string]struct {
		slack   slacksim.Fault
		discord discordsim.Fault
	}{
		"503":              {slacksim.Fault{Status: http.StatusServiceUnavailable, Body: "upstream connect error"}, discordsim.Fault{Status: http.StatusServiceUnavailable}},
		"an HTML page":     {slacksim.Fault{Status: http.StatusBadGateway, Body: "<html>bad gateway</html>"}, discordsim.CloudflareBan(time.Second)},
		"no answer":        {slacksim.Fault{DropResponse: true}, discordsim.Fault{DropResponse: true}},
		"half the answers": {slacksim.Fault{DropResponse: true, Times: 3}, discordsim.Fault{DropResponse: true, Times: 3}},
	} {
		c.chat(6)
		c.slack.SetFault("*", fault.slack)
		if err := c.discord.SetFault("*", fault.discord); err != nil {
			t.Fatal(err)
		}
		c.chat(6)
		pause(4 * time.Second)
		c.slack.ClearFault("*")
		c.discord.ClearFaults()
		c.quiet(time.Minute)
		t.Log("after", rule)
		c.check(nil)
		if t.Failed() {
			return
		}
	}
}

// chat lets people say n things on each platform.
func (c *city) chat(n int) {
	for range n {
		c.sayAnything(onSlack, 0)
		c.sayAnything(onDiscord, 0)
	}
}

// pause lets the outage last.
func pause(d time.Duration) {
	timer := time.NewTimer(d)
	<-timer.C
}
