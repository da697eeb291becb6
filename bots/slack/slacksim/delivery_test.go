package slacksim_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"

	"parley/bots/slack/slacksim"
)

func slackThread(ts string) slack.MsgOption { return slack.MsgOptionTS(ts) }

func agentStatus(status, channel, thread string) slack.AgentSessionSetStatusParameters {
	return slack.AgentSessionSetStatusParameters{Status: status, ChannelID: channel, ThreadTS: thread}
}

// fast makes unacknowledged events come again within milliseconds.
func fast() slacksim.Timing {
	return slacksim.Timing{Ack: 50 * time.Millisecond, Retries: []time.Duration{0, 10 * time.Millisecond, 20 * time.Millisecond}}
}

// frame is a Socket Mode message.
type frame struct {
	Type           string          `json:"type"`
	Reason         string          `json:"reason"`
	EnvelopeID     string          `json:"envelope_id"`
	Payload        json.RawMessage `json:"payload"`
	RetryAttempt   int             `json:"retry_attempt"`
	RetryReason    string          `json:"retry_reason"`
	NumConnections int             `json:"num_connections"`
	ConnectionInfo struct {
		AppID string `json:"app_id"`
	} `json:"connection_info"`
}

func (f frame) eventID() string {
	var payload struct {
		EventID string `json:"event_id"`
	}
	_ = json.Unmarshal(f.Payload, &payload) // an empty id fails the test that asks
	return payload.EventID
}

// dial opens a raw socket and reads its hello.
func (b *bundle) dial() (*websocket.Conn, frame) {
	b.t.Helper()
	_, url, err := b.api.StartSocketModeContext(b.ctx)
	if err != nil {
		b.t.Fatal(err)
	}
	conn, _, err := websocket.DefaultDialer.DialContext(b.ctx, url, http.Header{"Origin": {"https://api.slack.com"}})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = conn.Close() })
	return conn, b.read(conn)
}

func (b *bundle) read(conn *websocket.Conn) frame {
	b.t.Helper()
	var f frame
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second)) // reading fails if this did
	if err := conn.ReadJSON(&f); err != nil {
		b.t.Fatalf("read frame: %v", err)
	}
	return f
}

func (b *bundle) ack(conn *websocket.Conn, f frame) {
	b.t.Helper()
	if err := conn.WriteJSON(map[string]string{"envelope_id": f.EnvelopeID}); err != nil {
		b.t.Fatal(err)
	}
}

func TestAnUnacknowledgedEventComesAgain(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{Timing: fast()})
	conn, hello := b.dial()
	if hello.Type != "hello" || hello.NumConnections != 1 || hello.ConnectionInfo.AppID != b.AppID() {
		t.Errorf("hello is %+v", hello)
	}
	b.say(b.dm.ID, "hello")
	first, second := b.read(conn), b.read(conn)
	if second.RetryAttempt != 1 || second.RetryReason != "timeout" || first.RetryAttempt != 0 {
		t.Errorf("retry says %d %q", second.RetryAttempt, second.RetryReason)
	}
	if first.eventID() != second.eventID() || first.EnvelopeID == second.EnvelopeID || first.eventID() == "" {
		t.Errorf("envelopes %s and %s carry events %q and %q", first.EnvelopeID, second.EnvelopeID, first.eventID(), second.eventID())
	}
	b.ack(conn, second)
	b.waitFor("acknowledged", func(*slacksim.Workspace) bool { return b.Settled() })
	if d := b.Deliveries()[0]; !d.Acked || len(d.Attempts) != 2 || d.Attempts[1].AckedAt.IsZero() || !d.Attempts[0].AckedAt.IsZero() {
		t.Errorf("journal: %+v", d)
	}
}

func TestAnEventWithoutASocketIsRetriedThenGivenUp(t *testing.T) {
	t.Parallel()
	timing := fast()
	timing.Retries = []time.Duration{0, time.Hour}
	b := start(t, slacksim.Options{Timing: timing})
	b.say(b.dm.ID, "hello")
	b.waitFor("two attempts", func(*slacksim.Workspace) bool { return len(b.Deliveries()[0].Attempts) == 2 })
	conn, _ := b.dial()
	b.FlushRetries()
	if f := b.read(conn); f.RetryAttempt != 2 {
		t.Errorf("the late delivery is attempt %d", f.RetryAttempt)
	}
	b.waitFor("given up", func(*slacksim.Workspace) bool { return b.Deliveries()[0].GaveUp })
}

