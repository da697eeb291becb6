package slack_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"parley/bots/slack"
	"parley/bots/slack/slacksim"
	"parley/conversation"
)

// overHTTP opens a world without Socket Mode, whose events come to the handler.
func overHTTP(t *testing.T) (*world, *httptest.Server) {
	t.Helper()
	w := open(t, setup{wait: true, edit: func(o *slack.Options) { o.AppToken = "" }, sim: slacksim.Options{
		Timing: slacksim.Timing{Ack: time.Second, Retries: []time.Duration{0, 50 * time.Millisecond, 50 * time.Millisecond}}}})
	server := httptest.NewServer(w.adapter.EventsHandler())
	t.Cleanup(server.Close)
	return w, server
}

func TestEventsOverHTTP(t *testing.T) {
	t.Parallel()
	w, server := overHTTP(t)
	if err := w.sim.SetRequestURL(t.Context(), server.URL+"/slack/events"); err != nil {
		t.Fatalf("url_verification: %v", err)
	}
	w.say(t, "by HTTP")
	if m := w.inbox.awaitText(t, "by HTTP"); m.Ref.Workspace != w.sim.Team() {
		t.Errorf("ref = %+v", m.Ref)
	}
	w.await(t, func(*slacksim.Workspace) bool { return w.sim.Settled() })
}

func TestEventThatIsNotStoredComesAgainOverHTTP(t *testing.T) {
	t.Parallel()
	w, server := overHTTP(t)
	if err := w.sim.SetRequestURL(t.Context(), server.URL); err != nil {
		t.Fatal(err)
	}
	fails := 2
	w.inbox.mu.Lock()
	w.inbox.refuse = func(conversation.Event) error {
		if fails--; fails >= 0 {
			return errors.New("database is down")
		}
		return nil
	}
	w.inbox.mu.Unlock()
	w.say(t, "again")
	if e := w.inbox.await(t, func(conversation.Event) bool { return true }); e.Meta().Retry != 2 {
		t.Errorf("stored on retry %d, want 2", e.Meta().Retry)
	}
}

func sign(secret string, at time.Time, body string) http.Header {
	stamp := fmt.Sprint(at.Unix())
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = io.WriteString(mac, "v0:"+stamp+":"+body)
	h := http.Header{}
	h.Set("X-Slack-Request-Timestamp", stamp)
	h.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
	return h
}

func TestRequestsAreChecked(t *testing.T) {
	t.Parallel()
	w, server := overHTTP(t)
	secret, now := w.sim.SigningSecret(), time.Now()
	body := `{"type":"event_callback","event_id":"Ev1","event":{"type":"message","channel":"C1","channel_type":"channel","user":"U1","text":"signed","ts":"1700000000.000100"}}`
	tests := []struct {
		name   string
		header http.Header
		body   string
		status int
	}{
		{"signed", sign(secret, now, body), body, 200},
		{"not signed", http.Header{}, body, 401},
		{"another secret", sign("other", now, body), body, 401},
		{"another body", sign(secret, now, body), strings.Replace(body, "signed", "forged", 1), 401},
		{"too old", sign(secret, now.Add(-6*time.Minute), body), body, 401},
		{"from the future", sign(secret, now.Add(6*time.Minute), body), body, 401},
		{"no JSON", sign(secret, now, "hello"), "hello", 200},
		{"too large", sign(secret, now, ""), strings.Repeat("x", 1<<20+1), 413},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header = tt.header
			resp, err := server.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if resp.StatusCode != tt.status {
				t.Errorf("status %d, want %d", resp.StatusCode, tt.status)
			}
		})
	}
	if events := w.inbox.all(); len(events) != 1 {
		t.Errorf("%d events stored, want the signed one", len(events))
	}
	resp, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET gives %d", resp.StatusCode)
	}
}
