package discord_test

import (
	"net/http"
	"testing"
	"time"

	"parley/bots/discord/discordsim"
)

func (r *rig) mayPost(t *testing.T, channel, user string) bool {
	t.Helper()
	return must(r.adapter.MayPost(t.Context(), r.ref(channel), user))(t)
}

func TestMayPost(t *testing.T) {
	t.Parallel()
	r := newRig(t, discordsim.Options{})
	bot := member(r.sim.BotUserID(), readable|discordsim.SendMessages, 0)
	add := func(name string, overwrites ...discordsim.Overwrite) string {
		return must(r.sim.AddChannel(r.guild.ID, name, discordsim.Text, overwrites...))(t).ID
	}
	news := add("news", r.everyone(0, discordsim.SendMessages), member(r.bob.ID, discordsim.SendMessages, 0), bot)
	hidden := add("hidden", r.everyone(0, discordsim.ViewChannel), bot)
	calm := add("no threads", r.everyone(0, discordsim.SendMessagesInThreads), bot)
	thread := must(r.sim.StartThread(r.bob.ID, news, "", "talk", false))(t).ID
	still := must(r.sim.StartThread(r.bob.ID, calm, "", "talk", false))(t).ID
	for channel, want := range map[string][2]bool{ // Ada, Bob
		r.channel.ID: {true, true},
		news:         {false, true},
		hidden:       {false, false},
		thread:       {true, true}, // in a thread another permission counts
		calm:         {true, true},
		still:        {false, false},
	} {
		if got := [2]bool{r.mayPost(t, channel, r.ada.ID), r.mayPost(t, channel, r.bob.ID)}; got != want {
			t.Errorf("%s: %v, want %v", channel, got, want)
		}
	}
	for _, nobody := range []string{"", "x", "1"} {
		if r.mayPost(t, r.channel.ID, nobody) {
			t.Errorf("%q may write", nobody)
		}
	}
	dm := r.ref(r.dm(t, r.ada).ID)
	dm.Workspace = "@me"
	if !must(r.adapter.MayPost(t.Context(), dm, r.ada.ID))(t) || must(r.adapter.MayPost(t.Context(), dm, r.bob.ID))(t) {
		t.Error("a direct message is its recipient's")
	}
	t.Run("who is timed out writes nowhere", func(t *testing.T) {
		if err := r.sim.TimeOut(r.guild.ID, r.ada.ID, time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if r.mayPost(t, r.channel.ID, r.ada.ID) || r.mayPost(t, thread, r.ada.ID) {
			t.Error("Ada writes")
		}
	})
	once := func(route, body string) {
		t.Helper()
		if err := r.sim.SetFault(route, discordsim.Fault{Status: http.StatusOK, Body: body, Times: 1}); err != nil {
			t.Fatal(err)
		}
	}
	once("GET /guilds/{guild}/members/{user}", `{"user":{"id":"`+r.bob.ID+`"},"roles":[],"pending":true}`)
	if r.mayPost(t, r.channel.ID, r.bob.ID) {
		t.Error("who has not passed the screening writes")
	}
	once("GET /channels/{channel}", `{"id":"`+thread+`","type":11,"guild_id":"`+r.guild.ID+`","parent_id":"`+news+`","thread_metadata":{"locked":true}}`)
	if r.mayPost(t, thread, r.bob.ID) {
		t.Error("a locked thread takes messages")
	}
	if err := r.sim.SetFault("GET /guilds/{guild}", discordsim.Fault{Status: http.StatusBadGateway, Times: 1}); err != nil {
		t.Fatal(err)
	}
	if may, err := r.adapter.MayPost(t.Context(), r.ref(r.channel.ID), r.bob.ID); may || err == nil {
		t.Errorf("while Discord is down: %v, %v", may, err)
	}
	if !r.mayPost(t, r.channel.ID, r.bob.ID) {
		t.Error("without a fault Bob may write")
	}
}