func TestAnAcknowledgementOnAnotherSocketDoesNotCount(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{Timing: slacksim.Timing{Ack: 100 * time.Millisecond, Retries: []time.Duration{}}})
	one, _ := b.dial()
	b.say(b.dm.ID, "hello")
	f := b.read(one)
	other, _ := b.dial()
	b.ack(other, f)
	b.waitFor("settled", func(*slacksim.Workspace) bool { return b.Settled() })
	if d := b.Deliveries()[0]; d.Acked {
		t.Errorf("journal: %+v", d)
	}
}

func TestTooManySocketsAreSentAway(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{MaxSockets: 1})
	b.dial()
	if _, f := b.dial(); f.Type != "disconnect" || f.Reason != "too_many_websockets" {
		t.Errorf("the second socket hears %+v", f)
	}
	if b.Sockets() != 1 {
		t.Errorf("%d sockets are open", b.Sockets())
	}
}

func TestATicketOpensOneSocket(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{})
	_, url, err := b.api.StartSocketModeContext(b.ctx)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{http.StatusSwitchingProtocols, http.StatusUnauthorized} {
		conn, resp, err := websocket.DefaultDialer.DialContext(b.ctx, url, nil)
		if resp == nil || resp.StatusCode != want {
			t.Errorf("dial %d: %v", i, err)
		}
		if conn != nil {
			defer conn.Close()
		}
	}
}

func TestSocketFaults(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{Timing: slacksim.Timing{RefreshGrace: time.Millisecond, Ping: 5 * time.Millisecond, Ack: 50 * time.Millisecond}})
	refreshed, _ := b.dial()
	b.WarnSockets()
	if f := b.read(refreshed); f.Type != "disconnect" || f.Reason != "warning" {
		t.Errorf("warning: %+v", f)
	}
	b.RefreshSockets()
	if f := b.read(refreshed); f.Reason != "refresh_requested" {
		t.Errorf("refresh: %+v", f)
	}
	if _, _, err := refreshed.ReadMessage(); err == nil {
		t.Error("the refreshed socket stays open")
	}
	dropped, _ := b.dial()
	b.DropSockets()
	if _, _, err := dropped.ReadMessage(); err == nil || websocket.IsCloseError(err, websocket.CloseNormalClosure, websocket.CloseGoingAway) {
		t.Errorf("a dropped socket ends with %v", err)
	}
	b.waitFor("sockets are gone", func(*slacksim.Workspace) bool { return b.Sockets() == 0 })
	silent, _ := b.dial()
	b.SilenceSockets()
	b.say(b.dm.ID, "into the void")
	b.waitFor("the event was lost and came again", func(*slacksim.Workspace) bool { return len(b.Deliveries()[0].Attempts) == 2 })
	_ = silent.SetReadDeadline(time.Now().Add(100 * time.Millisecond)) // reading fails either way
	if _, raw, err := silent.ReadMessage(); err == nil {
		t.Errorf("the silent socket said %s", raw)
	}
	loud, _ := b.dial()
	b.SendGarbageFrame()
	if _, raw, err := loud.ReadMessage(); err != nil || json.Valid(raw) {
		t.Errorf("garbage is %q, %v", raw, err)
	}
}

func TestPingsComeAsLongAsASocketIsAlive(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{Timing: slacksim.Timing{Ping: 2 * time.Millisecond}})
	conn, _ := b.dial()
	pinged := make(chan struct{}, 1)
	conn.SetPingHandler(func(string) error {
		select {
		case pinged <- struct{}{}:
		default:
		}
		return nil
	})
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _, _ = conn.ReadMessage() // ends when the test closes the connection
	}()
	select {
	case <-pinged:
	case <-b.ctx.Done():
		t.Error("no ping came")
	}
	_ = conn.Close() // ends the reader
	<-read
}

