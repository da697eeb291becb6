package conversation_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	c "parley/conversation"
	"parley/conversation/conversationtest"
)

func TestWhatThePersonHasNotReadIsNotKeptAsTheirAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, conversationtest.Script{Deltas: []string{"first"}}, conversationtest.Script{Deltas: []string{"second"}})
		turn := h.command(t, c.Ask{Verb: c.VerbAsk}, "/parley please answer")
		if got, err := h.RunTurn(t.Context(), turn); err != nil || len(got.Parts) != 1 || got.Parts[0].Text != "first" {
			t.Fatalf("outcome %+v, %v", got, err)
		}
		again, ok := h.store.Begin(turn.Ref) // the process ended before the outcome was recorded
		if !ok {
			t.Fatal("the turn is not begun again")
		}
		got, err := h.RunTurn(t.Context(), again)
		if err != nil || got.Kind != c.Answered || len(got.Parts) != 1 || got.Parts[0].Text != "" {
			t.Errorf("outcome %+v, %v", got, err)
		}
		if w := h.chat.Whispers(); len(w) != 1 || w[0].Text != "first" {
			t.Errorf("the person reads %+v", w)
		}
	})
}

func TestWhatThePersonHasNotReadIsNotShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, _ := newLibrary(t, 0)
		h.chat.Channels = map[string][]c.Message{"open": h.chatter("open", "s1", 2)}
		source := c.ThreadRef{Platform: c.Slack, Workspace: "T", Channel: "open", Thread: "s1"}
		turn := h.command(t, c.Ask{Verb: c.VerbSummarize, Source: source, MessageID: "open-001"}, "/parley summarize")
		turn.Task = &c.Task{Kind: c.TaskSummary}
		if _, err := h.RunTurn(t.Context(), turn); err != nil {
			t.Fatal(err)
		}
		w := h.chat.Whispers()
		button := w[len(w)-1].Share
		if button == "" {
			t.Fatalf("no button under %+v", w)
		}
		again, err := h.store.Work(t.Context(), h.Engine, turn.Ref) // the process ended before the outcome was recorded
		if err != nil || len(again) != 1 || again[0].Kind != c.Answered {
			t.Fatalf("outcomes %+v, %v", again, err)
		}
		time.Sleep(time.Minute)
		h.ask(t, "i9", "Ana", "C", c.Ask{Verb: c.VerbShare, Text: button})
		w = h.chat.Whispers()
		if posts := h.posted("open"); len(posts) != 0 || !strings.Contains(w[len(w)-1].Text, "no longer have that summary") {
			t.Errorf("everybody reads %q, Ana %+v", posts, w)
		}
	})
}
