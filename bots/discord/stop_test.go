package discord_test

import (
	"testing"

	"parley/bots/discord/discordsim"
	"parley/conversation"
)

func TestStopButtonStandsUnderInterimText(t *testing.T) {
	t.Parallel()
	r := offered(t, discordsim.Options{})
	question := r.say(t, r.ada, r.channel.ID, r.bot()+" tell me")
	out := conversation.Outgoing{
		Ref:     conversation.ThreadRef{Platform: conversation.Discord, Workspace: r.guild.ID, Channel: r.channel.ID, Thread: question.ID},
		ReplyTo: question.ID, SendID: "stop-1", Text: "Once", Stop: true,
	}
	id := must(r.adapter.Post(t.Context(), out))(t)
	button := func() bool {
		m, _ := r.sim.Message(id)
		return string(m.Components) != "" && string(m.Components) != "[]"
	}
	if !button() {
		t.Fatal("no button under the first text")
	}
	out.Text = "Once upon"
	if err := r.adapter.Edit(t.Context(), id, out); err != nil || !button() {
		t.Fatalf("no button under the interim text: %v", err)
	}
	i := must(r.sim.Press(r.bob.ID, id, "stop"))(t)
	r.inbox.await(t, "stop", func(events []conversation.Event) bool {
		for _, e := range events {
			if s, ok := e.(conversation.Stopped); ok {
				if s.MessageID != id || s.By != r.bob.ID || s.Delivery.ID != i.ID || s.Ref.Channel != r.channel.ID || s.Ref.Workspace != r.guild.ID {
					t.Errorf("%+v", s)
				}
				return true
			}
		}
		return false
	})
	if got := r.acknowledged(t, i.ID); got.Response != 6 {
		t.Errorf("acknowledged with %d, want a silent 6", got.Response)
	}
	out.Text, out.Stop, out.Final = "Once upon (stopped)", false, true
	if err := r.adapter.Edit(t.Context(), id, out); err != nil || button() {
		t.Errorf("the final text must have no button: %v", err)
	}
}
