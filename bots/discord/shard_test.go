package discord_test

import (
	"slices"
	"testing"

	"parley/bots/botstest"
	"parley/bots/discord"
	"parley/bots/discord/discordsim"
	"parley/conversation"
)

// replica is another process of the rig's Discord with the same leases.
func (r *rig) replica(t *testing.T, leases *botstest.Leases) *rig {
	t.Helper()
	other := &rig{sim: r.sim, inbox: newInbox(), observed: &counter{n: map[string]int{}}, log: r.log, ada: r.ada, guild: r.guild, channel: r.channel}
	other.adapter = must(discord.New(discord.Options{
		BotToken: r.sim.BotToken(), APIURL: r.sim.URL(), Ingester: other.inbox, Leaser: leases, Logger: r.log, Observe: other.observed.add,
	}))(t)
	return other
}

func (r *rig) logged(kind string) (n int) {
	for _, e := range r.sim.GatewayLog() {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

func leased(t *testing.T) (*rig, *botstest.Leases) {
	t.Helper()
	leases := botstest.NewLeases()
	return running(t, discordsim.Options{}, func(o *discord.Options) { o.Leaser = leases }), leases
}

func TestAShardHasOneHolderAndASuccessor(t *testing.T) {
	t.Parallel()
	first, leases := leased(t)
	second := first.replica(t, leases)
	second.start(t)
	eventually(t, "the standby is ready", func() bool { return second.adapter.Ready() == nil })
	if n := first.logged("identify"); n != 1 {
		t.Fatalf("%d sessions while one replica holds the shard", n)
	}
	first.inbox.message(t, first.say(t, first.ada, first.channel.ID, "to the first").ID)
	out := first.outgoing(first.channel.ID, first.say(t, first.ada, first.channel.ID, "who answers?").ID, "the standby")
	must(second.adapter.Post(t.Context(), out))(t)
	if len(second.inbox.events) > 0 {
		t.Error("the standby received events")
	}
	first.stop()
	eventually(t, "the standby takes over", func() bool {
		return first.logged("identify") == 2 && second.sim.Connected() && second.adapter.Ready() == nil
	})
	second.inbox.message(t, first.say(t, first.ada, first.channel.ID, "to the second").ID)
	if want := []string{"discord/" + first.sim.ApplicationID() + "/shard/0/1"}; !slices.Equal(leases.Holds(), want) {
		t.Errorf("held: %q, want %q", leases.Holds(), want)
	}
}

func TestALostLeaseEndsTheSessionAtOnceAndItIsResumed(t *testing.T) {
	t.Parallel()
	r, leases := leased(t)
	// Somebody else holds the name for a moment, as a replica that took over would.
	name := leases.Holds()[0]
	leases.Revoke(name)
	eventually(t, "the gateway is left", func() bool { return !r.sim.Connected() })
	m := r.say(t, r.ada, r.channel.ID, "in between")
	r.inbox.message(t, m.ID)
	if r.logged("identify") != 1 || r.logged("resume") != 1 {
		t.Errorf("%d identifies, %d resumes", r.logged("identify"), r.logged("resume"))
	}
	r.connected(t)
}

func TestAllShardsAreHeldAndTheirNumberFollowsDiscord(t *testing.T) {
	t.Parallel()
	leases := botstest.NewLeases()
	r := running(t, discordsim.Options{}, func(o *discord.Options) { o.Leaser = leases })
	r.sim.SetShards(2)
	r.sim.DropGateway(4011)
	eventually(t, "two shards", func() bool { return r.logged("identify") == 3 && r.adapter.Ready() == nil })
	if n := len(leases.Holds()); n != 2 {
		t.Errorf("%d leases for 2 shards", n)
	}
	// Guilds of both shards and direct messages arrive.
	var want []string
	for i := range 6 {
		g := r.sim.AddGuild("guild", r.ada.ID)
		c := must(r.sim.AddChannel(g.ID, "general", discordsim.Text))(t)
		want = append(want, r.say(t, r.ada, c.ID, string(rune('a'+i))).ID)
	}
	want = append(want, r.say(t, r.ada, r.dm(t, r.ada).ID, "directly").ID)
	events := r.inbox.await(t, "one of each", func(e []conversation.Event) bool { return len(e) >= len(want) })
	for _, e := range events {
		m := e.(conversation.Posted).Message
		if !slices.Contains(want, m.ID) {
			t.Errorf("unexpected %q", m.Text)
		}
		want = slices.DeleteFunc(want, func(id string) bool { return id == m.ID })
	}
	if len(want) > 0 {
		t.Errorf("%d messages did not arrive", len(want))
	}
}

func TestMoreShardsThanDiscordRecommendsAreNotGuessed(t *testing.T) {
	t.Parallel()
	r := newRig(t, discordsim.Options{MessageContentEnabled: true})
	done := make(chan error, 1)
	go func() { done <- r.adapter.Run(t.Context()) }()
	r.connected(t)
	r.sim.DropGateway(4011)
	err := <-done
	if p, ok := err.(interface{ Permanent() bool }); !ok || !p.Permanent() {
		t.Errorf("run ended with %v", err)
	}
}

func TestAStandbyWithoutDiscordIsNotReady(t *testing.T) {
	t.Parallel()
	leases := botstest.NewLeases()
	r := newRig(t, discordsim.Options{MessageContentEnabled: true}, func(o *discord.Options) { o.Leaser = leases })
	if _, ok, err := leases.Acquire(t.Context(), "discord/"+r.sim.ApplicationID()+"/shard/0/1"); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if err := r.sim.SetFault("*", discordsim.Fault{Status: 503}); err != nil {
		t.Fatal(err)
	}
	r.start(t)
	eventually(t, "calls", func() bool { return len(r.sim.Calls()) > 1 })
	if r.adapter.Ready() == nil {
		t.Error("ready without Discord")
	}
	r.sim.ClearFaults()
	eventually(t, "the standby is ready", func() bool { return r.adapter.Ready() == nil })
	if r.sim.Connected() {
		t.Error("a session without a lease")
	}
}
