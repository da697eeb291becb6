package discord_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"

	"parley/bots/discord/discordsim"
	"parley/conversation"
)

// read collects a history in the order of the channel.
func (r *rig) read(t *testing.T, m conversation.Message) []conversation.Message {
	t.Helper()
	var all []conversation.Message
	for page, err := range r.adapter.History(t.Context(), conversation.HistoryRequest{Ref: m.Ref, Place: m.Place, Trigger: m}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page...)
	}
	slices.SortFunc(all, func(a, b conversation.Message) int {
		if a.Position().Before(b.Position()) {
			return -1
		}
		return 1
	})
	return slices.CompactFunc(all, func(a, b conversation.Message) bool { return a.ID == b.ID }) // pages overlap by one
}

func texts(messages []conversation.Message) []string {
	var list []string
	for _, m := range messages {
		list = append(list, m.Text)
	}
	return list
}

func TestADirectConversationGivesItsLastHundred(t *testing.T) {
	t.Parallel()
	r := running(t, discordsim.Options{})
	dm := r.dm(t, r.ada)
	for i := range 120 {
		r.say(t, r.ada, dm.ID, strconv.Itoa(i))
	}
	trigger := r.inbox.message(t, r.say(t, r.ada, dm.ID, "trigger").ID)
	r.say(t, r.ada, dm.ID, "later")
	got := r.read(t, trigger)
	if len(got) != 100 || got[99].Text != "trigger" || got[0].Text != "21" {
		t.Fatalf("%d messages: %q", len(got), texts(got))
	}
	if got[5].Ref != trigger.Ref || got[5].Place != conversation.PlaceDM {
		t.Errorf("message stands in %+v", got[5].Ref)
	}
}

func TestAThreadIsReadWholeWithItsStarter(t *testing.T) {
	t.Parallel()
	r := running(t, discordsim.Options{})
	starter := r.say(t, r.bob, r.channel.ID, "the plan")
	thread := must(r.sim.StartThread(r.bob.ID, r.channel.ID, starter.ID, "plan", false))(t)
	want := []string{"the plan"}
	for i := range 250 {
		want = append(want, strconv.Itoa(i))
		r.say(t, r.bob, thread.ID, strconv.Itoa(i))
	}
	m := r.inbox.message(t, r.say(t, r.ada, thread.ID, r.bot()+" sum up").ID)
	if m.Place != conversation.PlaceThread || m.Parent != r.channel.ID || m.Ref.Thread != "" {
		t.Errorf("message stands in %+v", m)
	}
	got := r.read(t, m)
	if !slices.Equal(texts(got), append(want, "@parley sum up")) {
		t.Fatalf("%d messages: %q", len(got), texts(got))
	}
	for _, h := range got {
		if h.Ref != m.Ref || h.Place != conversation.PlaceThread {
			t.Fatalf("message stands in %+v", h)
		}
	}
}

func TestAForumPostIsReadWithItsFirstMessage(t *testing.T) {
	t.Parallel()
	r := running(t, discordsim.Options{})
	forum := must(r.sim.AddChannel(r.guild.ID, "ideas", discordsim.Forum))(t)
	post := must(r.sim.ForumPost(r.bob.ID, forum.ID, "An idea", "What about tea?"))(t)
	m := r.inbox.message(t, r.say(t, r.ada, post.ID, r.bot()+" good?").ID)
	if got := texts(r.read(t, m)); !slices.Equal(got, []string{"What about tea?", "@parley good?"}) {
		t.Errorf("history is %q", got)
	}
}