func TestDuplicatesKeepTheirEventID(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{})
	conn, _ := b.dial()
	b.DuplicateDeliveries(2)
	envelopes := map[string]int{}
	for range 2 {
		b.say(b.dm.ID, "hello")
		first, second := b.read(conn), b.read(conn)
		if first.eventID() != second.eventID() {
			t.Errorf("events %s and %s", first.eventID(), second.eventID())
		}
		envelopes[first.EnvelopeID]++
		envelopes[second.EnvelopeID]++
	}
	if len(envelopes) != 3 {
		t.Errorf("two duplicates use %d envelopes, want both forms: one new, one repeated", len(envelopes))
	}
}

func TestReorderedEventsComeLastFirst(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{})
	conn, _ := b.dial()
	b.ReorderDeliveries(3)
	for _, text := range []string{"one", "two", "three"} {
		b.say(b.dm.ID, text)
	}
	for _, want := range []string{"three", "two", "one"} {
		if f := b.read(conn); !strings.Contains(string(f.Payload), `"text":"`+want+`"`) {
			t.Errorf("want %s, got %s", want, f.Payload)
		}
	}
}

func TestUnknownAndMalformedEventsAreDelivered(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{})
	conn, _ := b.dial()
	b.SendUnknownEvent()
	b.SendMalformedEvent()
	for range 2 {
		f := b.read(conn)
		if _, err := slackevents.ParseEvent(f.Payload, slackevents.OptionNoVerifyToken()); err == nil {
			t.Errorf("the client understands %s", f.Payload)
		}
		b.ack(conn, f)
	}
	b.waitFor("acknowledged", func(*slacksim.Workspace) bool { return b.Settled() })
}

func TestHTTPEventsAreSignedAndRetried(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{Timing: fast()})
	var calls atomic.Int32
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // a short body fails the signature
		verifier, err := slack.NewSecretsVerifier(r.Header, b.SigningSecret())
		if err == nil {
			_, _ = verifier.Write(body) // never fails
			err = verifier.Ensure()
		}
		if err != nil {
			t.Errorf("signature: %v", err)
		}
		var challenge struct {
			Challenge string `json:"challenge"`
		}
		if json.Unmarshal(body, &challenge) == nil && challenge.Challenge != "" {
			_, _ = io.WriteString(w, challenge.Challenge) // the server notices
			return
		}
		switch calls.Add(1) {
		case 1:
			w.WriteHeader(http.StatusInternalServerError)
		case 2:
			if r.Header.Get("X-Slack-Retry-Num") != "1" || r.Header.Get("X-Slack-Retry-Reason") != "http_error" {
				t.Errorf("retry headers: %v", r.Header)
			}
		}
	}))
	t.Cleanup(app.Close)
	b.ok(b.SetRequestURL(b.ctx, app.URL))
	b.say(b.dm.ID, "hello")
	b.waitFor("acknowledged", func(*slacksim.Workspace) bool { return b.Settled() })
	if d := b.Deliveries()[0]; !d.Acked || len(d.Attempts) != 2 || d.Attempts[0].Status != 500 || d.Attempts[1].Status != 200 {
		t.Errorf("journal: %+v", d)
	}
	if _, _, err := b.api.StartSocketModeContext(b.ctx); err == nil {
		t.Error("an app with a request URL opened a socket")
	}
}

func TestARequestURLMustAnswerTheChallenge(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{Timing: fast()})
	app := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(app.Close)
	if err := b.SetRequestURL(b.ctx, app.URL); err == nil {
		t.Error("a URL without an answer was accepted")
	}
}

func TestWaitingEndsWithTheServer(t *testing.T) {
	t.Parallel()
	s := must(slacksim.New(slacksim.Options{}))(t)
	changes := s.Changes(t.Context())
	s.AddUser("Ada")
	if c := <-changes; c.Kind != slacksim.UserChanged {
		t.Errorf("change is %+v", c)
	}
	ended := make(chan error)
	go func() { ended <- s.WaitFor(context.Background(), func(*slacksim.Workspace) bool { return false }) }()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Error("waiting for nothing succeeded")
	}
	for range changes {
	}
}

func TestTheServerStaysOnLoopback(t *testing.T) {
	t.Parallel()
	if s, err := slacksim.New(slacksim.Options{Addr: "0.0.0.0:0"}); err == nil {
		_ = s.Close() // the test has failed already
		t.Error("it listens on all interfaces")
	}
}
