package discord_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"parley/bots/discord/discordsim"
	"parley/conversation"
)

// read collects a range; its texts are in the order they came.
func (r *rig) readRange(t *testing.T, req conversation.RangeRequest) ([]conversation.Message, error) {
	t.Helper()
	var list []conversation.Message
	for page, err := range r.adapter.ReadRange(t.Context(), req) {
		if err != nil {
			return list, err
		}
		if len(page) > 100 {
			t.Errorf("a page of %d", len(page))
		}
		list = append(list, page...)
	}
	return list, nil
}

func textsOf(list []conversation.Message) string {
	var texts []string
	for _, m := range list {
		texts = append(texts, m.Text)
	}
	return strings.Join(texts, " ")
}

func TestReadRangeMergesAChannelWithItsThreads(t *testing.T) {
	t.Parallel()
	r := newRig(t, discordsim.Options{MessageContentEnabled: true})
	a1 := r.say(t, r.ada, r.channel.ID, "a1")
	open := must(r.sim.StartThread(r.ada.ID, r.channel.ID, a1.ID, "open", false))(t)
	r.say(t, r.bob, open.ID, "t1")
	a2 := r.say(t, r.bob, r.channel.ID, "a2")
	r.say(t, r.bob, open.ID, "t2")
	old := must(r.sim.StartThread(r.bob.ID, r.channel.ID, a2.ID, "old", false))(t)
	r.say(t, r.bob, old.ID, "o1")
	if err := r.sim.ArchiveThread(old.ID); err != nil {
		t.Fatal(err)
	}
	secret := must(r.sim.StartThread(r.ada.ID, r.channel.ID, "", "secret", true))(t)
	if err := r.sim.AddThreadMember(secret.ID, r.sim.BotUserID()); err != nil {
		t.Fatal(err)
	}
	r.say(t, r.ada, secret.ID, "s1")
	a3 := r.say(t, r.ada, r.channel.ID, "a3")

	req := conversation.RangeRequest{Ref: r.ref(r.channel.ID), Reader: r.ada.ID}
	list, err := r.readRange(t, req)
	if got := textsOf(list); err != nil || got != "a3 o1 t2 a2 t1 a1" {
		t.Fatalf("Ada, whose summary of the channel may stand in it, reads %q, %v", got, err)
	}
	alone := conversation.RangeRequest{Ref: r.ref(secret.ID), Reader: r.ada.ID}
	if own, err := r.readRange(t, alone); err != nil || textsOf(own) != "s1" {
		t.Errorf("of her private thread Ada reads %q, %v", textsOf(own), err)
	}
	for _, m := range list {
		switch {
		case strings.HasPrefix(m.Text, "a") && (m.Ref != r.ref(r.channel.ID) || m.Place != conversation.PlaceChannel):
			t.Errorf("%s: %v %s", m.Text, m.Ref, m.Place)
		case strings.HasPrefix(m.Text, "t") && (m.Ref != r.ref(open.ID) || m.Place != conversation.PlaceThread || m.Parent != r.channel.ID):
			t.Errorf("%s: %v %s", m.Text, m.Ref, m.Place)
		}
	}
	req.Reader = r.bob.ID
	if list, err = r.readRange(t, req); err != nil || textsOf(list) != "a3 o1 t2 a2 t1 a1" {
		t.Errorf("Bob, who is not in the private thread, reads %q, %v", textsOf(list), err)
	}
	req.Limit = 3
	if list, err = r.readRange(t, req); err != nil || textsOf(list) != "a3 o1 t2" {
		t.Errorf("the last three: %q, %v", textsOf(list), err)
	}
	req.Limit, req.After = 0, conversation.Position{SentAt: a2.CreatedAt, MessageID: a2.ID}
	if list, err = r.readRange(t, req); err != nil || textsOf(list) != "a3 o1 t2" {
		t.Errorf("after a2: %q, %v", textsOf(list), err)
	}
	at, _ := r.adapter.SentAt(a3.ID)
	req.After = conversation.Position{SentAt: at}
	if list, err = r.readRange(t, req); err != nil || !strings.HasPrefix(textsOf(list), "a3") {
		t.Errorf("from a3 on: %q, %v", textsOf(list), err)
	}
}

