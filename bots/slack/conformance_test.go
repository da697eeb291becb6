package slack_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"parley/bots/botstest"
	"parley/bots/slack"
	"parley/bots/slack/slacksim"
	"parley/conversation"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	botstest.Exercise(t, conversation.Slack, build)
}

// house is a simulated workspace with the adapter on it.
type house struct {
	sim     *slacksim.Server
	adapter *slack.Adapter
	ann     slacksim.User
	bob     slacksim.User
	channel slacksim.Channel
	dm      slacksim.Channel
}

func build(t *testing.T, in botstest.Ingester) botstest.House {
	t.Helper()
	sim, err := slacksim.New(slacksim.Options{Limits: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	h := &house{sim: sim, ann: sim.AddUser("ann"), bob: sim.AddUser("bob")}
	if h.channel, err = sim.AddChannel("general", false, h.ann.ID, h.bob.ID, sim.BotUserID()); err != nil {
		t.Fatal(err)
	}
	if h.dm, err = sim.OpenDM(h.ann.ID); err != nil {
		t.Fatal(err)
	}
	h.adapter, err = slack.New(slack.Options{
		BotToken: sim.BotToken(), AppToken: sim.AppToken(), APIURL: sim.URL(), Ingester: in, Sockets: 1,
		Logger: slog.New(slog.DiscardHandler), HTTPClient: &http.Client{Transport: transport},
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) Adapter() botstest.Adapter { return h.adapter }

func (h *house) say(t *testing.T, channel, text string, opts ...slacksim.SayOption) slacksim.Message {
	t.Helper()
	m, err := h.sim.Say(h.ann.ID, channel, text, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// place names a conversation: its channel and the root of its thread.
func place(m slacksim.Message) botstest.Place {
	thread := m.ThreadTS
	if thread == "" {
		thread = m.TS
	}
	return botstest.Place(m.Channel + " " + thread)
}

func parts(p botstest.Place) (channel, thread string) {
	channel, thread, _ = strings.Cut(string(p), " ")
	return channel, thread
}

func (h *house) mention(text string) string { return "<@" + h.sim.BotUserID() + "> " + text }

func (h *house) Mention(t *testing.T, text string) botstest.Place {
	t.Helper()
	return place(h.say(t, h.channel.ID, h.mention(text)))
}

func (h *house) Chat(t *testing.T, text string) {
	t.Helper()
	h.say(t, h.channel.ID, text)
}

func (h *house) Direct(t *testing.T, text string) botstest.Place {
	t.Helper()
	return place(h.say(t, h.dm.ID, text))
}

func (h *house) Thread(t *testing.T, before []string, text string) botstest.Place {
	t.Helper()
	root := h.say(t, h.channel.ID, before[0])
	for _, line := range before[1:] {
		if _, err := h.sim.Say(h.bob.ID, h.channel.ID, line, slacksim.InThread(root.TS)); err != nil {
			t.Fatal(err)
		}
	}
	return place(h.say(t, h.channel.ID, h.mention(text), slacksim.InThread(root.TS)))
}

func (h *house) Reply(t *testing.T, p botstest.Place, text string) {
	t.Helper()
	channel, thread := parts(p)
	h.say(t, channel, text, slacksim.InThread(thread))
}

func (h *house) Seen(p botstest.Place) []botstest.Seen {
	channel, thread := parts(p)
	var out []botstest.Seen
	for _, m := range h.sim.Thread(channel, thread) {
		if m.BotID != h.sim.BotID() {
			continue
		}
		seen := botstest.Seen{Text: m.Plain, Pings: m.Notifies, Previews: len(m.Previews), Edits: m.Edits}
		for _, f := range m.Files {
			data, _ := h.sim.FileBytes(f.ID)
			seen.File += string(data)
		}
		out = append(out, seen)
	}
	return out
}

func (h *house) Connected() bool { return h.sim.Sockets() > 0 }

func (h *house) Cut() { h.sim.DropSockets() }

func (h *house) Duplicate(n int) { h.sim.DuplicateDeliveries(n) }

func (h *house) Garbage() {
	h.sim.SendUnknownEvent()
	h.sim.SendMalformedEvent()
	h.sim.SendGarbageFrame()
}

func (h *house) LosePost(*testing.T) {
	h.sim.SetFault("chat.postMessage", slacksim.Fault{DropResponse: true, Times: 1})
}

func (h *house) RefusePost(*testing.T) {
	h.sim.SetFault("chat.postMessage", slacksim.Fault{Status: 429, RetryAfter: 1e9, Times: 1})
}

func (h *house) TooMany() int {
	n := 0
	for _, c := range h.sim.Calls("") {
		if c.Status == http.StatusTooManyRequests {
			n++
		}
	}
	return n
}
