package discordsim_test

import (
	"encoding/json"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"parley/bots/discord/discordsim"
)

// wire is a bare gateway client: it does only what a test tells it to do.
type wire struct {
	*testing.T
	sim *discordsim.Server
	ws  *websocket.Conn
}

type payload struct {
	Op int             `json:"op"`
	D  json.RawMessage `json:"d"`
	S  *int64          `json:"s"`
	T  string          `json:"t"`
}

func dial(t *testing.T, sim *discordsim.Server) *wire {
	t.Helper()
	address := "ws" + strings.TrimSuffix(strings.TrimPrefix(sim.URL(), "http"), "api/") + "?v=10&encoding=json"
	ws, response, err := websocket.DefaultDialer.Dial(address, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	t.Cleanup(func() { _ = ws.Close() })
	return &wire{t, sim, ws}
}

func (w *wire) send(op int, data any) {
	w.Helper()
	if err := w.ws.WriteJSON(map[string]any{"op": op, "d": data}); err != nil {
		w.Fatal(err)
	}
}

// read returns the next payload.
func (w *wire) read() payload {
	w.Helper()
	_ = w.ws.SetReadDeadline(time.Now().Add(10 * time.Second))
	var p payload
	if err := w.ws.ReadJSON(&p); err != nil {
		w.Fatal(err)
	}
	return p
}

// event returns the next dispatch with a name, and skips other payloads.
func (w *wire) event(name string) payload {
	w.Helper()
	for {
		if p := w.read(); p.T == name {
			return p
		}
	}
}

// op returns the next payload with an opcode.
func (w *wire) op(op int) payload {
	w.Helper()
	for {
		if p := w.read(); p.Op == op {
			return p
		}
	}
}

// closeCode reads until the connection ends and returns the code.
func (w *wire) closeCode() int {
	w.Helper()
	_ = w.ws.SetReadDeadline(time.Now().Add(10 * time.Second))
	for {
		_, _, err := w.ws.ReadMessage()
		var closed *websocket.CloseError
		if errors.As(err, &closed) {
			return closed.Code
		}
		if err != nil {
			w.Fatal(err)
		}
	}
}

const everything = discordsim.IntentGuilds | discordsim.IntentGuildMessages | discordsim.IntentGuildTyping |
	discordsim.IntentGuildReactions | discordsim.IntentDMs | discordsim.IntentMessageContent

// identify logs in and returns the session id.
func (w *wire) identify(intents discordsim.Intents, shard ...int) string {
	w.Helper()
	w.op(10)
	d := map[string]any{"token": w.sim.BotToken(), "intents": intents, "properties": map[string]string{}}
	if len(shard) > 0 {
		d["shard"] = shard
	}
	w.send(2, d)
	var ready struct {
		SessionID string `json:"session_id"`
	}
	if err := json.Unmarshal(w.event("READY").D, &ready); err != nil {
		w.Fatal(err)
	}
	return ready.SessionID
}

func (w *wire) resume(sessionID string, seq int64) {
	w.Helper()
	w.op(10)
	w.send(6, map[string]any{"token": w.sim.BotToken(), "session_id": sessionID, "seq": seq})
}

// content reads the content of a message event.
func content(t *testing.T, p payload) string {
	t.Helper()
	var m struct {
		Content string `json:"content"`
	}
	if err := json.Unmarshal(p.D, &m); err != nil {
		t.Fatal(err)
	}
	return m.Content
}

func TestIdentifyIsRefused(t *testing.T) {
	t.Parallel()
	sim := start(t, discordsim.Options{})
	for name, c := range map[string]struct {
		op   int
		d    map[string]any
		code int
	}{
		"wrong token":             {2, map[string]any{"token": "x", "intents": 1}, 4004},
		"unknown intent":          {2, map[string]any{"token": sim.BotToken(), "intents": 1 << 30}, 4013},
		"content intent off":      {2, map[string]any{"token": sim.BotToken(), "intents": 1 << 15}, 4014},
		"members intent off":      {2, map[string]any{"token": sim.BotToken(), "intents": 1 << 1}, 4014},
		"shard out of range":      {2, map[string]any{"token": sim.BotToken(), "intents": 1, "shard": []int{2, 2}}, 4010},
		"unknown opcode":          {77, nil, 4001},
		"presence before login":   {3, map[string]any{}, 4003},
		"resume with wrong token": {6, map[string]any{"token": "x", "session_id": "y", "seq": 1}, 4004},
		"payload over 4096 bytes": {1, map[string]any{"x": strings.Repeat("x", 5000)}, 4002},
		"heartbeat without a seq": {1, map[string]any{}, 4002},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := dial(t, sim)
			w.op(10)
			w.send(c.op, c.d)
			if got := w.closeCode(); got != c.code {
				t.Errorf("closed with %d, want %d", got, c.code)
			}
		})
	}
}

