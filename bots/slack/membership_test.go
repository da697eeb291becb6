package slack_test

import (
	"strings"
	"testing"

	"parley/bots/slack/slacksim"
	"parley/conversation"
)

// town is a workspace with all sorts of people and channels.
type town struct {
	*world
	bob, guest, single, left, stranger         slacksim.User
	public, private, shared, absent, group, dm conversation.ThreadRef
	guests                                     conversation.ThreadRef // public, with a guest in it
}

func newTown(t *testing.T) *town {
	t.Helper()
	w := connected(t)
	v := &town{world: w, bob: w.sim.AddUser("bob")}
	for _, p := range []struct {
		user *slacksim.User
		name string
		mark func(*slacksim.User)
	}{
		{&v.guest, "guest", func(u *slacksim.User) { u.Guest = true }},
		{&v.single, "single", func(u *slacksim.User) { u.OneChannel = true }},
		{&v.left, "left", func(u *slacksim.User) { u.Deleted = true }},
		{&v.stranger, "stranger", func(u *slacksim.User) { u.Stranger = true }},
	} {
		*p.user = w.sim.AddUser(p.name)
		p.mark(p.user)
		if err := w.sim.UpdateUser(*p.user); err != nil {
			t.Fatal(err)
		}
	}
	bot := w.sim.BotUserID()
	channel := func(name string, private bool, members ...string) conversation.ThreadRef {
		c, err := w.sim.AddChannel(name, private, members...)
		if err != nil {
			t.Fatal(err)
		}
		return w.at(c.ID)
	}
	v.public = channel("public", false, w.ann.ID, bot)
	v.private = channel("private", true, w.ann.ID, v.left.ID, bot)
	v.shared = channel("shared", false, w.ann.ID, v.stranger.ID, bot)
	v.guests = channel("guests", false, w.ann.ID, v.guest.ID, bot)
	v.absent = channel("absent", true, w.ann.ID)
	if err := w.sim.ShareExternally(v.shared.Channel); err != nil {
		t.Fatal(err)
	}
	g, err := w.sim.OpenGroupDM(w.ann.ID, v.bob.ID)
	if err != nil {
		t.Fatal(err)
	}
	d, err := w.sim.OpenDM(w.ann.ID)
	if err != nil {
		t.Fatal(err)
	}
	v.group, v.dm = w.at(g.ID), w.at(d.ID)
	return v
}

func (w *world) at(channel string) conversation.ThreadRef {
	return conversation.ThreadRef{Platform: conversation.Slack, Workspace: w.sim.Team(), Channel: channel}
}

func TestMayRead(t *testing.T) {
	t.Parallel()
	v := newTown(t)
	ann, bob := v.ann.ID, v.bob.ID
	foreign := v.public
	foreign.Workspace = "T0OTHER"
	tests := []struct {
		name string
		ref  conversation.ThreadRef
		user string
		want bool
	}{
		{"a member of a public channel", v.public, ann, true},
		{"a full member of the workspace, of a public channel", v.public, bob, true},
		{"a guest who is no member", v.public, v.guest.ID, false},
		{"a guest who is a member", v.guests, v.guest.ID, true},
		{"a single-channel guest", v.public, v.single.ID, false},
		{"a person of another company", v.public, v.stranger.ID, false},
		{"somebody who has left", v.public, v.left.ID, false},
		{"a member of a private channel", v.private, ann, true},
		{"a full member, of a private channel", v.private, bob, false},
		{"a member of a private channel who has left the company", v.private, v.left.ID, false},
		{"a member of a shared channel", v.shared, ann, true},
		{"a stranger in a shared channel", v.shared, v.stranger.ID, true},
		{"a full member, of a shared channel", v.shared, bob, false},
		{"a private channel without Parley", v.absent, ann, false},
		{"somebody in a group message", v.group, bob, true},
		{"a guest, of a group message", v.group, v.guest.ID, false},
		{"the person of a direct message", v.dm, ann, true},
		{"another, of a direct message", v.dm, bob, false},
		{"nobody", v.public, "", false},
		{"an unknown person", v.public, "U0NOBODY", false},
		{"a channel that does not exist", v.at("C0NOTHING"), ann, false},
		{"no channel", v.at("#public"), ann, false},
		{"another workspace", foreign, ann, false},
	}
	for _, tt := range tests {
		if got, err := v.adapter.MayRead(t.Context(), tt.ref, tt.user); err != nil || got != tt.want {
			t.Errorf("%s: %v, %v, want %v", tt.name, got, err, tt.want)
		}
	}
	unseen, err := v.sim.AddChannel("unseen", false, ann)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := v.adapter.MayRead(t.Context(), v.at(unseen.ID), ann); err != nil || got {
		t.Errorf("a public channel that Parley is not in: %v, %v", got, err)
	}
}

