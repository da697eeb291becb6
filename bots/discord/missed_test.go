package discord_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/bots/discord"
	"parley/bots/discord/discordsim"
	"parley/conversation"
)

// catcher is an engine that only catches up: from given marks into an inbox.
type catcher struct {
	adapter *discord.Adapter
	inbox   *inbox

	mu     sync.Mutex
	marks  conversation.Marks
	runs   int
	failed int
	online int
}

func (c *catcher) CatchUp(ctx context.Context, _ conversation.Platform) error {
	c.mu.Lock()
	marks := c.marks
	c.mu.Unlock()
	for page, err := range c.adapter.Missed(ctx, marks) {
		if err != nil {
			c.count(&c.failed)
			return err
		}
		for _, posted := range page {
			posted.Delivery.CaughtUp = true
			if err := c.inbox.Ingest(ctx, posted); err != nil {
				return err
			}
		}
	}
	c.count(&c.runs)
	return nil
}

func (c *catcher) Online(context.Context, conversation.Platform) error {
	c.count(&c.online)
	return nil
}

func (c *catcher) onlines() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.online
}

func (c *catcher) count(n *int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	*n++
}

func (c *catcher) done() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.runs
}

func (c *catcher) failures() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failed
}

// catching is a rig that was last online at the given moment and is not running yet.
func catching(t *testing.T, online time.Time) (*rig, *catcher) {
	t.Helper()
	c := &catcher{marks: conversation.Marks{Online: online}}
	r := newRig(t, discordsim.Options{MessageContentEnabled: true}, func(o *discord.Options) { o.Catcher = c })
	c.adapter, c.inbox = r.adapter, r.inbox
	return r, c
}

func (c *catcher) await(t *testing.T, runs int) {
	t.Helper()
	eventually(t, fmt.Sprintf("caught up %d times", runs), func() bool { return c.done() >= runs })
}

// caught gives what was caught up, in order.
func (b *inbox) caught() []conversation.Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []conversation.Message
	for _, e := range b.events {
		if p, ok := e.(conversation.Posted); ok && p.Delivery.CaughtUp {
			list = append(list, p.Message)
		}
	}
	return list
}

func mark(workspace, channel string, place conversation.Place, m discordsim.Message) conversation.Mark {
	return conversation.Mark{
		Ref:   conversation.ThreadRef{Platform: conversation.Discord, Workspace: workspace, Channel: channel},
		Place: place, Newest: conversation.Position{SentAt: m.CreatedAt, MessageID: m.ID},
	}
}

// readOf counts how often the messages of a channel were asked for.
func (r *rig) readOf(channel string) int {
	n := 0
	for _, c := range r.sim.CallsTo("GET /channels/{channel}/messages") {
		if strings.Contains(c.Path, channel) {
			n++
		}
	}
	return n
}

func TestWhatWasMissedLooksLikeWhatIsDelivered(t *testing.T) {
	t.Parallel()
	live := running(t, discordsim.Options{})
	forum := must(live.sim.AddChannel(live.guild.ID, "help", discordsim.Forum))(t)
	dm, unknown := live.dm(t, live.ada), live.dm(t, live.bob)
	first := live.say(t, live.ada, dm.ID, "an earlier question")
	root := live.say(t, live.ada, live.channel.ID, live.bot()+" what of #general, <@"+live.bob.ID+">?")
	live.say(t, live.bob, live.channel.ID, "a reply", discordsim.ReplyTo(root.ID))
	thread := must(live.sim.StartThread(live.bob.ID, live.channel.ID, root.ID, "launch", false))(t)
	live.say(t, live.ada, thread.ID, "in a thread")
	post := must(live.sim.ForumPost(live.ada.ID, forum.ID, "a post", live.bot()+" in a forum"))(t)
	live.say(t, live.ada, dm.ID, "directly")
	live.say(t, live.bob, unknown.ID, "a first direct message")
	last := live.say(t, live.bob, post.ID, "the last word")
	live.inbox.message(t, last.ID)

	c := &catcher{inbox: newInbox(), marks: conversation.Marks{
		Online: time.Now(), Channels: []conversation.Mark{mark("@me", dm.ID, conversation.PlaceDM, first)},
	}}
	c.adapter = must(discord.New(discord.Options{
		BotToken: live.sim.BotToken(), APIURL: live.sim.URL(), Ingester: newInbox(), Catcher: c, Logger: live.log,
	}))(t)
	away := &rig{sim: live.sim, adapter: c.adapter}
	away.start(t)
	c.await(t, 1)

	want := map[string]conversation.Message{}
	for _, e := range live.inbox.await(t, "all", func([]conversation.Event) bool { return true }) {
		if m := e.(conversation.Posted).Message; m.Ref.Channel != unknown.ID {
			want[m.ID] = m
		}
	}
	newest := map[string]string{}
	for _, m := range c.inbox.caught() {
		if !reflect.DeepEqual(m, want[m.ID]) {
			t.Errorf("caught up\n%+v\nlive\n%+v", m, want[m.ID])
		}
		delete(want, m.ID)
		if m.ID < newest[m.Ref.Channel] {
			t.Errorf("message %s of channel %s comes after a newer one", m.ID, m.Ref.Channel)
		}
		newest[m.Ref.Channel] = m.ID
	}
	for _, m := range want {
		t.Errorf("not caught up: %q", m.Text)
	}
}

