package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"parley/conversation"
)

// TestStopsBehaveAlike holds the store in memory to what Postgres does when somebody wants no more of an answer.
func TestStopsBehaveAlike(t *testing.T) {
	t.Parallel()
	alike(t, map[string]func(*testing.T, subject, *turner){
		"the word":                       ruleStopWord,
		"nothing to stop":                ruleNothingToStop,
		"what waits":                     ruleStopWaiting,
		"the button":                     ruleStopButton,
		"the platform's own":             ruleStopInConversation,
		"by somebody else":               ruleStopByOther,
		"after a crash":                  ruleStoppedAfterCrash,
		"an edit does not revive it":     ruleStoppedThenEdited,
		"an edit brings no answer later": ruleEditedAfterStop,
		"a delete wins":                  ruleStoppedThenDeleted,
		"a stop is taken in once":        ruleStopTwice,
	})
}

// stopped is what the engine makes of a turn that was stopped: what people have seen of the answer stays.
func stopped(o conversation.Outcome) conversation.Outcome {
	o.Kind, o.Reason = conversation.Withdrawn, conversation.CodeStopped
	return o
}

// untilStopped runs do within the first attempt, then waits for the turn to be stopped, and ends it as the engine does.
func untilStopped(t *testing.T, f *turner, do func(context.Context, conversation.Turn)) {
	f.before = func(ctx context.Context, turn conversation.Turn) error {
		if turn.Attempt > 1 {
			return nil
		}
		do(ctx, turn)
		select {
		case <-ctx.Done():
			if !errors.Is(context.Cause(ctx), conversation.ErrStopped) {
				t.Errorf("the turn ends with cause %v", context.Cause(ctx))
			}
		case <-time.After(10 * time.Second):
			t.Error("the turn is not stopped")
		}
		return nil
	}
	f.outcome = func(turn conversation.Turn, o conversation.Outcome) conversation.Outcome {
		if turn.Withdrawn {
			return o
		}
		return stopped(o)
	}
}

func word(thread, id string, second int) conversation.Message {
	return post(thread, id, second, func(m *conversation.Message) { m.Text = "Stop!" })
}

func ruleStopWord(t *testing.T, s subject, f *turner) {
	untilStopped(t, f, func(context.Context, conversation.Turn) {
		a := take(t, s, posted(word("t1", "b", 2)))
		if !a.Decision.Stop || a.Decision.Respond {
			t.Errorf("accepted %+v", a)
		}
	})
	take(t, s, posted(post("t1", "a", 1, mention, root)))
	if turns := run(t, s, f, "t1"); len(turns) != 1 || turns[0].Stopped {
		t.Errorf("turns %+v", turns)
	}
	if l := ledger(t, s); l["a"] != "withdrawn stopped" || l["b"] != "answered stopped" || len(l) != 2 {
		t.Errorf("ledger %v", l)
	}
	if got := answers(t, s, "t1"); len(got) != 1 || got[0].Text != "an answer" {
		t.Errorf("what was written does not stay: %+v", got)
	}
}

func ruleNothingToStop(t *testing.T, s subject, f *turner) {
	take(t, s, posted(post("t1", "a", 1, mention, root)))
	run(t, s, f, "t1")
	if a := take(t, s, posted(word("t1", "b", 2))); a.Decision.Stop || !a.Decision.Respond {
		t.Errorf("accepted %+v", a)
	}
	take(t, s, posted(post("t2", "c", 3, mention, root, by("bob"))))
	if a := take(t, s, posted(word("t2", "d", 4))); a.Decision.Stop {
		t.Errorf("somebody else waits there, and it is %+v", a)
	}
	run(t, s, f, "t1")
	run(t, s, f, "t2")
	if a := take(t, s, conversation.Stopped{Ref: post("t1", "", 0).Ref, By: "alice"}); a.Decision.Stop {
		t.Errorf("accepted %+v", a)
	}
	if a := take(t, s, conversation.Stopped{Ref: post("t7", "", 0).Ref, By: "alice"}); a.Decision.Stop || a.ConversationID != 0 {
		t.Errorf("accepted %+v", a)
	}
	if l := ledger(t, s); len(l) != 4 || l["a"] != "answered " || l["b"] != "answered " || l["c"] != "answered " || l["d"] != "answered " {
		t.Errorf("ledger %v", l)
	}
}

