package slack_test

import (
	"sync/atomic"
	"testing"
	"time"

	"parley/bots/slack"
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

func TestSlacksStopButtonIsThereWhileAnAnswerIsWritten(t *testing.T) {
	t.Parallel()
	w := connected(t)
	asked := w.say(t, "question")
	status := func(want string) {
		t.Helper()
		w.await(t, func(ws *slacksim.Workspace) bool {
			s, _ := ws.Session(w.channel.ID, asked.TS)
			return s.Status == want
		})
	}
	for range 3 {
		if err := w.adapter.SetStatus(t.Context(), w.ref(asked), "is thinking…"); err != nil {
			t.Fatal(err)
		}
	}
	status("processing")
	if n := len(w.sim.Calls("agents.sessions.setStatus")); n != 1 {
		t.Errorf("the session is told %d times, want once", n)
	}
	out := w.outgoing(asked, "the answer")
	out.Final = false
	id, err := w.adapter.Post(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	if s, _ := w.sim.Session(w.channel.ID, asked.TS); s.Status != "processing" {
		t.Errorf("the session is %s while the answer grows", s.Status)
	}
	out.Final = true
	if err := w.adapter.Edit(t.Context(), id, out); err != nil {
		t.Fatal(err)
	}
	status("active")

	if err := w.adapter.SetStatus(t.Context(), w.ref(asked), "is thinking…"); err != nil {
		t.Fatal(err)
	}
	status("processing")
	if err := w.sim.StopSession(w.ann.ID, w.channel.ID, asked.TS); err != nil {
		t.Fatal(err)
	}
	awaitStopped(t, w)
	status("active")
}

func TestAppThatIsNoAgentHasNoSessions(t *testing.T) {
	t.Parallel()
	w := connected(t)
	asked := w.say(t, "question")
	w.sim.SetFault("agents.sessions.setStatus", slacksim.Fault{Error: "not_authorized"})
	for range 3 {
		if err := w.adapter.SetStatus(t.Context(), w.ref(asked), "is thinking…"); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(w.sim.Calls("agents.sessions.setStatus")); n != 1 {
		t.Errorf("called %d times, want once: the refusal is remembered", n)
	}
}

func TestSlacksStopButtonGoesWhereAnAnswerEndsWithoutAWord(t *testing.T) {
	t.Parallel()
	var late atomic.Int64
	w := open(t, setup{wait: true, tune: func(a *slack.Adapter) { a.Hurry(20*time.Millisecond, time.Second) },
		edit: func(o *slackOptions) {
			o.Clock = func() time.Time { return time.Now().Add(time.Duration(late.Load())) }
		}})
	asked := w.say(t, "question")
	if err := w.adapter.SetStatus(t.Context(), w.ref(asked), "is thinking…"); err != nil {
		t.Fatal(err)
	}
	if s, _ := w.sim.Session(w.channel.ID, asked.TS); s.Status != "processing" {
		t.Fatalf("session %+v", s)
	}
	late.Store(int64(5 * time.Minute))
	w.await(t, func(ws *slacksim.Workspace) bool {
		s, _ := ws.Session(w.channel.ID, asked.TS)
		return s.Status == "active"
	})
}