func TestContentIntentDecidesWhatGuildMessagesCarry(t *testing.T) {
	t.Parallel()
	sim := start(t)
	p := furnish(t, sim)
	blind, seeing := dial(t, sim), dial(t, sim)
	blind.identify(everything &^ discordsim.IntentMessageContent)
	seeing.identify(everything)
	dm, err := sim.OpenDM(p.alice.ID)
	if err != nil {
		t.Fatal(err)
	}
	file := discordsim.WithFiles(discordsim.File{Name: "a.txt", Data: []byte("x")})
	for _, c := range []struct {
		name, channel, content string
		visible                bool
	}{
		{"plain talk", p.channel.ID, "secret", false},
		{"a mention", p.channel.ID, "<@" + sim.BotUserID() + "> hi", true},
		{"a direct message", dm.ID, "just us", true},
	} {
		said := say(t, sim, p.alice.ID, c.channel, c.content, file)
		for _, w := range []*wire{blind, seeing} {
			e := w.event("MESSAGE_CREATE")
			var m struct {
				ID          string            `json:"id"`
				Content     string            `json:"content"`
				Attachments []json.RawMessage `json:"attachments"`
			}
			if err := json.Unmarshal(e.D, &m); err != nil {
				t.Fatal(err)
			}
			visible := c.visible || w == seeing
			if m.ID != said.ID || (m.Content == c.content) != visible || (len(m.Attachments) == 1) != visible {
				t.Errorf("%s: content intent %v: got %s", c.name, w == seeing, e.D)
			}
		}
	}
}

func TestIntentsDecideWhichEventsCome(t *testing.T) {
	t.Parallel()
	sim := start(t)
	p := furnish(t, sim)
	w := dial(t, sim)
	w.identify(discordsim.IntentDMs)
	say(t, sim, p.alice.ID, p.channel.ID, "in the guild")
	dm, err := sim.OpenDM(p.alice.ID)
	if err != nil {
		t.Fatal(err)
	}
	say(t, sim, p.alice.ID, dm.ID, "in private")
	if got := w.read(); got.T != "MESSAGE_CREATE" || content(t, got) != "in private" {
		t.Errorf("without the guild intents came %s %s", got.T, got.D)
	}
}

func TestShardsShareTheGuilds(t *testing.T) {
	t.Parallel()
	sim := start(t)
	shards := []*wire{dial(t, sim), dial(t, sim)}
	for i, w := range shards {
		w.identify(everything, i, 2)
	}
	alice := sim.AddUser("alice")
	dm, err := sim.OpenDM(alice.ID)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]int{}
	for range 8 {
		g := sim.AddGuild("g", alice.ID)
		c, err := sim.AddChannel(g.ID, "c", discordsim.Text)
		if err != nil {
			t.Fatal(err)
		}
		say(t, sim, alice.ID, c.ID, g.ID)
	}
	say(t, sim, alice.ID, dm.ID, "last")
	sim.Dispatch("END", json.RawMessage(`{}`))
	for i, w := range shards {
		for p := w.read(); p.T != "END"; p = w.read() {
			if p.T != "MESSAGE_CREATE" {
				continue
			}
			if content(t, p) == "last" && i != 0 {
				t.Error("direct messages belong to shard 0")
			}
			seen[i]++
		}
	}
	if seen[0]+seen[1] != 9 {
		t.Errorf("each message must reach exactly one shard, got %v", seen)
	}
}