func TestOnlyWhatIsNewIsAskedFor(t *testing.T) {
	t.Parallel()
	start := time.Now()
	// Parley was away for an hour, from half an hour after the guild was made.
	clock := &hand{now: start.Add(-2 * time.Hour)}
	c := &catcher{}
	r := newRig(t, discordsim.Options{MessageContentEnabled: true, Clock: clock.read}, func(o *discord.Options) { o.Catcher = c })
	c.adapter, c.inbox = r.adapter, r.inbox
	quiet := must(r.sim.AddChannel(r.guild.ID, "quiet", discordsim.Text))(t)
	behind := must(r.sim.AddChannel(r.guild.ID, "behind", discordsim.Text))(t)
	secret := must(r.sim.AddChannel(r.guild.ID, "secret", discordsim.Text, discordsim.Overwrite{ID: r.guild.ID, Deny: discordsim.ViewChannel}))(t)
	r.say(t, r.ada, quiet.ID, "known, but without a mark")
	seen := r.say(t, r.ada, behind.ID, "known")
	clock.set(start.Add(-time.Hour))
	r.say(t, r.ada, behind.ID, "not stored when Parley went away")
	r.say(t, r.ada, r.channel.ID, "just before")
	clock.set(start.Add(-30 * time.Minute))
	r.say(t, r.ada, r.channel.ID, "while away")
	owner := discordsim.User{ID: r.guild.OwnerID}
	r.say(t, owner, secret.ID, r.bot()+" hidden from the bot")
	clock.set(start)
	c.marks = conversation.Marks{
		Online:   start.Add(-time.Hour + 5*time.Minute),
		Channels: []conversation.Mark{mark(r.guild.ID, behind.ID, conversation.PlaceChannel, seen)},
	}
	r.start(t)
	c.await(t, 1)
	got := texts(r.inbox.caught())
	slices.Sort(got)
	if want := []string{"just before", "known", "not stored when Parley went away", "while away"}; !slices.Equal(got, want) {
		t.Errorf("caught up %q, want %q", got, want)
	}
	if n := r.readOf(quiet.ID) + r.readOf(secret.ID); n > 0 {
		t.Errorf("%d calls for channels with nothing to read", n)
	}
}

// hand is a clock that is set by hand.
type hand struct {
	mu  sync.Mutex
	now time.Time
}

func (h *hand) read() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *hand) set(t time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = t
}

func TestNothingFromBeforeTheInvitationIsCaughtUp(t *testing.T) {
	t.Parallel()
	start := time.Now()
	clock := &hand{now: start.Add(-10 * time.Minute)}
	c := &catcher{marks: conversation.Marks{Online: start.Add(-24 * time.Hour)}}
	r := newRig(t, discordsim.Options{MessageContentEnabled: true, Clock: clock.read}, func(o *discord.Options) { o.Catcher = c })
	c.adapter, c.inbox = r.adapter, r.inbox
	old := r.say(t, r.ada, r.channel.ID, r.bot()+" before")
	c.marks.Channels = []conversation.Mark{mark(r.guild.ID, r.channel.ID, conversation.PlaceChannel, old)}
	clock.set(start.Add(-5 * time.Minute))
	if err := r.sim.Reinvite(r.guild.ID); err != nil {
		t.Fatal(err)
	}
	clock.set(start)
	r.say(t, r.ada, r.channel.ID, "since")
	r.start(t)
	c.await(t, 1)
	if got := texts(r.inbox.caught()); !slices.Equal(got, []string{"since"}) {
		t.Errorf("caught up %q", got)
	}
}

