package discord_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/bots/discord"
	"parley/bots/discord/discordsim"
	"parley/conversation"
)

func TestEventsArriveInOrderOfTheirChannel(t *testing.T) {
	t.Parallel()
	r := running(t, discordsim.Options{})
	var want []string
	for i := range 50 {
		want = append(want, r.say(t, r.ada, r.channel.ID, "line "+strconv.Itoa(i)).ID)
	}
	events := r.inbox.await(t, "all lines", func(e []conversation.Event) bool { return len(e) >= len(want) })
	for i, e := range events {
		if got := e.(conversation.Posted).Message.ID; got != want[i] {
			t.Fatalf("event %d is message %s, want %s", i, got, want[i])
		}
	}
}

// Each of these ends the connection in another way; what is said meanwhile must arrive all the same, once.
func TestASessionIsResumedAfter(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]func(*discordsim.Server){
		"op 7":                          func(s *discordsim.Server) { s.Reconnect() },
		"a resumable op 9":              func(s *discordsim.Server) { s.InvalidateSession(true) },
		"a cut connection":              func(s *discordsim.Server) { s.DropGateway(0) },
		"close 4000":                    func(s *discordsim.Server) { s.DropGateway(4000) },
		"close 4008":                    func(s *discordsim.Server) { s.DropGateway(4008) },
		"silence of an open connection": func(s *discordsim.Server) { s.SilenceGateway() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := discordsim.Options{}
			if strings.HasPrefix(name, "silence") {
				o.HeartbeatInterval = time.Second
			}
			r := running(t, o)
			fault(r.sim)
			m := r.say(t, r.ada, r.channel.ID, "while you were away")
			r.inbox.message(t, m.ID)
			identifies, resumes := 0, 0
			for _, e := range r.sim.GatewayLog() {
				switch e.Kind {
				case "identify":
					identifies++
				case "resume":
					resumes++
				}
				if e.Kind == "close" && e.Code == 1000 {
					t.Error("the connection was closed with 1000, which ends the session")
				}
			}
			if identifies != 1 || resumes == 0 {
				t.Errorf("%d identifies and %d resumes, want 1 and some", identifies, resumes)
			}
		})
	}
}

func TestANewSessionIsBegunAfter(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]func(*discordsim.Server){
		"op 9":       func(s *discordsim.Server) { s.InvalidateSession(false) },
		"close 4009": func(s *discordsim.Server) { s.DropGateway(4009) },
		"close 4007": func(s *discordsim.Server) { s.DropGateway(4007) },
		"a refused resume": func(s *discordsim.Server) {
			s.SetFault("GET /gateway/bot", discordsim.Fault{Status: 503})
			s.DropGateway(0)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := running(t, discordsim.Options{})
			fault(r.sim)
			if name == "a refused resume" {
				eventually(t, "disconnect", func() bool { return !r.sim.Connected() })
				r.sim.ForgetSessions()
				r.sim.ClearFaults()
			}
			eventually(t, "second identify", func() bool {
				n := 0
				for _, e := range r.sim.GatewayLog() {
					if e.Kind == "identify" {
						n++
					}
				}
				return n == 2
			})
			r.connected(t)
			r.inbox.message(t, r.say(t, r.ada, r.channel.ID, "there again?").ID)
		})
	}
}

