package slack_test

import (
	"strings"
	"testing"

	"parley/bots/slack/slacksim"
)

func TestStatusWhileThinking(t *testing.T) {
	t.Parallel()
	w := connected(t)
	said := w.say(t, "question")
	if err := w.adapter.SetStatus(t.Context(), w.ref(said), "is thinking, reading, writing…"); err != nil {
		t.Fatal(err)
	}
	if s := w.sim.Status(w.channel.ID, said.TS); !strings.HasPrefix(s, "is thinking") {
		t.Errorf("status %q", s)
	}
	if lines := w.sim.LoadingMessages(w.channel.ID, said.TS); len(lines) > 1 {
		t.Errorf("a comma has cut the line: %q", lines)
	}
	if _, err := w.adapter.Post(t.Context(), w.outgoing(said, "answer")); err != nil {
		t.Fatal(err)
	}
	if s := w.sim.Status(w.channel.ID, said.TS); s != "" {
		t.Errorf("status %q stays after the answer", s)
	}
}

func TestServerWithoutStatus(t *testing.T) {
	t.Parallel()
	w := connected(t)
	said := w.say(t, "question")
	w.sim.SetFault("assistant.threads.setStatus", slacksim.Fault{Error: "unknown_method"})
	for range 3 {
		if err := w.adapter.SetStatus(t.Context(), w.ref(said), "is thinking…"); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(w.sim.Calls("assistant.threads.setStatus")); n != 1 {
		t.Errorf("called %d times, want once: the refusal is remembered", n)
	}
}

func TestPromptsAreSuggestedInTheMessagesTab(t *testing.T) {
	t.Parallel()
	w := connected(t)
	dm, err := w.sim.OpenHome(w.ann.ID)
	if err != nil {
		t.Fatal(err)
	}
	w.await(t, func(ws *slacksim.Workspace) bool { return len(ws.Prompts(dm.ID, "")) > 0 })
}