func TestMayReadFailsClosed(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"conversations.info", "conversations.members", "users.info"} {
		for _, fault := range []slacksim.Fault{{Error: "missing_scope", Needed: "groups:read"}, {Error: "internal_error"}, {Status: 500}, {Status: 404}} {
			w := connected(t)
			private, err := w.sim.AddChannel("private", true, w.ann.ID, w.sim.BotUserID())
			if err != nil {
				t.Fatal(err)
			}
			w.sim.SetFault(method, fault)
			if may, err := w.adapter.MayRead(t.Context(), w.at(private.ID), w.ann.ID); may || err == nil {
				t.Errorf("%s answers %+v: %v, %v", method, fault, may, err)
			}
		}
	}
}

func TestMembershipIsLookedUpPageByPageAndEachTime(t *testing.T) {
	t.Parallel()
	w := connected(t)
	members := []string{w.sim.BotUserID()}
	for range 700 {
		members = append(members, w.sim.AddUser("crowd").ID)
	}
	members = append(members, w.ann.ID)
	big, err := w.sim.AddChannel("big", true, members...)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if may, err := w.adapter.MayRead(t.Context(), w.at(big.ID), w.ann.ID); err != nil || !may {
			t.Fatalf("%v, %v", may, err)
		}
	}
	if n := len(w.sim.Calls("conversations.members")); n != 6 {
		t.Errorf("conversations.members is called %d times, want two pages each time", n)
	}
	if err := w.sim.Kick(big.ID, w.ann.ID); err != nil {
		t.Fatal(err)
	}
	if may, err := w.adapter.MayRead(t.Context(), w.at(big.ID), w.ann.ID); err != nil || may {
		t.Errorf("somebody who has just left may read: %v, %v", may, err)
	}
}

func TestCovers(t *testing.T) {
	t.Parallel()
	v := newTown(t)
	thread := v.private
	thread.Thread = "1700000000.000001"
	other, err := v.sim.AddChannel("other", true, v.ann.ID, v.bob.ID, v.sim.BotUserID())
	if err != nil {
		t.Fatal(err)
	}
	foreign := v.public
	foreign.Workspace = "T0OTHER"
	for _, tt := range []struct {
		name             string
		source, audience conversation.ThreadRef
		want             bool
	}{
		{"a thread of the same channel", thread, v.private, true},
		{"a public channel, told in a private one of full members", v.public, v.at(other.ID), true},
		{"a public channel, told to a group", v.public, v.group, true},
		{"a public channel, told where a guest is", v.public, v.guests, false},
		{"a public channel, told in a shared one", v.public, v.shared, false},
		{"a private channel, told in another", v.private, v.at(other.ID), false},
		{"a private channel, told to one of its members alone", v.private, v.dm, true},
		{"a shared channel, told elsewhere", v.shared, v.public, false},
		{"a direct message, told elsewhere", v.dm, v.public, false},
		{"what does not exist", v.at("C0NOTHING"), v.at("C0NOTHING"), false},
		{"what Parley is not in", v.absent, v.absent, false},
		{"another workspace", foreign, v.public, false},
	} {
		if got, err := v.adapter.Covers(t.Context(), tt.source, tt.audience); err != nil || got != tt.want {
			t.Errorf("%s: %v, %v, want %v", tt.name, got, err, tt.want)
		}
	}
	v.sim.SetFault("*", slacksim.Fault{Status: 503})
	if got, err := v.adapter.Covers(t.Context(), v.at("C0UNKNOWN"), v.public); got || err == nil {
		t.Errorf("without Slack: %v, %v", got, err)
	}
}

func TestDoctorNamesTheScopesOfCommands(t *testing.T) {
	t.Parallel()
	scopes := []string{}
	for _, s := range slacksim.DefaultScopes() {
		if s != "commands" && s != "im:write" {
			scopes = append(scopes, s)
		}
	}
	w := open(t, setup{wait: true, sim: slacksim.Options{Scopes: scopes}})
	found := ""
	for _, f := range w.adapter.Check(t.Context()) {
		found += f.Detail
	}
	if !strings.Contains(found, "commands (") || !strings.Contains(found, "im:write (") {
		t.Errorf("findings %s", found)
	}
}