func TestResumeReplaysWhatWasMissed(t *testing.T) {
	t.Parallel()
	for name, drop := range map[string]func(*discordsim.Server, *wire){
		"after a cut":                func(s *discordsim.Server, _ *wire) { s.DropGateway(0) },
		"after a close by Discord":   func(s *discordsim.Server, _ *wire) { s.DropGateway(4000) },
		"after the client went away": func(_ *discordsim.Server, w *wire) { _ = w.ws.Close() },
		"after a silent connection":  func(s *discordsim.Server, _ *wire) { s.SilenceGateway() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := start(t)
			p := furnish(t, sim)
			w := dial(t, sim)
			session := w.identify(everything)
			say(t, sim, p.alice.ID, p.channel.ID, "before")
			seq := *w.event("MESSAGE_CREATE").S
			drop(sim, w)
			say(t, sim, p.alice.ID, p.channel.ID, "missed 1")
			say(t, sim, p.alice.ID, p.channel.ID, "missed 2")

			again := dial(t, sim)
			again.resume(session, seq)
			for i, want := range []string{"missed 1", "missed 2"} {
				got := again.read()
				if got.T != "MESSAGE_CREATE" || content(t, got) != want || *got.S != seq+int64(i)+1 {
					t.Errorf("replayed %s %d %s, want %s", got.T, *got.S, got.D, want)
				}
			}
			if got := again.read(); got.T != "RESUMED" {
				t.Errorf("after the replay came %s", got.T)
			}
			say(t, sim, p.alice.ID, p.channel.ID, "after")
			if got := content(t, again.event("MESSAGE_CREATE")); got != "after" {
				t.Errorf("after the resume came %q", got)
			}
		})
	}
}

func TestResumeIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		code int
		end  func(*discordsim.Server, *wire)
	}{
		"after the client closed with 1000": {websocket.CloseNormalClosure, nil},
		"after the client closed with 1001": {websocket.CloseGoingAway, nil},
		"when the session was forgotten": {4000, func(s *discordsim.Server, w *wire) {
			s.ForgetSessions()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := start(t)
			w := dial(t, sim)
			session := w.identify(everything)
			if err := w.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(c.code, ""), time.Now().Add(time.Second)); err != nil {
				t.Fatal(err)
			}
			if err := sim.WaitFor(within(t), func() bool { return !sim.Connected() }); err != nil {
				t.Fatal(err)
			}
			if c.end != nil {
				c.end(sim, w)
			}
			again := dial(t, sim)
			again.resume(session, 1)
			if got := again.read(); got.Op != 9 || string(got.D) != "false" {
				t.Errorf("got op %d %s, want 9 false", got.Op, got.D)
			}
			again.send(2, map[string]any{"token": sim.BotToken(), "intents": 1})
			again.event("READY")
		})
	}
}

func TestSomeCloseCodesEndTheSession(t *testing.T) {
	t.Parallel()
	for code, resumable := range map[int]bool{4000: true, 4008: true, 1001: true, 4004: false, 4007: false, 4009: false, 4014: false} {
		sim := start(t)
		w := dial(t, sim)
		session := w.identify(everything)
		sim.DropGateway(code)
		if got := w.closeCode(); got != code {
			t.Errorf("closed with %d, want %d", got, code)
		}
		again := dial(t, sim)
		again.resume(session, 1)
		if got := again.read(); (got.Op != 9) != resumable {
			t.Errorf("after %d: op %d %s", code, got.Op, got.T)
		}
	}
}

func TestAClientNeedNotAnswerTheCloseFrame(t *testing.T) {
	t.Parallel()
	sim := start(t)
	w := dial(t, sim)
	w.ws.SetCloseHandler(func(int, string) error { return nil })
	session := w.identify(everything)
	sim.DropGateway(4000)
	w.closeCode()
	closed := func() bool {
		log := sim.GatewayLog()
		return log[len(log)-1].Kind == "close"
	}
	if err := sim.WaitFor(within(t), closed); err != nil {
		t.Fatal(err)
	}
	again := dial(t, sim)
	again.resume(session, 1)
	again.event("RESUMED")
}