func TestAReplyChainIsReadFromItsRootWithTheChannelBeforeIt(t *testing.T) {
	t.Parallel()
	r := running(t, discordsim.Options{})
	var want []string
	for i := range 60 {
		r.say(t, r.bob, r.channel.ID, strconv.Itoa(i))
		if i >= 10 {
			want = append(want, "/"+strconv.Itoa(i))
		}
	}
	root := r.say(t, r.bob, r.channel.ID, "root")
	last := root
	for i := range 5 {
		for range 30 {
			r.say(t, r.bob, r.channel.ID, "noise")
		}
		last = r.say(t, r.ada, r.channel.ID, fmt.Sprint("reply ", i), discordsim.ReplyTo(last.ID))
	}
	m := r.inbox.message(t, r.say(t, r.ada, r.channel.ID, r.bot()+" well?", discordsim.ReplyTo(last.ID)).ID)
	m.Ref.Thread = must(r.adapter.ResolveThread(t.Context(), m))(t)
	if m.Ref.Thread != root.ID {
		t.Fatalf("thread is %s, want the root %s", m.Ref.Thread, root.ID)
	}
	calls := len(r.sim.Calls())
	if again := must(r.adapter.ResolveThread(t.Context(), m))(t); again != root.ID || len(r.sim.Calls()) != calls {
		t.Errorf("resolving again gave %s with %d calls", again, len(r.sim.Calls())-calls)
	}
	for _, s := range []string{"root", "reply 0", "reply 1", "reply 2", "reply 3", "reply 4", "@parley well?"} {
		want = append(want, root.ID+"/"+s)
	}
	var got []string
	for _, h := range r.read(t, m) {
		got = append(got, h.Ref.Thread+"/"+h.Text)
		if h.Root {
			t.Errorf("%q root=%t", h.Text, h.Root)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("history is %q, want %q", got, want)
	}
}

func TestADeletedAncestorEndsTheChain(t *testing.T) {
	t.Parallel()
	r := running(t, discordsim.Options{})
	root := r.say(t, r.bob, r.channel.ID, "root")
	middle := r.say(t, r.bob, r.channel.ID, "middle", discordsim.ReplyTo(root.ID))
	m := r.inbox.message(t, r.say(t, r.ada, r.channel.ID, r.bot()+" what?", discordsim.ReplyTo(middle.ID)).ID)
	if err := r.sim.DeleteMessage(middle.ID); err != nil {
		t.Fatal(err)
	}
	if got := must(r.adapter.ResolveThread(t.Context(), m))(t); got != middle.ID {
		t.Errorf("thread is %s, want %s", got, middle.ID)
	}
	m.Ref.Thread = middle.ID
	if got := texts(r.read(t, m)); !slices.Equal(got, []string{"root", "@parley what?"}) {
		t.Errorf("history is %q", got)
	}
}

func TestEditsAndDeletesAreTold(t *testing.T) {
	t.Parallel()
	r := running(t, discordsim.Options{})
	m := r.say(t, r.ada, r.channel.ID, "frist")
	if _, err := r.sim.ResolveEmbed(m.ID, []byte(`{"type":"link","title":"x"}`)); err != nil {
		t.Fatal(err)
	}
	must(r.sim.EditMessage(r.ada.ID, m.ID, "first "+r.bot()))(t)
	if _, err := r.sim.ResolveEmbed(m.ID, []byte(`{"type":"link","title":"y"}`)); err != nil {
		t.Fatal(err)
	}
	other := r.say(t, r.bob, r.channel.ID, "more")
	if err := r.sim.BulkDelete(r.channel.ID, m.ID, other.ID); err != nil {
		t.Fatal(err)
	}
	last := r.say(t, r.bob, r.channel.ID, "end")
	if err := r.sim.DeleteMessage(last.ID); err != nil {
		t.Fatal(err)
	}
	events := r.inbox.await(t, "the last delete", func(e []conversation.Event) bool {
		return len(e) > 0 && slices.ContainsFunc(e, func(e conversation.Event) bool {
			d, ok := e.(conversation.Deleted)
			return ok && slices.Contains(d.MessageIDs, last.ID)
		})
	})
	var kinds []string
	for _, e := range events {
		kinds = append(kinds, e.Kind())
	}
	if !slices.Equal(kinds, []string{"posted", "edited", "posted", "deleted", "posted", "deleted"}) {
		t.Fatalf("events are %q", kinds)
	}
	edit := events[1].(conversation.Edited).Message
	if edit.Text != "first @parley" || edit.EditedAt.IsZero() || !edit.MentionsSelf() || edit.Ref.Thread != m.ID {
		t.Errorf("edit is %+v", edit)
	}
	if d := events[3].(conversation.Deleted); len(d.MessageIDs) != 2 || d.Ref.Channel != r.channel.ID || d.Ref.Workspace != r.guild.ID {
		t.Errorf("delete is %+v", d)
	}
}