func TestTheGatewayIsFoundWithout(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]discordsim.Fault{
		"GET /gateway/bot, 404":    {Status: http.StatusNotFound},
		"GET /gateway/bot, 405":    {Status: http.StatusMethodNotAllowed, ContentType: "text/plain", Body: "no"},
		"an address in its answer": {Status: http.StatusOK, Body: `{"session_start_limit":{}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, discordsim.Options{MessageContentEnabled: true})
			if err := r.sim.SetFault("GET /gateway/bot", fault); err != nil {
				t.Fatal(err)
			}
			r.start(t)
			r.connected(t)
			r.inbox.message(t, r.say(t, r.ada, r.channel.ID, "hello").ID)
		})
	}
}

func TestTheGatewaysPathIsKept(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/discord/ws", "/discord/ws/{$}"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			r := running(t, discordsim.Options{GatewayPath: path})
			r.sim.DropGateway(0)
			r.inbox.message(t, r.say(t, r.ada, r.channel.ID, "hello").ID)
			eventually(t, "the session is resumed", func() bool { return r.logged("resume") > 0 })
		})
	}
}

func TestAnAddressIsDialledAsItIsGiven(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"wss://gateway.discord.gg":           "wss://gateway.discord.gg?encoding=json&v=9#",
		"wss://gateway.discord.gg/":          "wss://gateway.discord.gg/?encoding=json&v=9#",
		"ws://localhost:1/a/ws":              "ws://localhost:1/a/ws?encoding=json&v=9#",
		"ws://localhost:1/a%2Fb/?v=10&key=1": "ws://localhost:1/a%2Fb/?encoding=json&key=1&v=9#",
	} {
		if got, err := discord.Dialled(given); err != nil || got != want {
			t.Errorf("%s is dialled as %s, %v", given, got, err)
		}
	}
	if _, err := discord.Dialled("ws://"); err == nil {
		t.Error("an address without a host is dialled")
	}
}

func TestWaitsAreLoggedForPeople(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	r := newRig(t, discordsim.Options{MessageContentEnabled: true}, func(o *discord.Options) {
		o.Logger = slog.New(slog.NewJSONHandler(&log, nil))
	})
	if err := r.sim.SetFault("GET /gateway/bot", discordsim.Fault{Status: http.StatusBadGateway, Times: 2}); err != nil {
		t.Fatal(err)
	}
	r.start(t)
	r.connected(t)
	r.sim.DropGateway(0)
	eventually(t, "another session", func() bool { return r.logged("resume") > 0 })
	waits := 0
	for line := range strings.Lines(log.String()) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatal(err)
		}
		wait, told := entry["wait"]
		if !told {
			continue
		}
		waits++
		if text, ok := wait.(string); !ok || !strings.HasSuffix(text, "s") {
			t.Errorf("a wait is logged as %v", wait)
		}
	}
	if waits < 3 {
		t.Errorf("%d waits are logged, want 3", waits)
	}
}

// lockedBuffer is a buffer for several writers.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func TestAHeartbeatIsSentWhenAskedFor(t *testing.T) {
	t.Parallel()
	r := running(t, discordsim.Options{HeartbeatInterval: time.Minute})
	count := func() (n int) {
		for _, e := range r.sim.GatewayLog() {
			if e.Kind == "heartbeat" {
				n++
			}
		}
		return n
	}
	eventually(t, "first heartbeat", func() bool { return count() == 1 })
	r.sim.RequestHeartbeat()
	eventually(t, "second heartbeat", func() bool { return count() == 2 })
}

func TestAConnectionWithoutHelloCanBeStopped(t *testing.T) {
	t.Parallel()
	r := newRig(t, discordsim.Options{MessageContentEnabled: true})
	r.sim.NoHello(true)
	r.start(t)
	eventually(t, "connection", func() bool {
		for _, e := range r.sim.GatewayLog() {
			if e.Kind == "connect" {
				return true
			}
		}
		return false
	})
	if r.adapter.Ready() == nil {
		t.Error("ready without a session")
	}
	r.stop()
	eventually(t, "adapter stops", func() bool { return len(r.stopped) == 1 })
}

func TestAGatewayWithoutHelloIsTriedAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t, discordsim.Options{MessageContentEnabled: true})
	r.adapter.SetGreetingTimeout(200 * time.Millisecond)
	r.sim.NoHello(true)
	r.start(t)
	eventually(t, "third connection", func() bool {
		n := 0
		for _, e := range r.sim.GatewayLog() {
			if e.Kind == "connect" {
				n++
			}
		}
		return n >= 3
	})
	r.sim.NoHello(false)
	r.connected(t)
	r.inbox.message(t, r.say(t, r.ada, r.channel.ID, "hello").ID)
}

func TestAGatewayWithoutReadyIsTriedAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t, discordsim.Options{MessageContentEnabled: true})
	r.adapter.SetGreetingTimeout(200 * time.Millisecond)
	r.sim.NoReady(true)
	r.start(t)
	eventually(t, "third connection", func() bool { return r.logged("connect") >= 3 })
	if r.adapter.Ready() == nil {
		t.Error("ready without a session")
	}
	r.sim.NoReady(false)
	r.connected(t)
	r.inbox.message(t, r.say(t, r.ada, r.channel.ID, "hello").ID)
}

func TestACloseCodeThatNoRetryMendsEndsTheRun(t *testing.T) {
	t.Parallel()
	for _, code := range []int{4004, 4010, 4012, 4013, 4014} {
		t.Run(strconv.Itoa(code), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, discordsim.Options{MessageContentEnabled: true})
			done := make(chan error, 1)
			go func() { done <- r.adapter.Run(t.Context()) }()
			r.connected(t)
			r.sim.DropGateway(code)
			err := <-done
			if p, ok := err.(interface{ Permanent() bool }); !ok || !p.Permanent() {
				t.Errorf("run ended with %v", err)
			}
			if ready := r.adapter.Ready(); ready == nil || ready.Error() != err.Error() {
				t.Errorf("ready tells %v", ready)
			}
		})
	}
}

// discordgo answers op 1 on whatever connection it has, also on none; it must not get to see one while it closes.
func TestARequestForAHeartbeatIsNotPassedOnWhileClosing(t *testing.T) {
	t.Parallel()
	request := append([]byte("HTTP/1.1 101 Switching Protocols\r\n\r\n\x81\x11"), `{"op":1,"d":null}`...)
	for leaving, want := range map[bool]int{false: len(request), true: len(request) - 1} {
		server, client := net.Pipe()
		tap := discord.NewTap(client)
		if leaving {
			tap.Leave()
		}
		go func() {
			_, _ = server.Write(request)
			_, _ = io.Copy(io.Discard, server)
		}()
		got := 0
		for got < want {
			n, err := tap.Read(make([]byte, 128))
			got += n
			if err != nil {
				break
			}
		}
		if got != want {
			t.Errorf("leaving %t: %d bytes of %d", leaving, got, want)
		}
		if leaving {
			if n, err := tap.Read(make([]byte, 64)); n > 0 || !errors.Is(err, net.ErrClosed) {
				t.Errorf("the last byte: %d %v", n, err)
			}
		}
		_ = tap.Close()
		_ = server.Close()
	}
}

func TestAGuildThatIsNoneDoesNotEndTheProcess(t *testing.T) {
	t.Parallel()
	r := running(t, discordsim.Options{})
	r.sim.Dispatch("GUILD_CREATE", json.RawMessage("null"))
	eventually(t, "new session", func() bool { return r.observed.get("reconnect") > 0 })
	r.connected(t)
	r.inbox.message(t, r.say(t, r.ada, r.channel.ID, "hello").ID)
}

func TestWhatOnlyTheOperatorCanMendEndsTheRun(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options discordsim.Options
		token   string
		want    string
	}{
		"Message Content intent off": {discordsim.Options{}, "", "Message Content Intent"},
		"wrong token":                {discordsim.Options{MessageContentEnabled: true}, "MTA.wrong.token", "DISCORD_BOT_TOKEN"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, c.options, func(o *discord.Options) {
				if c.token != "" {
					o.BotToken = c.token
				}
			})
			err := r.adapter.Run(t.Context())
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("run ended with %v, want a sentence about %q", err, c.want)
			}
			if p, ok := err.(interface{ Permanent() bool }); !ok || !p.Permanent() {
				t.Error("error is not permanent")
			}
			if ready := r.adapter.Ready(); ready == nil || ready.Error() != err.Error() {
				t.Errorf("ready tells %v", ready)
			}
			if c.token != "" && strings.Contains(err.Error(), c.token) {
				t.Error("error holds the token")
			}
			identifies := 0
			for _, e := range r.sim.GatewayLog() {
				if e.Kind == "identify" {
					identifies++
				}
			}
			if identifies > 1 {
				t.Errorf("%d identifies", identifies)
			}
		})
	}
}

func TestOddEventsCostNothingElse(t *testing.T) {
	t.Parallel()
	r := running(t, discordsim.Options{})
	r.sim.UnknownEvent()
	r.sim.MalformedEvent()
	for _, raw := range []string{`{}`, `[]`, `"x"`, `{"id":"1"}`, `{"id":"12","channel_id":"../13","content":"x"}`} {
		r.sim.Dispatch("MESSAGE_CREATE", json.RawMessage(raw))
		r.sim.Dispatch("MESSAGE_UPDATE", json.RawMessage(raw))
		r.sim.Dispatch("MESSAGE_DELETE", json.RawMessage(raw))
		r.sim.Dispatch("THREAD_LIST_SYNC", json.RawMessage(raw))
	}
	m := r.say(t, r.ada, r.channel.ID, "see the button", discordsim.WithUnknownComponent())
	if got := r.inbox.message(t, m.ID); got.Text != "see the button" {
		t.Errorf("text is %q", got.Text)
	}
	if r.observed.get("malformed") == 0 || r.observed.get("unknown_component") != 1 {
		t.Errorf("malformed %d, unknown components %d", r.observed.get("malformed"), r.observed.get("unknown_component"))
	}
}

func TestAnEventWaitsForTheStore(t *testing.T) {
	t.Parallel()
	r := running(t, discordsim.Options{})
	r.inbox.setBroken(true)
	first := r.say(t, r.ada, r.channel.ID, "one")
	second := r.say(t, r.ada, r.channel.ID, "two")
	eventually(t, "gateway goes on", func() bool { return r.adapter.Ready() == nil })
	r.inbox.setBroken(false)
	events := r.inbox.await(t, "both", func(e []conversation.Event) bool { return len(e) == 2 })
	if events[0].(conversation.Posted).Message.ID != first.ID || events[1].(conversation.Posted).Message.ID != second.ID {
		t.Error("order was lost")
	}
}

func TestDuplicatesArriveAsSuch(t *testing.T) {
	t.Parallel()
	r := running(t, discordsim.Options{})
	r.sim.DuplicateDispatches(1)
	m := r.say(t, r.ada, r.channel.ID, "twice")
	events := r.inbox.await(t, "both copies", func(e []conversation.Event) bool { return len(e) == 2 })
	for _, e := range events {
		if got := e.(conversation.Posted).Message; got.ID != m.ID || got.SentAt.IsZero() {
			t.Errorf("event is %+v", got)
		}
	}
}
