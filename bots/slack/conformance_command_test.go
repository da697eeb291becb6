package slack_test

import (
	"net/http"
	"testing"

	"parley/bots/botstest"
	"parley/bots/slack/slacksim"
	"parley/conversation"
)

func TestCommandConformance(t *testing.T) {
	t.Parallel()
	botstest.ExerciseCommands(t, conversation.Slack, func(t *testing.T, in botstest.Ingester) botstest.CommandHouse {
		return &commandHouse{house: build(t, in).(*house)}
	})
}

// commandHouse is a house in which Ann gives commands.
type commandHouse struct {
	*house
	channel string
}

func (h *commandHouse) Summarize(t *testing.T, p botstest.Place) {
	t.Helper()
	channel, thread := parts(p)
	h.channel = channel
	if _, err := h.sim.Shortcut(h.ann.ID, channel, thread, "summarize_thread"); err != nil {
		t.Fatal(err)
	}
}

func (h *commandHouse) Private() []botstest.Private {
	return h.private(h.sim.Ephemerals(h.ann.ID), h.channel)
}

func (h *commandHouse) Mail() []botstest.Private {
	return h.private(h.sim.Messages(h.dm.ID), h.dm.ID)
}

func (h *commandHouse) private(all []slacksim.Message, channel string) (out []botstest.Private) {
	for _, m := range all {
		if m.BotID != h.sim.BotID() || m.Channel != channel {
			continue
		}
		p := botstest.Private{ID: m.TS, Text: m.Plain}
		for _, b := range h.sim.Buttons(channel, m.TS) {
			p.Button = b.Value
		}
		for _, f := range m.Files {
			data, _ := h.sim.FileBytes(f.ID)
			p.File += string(data)
		}
		out = append(out, p)
	}
	return out
}

func (h *commandHouse) Others() (texts []string) {
	for _, m := range h.sim.Ephemerals(h.bob.ID) {
		texts = append(texts, m.Plain)
	}
	return texts
}

func (h *commandHouse) Press(t *testing.T, m botstest.Private) {
	t.Helper()
	channel := h.channel
	for _, mail := range h.Mail() {
		if mail.ID == m.ID {
			channel = h.dm.ID
		}
	}
	if _, err := h.sim.Click(h.ann.ID, channel, m.ID, "share"); err != nil {
		t.Fatal(err)
	}
}

func (h *commandHouse) EndCommands() { h.sim.ExpireResponseURLs() }

// LosePrivate cannot be made good where the answer arrives: nothing tells of a message by a response_url, and it has no id.
func (h *commandHouse) LosePrivate(_ *testing.T, arrives bool) (twice bool) {
	fault := slacksim.Fault{Status: http.StatusServiceUnavailable, Times: 1}
	if arrives {
		fault = slacksim.Fault{DropResponse: true, Times: 1}
	}
	h.sim.SetFault("response_url", fault)
	return arrives
}

func (h *commandHouse) PrivateCalls() int { return len(h.sim.Calls("response_url")) }
