package discord_test

import (
	"log/slog"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parley/bots/botstest"
	"parley/bots/discord"
	"parley/bots/discord/discordsim"
	"parley/conversation"
)

func TestCommandConformance(t *testing.T) {
	t.Parallel()
	botstest.ExerciseCommands(t, conversation.Discord, newCommandHouse)
}

// commandHouse is a house whose time can be moved on.
type commandHouse struct {
	house
	ahead *atomic.Int64
	place string
}

func newCommandHouse(t *testing.T, in botstest.Ingester) botstest.CommandHouse {
	h := &commandHouse{ahead: &atomic.Int64{}}
	clock := func() time.Time { return time.Now().Add(time.Duration(h.ahead.Load())) }
	h.rig = newRig(t, discordsim.Options{MessageContentEnabled: true, Clock: clock}, func(o *discord.Options) {
		o.Ingester, o.Logger, o.Clock, o.Unlimited = in, slog.New(slog.DiscardHandler), clock, true
	})
	return h
}

func (h *commandHouse) Summarize(t *testing.T, p botstest.Place) {
	h.place, _, _ = strings.Cut(string(p), "/")
	eventually(t, "commands are registered", func() bool { return len(h.sim.Commands("")) > 0 })
	must(h.sim.InvokeCommand(h.ada.ID, h.place, "summarize"))(t)
}

func (h *commandHouse) Private() []botstest.Private {
	return private(h.sim.Whispers(h.ada.ID, h.place))
}

func (h *commandHouse) Mail() []botstest.Private {
	dm, err := h.sim.OpenDM(h.ada.ID)
	if err != nil {
		return nil
	}
	return private(h.sim.Messages(dm.ID))
}

func (h *commandHouse) Others() (texts []string) {
	all := h.sim.Whispers(h.bob.ID, h.place)
	if dm, err := h.sim.OpenDM(h.bob.ID); err == nil {
		all = append(all, h.sim.Messages(dm.ID)...)
	}
	for _, m := range all {
		texts = append(texts, m.Content)
	}
	return texts
}

func (h *commandHouse) Press(t *testing.T, m botstest.Private) {
	must(h.sim.Press(h.ada.ID, m.ID, m.Button))(t)
}

func (h *commandHouse) EndCommands() { h.ahead.Add(int64(15*time.Minute + time.Second)) }

func (h *commandHouse) LosePrivate(t *testing.T, arrives bool) (twice bool) {
	f := discordsim.Fault{DropRequest: !arrives, DropResponse: arrives, Times: 1}
	if err := h.sim.SetFault(followRoute, f); err != nil {
		t.Fatal(err)
	}
	return false
}

func (h *commandHouse) PrivateCalls() int { return len(h.sim.CallsTo(followRoute)) }

const followRoute = "POST /webhooks/{application}/{token}"

var customID = regexp.MustCompile(`"custom_id":\s*"([^"]*)"`)

// private drops what was left empty.
func private(all []discordsim.Message) (out []botstest.Private) {
	for _, m := range all {
		if m.Content == "…" {
			continue
		}
		p := botstest.Private{ID: m.ID, Text: m.Content}
		if id := customID.FindSubmatch(m.Components); id != nil {
			p.Button = string(id[1])
		}
		for _, a := range m.Attachments {
			p.File += string(a.Data)
		}
		out = append(out, p)
	}
	return out
}