func TestResumeAheadOfTheSessionClosesWith4007(t *testing.T) {
	t.Parallel()
	sim := start(t)
	w := dial(t, sim)
	session := w.identify(everything)
	sim.DropGateway(0)
	again := dial(t, sim)
	again.resume(session, 1000)
	if got := again.closeCode(); got != 4007 {
		t.Errorf("closed with %d", got)
	}
}

func TestInvalidSessionNeedsANewLogin(t *testing.T) {
	t.Parallel()
	sim := start(t)
	w := dial(t, sim)
	old := w.identify(everything)
	sim.InvalidateSession(false)
	if got := w.op(9); string(got.D) != "false" {
		t.Errorf("op 9 with %s", got.D)
	}
	w.send(2, map[string]any{"token": sim.BotToken(), "intents": 1})
	var ready struct {
		SessionID string `json:"session_id"`
	}
	if err := json.Unmarshal(w.event("READY").D, &ready); err != nil || ready.SessionID == old {
		t.Errorf("the new session is %q, %v", ready.SessionID, err)
	}
}

func TestSilentGatewayAcknowledgesNothing(t *testing.T) {
	t.Parallel()
	sim := start(t)
	w := dial(t, sim)
	w.identify(everything)
	w.send(1, 1)
	w.op(11)
	sim.SilenceGateway()
	w.send(1, 1)
	if err := sim.WaitFor(within(t), func() bool { return beats(sim) == 2 }); err != nil {
		t.Fatal(err)
	}
	_ = w.ws.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	_, data, err := w.ws.ReadMessage()
	var timeout net.Error
	if !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("a silent gateway sent %s, %v", data, err)
	}
}

func beats(sim *discordsim.Server) int {
	n := 0
	for _, e := range sim.GatewayLog() {
		if e.Kind == "heartbeat" {
			n++
		}
	}
	return n
}

func TestNoHelloHangs(t *testing.T) {
	t.Parallel()
	sim := start(t)
	sim.NoHello(true)
	w := dial(t, sim)
	_ = w.ws.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if _, data, err := w.ws.ReadMessage(); err == nil {
		t.Errorf("got %s", data)
	}
}

func TestOddDispatches(t *testing.T) {
	t.Parallel()
	sim := start(t)
	p := furnish(t, sim)
	w := dial(t, sim)
	w.identify(everything)
	sim.UnknownEvent()
	w.event("FUTURE_THING_CREATE")
	sim.MalformedEvent()
	if got := w.event("MESSAGE_CREATE"); !strings.Contains(string(got.D), `"author":"nobody"`) {
		t.Errorf("malformed event is %s", got.D)
	}
	sim.DuplicateDispatches(1)
	said := say(t, sim, p.alice.ID, p.channel.ID, "twice")
	first, second := w.event("MESSAGE_CREATE"), w.event("MESSAGE_CREATE")
	if string(first.D) != string(second.D) || !strings.Contains(string(first.D), said.ID) || *second.S != *first.S+1 {
		t.Errorf("duplicates: %s and %s", first.D, second.D)
	}
	say(t, sim, p.alice.ID, p.channel.ID, "once", discordsim.WithUnknownComponent())
	if got := w.event("MESSAGE_CREATE"); !strings.Contains(string(got.D), `"type":9999`) {
		t.Errorf("unknown component is missing: %s", got.D)
	}
	sim.Reconnect()
	w.op(7)
	sim.RequestHeartbeat()
	w.op(1)
}

func TestClientWithoutHeartbeatsIsClosedWith4009(t *testing.T) {
	t.Parallel()
	sim := start(t, discordsim.Options{HeartbeatInterval: 20 * time.Millisecond})
	w := dial(t, sim)
	session := w.identify(1)
	if got := w.closeCode(); got != 4009 {
		t.Errorf("closed with %d", got)
	}
	again := dial(t, sim)
	again.resume(session, 1)
	if got := again.read(); got.Op != 9 {
		t.Errorf("a timed out session must not be resumed, got op %d", got.Op)
	}
}
