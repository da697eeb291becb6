package discord_test

import (
	"net/http"
	"testing"
	"time"

	"parley/bots/discord/discordsim"
	"parley/conversation"
)

func (r *rig) ref(channel string) conversation.ThreadRef {
	return conversation.ThreadRef{Platform: conversation.Discord, Workspace: r.guild.ID, Channel: channel}
}

func (r *rig) mayRead(t *testing.T, ref conversation.ThreadRef, user string) bool {
	t.Helper()
	return must(r.adapter.MayRead(t.Context(), ref, user))(t)
}

func (r *rig) covers(t *testing.T, source, audience conversation.ThreadRef) bool {
	t.Helper()
	return must(r.adapter.Covers(t.Context(), source, audience))(t)
}

const readable = discordsim.ViewChannel | discordsim.ReadMessageHistory

// everyone and role are overwrites.
func (r *rig) everyone(allow, deny discordsim.Permissions) discordsim.Overwrite {
	return discordsim.Overwrite{ID: r.guild.ID, Kind: discordsim.OverwriteRole, Allow: allow, Deny: deny}
}

func role(id string, allow, deny discordsim.Permissions) discordsim.Overwrite {
	return discordsim.Overwrite{ID: id, Kind: discordsim.OverwriteRole, Allow: allow, Deny: deny}
}

func member(id string, allow, deny discordsim.Permissions) discordsim.Overwrite {
	return discordsim.Overwrite{ID: id, Kind: discordsim.OverwriteMember, Allow: allow, Deny: deny}
}

