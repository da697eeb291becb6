package discord_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"parley/bots/discord"
	"parley/conversation"
	"parley/conversation/conversationtest"
)

const (
	minimalSelf    = "100000000000000001"
	minimalChannel = "300000000000000003"
)

// minimal is a server with little more of Discord than messages: no rate limits, no guilds, no channels to look up, no
// application, no typing, no session that can be resumed.
type minimal struct {
	*httptest.Server
	mu       sync.Mutex
	conn     *websocket.Conn
	seq      int
	ready    chan struct{}
	opened   int
	missing  map[string]int
	messages map[string]json.RawMessage
	posts    chan map[string]any
}

func newMinimal(t *testing.T) *minimal {
	t.Helper()
	m := &minimal{ready: make(chan struct{}, 8), missing: map[string]int{}, messages: map[string]json.RawMessage{}, posts: make(chan map[string]any, 64)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /discord/api/v9/gateway", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, map[string]any{"url": strings.Replace(m.URL, "http://", "ws://", 1) + "/discord/ws"})
	})
	mux.HandleFunc("GET /discord/api/v9/users/@me", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, map[string]any{"id": minimalSelf, "username": "parley", "bot": true})
	})
	mux.HandleFunc("GET /discord/api/v9/channels/{channel}/messages", func(w http.ResponseWriter, _ *http.Request) { reply(w, []any{}) })
	mux.HandleFunc("POST /discord/api/v9/channels/{channel}/messages", m.write)
	mux.HandleFunc("PATCH /discord/api/v9/channels/{channel}/messages/{message}", m.write)
	mux.HandleFunc("GET /discord/ws", m.gateway)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		m.mu.Lock()
		m.missing[r.Method+" "+r.URL.Path]++
		m.mu.Unlock()
		http.NotFound(w, r)
	})
	m.Server = httptest.NewServer(mux)
	t.Cleanup(func() {
		m.cut()
		m.Close()
	})
	return m
}

func reply(w http.ResponseWriter, v any) { _ = json.NewEncoder(w).Encode(v) }

func (m *minimal) write(w http.ResponseWriter, r *http.Request) {
	var body map[string]any
	raw, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if json.Unmarshal(raw, &body) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	m.mu.Lock()
	m.seq++
	body["id"], body["channel_id"] = strconv.Itoa(900000000000000000+m.seq), r.PathValue("channel")
	m.mu.Unlock()
	if id := r.PathValue("message"); id != "" {
		body["id"] = id
	}
	m.posts <- body
	reply(w, body)
}

// gateway knows Hello, identify and heartbeats. A resume gets no answer.
func (m *minimal) gateway(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("v") != "9" || r.URL.Query().Get("encoding") != "json" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	ws, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer ws.Close()
	m.mu.Lock()
	m.conn = ws
	m.opened++
	_ = ws.WriteJSON(map[string]any{"op": 10, "d": map[string]any{"heartbeat_interval": 5000}})
	m.mu.Unlock()
	for {
		var f struct{ Op int }
		if ws.ReadJSON(&f) != nil {
			return
		}
		m.mu.Lock()
		switch f.Op {
		case 1:
			_ = ws.WriteJSON(map[string]any{"op": 11})
		case 2:
			_ = ws.WriteJSON(map[string]any{"op": 0, "t": "READY", "s": 1, "d": map[string]any{
				"v": 9, "user": map[string]any{"id": minimalSelf, "username": "parley"}, "session_id": "one",
			}})
			m.ready <- struct{}{}
		}
		m.mu.Unlock()
	}
}

func (m *minimal) cut() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.conn != nil {
		_ = m.conn.Close()
	}
}

// say dispatches a message of a person; guild is empty for a direct one.
func (m *minimal) say(t *testing.T, id, guild, text string) {
	t.Helper()
	d := map[string]any{
		"id": id, "channel_id": minimalChannel, "content": text, "type": 0,
		"author": map[string]any{"id": "200000000000000002", "username": "ada"},
	}
	if guild != "" {
		d["guild_id"] = guild
		d["mentions"] = []any{map[string]any{"id": minimalSelf, "username": "parley"}}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.seq++
	if err := m.conn.WriteJSON(map[string]any{"op": 0, "t": "MESSAGE_CREATE", "s": 1 + m.seq, "d": d}); err != nil {
		t.Error(err)
	}
}

// answer waits until a message of the bot holds a text.
func (m *minimal) answer(t *testing.T, text string) map[string]any {
	t.Helper()
	timeout := time.After(40 * time.Second)
	for {
		select {
		case p := <-m.posts:
			if p["content"] == text {
				return p
			}
		case <-timeout:
			t.Fatalf("%q was not posted", text)
		}
	}
}

func (m *minimal) missed(call string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.missing[call]
}

func (m *minimal) await(t *testing.T) {
	t.Helper()
	select {
	case <-m.ready:
	case <-time.After(40 * time.Second):
		t.Fatal("no session was begun")
	}
}

// worker is an engine behind an adapter: what is ingested is answered at once.
type worker struct {
	engine *conversation.Engine
	wake   chan struct{}
}

func (w *worker) Ingest(ctx context.Context, e conversation.Event) error {
	defer func() {
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}()
	return w.engine.Ingest(ctx, e)
}

func TestAServerWithLittleMoreThanMessagesIsServed(t *testing.T) {
	t.Parallel()
	m := newMinimal(t)
	store := conversationtest.NewStore()
	model := &conversationtest.Model{Scripts: []conversationtest.Script{{Deltas: []string{"Here I am."}}}}
	w := &worker{wake: make(chan struct{}, 1)}
	a := must(discord.New(discord.Options{
		BotToken: "any", APIURL: m.URL + "/discord/api", Ingester: w, Logger: slog.New(slog.DiscardHandler),
	}))(t)
	a.SetGreetingTimeout(time.Second)
	w.engine = must(conversation.New(conversation.Options{
		Store: store, Model: model, ModelName: "test", Logger: slog.New(slog.DiscardHandler),
		Messengers: map[conversation.Platform]conversation.Messenger{conversation.Discord: a},
	}))(t)
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	t.Cleanup(func() {
		stop()
		running.Wait()
	})
	running.Go(func() {
		if err := a.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	running.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-w.wake:
			}
			for _, ref := range store.Owed() {
				if _, err := store.Work(ctx, w.engine, ref); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			}
		}
	})
	m.await(t)
	m.say(t, "400000000000000004", "", "hi")
	m.answer(t, "Here I am.")
	m.say(t, "400000000000000005", "500000000000000005", "<@"+minimalSelf+"> hi")
	m.answer(t, "Here I am.")

	m.cut()
	m.await(t) // the session that it cannot resume is given up
	m.say(t, "400000000000000006", "", "still there?")
	m.answer(t, "Here I am.")
	typing := "POST /discord/api/v9/channels/" + minimalChannel + "/typing"
	asked := m.missed(typing)
	for range 2 {
		if err := a.SetStatus(t.Context(), conversation.ThreadRef{Channel: minimalChannel}, "thinking"); err != nil {
			t.Error(err)
		}
	}
	if n := m.missed(typing); n > max(asked, 1) {
		t.Errorf("typing was asked for %d times of a server without it, %d of them before it was known", n, asked)
	}
	for _, f := range a.Check(t.Context()) {
		if !f.OK || strings.Contains(f.Detail, "0 of 0") {
			t.Errorf("finding is %+v", f)
		}
	}
}
