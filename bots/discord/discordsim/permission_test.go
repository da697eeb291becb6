package discordsim_test

import (
	"testing"

	"parley/bots/discord/discordsim"
)

func TestPermissions(t *testing.T) {
	t.Parallel()
	sim := start(t)
	p := furnish(t, sim)
	role, err := sim.AddRole(p.guild.ID, "crew", 0, p.alice.ID)
	if err != nil {
		t.Fatal(err)
	}
	const view, sends = discordsim.ViewChannel, discordsim.SendMessages
	everyone := func(allow, deny discordsim.Permissions) discordsim.Overwrite {
		return discordsim.Overwrite{ID: p.guild.ID, Allow: allow, Deny: deny}
	}
	ofRole := func(allow, deny discordsim.Permissions) discordsim.Overwrite {
		return discordsim.Overwrite{ID: role.ID, Allow: allow, Deny: deny}
	}
	ofAlice := func(allow, deny discordsim.Permissions) discordsim.Overwrite {
		return discordsim.Overwrite{ID: p.alice.ID, Kind: discordsim.OverwriteMember, Allow: allow, Deny: deny}
	}
	for name, c := range map[string]struct {
		overwrites []discordsim.Overwrite
		want       discordsim.Permissions
	}{
		"no overwrite":                         {nil, view | sends},
		"everyone denied":                      {[]discordsim.Overwrite{everyone(0, view)}, 0},
		"a role is stronger than everyone":     {[]discordsim.Overwrite{ofRole(view, 0), everyone(0, view)}, view | sends},
		"a member is stronger than a role":     {[]discordsim.Overwrite{ofAlice(0, sends), ofRole(sends, 0)}, view},
		"a member allowed after all":           {[]discordsim.Overwrite{ofAlice(view, 0), ofRole(0, view), everyone(0, view)}, view | sends},
		"without view nothing else is allowed": {[]discordsim.Overwrite{everyone(sends, view)}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			channel, err := sim.AddChannel(p.guild.ID, "c", discordsim.Text, c.overwrites...)
			if err != nil {
				t.Fatal(err)
			}
			if got := sim.Permissions(p.alice.ID, channel.ID) & (view | sends); got != c.want {
				t.Errorf("alice has %b, want %b", got, c.want)
			}
			if got := sim.Permissions(p.guild.OwnerID, channel.ID) & (view | sends); got != view|sends {
				t.Errorf("the owner has %b", got)
			}
			if got := sim.Permissions(sim.AddUser("stranger").ID, channel.ID); got != 0 {
				t.Errorf("a stranger has %b", got)
			}
			said, err := sim.Say(p.guild.OwnerID, channel.ID, "x")
			if err != nil {
				t.Fatal(err)
			}
			thread, err := sim.StartThread(p.guild.OwnerID, channel.ID, said.ID, "t", false)
			if err != nil {
				t.Fatal(err)
			}
			if got := sim.Permissions(p.alice.ID, thread.ID) & view; got != c.want&view {
				t.Errorf("in the thread alice has %b, its parent gives %b", got, c.want)
			}
		})
	}
}

func TestAdministratorsSeeEverything(t *testing.T) {
	t.Parallel()
	sim := start(t)
	p := furnish(t, sim)
	hidden, err := sim.AddChannel(p.guild.ID, "hidden", discordsim.Text, discordsim.Overwrite{ID: p.guild.ID, Deny: discordsim.ViewChannel})
	if err != nil {
		t.Fatal(err)
	}
	if sim.Permissions(p.alice.ID, hidden.ID) != 0 {
		t.Error("the channel is not hidden")
	}
	if _, err := sim.AddRole(p.guild.ID, "admin", discordsim.Administrator, p.alice.ID); err != nil {
		t.Fatal(err)
	}
	if sim.Permissions(p.alice.ID, hidden.ID)&discordsim.ViewChannel == 0 {
		t.Error("an administrator cannot see the channel")
	}
}

func TestHiddenChannelsSendNoEvents(t *testing.T) {
	t.Parallel()
	sim := start(t)
	p := furnish(t, sim)
	w := dial(t, sim)
	w.identify(everything)
	if err := sim.SetRole(p.guild.ID, p.guild.ID, discordsim.DefaultPermissions&^discordsim.ViewChannel); err != nil {
		t.Fatal(err)
	}
	if _, err := sim.Say(p.guild.OwnerID, p.channel.ID, "unseen"); err != nil {
		t.Fatal(err)
	}
	if err := sim.SetRole(p.guild.ID, p.guild.ID, discordsim.DefaultPermissions); err != nil {
		t.Fatal(err)
	}
	if _, err := sim.Say(p.guild.OwnerID, p.channel.ID, "seen"); err != nil {
		t.Fatal(err)
	}
	if got := content(t, w.event("MESSAGE_CREATE")); got != "seen" {
		t.Errorf("the bot got %q", got)
	}
}