func TestMayRead(t *testing.T) {
	t.Parallel()
	r := newRig(t, discordsim.Options{})
	bot := member(r.sim.BotUserID(), readable, 0)
	staff := must(r.sim.AddRole(r.guild.ID, "staff", 0, r.ada.ID))(t)
	boss := r.sim.AddUser("Boss")
	must(r.sim.AddRole(r.guild.ID, "admin", discordsim.Administrator, boss.ID))(t)
	stranger := r.sim.AddUser("Stranger")
	add := func(name string, overwrites ...discordsim.Overwrite) string {
		return must(r.sim.AddChannel(r.guild.ID, name, discordsim.Text, overwrites...))(t).ID
	}
	hidden := r.everyone(0, discordsim.ViewChannel)
	channels := map[string]string{
		"open":                      r.channel.ID,
		"hidden":                    add("hidden", hidden, bot),
		"for staff":                 add("for staff", hidden, role(staff.ID, discordsim.ViewChannel, 0), bot),
		"no history":                add("no history", r.everyone(0, discordsim.ReadMessageHistory), bot),
		"staff denied":              add("staff denied", role(staff.ID, 0, discordsim.ViewChannel), bot),
		"staff denied, Ada allowed": add("ada", role(staff.ID, 0, discordsim.ViewChannel), member(r.ada.ID, discordsim.ViewChannel, 0), bot),
		"Ada denied":                add("not ada", role(staff.ID, discordsim.ViewChannel, 0), member(r.ada.ID, 0, discordsim.ViewChannel), bot),
	}
	for _, c := range []struct {
		channel   string
		ada, bob  bool
		boss, own bool
	}{
		{"open", true, true, true, true},
		{"hidden", false, false, true, true},
		{"for staff", true, false, true, true},
		{"no history", false, false, true, true},
		{"staff denied", false, true, true, true},
		{"staff denied, Ada allowed", true, true, true, true},
		{"Ada denied", false, true, true, true},
	} {
		for user, want := range map[string]bool{r.ada.ID: c.ada, r.bob.ID: c.bob, boss.ID: c.boss, r.guild.OwnerID: c.own, stranger.ID: false, "": false, "x": false} {
			if got := r.mayRead(t, r.ref(channels[c.channel]), user); got != want {
				t.Errorf("%s, user %s: %v, want %v", c.channel, user, got, want)
			}
		}
	}

	t.Run("a thread has its parent's overwrites", func(t *testing.T) {
		thread := must(r.sim.StartThread(r.ada.ID, channels["for staff"], "", "talk", false))(t)
		if !r.mayRead(t, r.ref(thread.ID), r.ada.ID) || r.mayRead(t, r.ref(thread.ID), r.bob.ID) {
			t.Error("Ada may read the thread, Bob may not")
		}
	})
	t.Run("a private thread is for its members", func(t *testing.T) {
		thread := must(r.sim.StartThread(r.ada.ID, r.channel.ID, "", "talk", true))(t)
		if err := r.sim.AddThreadMember(thread.ID, r.sim.BotUserID()); err != nil {
			t.Fatal(err)
		}
		if !r.mayRead(t, r.ref(thread.ID), r.ada.ID) || r.mayRead(t, r.ref(thread.ID), r.bob.ID) {
			t.Error("Ada may read the private thread, Bob may not")
		}
		moderator := r.sim.AddUser("Moderator")
		must(r.sim.AddRole(r.guild.ID, "moderator", discordsim.ManageThreads, moderator.ID))(t)
		if !r.mayRead(t, r.ref(thread.ID), moderator.ID) {
			t.Error("who manages threads may read it")
		}
		if err := r.sim.TimeOut(r.guild.ID, moderator.ID, time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if r.mayRead(t, r.ref(thread.ID), moderator.ID) {
			t.Error("who is timed out manages no threads")
		}
		if !r.mayRead(t, r.ref(r.channel.ID), moderator.ID) {
			t.Error("who is timed out still reads the channel")
		}
	})
	t.Run("a private thread without the bot is unknown", func(t *testing.T) {
		thread := must(r.sim.StartThread(r.ada.ID, r.channel.ID, "", "secret", true))(t)
		if r.mayRead(t, r.ref(thread.ID), r.ada.ID) {
			t.Error("Parley is not in it")
		}
	})
	t.Run("voice takes connecting", func(t *testing.T) {
		voice := must(r.sim.AddChannel(r.guild.ID, "voice", discordsim.Voice, role(staff.ID, 0, discordsim.Connect)))(t)
		if r.mayRead(t, r.ref(voice.ID), r.ada.ID) || !r.mayRead(t, r.ref(voice.ID), r.bob.ID) {
			t.Error("Bob may read it, Ada may not")
		}
	})
	t.Run("a direct message is its recipient's", func(t *testing.T) {
		dm := conversation.ThreadRef{Platform: conversation.Discord, Workspace: "@me", Channel: r.dm(t, r.ada).ID}
		if !r.mayRead(t, dm, r.ada.ID) || r.mayRead(t, dm, r.bob.ID) {
			t.Error("Ada may read it, Bob may not")
		}
	})
	t.Run("a reference that names the wrong place is unknown", func(t *testing.T) {
		other := r.sim.AddGuild("Other", r.ada.ID)
		ref := r.ref(r.channel.ID)
		ref.Workspace = other.ID
		direct := r.ref(r.channel.ID)
		direct.Workspace = "@me"
		for _, ref := range []conversation.ThreadRef{ref, direct, r.ref("1"), r.ref("x"), {Platform: conversation.Slack, Workspace: r.guild.ID, Channel: r.channel.ID}} {
			if r.mayRead(t, ref, r.ada.ID) {
				t.Errorf("%v", ref)
			}
		}
	})
	t.Run("who left may no longer", func(t *testing.T) {
		if err := r.sim.RemoveMember(r.guild.ID, r.bob.ID); err != nil {
			t.Fatal(err)
		}
		if r.mayRead(t, r.ref(r.channel.ID), r.bob.ID) {
			t.Error("Bob has left")
		}
	})
}

func TestMayReadFailsClosed(t *testing.T) {
	t.Parallel()
	r := newRig(t, discordsim.Options{})
	for _, f := range []struct {
		route string
		fault discordsim.Fault
	}{
		{"GET /channels/{channel}", discordsim.Fault{Status: http.StatusBadGateway}},
		{"GET /guilds/{guild}", discordsim.Fault{Status: http.StatusInternalServerError}},
		{"GET /guilds/{guild}/members/{user}", discordsim.Fault{Status: http.StatusServiceUnavailable}},
		{"GET /guilds/{guild}/members/{user}", discordsim.Fault{Status: 200, Body: `{"roles":[]}`}},
		{"GET /guilds/{guild}/members/{user}", discordsim.Fault{Status: 200, Body: `{"user":{"id":"` + r.ada.ID + `"},"roles":"all"}`}},
		{"GET /guilds/{guild}", discordsim.Fault{Status: 200, Body: `{"id":"` + r.guild.ID + `","owner_id":"1"}`}},
		{"GET /channels/{channel}", discordsim.Fault{Status: 200, Body: `{"id":"` + r.channel.ID + `","type":0,"guild_id":"` + r.guild.ID + `"}`}},
		{"GET /channels/{channel}", discordsim.Fault{Status: 200, Body: `{"id":"` + r.channel.ID + `","type":0,"guild_id":"` + r.guild.ID + `","permission_overwrites":[{"id":"` + r.guild.ID + `","deny":1024}]}`}},
	} {
		f.fault.Times = 1
		if err := r.sim.SetFault(f.route, f.fault); err != nil {
			t.Fatal(err)
		}
		if ok, err := r.adapter.MayRead(t.Context(), r.ref(r.channel.ID), r.ada.ID); ok || err == nil {
			t.Errorf("%s answers %d %s: %v, %v", f.route, f.fault.Status, f.fault.Body, ok, err)
		}
		r.sim.ClearFaults()
	}
	if !r.mayRead(t, r.ref(r.channel.ID), r.ada.ID) {
		t.Error("without a fault Ada may read it")
	}
}

func TestCovers(t *testing.T) {
	t.Parallel()
	r := newRig(t, discordsim.Options{})
	bot := member(r.sim.BotUserID(), readable, 0)
	add := func(name string, overwrites ...discordsim.Overwrite) conversation.ThreadRef {
		return r.ref(must(r.sim.AddChannel(r.guild.ID, name, discordsim.Text, overwrites...))(t).ID)
	}
	thread := func(parent conversation.ThreadRef, private bool) conversation.ThreadRef {
		c := must(r.sim.StartThread(r.ada.ID, parent.Channel, "", "talk", private))(t)
		if err := r.sim.AddThreadMember(c.ID, r.sim.BotUserID()); err != nil {
			t.Fatal(err)
		}
		return r.ref(c.ID)
	}
	open, other := r.ref(r.channel.ID), add("other")
	closed := add("closed", r.everyone(0, discordsim.ViewChannel), member(r.ada.ID, readable, 0), bot)
	spiked := add("spiked", member(r.bob.ID, 0, discordsim.ViewChannel), bot)
	reply := open
	reply.Thread = "123"
	openThread, openPrivate := thread(open, false), thread(open, true)
	closedThread, closedPrivate := thread(closed, false), thread(closed, true)
	dm := func(u discordsim.User) conversation.ThreadRef {
		return conversation.ThreadRef{Platform: conversation.Discord, Workspace: "@me", Channel: r.dm(t, u).ID}
	}
	foreign := r.sim.AddGuild("Other", r.ada.ID)
	abroad := conversation.ThreadRef{Platform: conversation.Discord, Workspace: foreign.ID, Channel: must(r.sim.AddChannel(foreign.ID, "x", discordsim.Text))(t).ID}
	for name, c := range map[string]struct {
		source, audience conversation.ThreadRef
		want             bool
	}{
		"same channel":                         {closed, closed, true},
		"reply chain of the channel":           {open, reply, true},
		"channel in its public thread":         {closed, closedThread, true},
		"public thread in its channel":         {closedThread, closed, true},
		"channel in its private thread":        {closed, closedPrivate, true},
		"private thread in its channel":        {closedPrivate, closed, false},
		"private thread in itself":             {closedPrivate, closedPrivate, true},
		"open channel elsewhere":               {open, closed, true},
		"open thread elsewhere":                {openThread, other, true},
		"private thread of an open channel":    {openPrivate, other, false},
		"closed channel elsewhere":             {closed, open, false},
		"channel that is denied to one person": {spiked, open, false},
		"open channel in another guild":        {open, abroad, false},
		"closed channel told to a reader":      {closed, dm(r.ada), true},
		"closed channel told to another":       {closed, dm(r.bob), false},
		"direct message told to others":        {dm(r.ada), open, false},
		"direct message told to another":       {dm(r.ada), dm(r.bob), false},
	} {
		if got := r.covers(t, c.source, c.audience); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	if err := r.sim.SetRole(r.guild.ID, r.guild.ID, discordsim.DefaultPermissions&^discordsim.ReadMessageHistory); err != nil {
		t.Fatal(err)
	}
	if r.covers(t, open, other) {
		t.Error("without history for everyone an open channel is not open")
	}
}