// Behind the turn that is stopped wait questions of the same person, which go too, and one of another.
func ruleStopWaiting(t *testing.T, s subject, f *turner) {
	f.before = func(ctx context.Context, turn conversation.Turn) error {
		if turn.Last().Message.ID != "a" {
			return nil
		}
		take(t, s, posted(post("t1", "b", 2)))
		take(t, s, posted(post("t1", "c", 3, by("bob"))))
		take(t, s, posted(word("t1", "d", 4)))
		<-ctx.Done()
		return nil
	}
	f.outcome = func(turn conversation.Turn, o conversation.Outcome) conversation.Outcome {
		if turn.Last().Message.ID == "a" {
			return stopped(o)
		}
		return o
	}
	take(t, s, posted(post("t1", "a", 1, mention, root)))
	turns := run(t, s, f, "t1")
	if len(turns) != 2 || turns[1].Last().Message.ID != "c" {
		t.Errorf("turns %+v", turns)
	}
	l := ledger(t, s)
	if l["a"] != "withdrawn stopped" || l["b"] != "withdrawn stopped" || l["c"] != "answered " || l["d"] != "answered stopped" {
		t.Errorf("ledger %v", l)
	}
}

// send records a part of the turn.
func send(t *testing.T, s subject, ctx context.Context, turn conversation.Turn, id string) {
	t.Helper()
	_, err := s.Intend(ctx, turn, 0)
	if err := errors.Join(err, s.Sent(ctx, turn, 0, id)); err != nil {
		t.Error(err)
	}
}

func ruleStopButton(t *testing.T, s subject, f *turner) {
	to := conversation.ThreadRef{Platform: conversation.Slack, Workspace: "T2", Channel: "D9"}
	button := conversation.Stopped{Ref: to, MessageID: "p0", By: "alice"}
	untilStopped(t, f, func(ctx context.Context, turn conversation.Turn) {
		take(t, s, button) // it stands nowhere yet
		turn.To = to
		send(t, s, ctx, turn, "p0")
		if a := take(t, s, button); !a.Decision.Stop || a.ConversationID != turn.ConversationID {
			t.Errorf("accepted %+v", a)
		}
	})
	take(t, s, ask("1", 1))
	run(t, s, f, "command:1")
	if l := ledger(t, s); l["command:1"] != "withdrawn stopped" {
		t.Errorf("ledger %v", l)
	}
	list, err := s.History(t.Context(), conversation.HistoryQuery{Ref: ask("1", 1).Message.Ref, Limit: 9})
	if err != nil || len(list) != 2 || list[1].Ask.Handle != "" {
		t.Errorf("history %+v %v", list, err)
	}
	if a := take(t, s, button); a.Decision.Stop {
		t.Errorf("a button under a finished answer: %+v", a)
	}
}

func ruleStopInConversation(t *testing.T, s subject, f *turner) {
	untilStopped(t, f, func(context.Context, conversation.Turn) {
		if a := take(t, s, conversation.Stopped{Ref: post("t1", "", 0).Ref, By: "alice"}); !a.Decision.Stop {
			t.Errorf("accepted %+v", a)
		}
	})
	take(t, s, posted(post("t1", "a", 1, mention, root)))
	run(t, s, f, "t1")
	if l := ledger(t, s); l["a"] != "withdrawn stopped" {
		t.Errorf("ledger %v", l)
	}
}

func ruleStopByOther(t *testing.T, s subject, f *turner) {
	f.before = func(ctx context.Context, turn conversation.Turn) error {
		send(t, s, ctx, turn, "p0")
		for _, by := range []string{"bob", ""} {
			for _, id := range []string{"p0", ""} {
				if a := take(t, s, conversation.Stopped{Ref: turn.Ref, MessageID: id, By: by}); a.Decision.Stop {
					t.Errorf("%q stops %q: %+v", by, id, a)
				}
			}
		}
		return ctx.Err()
	}
	take(t, s, posted(post("", "a", 1, dm)))
	s.answerAll(t, f, post("", "a", 1, dm).Ref)
	if l := ledger(t, s); l["a"] != "answered " {
		t.Errorf("ledger %v", l)
	}
}

