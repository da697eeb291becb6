package discord_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parley/bots/discord"
	"parley/bots/discord/discordsim"
	"parley/conversation"
)

func TestAnUpdateWithoutAuthorIsCompletedOverREST(t *testing.T) {
	t.Parallel()
	r := running(t, discordsim.Options{})
	m := r.say(t, r.ada, r.channel.ID, "whole text")
	r.sim.Dispatch("MESSAGE_UPDATE", json.RawMessage(fmt.Sprintf(
		`{"id":%q,"channel_id":%q,"guild_id":%q,"edited_timestamp":"2030-01-01T00:00:00.000000+00:00"}`, m.ID, r.channel.ID, r.guild.ID)))
	r.sim.Dispatch("MESSAGE_UPDATE", json.RawMessage(fmt.Sprintf(
		`{"id":"1234567890123456789","channel_id":%q,"guild_id":%q,"edited_timestamp":"2030-01-01T00:00:00.000000+00:00"}`, r.channel.ID, r.guild.ID)))
	events := r.inbox.await(t, "edit", func(e []conversation.Event) bool { return len(e) == 2 })
	edit := events[1].(conversation.Edited).Message
	if edit.Text != "whole text" || edit.Author.ID != r.ada.ID || edit.Ref.Workspace != r.guild.ID {
		t.Errorf("edit is %+v", edit)
	}
	eventually(t, "the one that is gone is passed over", func() bool { return r.observed.get("skipped_partial") == 1 })
}

// Older gateways tell no channel_type; a thread that was archived when the session began is in no event.
func TestAThreadThatIsNotKnownIsLookedUp(t *testing.T) {
	t.Parallel()
	r := running(t, discordsim.Options{})
	thread := must(r.sim.StartThread(r.bob.ID, r.channel.ID, "", "side", false))(t)
	m := r.say(t, r.ada, thread.ID, "hi")
	r.inbox.message(t, m.ID)
	r.sim.Dispatch("THREAD_DELETE", json.RawMessage(fmt.Sprintf(`{"id":%q}`, thread.ID)))
	if err := r.sim.SetFault("GET /channels/{channel}", discordsim.Fault{Status: 503, Times: 1}); err != nil {
		t.Fatal(err)
	}
	r.sim.Dispatch("MESSAGE_CREATE", json.RawMessage(fmt.Sprintf(
		`{"id":"1574961508089274368","channel_id":%q,"guild_id":%q,"type":0,"author":{"id":%q,"username":"Ada"},"content":"again"}`, thread.ID, r.guild.ID, r.ada.ID)))
	got := r.inbox.message(t, "1574961508089274368")
	if got.Place != conversation.PlaceThread || got.Parent != r.channel.ID {
		t.Errorf("message stands in %+v", got)
	}
}

type panicking struct {
	left atomic.Int32
	next *inbox
}

func (p *panicking) Ingest(ctx context.Context, e conversation.Event) error {
	if p.left.Add(-1) >= 0 {
		panic("ingest")
	}
	return p.next.Ingest(ctx, e)
}

func TestAPanicCostsOneEvent(t *testing.T) {
	t.Parallel()
	p := &panicking{next: newInbox()}
	p.left.Store(1)
	r := running(t, discordsim.Options{}, func(o *discord.Options) { o.Ingester = p })
	r.say(t, r.ada, r.channel.ID, "one")
	eventually(t, "panic", func() bool { return r.observed.get("panic") == 1 })
	p.next.message(t, r.say(t, r.ada, r.channel.ID, "two").ID)
}

func TestWhatWasReadIsStoredBeforeTheEnd(t *testing.T) {
	t.Parallel()
	r := newRig(t, discordsim.Options{MessageContentEnabled: true, HeartbeatInterval: time.Second})
	r.inbox.setBroken(true)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.adapter.Run(ctx) }()
	r.connected(t)
	m := r.say(t, r.ada, r.channel.ID, "last words")
	heard := r.say(t, r.ada, r.dm(t, r.ada).ID, "heard")
	eventually(t, "the adapter has read both", func() bool {
		for _, e := range r.sim.GatewayLog() {
			if e.Kind == "heartbeat" && e.Seq >= 4 { // READY, GUILD_CREATE and two messages
				return true
			}
		}
		return false
	})
	stop()
	r.inbox.setBroken(false)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	r.inbox.message(t, m.ID)
	r.inbox.message(t, heard.ID)
}

func TestTheDoctorNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	healthy := idle(t, discordsim.Options{})
	for _, f := range healthy.adapter.Check(t.Context()) {
		if !f.OK || f.Detail == "" {
			t.Errorf("finding is %+v", f)
		}
	}
	fault := func(a *discord.Adapter) string {
		var wrong []string
		for _, f := range a.Check(t.Context()) {
			if !f.OK {
				wrong = append(wrong, f.Name+": "+f.Hint)
			}
		}
		return strings.Join(wrong, "\n")
	}
	if got := fault(newRig(t, discordsim.Options{}).adapter); !strings.Contains(got, "Message Content Intent") {
		t.Errorf("intent off: %q", got)
	}
	wrong := newRig(t, discordsim.Options{}, func(o *discord.Options) { o.BotToken = "x.y.z" })
	if got := fault(wrong.adapter); !strings.Contains(got, "DISCORD_BOT_TOKEN") {
		t.Errorf("wrong token: %q", got)
	}
	nobody := newRig(t, discordsim.Options{}, func(o *discord.Options) { o.APIURL = "http://127.0.0.1:1" })
	if got := fault(nobody.adapter); !strings.Contains(got, "DISCORD_API_URL") {
		t.Errorf("nobody there: %q", got)
	}
	abroad := idle(t, discordsim.Options{})
	if err := abroad.sim.SetFault("GET /applications/@me", discordsim.Fault{Status: 200, Body: `{"id":"1","flags":524288,"interactions_endpoint_url":"https://bot.example"}`}); err != nil {
		t.Fatal(err)
	}
	if got := fault(abroad.adapter); !strings.Contains(got, "Interactions Endpoint URL") {
		t.Errorf("commands go elsewhere: %q", got)
	}
	alone, err := discordsim.New(discordsim.Options{MessageContentEnabled: true})
	if err != nil {
		t.Fatal(err)
	}
	defer alone.Close()
	if got := fault(newAdapter(t, alone)); !strings.Contains(got, "oauth2/authorize?client_id="+alone.ApplicationID()+"&scope=bot%20applications.commands&") {
		t.Errorf("in no server: %q", got)
	}
}

func TestTheDoctorFindsNoFaultInWhatAServerDoesNotTell(t *testing.T) {
	t.Parallel()
	r := idle(t, discordsim.Options{})
	for route, fault := range map[string]discordsim.Fault{
		"GET /applications/@me":        {Status: http.StatusNotFound},
		"GET /oauth2/applications/@me": {Status: http.StatusMethodNotAllowed},
		"GET /users/@me/guilds":        {Status: http.StatusNotFound, ContentType: "text/plain", Body: "404 page not found"},
		"GET /gateway/bot":             {Status: http.StatusOK, Body: `{"url":"` + strings.Replace(r.sim.URL(), "http", "ws", 1) + `"}`},
	} {
		if err := r.sim.SetFault(route, fault); err != nil {
			t.Fatal(err)
		}
	}
	findings := r.adapter.Check(t.Context())
	untold := 0
	for _, f := range findings {
		if !f.OK || strings.Contains(f.Detail, "0 of 0") || f.Detail == "" {
			t.Errorf("finding is %+v", f)
		}
		if f.Detail == "the server does not tell" {
			untold++
		}
	}
	if len(findings) != 5 || untold != 3 {
		t.Errorf("findings are %+v", findings)
	}
}

func TestTheDoctorSpeaksToTheOperator(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault discordsim.Fault
		hint  string
	}{
		"no such call": {discordsim.Fault{Status: 404}, "DISCORD_API_URL"},
		"forbidden":    {discordsim.Fault{Status: 403}, "discord.com/developers/applications"},
		"banned":       {discordsim.CloudflareBan(time.Hour), "wait"},
		"out of order": {discordsim.Fault{Status: 503}, "discordstatus.com"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := idle(t, discordsim.Options{})
			if err := r.sim.SetFault("GET /users/@me", c.fault); err != nil {
				t.Fatal(err)
			}
			findings := r.adapter.Check(t.Context())
			if len(findings) != 1 || findings[0].OK || !strings.Contains(findings[0].Hint, c.hint) {
				t.Fatalf("findings are %+v", findings)
			}
			if hint := findings[0].Hint; strings.Contains(hint, "Whoever runs me") || strings.Contains(hint, " I ") {
				t.Errorf("the hint is for people in the chat: %q", hint)
			}
		})
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for _, o := range []discord.Options{{}, {BotToken: "a b"}, {BotToken: "x", APIURL: "ftp://x"}, {BotToken: "x"}} {
		if _, err := discord.New(o); err == nil || strings.Contains(err.Error(), "a b") {
			t.Errorf("New(%+v): %v", o, err)
		}
	}
}
