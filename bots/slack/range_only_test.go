package slack_test

import (
	"testing"

	"parley/bots/slack/slacksim"
	"parley/conversation"
)

func TestOneMessageIsReadByOneCall(t *testing.T) {
	t.Parallel()
	w := connected(t)
	before := w.say(t, "before", slacksim.Quiet())
	root := w.say(t, "root", slacksim.Quiet())
	reply := w.say(t, "reply", slacksim.Quiet(), slacksim.InThread(root.TS))
	w.say(t, "another reply", slacksim.Quiet(), slacksim.InThread(root.TS))
	w.say(t, "after", slacksim.Quiet())
	bob := w.sim.AddUser("bob")
	secret, err := w.sim.AddChannel("secret", true, bob.ID, w.sim.BotUserID())
	if err != nil {
		t.Fatal(err)
	}
	channel, thread := w.at(w.channel.ID), w.at(w.channel.ID)
	thread.Thread = root.TS
	for name, tt := range map[string]struct {
		ref  conversation.ThreadRef
		only string
		want string
	}{
		"in the channel":                     {channel, before.TS, "before"},
		"the first of a thread, in it":       {thread, root.TS, "root"},
		"the first of a thread, not in it":   {channel, root.TS, "root"},
		"a reply":                            {thread, reply.TS, "reply"},
		"a reply, without its thread":        {channel, reply.TS, ""},
		"what is not there":                  {channel, "1000000000.000100", ""},
		"what is no message":                 {channel, "x", ""},
		"what stands elsewhere, in a thread": {thread, before.TS, ""},
	} {
		calls := len(w.sim.Calls("conversations.history")) + len(w.sim.Calls("conversations.replies"))
		got, err := w.read(t, conversation.RangeRequest{Ref: tt.ref, Only: tt.only, Reader: w.ann.ID, Limit: 1})
		text := ""
		for _, m := range got {
			text += m.Text
		}
		if err != nil || text != tt.want {
			t.Errorf("%s: %q, %v, want %q", name, text, err, tt.want)
		}
		if n := len(w.sim.Calls("conversations.history")) + len(w.sim.Calls("conversations.replies")) - calls; n > 1 {
			t.Errorf("%s: %d calls", name, n)
		}
	}
	if got, err := w.read(t, conversation.RangeRequest{Ref: w.at(secret.ID), Only: before.TS, Reader: w.ann.ID}); conversation.FailureOf(err).Code != conversation.CodeNotReadable {
		t.Errorf("of a channel that the reader is not in: %v, %v", got, err)
	}
}

func TestOwnUnfinishedMessageIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	w := connected(t)
	ref := w.at(w.channel.ID)
	ref.Thread = w.say(t, "question", slacksim.Quiet()).TS
	const text = "It **grows**: 1 < 2 & so on …"
	id, err := w.adapter.Post(t.Context(), conversation.Outgoing{Ref: ref, Place: conversation.PlaceThread, SendID: "s", Text: text, Stop: true})
	if err != nil {
		t.Fatal(err)
	}
	got, err := w.read(t, conversation.RangeRequest{Ref: ref, Only: id, Reader: w.ann.ID})
	if err != nil || len(got) != 1 || got[0].Text != text || got[0].Author.Kind != conversation.Self {
		t.Errorf("%+v, %v", got, err)
	}
}