func ruleStoppedAfterCrash(t *testing.T, s subject, f *turner) {
	f.before = func(ctx context.Context, turn conversation.Turn) error {
		if turn.Stopped {
			return nil
		}
		take(t, s, conversation.Stopped{Ref: turn.Ref, By: "alice"})
		<-ctx.Done()
		return errors.New("cut off")
	}
	f.outcome = func(_ conversation.Turn, o conversation.Outcome) conversation.Outcome { return stopped(o) }
	take(t, s, posted(post("t1", "a", 1, mention, root)))
	if turns := run(t, s, f, "t1"); len(turns) != 2 || !turns[1].Stopped || turns[1].Attempt != 2 || len(turns[1].Items) != 1 {
		t.Errorf("turns %+v", turns)
	}
	if l := ledger(t, s); l["a"] != "withdrawn stopped" {
		t.Errorf("ledger %v", l)
	}
}

func ruleStoppedThenEdited(t *testing.T, s subject, f *turner) {
	m := post("t1", "a", 1, mention, root)
	untilStopped(t, f, func(_ context.Context, turn conversation.Turn) {
		take(t, s, conversation.Stopped{Ref: turn.Ref, By: "alice"})
		m.Text, m.EditedAt = "another question", base().Add(time.Minute)
		take(t, s, conversation.Edited{Message: m})
	})
	take(t, s, posted(m))
	if turns := run(t, s, f, "t1"); len(turns) != 2 || !turns[1].Stopped {
		t.Errorf("turns %+v", turns)
	}
	if l := ledger(t, s); l["a"] != "withdrawn stopped" {
		t.Errorf("ledger %v", l)
	}
}

func ruleEditedAfterStop(t *testing.T, s subject, f *turner) {
	m := post("t1", "a", 1, mention, root)
	untilStopped(t, f, func(_ context.Context, turn conversation.Turn) {
		take(t, s, conversation.Stopped{Ref: turn.Ref, By: "alice"})
	})
	take(t, s, posted(m))
	run(t, s, f, "t1")
	m.Text, m.EditedAt = "another question", base().Add(time.Minute)
	take(t, s, conversation.Edited{Message: m})
	if turns := run(t, s, f, "t1"); len(turns) != 1 {
		t.Errorf("turns %+v", turns)
	}
	if got := answers(t, s, "t1"); len(got) != 1 {
		t.Errorf("answers %+v", got)
	}
}

func ruleStoppedThenDeleted(t *testing.T, s subject, f *turner) {
	untilStopped(t, f, func(ctx context.Context, turn conversation.Turn) {
		send(t, s, ctx, turn, "p0")
		take(t, s, conversation.Stopped{Ref: turn.Ref, By: "alice"})
		take(t, s, conversation.Deleted{Ref: turn.Ref, MessageIDs: []string{"a"}, At: base().Add(time.Minute)})
	})
	take(t, s, posted(post("t1", "a", 1, mention, root)))
	if turns := run(t, s, f, "t1"); len(turns) != 2 || !turns[1].Withdrawn {
		t.Errorf("turns %+v", turns)
	}
	if got := answers(t, s, "t1"); len(got) != 0 {
		t.Errorf("answers %+v", got)
	}
}

func ruleStopTwice(t *testing.T, s subject, f *turner) {
	e := conversation.Stopped{Delivery: conversation.Delivery{ID: "E1"}, Ref: post("t1", "", 0).Ref, By: "alice"}
	untilStopped(t, f, func(context.Context, conversation.Turn) {
		if first, second := take(t, s, e), take(t, s, e); first.Duplicate || !second.Duplicate {
			t.Errorf("first %+v, second %+v", first, second)
		}
	})
	take(t, s, posted(post("t1", "a", 1, mention, root)))
	run(t, s, f, "t1")
}
