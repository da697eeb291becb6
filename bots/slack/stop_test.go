package slack_test

import (
	"testing"

	"parley/bots/slack/slacksim"
	"parley/conversation"
)

func awaitStopped(t *testing.T, w *world) conversation.Stopped {
	t.Helper()
	e := w.inbox.await(t, func(e conversation.Event) bool { _, ok := e.(conversation.Stopped); return ok })
	return e.(conversation.Stopped)
}

func TestStopButtonStandsUnderAnInterimAnswerOnly(t *testing.T) {
	t.Parallel()
	w := connected(t)
	asked := w.say(t, "question")
	out := w.outgoing(asked, "thinking")
	out.Stop = true
	id, err := w.adapter.Post(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	if b := w.sim.Buttons(w.channel.ID, id); len(b) != 1 || b[0].Text != "Stop" {
		t.Fatalf("buttons %+v", b)
	}
	i, err := w.sim.Click(w.ann.ID, w.channel.ID, id, "stop")
	if err != nil {
		t.Fatal(err)
	}
	s := awaitStopped(t, w)
	if s.MessageID != id || s.By != w.ann.ID || s.Ref != w.ref(asked) || s.Delivery.ID != i.Trigger {
		t.Errorf("stopped %+v", s)
	}
	if got := w.settled(t, i); !got.Acked || len(w.sim.Ephemerals(w.ann.ID)) != 0 {
		t.Errorf("interaction %+v", got)
	}
	out.Text, out.Final, out.Stop = "the answer", true, false
	if err := w.adapter.Edit(t.Context(), id, out); err != nil {
		t.Fatal(err)
	}
	if b := w.sim.Buttons(w.channel.ID, id); len(b) != 0 {
		t.Errorf("the final answer has buttons: %+v", b)
	}
	if m, _ := w.sim.Message(w.channel.ID, id); m.Plain != "the answer" {
		t.Errorf("answer %q", m.Plain)
	}
}

func TestStopButtonIsLeftOutWhereTheServerTakesNone(t *testing.T) {
	t.Parallel()
	w := connected(t)
	asked := w.say(t, "question")
	w.sim.SetFault("chat.postMessage", slacksim.Fault{Error: "invalid_blocks", Times: 1})
	out := w.outgoing(asked, "**one**")
	out.Stop = true
	id, err := w.adapter.Post(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	if m, _ := w.sim.Message(w.channel.ID, id); m.Plain != "**one**" || len(w.sim.Buttons(w.channel.ID, id)) != 0 {
		t.Errorf("message %+v: the markdown block must stay", m)
	}
	before := len(w.sim.Calls("chat.postMessage"))
	if _, err := w.adapter.Post(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	if n := len(w.sim.Calls("chat.postMessage")) - before; n != 1 {
		t.Errorf("%d calls: what the server refuses is not remembered", n)
	}
}

func TestSlacksOwnStopButton(t *testing.T) {
	t.Parallel()
	w := connected(t)
	asked := w.say(t, "question")
	w.sim.SendEvent("agent_session_stopped", map[string]any{
		"channel": w.channel.ID, "thread_ts": asked.TS, "user": w.ann.ID, "streaming_message_ts": []string{}, "event_ts": asked.TS,
	})
	s := awaitStopped(t, w)
	if s.Ref != w.ref(asked) || s.MessageID != "" || s.By != w.ann.ID || s.Delivery.ID == "" {
		t.Errorf("stopped %+v", s)
	}
}