func TestTheNewestOfABusyChannelAreCaughtUpInOrder(t *testing.T) {
	t.Parallel()
	r, c := catching(t, time.Now())
	for i := range 2030 {
		r.say(t, r.bob, r.channel.ID, fmt.Sprint(i))
	}
	r.start(t)
	c.await(t, 1)
	got := texts(r.inbox.caught())
	if len(got) != 2000 || got[0] != "30" || got[1999] != "2029" {
		t.Fatalf("%d messages from %q to %q", len(got), got[0], got[len(got)-1])
	}
	for i := range got {
		if got[i] != fmt.Sprint(i+30) {
			t.Fatalf("message %d is %s", i, got[i])
		}
	}
}

func TestOnlyANewSessionCatchesUp(t *testing.T) {
	t.Parallel()
	r, c := catching(t, time.Now())
	r.start(t)
	c.await(t, 1)
	r.sim.DropGateway(0)
	m := r.say(t, r.ada, r.channel.ID, "replayed")
	r.inbox.message(t, m.ID)
	if n := c.done(); n != 1 {
		t.Errorf("caught up %d times after a resume", n)
	}
	r.sim.InvalidateSession(false)
	m = r.say(t, r.ada, r.channel.ID, "not replayed")
	c.await(t, 2)
	if got := r.inbox.message(t, m.ID); got.Text != "not replayed" {
		t.Errorf("caught up %q", got.Text)
	}
}

func TestCatchingUpIsTriedAgainAndReadsTheRestMeanwhile(t *testing.T) {
	t.Parallel()
	r, c := catching(t, time.Now())
	other := must(r.sim.AddChannel(r.guild.ID, "other", discordsim.Text))(t)
	r.say(t, r.ada, r.channel.ID, "one")
	r.say(t, r.ada, other.ID, "two")
	if err := r.sim.SetFault("GET /channels/{channel}/messages", discordsim.Fault{Status: 502, Times: 1}); err != nil {
		t.Fatal(err)
	}
	r.start(t)
	eventually(t, "a failure", func() bool { return c.failures() == 1 })
	if got := texts(r.inbox.caught()); !slices.Equal(got, []string{"two"}) {
		t.Errorf("beside the channel that failed, caught up %q", got)
	}
	c.await(t, 1)
	if got := texts(r.inbox.caught()); !slices.Contains(got, "one") {
		t.Errorf("caught up %q", got)
	}
}

func TestOnlineIsSaidOnlyWhileNothingIsMissed(t *testing.T) {
	t.Parallel()
	r, c := catching(t, time.Now())
	r.adapter.SetOnlineEvery(10 * time.Millisecond)
	r.say(t, r.ada, r.channel.ID, "one")
	if err := r.sim.SetFault("GET /channels/{channel}/messages", discordsim.Fault{Status: 502}); err != nil {
		t.Fatal(err)
	}
	r.start(t)
	eventually(t, "two failures", func() bool { return c.failures() == 2 })
	if n := c.onlines(); n > 0 {
		t.Errorf("said %d times while something is missed", n)
	}
	r.sim.ClearFaults()
	eventually(t, "online", func() bool { return c.onlines() > 1 })
	r.sim.NoHello(true)
	r.sim.DropGateway(0)
	eventually(t, "disconnect", func() bool { return r.adapter.Ready() != nil })
	before := c.onlines()
	eventually(t, "connections without hello", func() bool { return r.logged("connect") > 1 })
	if n := c.onlines(); n > before+1 {
		t.Errorf("said %d times more without a connection", n-before)
	}
}

func TestAGuildThatComesBackIsCaughtUp(t *testing.T) {
	t.Parallel()
	r, c := catching(t, time.Now())
	if err := r.sim.Outage(r.guild.ID); err != nil {
		t.Fatal(err)
	}
	m := r.say(t, r.ada, r.channel.ID, "during the outage")
	r.start(t)
	c.await(t, 1)
	if got := r.inbox.caught(); len(got) > 0 {
		t.Errorf("caught up %q of a guild that is away", texts(got))
	}
	if err := r.sim.Recover(r.guild.ID); err != nil {
		t.Fatal(err)
	}
	c.await(t, 2)
	r.inbox.message(t, m.ID)
	// One that goes away while Parley is connected comes back in the same way.
	if err := r.sim.Outage(r.guild.ID); err != nil {
		t.Fatal(err)
	}
	m = r.say(t, r.ada, r.channel.ID, "during another")
	if err := r.sim.Recover(r.guild.ID); err != nil {
		t.Fatal(err)
	}
	r.inbox.message(t, m.ID)
}