func TestReadRangeOfAThread(t *testing.T) {
	t.Parallel()
	r := newRig(t, discordsim.Options{MessageContentEnabled: true})
	starter := r.say(t, r.ada, r.channel.ID, "starter")
	thread := must(r.sim.StartThread(r.ada.ID, r.channel.ID, starter.ID, "long", false))(t)
	for i := range 250 {
		r.say(t, r.bob, thread.ID, fmt.Sprint("m", i))
	}
	list, err := r.readRange(t, conversation.RangeRequest{Ref: r.ref(thread.ID), Reader: r.ada.ID})
	if err != nil || len(list) != 251 || list[0].Text != "m249" || list[250].Text != "starter" {
		t.Fatalf("%d messages, %v", len(list), err)
	}
	for _, m := range list {
		if m.Ref != r.ref(thread.ID) || m.Place != conversation.PlaceThread {
			t.Fatalf("%s: %v %s", m.Text, m.Ref, m.Place)
		}
	}
	first, _ := r.adapter.SentAt(list[249].ID)
	if list, err = r.readRange(t, conversation.RangeRequest{Ref: r.ref(thread.ID), Reader: r.ada.ID, After: conversation.Position{SentAt: first, MessageID: list[249].ID}}); err != nil || len(list) != 249 {
		t.Errorf("after m0: %d messages, %v", len(list), err)
	}

	forum := must(r.sim.AddChannel(r.guild.ID, "forum", discordsim.Forum))(t)
	post := must(r.sim.ForumPost(r.ada.ID, forum.ID, "how?", "question"))(t)
	r.say(t, r.bob, post.ID, "answer")
	if list, err = r.readRange(t, conversation.RangeRequest{Ref: r.ref(post.ID), Reader: r.bob.ID}); err != nil || textsOf(list) != "answer question" {
		t.Errorf("forum post: %q, %v", textsOf(list), err)
	}
	if list, err = r.readRange(t, conversation.RangeRequest{Ref: r.ref(forum.ID), Reader: r.bob.ID}); err != nil || textsOf(list) != "answer question" {
		t.Errorf("forum: %q, %v", textsOf(list), err)
	}
}

func TestReadRangeOfAReplyChain(t *testing.T) {
	t.Parallel()
	r := newRig(t, discordsim.Options{MessageContentEnabled: true})
	r.say(t, r.ada, r.channel.ID, "before")
	root := r.say(t, r.ada, r.channel.ID, "root")
	r.say(t, r.bob, r.channel.ID, "aside")
	reply := r.say(t, r.bob, r.channel.ID, "reply", discordsim.ReplyTo(root.ID))
	r.say(t, r.ada, r.channel.ID, "deeper", discordsim.ReplyTo(reply.ID))
	ref := r.ref(r.channel.ID)
	ref.Thread = root.ID
	list, err := r.readRange(t, conversation.RangeRequest{Ref: ref, Reader: r.bob.ID})
	if err != nil || textsOf(list) != "root reply deeper" {
		t.Errorf("%q, %v", textsOf(list), err)
	}
	if slices.ContainsFunc(list, func(m conversation.Message) bool { return m.Ref != ref }) {
		t.Errorf("%+v", list)
	}
	if list, err = r.readRange(t, conversation.RangeRequest{Ref: ref, Reader: r.bob.ID, Limit: 2}); err != nil || textsOf(list) != "reply deeper" {
		t.Errorf("the last two: %q, %v", textsOf(list), err)
	}
}

func TestReadRangeIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t, discordsim.Options{MessageContentEnabled: true})
	hidden := must(r.sim.AddChannel(r.guild.ID, "hidden", discordsim.Text, r.everyone(0, discordsim.ViewChannel), member(r.ada.ID, readable, 0), member(r.sim.BotUserID(), readable, 0)))(t)
	r.say(t, r.ada, r.channel.ID, "x")
	blind := must(r.sim.AddChannel(r.guild.ID, "blind", discordsim.Text, member(r.sim.BotUserID(), 0, discordsim.ReadMessageHistory)))(t)
	r.say(t, r.ada, blind.ID, "x")
	dm := r.dm(t, r.ada)
	r.say(t, r.ada, dm.ID, "for you")
	direct := conversation.ThreadRef{Platform: conversation.Discord, Workspace: "@me", Channel: dm.ID}
	for name, req := range map[string]conversation.RangeRequest{
		"a channel that the reader may not read": {Ref: r.ref(hidden.ID), Reader: r.bob.ID},
		"a channel that the bot may not read":    {Ref: r.ref(blind.ID), Reader: r.ada.ID},
		"a channel that is not there":            {Ref: r.ref("123"), Reader: r.ada.ID},
		"nobody":                                 {Ref: r.ref(r.channel.ID)},
		"somebody's direct messages":             {Ref: direct, Reader: r.bob.ID},
	} {
		if list, err := r.readRange(t, req); codeOf(err) != conversation.CodeNotReadable || len(list) != 0 {
			t.Errorf("%s: %d messages, %v", name, len(list), err)
		}
	}
	if list, err := r.readRange(t, conversation.RangeRequest{Ref: direct, Reader: r.ada.ID}); err != nil || textsOf(list) != "for you" {
		t.Errorf("one's own direct messages: %q, %v", textsOf(list), err)
	}
	if err := r.sim.SetFault("GET /channels/{channel}/messages", discordsim.Fault{Status: 502}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.readRange(t, conversation.RangeRequest{Ref: r.ref(r.channel.ID), Reader: r.ada.ID}); codeOf(err) != conversation.CodePlatformDown {
		t.Errorf("while Discord is down: %v", err)
	}
}
