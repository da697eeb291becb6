package slack_test

import (
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"

	"parley/bots/slack"
	"parley/bots/slack/slacksim"
)

func permanent(err error) bool {
	var p interface{ Permanent() bool }
	return errors.As(err, &p) && p.Permanent()
}

func TestWrongTokensAreExplained(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		edit  func(*slack.Options)
		fault map[string]slacksim.Fault
		says  []string
	}{
		{name: "wrong bot token", edit: func(o *slack.Options) { o.BotToken = "xoxb-wrong" },
			says: []string{"SLACK_BOT_TOKEN", "OAuth & Permissions", "invalid_auth"}},
		{name: "wrong app token", edit: func(o *slack.Options) { o.AppToken = "xapp-wrong" },
			says: []string{"SLACK_APP_TOKEN", "connections:write"}},
		{name: "removed app", fault: map[string]slacksim.Fault{"auth.test": {Error: "account_inactive"}},
			says: []string{"removed from the workspace"}},
		{name: "no scopes", fault: map[string]slacksim.Fault{"auth.test": {Error: "missing_scope", Needed: "chat:write"}},
			says: []string{"chat:write", "reinstall"}},
		{name: "no API", edit: func(o *slack.Options) { o.APIURL = strings.TrimSuffix(o.APIURL, "api/") + "nothing/" },
			says: []string{"SLACK_API_URL"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sim, err := slacksim.New(slacksim.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = sim.Close() })
			for method, fault := range tt.fault {
				sim.SetFault(method, fault)
			}
			transport := &http.Transport{}
			t.Cleanup(transport.CloseIdleConnections)
			o := slack.Options{BotToken: sim.BotToken(), AppToken: sim.AppToken(), APIURL: sim.URL(),
				Ingester: newInbox(), Logger: slog.New(slog.DiscardHandler), HTTPClient: &http.Client{Transport: transport}}
			if tt.edit != nil {
				tt.edit(&o)
			}
			a, err := slack.New(o)
			if err != nil {
				t.Fatal(err)
			}
			err = a.Run(t.Context())
			if err == nil || !permanent(err) {
				t.Fatalf("Run = %v, want a permanent error", err)
			}
			for _, e := range []error{err, a.Ready()} {
				if e == nil {
					t.Fatal("Ready is nil")
				}
				for _, want := range tt.says {
					if !strings.Contains(e.Error(), want) {
						t.Errorf("%q does not say %q", e, want)
					}
				}
				for _, secret := range []string{o.BotToken, o.AppToken} {
					if strings.Contains(e.Error(), secret) {
						t.Errorf("%q tells the token", e)
					}
				}
			}
			findings := a.Check(t.Context())
			if !slices.ContainsFunc(findings, func(f slack.Finding) bool { return !f.OK && f.Hint != "" }) {
				t.Errorf("the doctor finds nothing: %+v", findings)
			}
		})
	}
}

func TestUnreachableSlackIsNoPermanentFault(t *testing.T) {
	t.Parallel()
	sim, err := slacksim.New(slacksim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	url := sim.URL()
	_ = sim.Close()
	a, err := slack.New(slack.Options{BotToken: "xoxb-1", AppToken: "xapp-1", APIURL: url, Ingester: newInbox(), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Run(t.Context()); err == nil || permanent(err) {
		t.Errorf("Run = %v, want an error that a retry may mend", err)
	}
	if a.Ready() == nil {
		t.Error("ready without Slack")
	}
}

func TestTokenRevokedWhileRunning(t *testing.T) {
	t.Parallel()
	w := connected(t)
	said := w.say(t, "question")
	w.sim.SetFault("chat.postMessage", slacksim.Fault{Error: "token_revoked"})
	if _, err := w.adapter.Post(t.Context(), w.outgoing(said, "x")); err == nil {
		t.Fatal("posted with a revoked token")
	}
	if err := w.adapter.Ready(); err == nil || !strings.Contains(err.Error(), "SLACK_BOT_TOKEN") {
		t.Errorf("Ready = %v", err)
	}
}

func TestSocketModeThatIsNotAllowedIsTold(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"missing_scope", "no_permission", "token_expired"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			// A scope or a setting may be mended meanwhile.
			w.sim.SetFault("apps.connections.open", slacksim.Fault{Error: code, Needed: "connections:write"})
			w.sim.DropSockets()
			w.await(t, func(*slacksim.Workspace) bool {
				err := w.adapter.Ready()
				return err != nil && strings.Contains(err.Error(), "connections:write")
			})
			w.sim.ClearFault("apps.connections.open")
			w.await(t, func(*slacksim.Workspace) bool { return w.adapter.Ready() == nil })
		})
	}
}

func TestBadOptionsAreToldAllAtOnce(t *testing.T) {
	t.Parallel()
	_, err := slack.New(slack.Options{BotToken: "xapp-secret", APIURL: "slack", Sockets: 11})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"SLACK_BOT_TOKEN", "SLACK_API_URL", "SLACK_APP_TOKEN", "ingester", "11 sockets"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not name %s", err, want)
		}
	}
	if strings.Contains(err.Error(), "xapp-secret") {
		t.Errorf("%q tells the token", err)
	}
}

func TestDoctor(t *testing.T) {
	t.Parallel()
	w := connected(t)
	before := len(w.sim.Calls("apps.connections.open"))
	for _, f := range w.adapter.Check(t.Context()) {
		if !f.OK || f.Detail == "" {
			t.Errorf("finding %+v", f)
		}
	}
	if n := len(w.sim.Calls("apps.connections.open")) - before; n != 1 {
		t.Errorf("apps.connections.open called %d times, want once", n)
	}
}

func TestDoctorNamesMissingScopes(t *testing.T) {
	t.Parallel()
	w := open(t, setup{wait: true, sim: slacksim.Options{Scopes: []string{"app_mentions:read", "chat:write", "im:history"}}})
	found := false
	for _, f := range w.adapter.Check(t.Context()) {
		found = found || !f.OK && strings.Contains(f.Detail, "channels:history") && strings.Contains(f.Hint, "reinstall")
	}
	if !found {
		t.Errorf("findings %+v", w.adapter.Check(t.Context()))
	}
}
