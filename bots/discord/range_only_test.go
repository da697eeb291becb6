package discord_test

import (
	"testing"

	"parley/bots/discord/discordsim"
	"parley/conversation"
)

func TestOneMessageIsReadByItself(t *testing.T) {
	t.Parallel()
	r := newRig(t, discordsim.Options{MessageContentEnabled: true})
	r.say(t, r.ada, r.channel.ID, "before")
	starter := r.say(t, r.ada, r.channel.ID, "starter")
	thread := must(r.sim.StartThread(r.ada.ID, r.channel.ID, starter.ID, "talk", false))(t)
	inside := r.say(t, r.bob, thread.ID, "inside")
	hidden := must(r.sim.AddChannel(r.guild.ID, "hidden", discordsim.Text, r.everyone(0, discordsim.ViewChannel),
		member(r.sim.BotUserID(), readable, 0), member(r.bob.ID, readable, 0)))(t)
	secret := r.say(t, r.bob, hidden.ID, "secret")
	for name, tt := range map[string]struct{ channel, only, want string }{
		"in a channel":                            {r.channel.ID, starter.ID, "starter"},
		"in a thread":                             {thread.ID, inside.ID, "inside"},
		"what a thread was started from":          {thread.ID, starter.ID, "starter"},
		"what stands in a thread, of the channel": {r.channel.ID, inside.ID, ""},
		"what stands elsewhere":                   {r.channel.ID, secret.ID, ""},
		"what is not there":                       {r.channel.ID, "1", ""},
		"what is no message":                      {r.channel.ID, "../1", ""},
	} {
		list := must(r.readRange(t, conversation.RangeRequest{Ref: r.ref(tt.channel), Only: tt.only, Reader: r.ada.ID, Limit: 1}))(t)
		if got := textsOf(list); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
	if n := len(r.sim.CallsTo("GET /channels/{channel}/messages")); n != 0 {
		t.Errorf("%d pages were read", n)
	}
	if list, err := r.readRange(t, conversation.RangeRequest{Ref: r.ref(hidden.ID), Only: secret.ID, Reader: r.ada.ID}); len(list) != 0 || codeOf(err) != conversation.CodeNotReadable {
		t.Errorf("of a channel that the reader may not see: %v, %v", list, err)
	}
}

func TestOwnUnfinishedMessageIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	r := newRig(t, discordsim.Options{MessageContentEnabled: true})
	const text = "It **grows**: 1 < 2 & so on …"
	out := conversation.Outgoing{Ref: r.ref(r.channel.ID), Place: conversation.PlaceChannel, SendID: "s", Text: text, Stop: true}
	id := must(r.adapter.Post(t.Context(), out))(t)
	list := must(r.readRange(t, conversation.RangeRequest{Ref: out.Ref, Only: id, Reader: r.ada.ID}))(t)
	if len(list) != 1 || list[0].Text != text || list[0].Author.Kind != conversation.Self {
		t.Errorf("%+v", list)
	}
}
