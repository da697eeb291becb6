package conversation_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	c "parley/conversation"
	"parley/conversation/conversationtest"
	"parley/llm"
)

func TestOverflowIsPackedAnewAndNotShown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		refusal := &llm.Error{Kind: llm.KindContextOverflow, Message: "too long"}
		h := newHouse(t, conversationtest.Script{Err: refusal}, conversationtest.Script{Deltas: []string{"Here it is."}})
		for i := range 3000 {
			h.chat.Past = append(h.chat.Past, h.message(i+1, "Ana", fmt.Sprintf("Message %d: %s", i, strings.Repeat("some words ", 9))))
		}
		h.say(t, 4000, "Ana", "@Parley what was decided?")
		if got := h.work(t)[0]; got.Kind != c.Answered {
			t.Errorf("outcome %+v", got)
		}
		h.one(t, "Here it is.")
		p, requests := h.model.Profile(), h.model.Requests()
		if len(requests) != 2 {
			t.Fatalf("%d requests", len(requests))
		}
		if total := p.BoundRequest(requests[1]) + requests[1].MaxOutput; total > p.Context*3/4 {
			t.Errorf("the second request has %d tokens", total)
		}
		if !strings.Contains(h.model.Prompt(1), "what was decided?") {
			t.Error("the question fell out")
		}
	})
}

func TestAnswerAtItsLengthLimitGoesOnOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cut := conversationtest.Script{Deltas: []string{"One, two"}, Finish: llm.FinishLength, Usage: &llm.Usage{Input: 100, Output: 2}}
		rest := conversationtest.Script{Deltas: []string{", three."}, Usage: &llm.Usage{Input: 120, Output: 3}}
		h := newHouse(t, cut, rest)
		h.say(t, 1, "Ana", "@Parley count to three")
		got := h.work(t)[0]
		h.one(t, "One, two, three.")
		if got.Kind != c.Answered || got.Reason != "" || got.Usage.Input != 220 || got.Usage.Output != 5 {
			t.Errorf("outcome %+v", got)
		}
		last := h.model.Requests()[1].Messages
		if len(last) != 3 || last[1].Role != llm.RoleAssistant {
			t.Errorf("asked for the rest with %+v", last)
		}
	})
}

func TestAnswerThatIsCutTwiceSaysSo(t *testing.T) {
	t.Parallel()
	for rule, second := range map[string]conversationtest.Script{
		"cut again": {Deltas: []string{", three"}, Finish: llm.FinishLength},
		"failing":   {Err: &llm.Error{Kind: llm.KindUpstream}},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, conversationtest.Script{Deltas: []string{"One, two"}, Finish: llm.FinishLength}, second)
				h.say(t, 1, "Ana", "@Parley count to ten")
				got := h.work(t)[0]
				posts := h.chat.Posts()
				if got.Kind != c.Answered || got.Reason != c.CodeTruncated || len(h.model.Requests()) != 2 ||
					!strings.HasPrefix(posts[0].Text, "One, two") || !strings.Contains(posts[0].Text, "length limit") {
					t.Errorf("outcome %+v, people see %+v", got, posts)
				}
			})
		})
	}
}

func TestModelThatAnsweredIsRecordedWithItsPrice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		served := &llm.Served{Model: "spare", Profile: llm.Profile{Context: 4096, InputPrice: 1, OutputPrice: 2}}
		h := newHouse(t, conversationtest.Script{Deltas: []string{"ok"}, Served: served, Usage: &llm.Usage{Input: 1_000_000, Output: 1_000_000}})
		h.say(t, 1, "Ana", "@Parley hi")
		if got := h.work(t)[0]; got.Model != "spare" || got.CostUSD != 3 {
			t.Errorf("outcome %+v", got)
		}
	})
}
