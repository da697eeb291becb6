package slack_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/bots/slack/slacksim"
	"parley/conversation"
)

func (w *world) serve(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("POST /slack/commands", w.adapter.CommandsHandler())
	mux.Handle("POST /slack/interactions", w.adapter.InteractionsHandler())
	app := httptest.NewServer(mux)
	t.Cleanup(app.Close)
	return app
}

func TestInteractionsOverHTTP(t *testing.T) {
	t.Parallel()
	w := open(t, setup{wait: true, edit: func(o *slackOptions) { o.AppToken = "" }})
	app := w.serve(t)
	w.sim.SetInteractionURLs(app.URL+"/slack/commands", app.URL+"/slack/interactions")
	i := w.slash(t, "/parley summarize #general")
	if m := w.awaitAsked(t, i); m.Ask.Verb != conversation.VerbSummarize || m.Ask.Source.Channel != w.channel.ID || w.adapter.OpenHandle(m.Ask.Handle) != i.ResponseURL {
		t.Errorf("ask %+v", *m.Ask)
	}
	if got := w.settled(t, i); !got.Acked || got.Reply == "" {
		t.Errorf("interaction %+v", got)
	}
	said := w.say(t, "look")
	shortcut, err := w.sim.Shortcut(w.ann.ID, w.channel.ID, said.TS, "describe_image")
	if err != nil {
		t.Fatal(err)
	}
	if m := w.awaitAsked(t, shortcut); m.Ask.Verb != conversation.VerbDescribe {
		t.Errorf("ask %+v", *m.Ask)
	}
	if got := w.settled(t, shortcut); !got.Acked || got.Reply != "" {
		t.Errorf("interaction %+v", got)
	}
}

func TestInteractionsOverHTTPAreChecked(t *testing.T) {
	t.Parallel()
	w := open(t, setup{wait: true, edit: func(o *slackOptions) { o.AppToken = "" }})
	app := w.serve(t)
	command := url.Values{"command": {"/parley"}, "text": {"help"}, "channel_id": {w.channel.ID}, "user_id": {w.ann.ID}, "trigger_id": {"1.2.3"},
		"response_url": {"https://evil.example/hook"}}.Encode()
	post := func(path, body, secret string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, app.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		now := strconv.FormatInt(time.Now().Unix(), 10)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("X-Slack-Request-Timestamp", now)
		req.Header.Set("X-Slack-Signature", slacksim.Sign(secret, now, []byte(body)))
		resp, err := app.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		answer, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(answer)
	}
	good := w.sim.SigningSecret()
	for _, tt := range []struct {
		name, path, body, secret string
		status                   int
		says                     string
	}{
		{"a forged command", "/slack/commands", command, "wrong", 401, "signature"},
		{"a payload in the query, which is not signed", "/slack/interactions?payload=%7B%22type%22%3A%22message_action%22%7D", "", good, 200, ""},
		{"a look at the certificate", "/slack/commands", "ssl_check=1", good, 200, ""},
		{"a command without a trigger", "/slack/commands", "command=%2Fparley&text=help", good, 200, "could not take this in"},
		{"no form", "/slack/commands", "%zz", good, 400, "form"},
		{"no JSON", "/slack/interactions", "payload=%7B", good, 200, ""},
		{"a body too large", "/slack/interactions", "payload=" + strings.Repeat("x", 2<<20), good, 413, "large"},
	} {
		if status, answer := post(tt.path, tt.body, tt.secret); status != tt.status || !strings.Contains(answer, tt.says) {
			t.Errorf("%s: %d %q", tt.name, status, answer)
		}
	}
	if n := len(w.inbox.all()); n != 0 {
		t.Errorf("%d events were taken in", n)
	}
	if status, _ := post("/slack/commands", command, good); status != 200 {
		t.Errorf("status %d", status)
	}
	if m := w.awaitAsked(t, slacksim.Interaction{Trigger: "1.2.3"}); m.Ask.Handle != "" {
		t.Errorf("a foreign response_url is kept: %q", m.Ask.Handle)
	}
}
