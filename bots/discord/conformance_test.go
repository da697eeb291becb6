package discord_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"parley/bots/botstest"
	"parley/bots/discord"
	"parley/bots/discord/discordsim"
	"parley/conversation"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	botstest.Exercise(t, conversation.Discord, newHouse)
}

// house is a simulated Discord for the suite. A place is a channel's id, a slash, and the id of the question.
type house struct {
	*rig
}

func newHouse(t *testing.T, in botstest.Ingester) botstest.House {
	r := newRig(t, discordsim.Options{MessageContentEnabled: true, Limits: true, HeartbeatInterval: 5 * time.Second}, func(o *discord.Options) {
		o.Ingester, o.Logger = in, slog.New(slog.DiscardHandler)
	})
	return house{r}
}

func (h house) Adapter() botstest.Adapter { return h.adapter }
func (h house) Connected() bool           { return h.sim.Connected() }
func (h house) Cut()                      { h.sim.DropGateway(0) }
func (h house) Duplicate(n int)           { h.sim.DuplicateDispatches(n) }

func (h house) Garbage() {
	h.sim.UnknownEvent()
	h.sim.MalformedEvent()
}

func (h house) Mention(t *testing.T, text string) botstest.Place {
	return h.place(h.say(t, h.ada, h.channel.ID, h.bot()+" "+text))
}

func (h house) Chat(t *testing.T, text string) { h.say(t, h.bob, h.channel.ID, text) }

func (h house) Direct(t *testing.T, text string) botstest.Place {
	return h.place(h.say(t, h.ada, h.dm(t, h.ada).ID, text))
}

func (h house) Thread(t *testing.T, before []string, text string) botstest.Place {
	starter := h.say(t, h.bob, h.channel.ID, before[0])
	thread := must(h.sim.StartThread(h.bob.ID, h.channel.ID, starter.ID, "launch", false))(t)
	for _, line := range before[1:] {
		h.say(t, h.bob, thread.ID, line)
	}
	return h.place(h.say(t, h.ada, thread.ID, h.bot()+" "+text))
}

func (h house) Reply(t *testing.T, p botstest.Place, text string) {
	channel, _, _ := strings.Cut(string(p), "/")
	h.say(t, h.ada, channel, text)
}

func (h house) place(m discordsim.Message) botstest.Place {
	return botstest.Place(m.ChannelID + "/" + m.ID)
}

func (h house) Seen(p botstest.Place) []botstest.Seen {
	channel, question, _ := strings.Cut(string(p), "/")
	var list []botstest.Seen
	for _, m := range h.sim.Messages(channel) {
		if m.Author.ID != h.sim.BotUserID() || len(m.ID) == len(question) && m.ID < question {
			continue
		}
		seen := botstest.Seen{Text: m.Content, Previews: len(m.Embeds), Pings: append(append([]string{}, m.Mentions...), m.MentionRoles...), Edits: len(m.Revisions) - 1}
		if m.MentionEveryone {
			seen.Pings = append(seen.Pings, "everyone")
		}
		for _, a := range m.Attachments {
			seen.File += string(a.Data)
		}
		list = append(list, seen)
	}
	return list
}

func (h house) LosePost(t *testing.T) {
	if err := h.sim.SetFault(postRoute, discordsim.Fault{DropResponse: true, Times: 1}); err != nil {
		t.Fatal(err)
	}
}

func (h house) RefusePost(t *testing.T) {
	if err := h.sim.SetFault(postRoute, discordsim.Fault{Status: http.StatusTooManyRequests, RetryAfter: 200 * time.Millisecond, Times: 1}); err != nil {
		t.Fatal(err)
	}
}

const postRoute = "POST /channels/{channel}/messages"

func (h house) TooMany() int {
	n := 0
	for _, c := range h.sim.Calls() {
		if c.Status == http.StatusTooManyRequests {
			n++
		}
	}
	return n
}
