package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"parley/conversation"
)

// TestTasksBehaveAlike holds the store in memory to what Postgres does with tasks.
func TestTasksBehaveAlike(t *testing.T) {
	t.Parallel()
	alike(t, map[string]func(*testing.T, subject, *turner){
		"a turn is handed over":          ruleTask,
		"the conversation goes on":       ruleTaskBesideTurns,
		"parts and fencing":              ruleTaskParts,
		"stopped":                        ruleTaskStopped,
		"stopped before it runs":         ruleTaskStoppedBefore,
		"edited while it runs":           ruleTaskEdited,
		"deleted while it runs":          ruleTaskDeleted,
		"edited after its answer":        ruleTaskEditedLater,
		"a digest":                       ruleDigest,
		"a digest asks for no digest":    ruleDigestOfDigest,
		"what it reads outlives an edit": ruleTaskReads,
	})
}

func summary(data string) *conversation.Task {
	return &conversation.Task{Kind: conversation.TaskSummary, Data: []byte(data)}
}

// handing makes ordinary turns hand over to a task.
func handing(f *turner) {
	f.set(func() {
		f.outcome = func(turn conversation.Turn, o conversation.Outcome) conversation.Outcome {
			if turn.Task == nil && !turn.Withdrawn && !turn.Stopped {
				return conversation.Outcome{Task: summary(`{"last":200}`), Model: "m", Usage: conversation.Usage{Input: 3, Output: 2}}
			}
			return o
		}
	})
}

func ruleTask(t *testing.T, s subject, f *turner) {
	handing(f)
	take(t, s, posted(post("t1", "a", 1, mention, root)))
	turns := run(t, s, f, "t1")
	if len(turns) != 2 || turns[0].Task != nil || turns[0].ID != turns[1].ID {
		t.Fatalf("turns %+v", turns)
	}
	task := turns[1]
	if task.Task == nil || task.Task.Kind != conversation.TaskSummary || string(task.Task.Data) != `{"last":200}` || task.Attempt != 1 ||
		len(task.Items) != 1 || task.Last().Message.ID != "a" || task.Lease == turns[0].Lease || task.Ref != turns[0].Ref || task.Place != turns[0].Place {
		t.Errorf("task %+v", task)
	}
	if l := ledger(t, s); l["a"] != "answered " {
		t.Errorf("ledger %v", l)
	}
	if got := answers(t, s, "t1"); len(got) != 1 {
		t.Errorf("answers %+v", got)
	}
	if _, err := s.Intend(t.Context(), task, 3); !errors.Is(err, conversation.ErrFenced) {
		t.Errorf("it writes when it has ended: %v", err)
	}
}

func ruleTaskBesideTurns(t *testing.T, s subject, f *turner) {
	f.outcome = func(turn conversation.Turn, o conversation.Outcome) conversation.Outcome {
		if turn.Task == nil && turn.Last().Message.ID == "a" {
			return conversation.Outcome{Task: summary("1")}
		}
		return o
	}
	done := make(chan struct{})
	f.before = func(ctx context.Context, turn conversation.Turn) error {
		switch {
		case turn.Task != nil:
			take(t, s, posted(post("t1", "b", 2)))
			select { // in memory the turns of a conversation run one after the other
			case <-done:
			case <-ctx.Done():
				return ctx.Err()
			default:
				if !concurrent(s) {
					return nil
				}
				<-done
			}
		case turn.Last().Message.ID == "b":
			close(done)
		}
		return nil
	}
	take(t, s, posted(post("t1", "a", 1, mention, root)))
	turns := run(t, s, f, "t1")
	if len(turns) != 3 || turns[1].Task == nil || turns[2].Task != nil || len(turns[2].Items) != 1 || turns[2].Last().Message.ID != "b" {
		t.Errorf("turns %+v", turns)
	}
	if l := ledger(t, s); l["a"] != "answered " || l["b"] != "answered " {
		t.Errorf("ledger %v", l)
	}
}

func ruleTaskParts(t *testing.T, s subject, f *turner) {
	handing(f)
	var before conversation.Turn
	f.before = func(ctx context.Context, turn conversation.Turn) error {
		switch {
		case turn.Task == nil:
			before = turn
			send(t, s, ctx, turn, "p0")
			return nil
		case turn.Attempt == 1:
			if _, err := s.Intend(ctx, before, 1); !errors.Is(err, conversation.ErrFenced) {
				t.Errorf("the turn that handed over still writes: %v", err)
			}
			_, err := s.Intend(ctx, turn, 1)
			err = errors.Join(err, s.Sent(ctx, turn, 1, "p1"), s.SaveHistory(ctx, turn, conversation.HistoryPage{}, policy()), s.HistoryDone(ctx, turn), s.Holds(turn))
			if err != nil && concurrent(s) {
				t.Error(err)
			}
			before = turn
			return errors.New("cut off")
		}
		if _, err := s.Intend(ctx, before, 2); !errors.Is(err, conversation.ErrFenced) {
			t.Errorf("the first attempt still writes: %v", err)
		}
		return s.Removed(ctx, turn, 1)
	}
	take(t, s, posted(post("t1", "a", 1, mention, root)))
	turns := run(t, s, f, "t1")
	if len(turns) != 3 {
		t.Fatalf("turns %+v", turns)
	}
	if last := turns[2]; last.Attempt != 2 || last.Task == nil || len(last.Parts) != 2 || last.Parts[0].MessageID != "p0" || last.Parts[1].MessageID != "p1" || !last.HistoryKnown {
		t.Errorf("task %+v", last)
	}
}

func ruleTaskStopped(t *testing.T, s subject, f *turner) {
	handing(f)
	hand := f.outcome
	f.before = func(ctx context.Context, turn conversation.Turn) error {
		if turn.Task == nil {
			return nil
		}
		if a := take(t, s, posted(word("t1", "b", 2))); !a.Decision.Stop {
			t.Errorf("accepted %+v", a)
		}
		<-ctx.Done()
		if !errors.Is(context.Cause(ctx), conversation.ErrStopped) {
			t.Errorf("cause %v", context.Cause(ctx))
		}
		return nil
	}
	f.outcome = func(turn conversation.Turn, o conversation.Outcome) conversation.Outcome {
		if turn.Task != nil {
			return stopped(o)
		}
		return hand(turn, o)
	}
	take(t, s, posted(post("t1", "a", 1, mention, root)))
	run(t, s, f, "t1")
	if l := ledger(t, s); l["a"] != "withdrawn stopped" || l["b"] != "answered stopped" {
		t.Errorf("ledger %v", l)
	}
}

// The word comes while the turn still decides that it is a task: the task begins stopped.
func ruleTaskStoppedBefore(t *testing.T, s subject, f *turner) {
	f.before = func(ctx context.Context, turn conversation.Turn) error {
		if turn.Task == nil {
			take(t, s, posted(word("t1", "b", 2)))
			<-ctx.Done()
		} else if !turn.Stopped {
			t.Errorf("task %+v", turn)
		}
		return nil
	}
	f.outcome = func(turn conversation.Turn, o conversation.Outcome) conversation.Outcome {
		if turn.Task == nil {
			return conversation.Outcome{Task: summary("1")}
		}
		return stopped(o)
	}
	take(t, s, posted(post("t1", "a", 1, mention, root)))
	if turns := run(t, s, f, "t1"); len(turns) != 2 {
		t.Errorf("turns %+v", turns)
	}
	if l := ledger(t, s); l["a"] != "withdrawn stopped" {
		t.Errorf("ledger %v", l)
	}
}

// An edited question is decided on again, by a turn that has the parts of the task.
func ruleTaskEdited(t *testing.T, s subject, f *turner) {
	m := post("t1", "a", 1, mention, root)
	f.before = func(ctx context.Context, turn conversation.Turn) error {
		if turn.Task == nil {
			return nil
		}
		send(t, s, ctx, turn, "p0")
		m.Text, m.EditedAt = "no summary, please", base().Add(time.Minute)
		take(t, s, conversation.Edited{Message: m})
		if concurrent(s) {
			<-ctx.Done()
			return ctx.Err()
		}
		return nil
	}
	f.outcome = func(turn conversation.Turn, o conversation.Outcome) conversation.Outcome {
		if turn.Task == nil && turn.Last().Message.Revision == 0 {
			return conversation.Outcome{Task: summary("1")}
		}
		return o
	}
	take(t, s, posted(m))
	turns := run(t, s, f, "t1")
	if len(turns) != 3 {
		t.Fatalf("turns %+v", turns)
	}
	if again := turns[2]; again.Task != nil || again.ID != turns[0].ID || again.Last().Message.Text != m.Text || len(again.Parts) != 1 || again.Parts[0].MessageID != "p0" {
		t.Errorf("turn %+v", again)
	}
	if l := ledger(t, s); l["a"] != "answered " {
		t.Errorf("ledger %v", l)
	}
}

func ruleTaskDeleted(t *testing.T, s subject, f *turner) {
	handing(f)
	f.before = func(ctx context.Context, turn conversation.Turn) error {
		if turn.Task == nil {
			return nil
		}
		send(t, s, ctx, turn, "p0")
		take(t, s, conversation.Deleted{Ref: turn.Ref, MessageIDs: []string{"a"}, At: base().Add(time.Minute)})
		return nil
	}
	take(t, s, posted(post("t1", "a", 1, mention, root)))
	turns := run(t, s, f, "t1")
	if len(turns) != 3 || !turns[2].Withdrawn || len(turns[2].Parts) != 1 || len(turns[2].Items) != 0 {
		t.Errorf("turns %+v", turns)
	}
	if l := ledger(t, s); l["a"] != "withdrawn " {
		t.Errorf("ledger %v", l)
	}
	if got := answers(t, s, "t1"); len(got) != 0 {
		t.Errorf("answers %+v", got)
	}
}

func ruleTaskEditedLater(t *testing.T, s subject, f *turner) {
	handing(f)
	m := post("t1", "a", 1, mention, root)
	take(t, s, posted(m))
	run(t, s, f, "t1")
	m.Text, m.EditedAt = "another summary", base().Add(time.Minute)
	take(t, s, conversation.Edited{Message: m})
	turns := run(t, s, f, "t1")
	if len(turns) != 4 || turns[2].Task != nil || turns[3].Task == nil || turns[3].ID != turns[0].ID {
		t.Errorf("turns %+v", turns)
	}
	if l := ledger(t, s); l["a"] != "answered " {
		t.Errorf("ledger %v", l)
	}
}

func ruleDigest(t *testing.T, s subject, f *turner) {
	f.outcome = func(turn conversation.Turn, o conversation.Outcome) conversation.Outcome {
		o.Digest = true
		return o
	}
	f.before = func(ctx context.Context, turn conversation.Turn) error {
		if len(turn.Items) == 0 {
			return errors.Join(s.Holds(turn), s.SaveHistory(ctx, turn, conversation.HistoryPage{}, policy()))
		}
		return nil
	}
	take(t, s, posted(post("t1", "a", 1, mention, root)))
	turns := run(t, s, f, "t1")
	if len(turns) != 2 {
		t.Fatalf("turns %+v", turns)
	}
	d := turns[1]
	if d.Task == nil || d.Task.Kind != conversation.TaskDigest || len(d.Items) != 0 || d.Withdrawn || d.Attempt != 1 || d.Ref != turns[0].Ref ||
		d.ID == turns[0].ID || d.ConversationID != turns[0].ConversationID || d.Place == "" {
		t.Errorf("digest %+v", d)
	}
	if l := ledger(t, s); len(l) != 1 || l["a"] != "answered " {
		t.Errorf("ledger %v", l)
	}
	take(t, s, posted(post("t1", "b", 2)))
	if turns := run(t, s, f, "t1"); len(turns) != 4 {
		t.Errorf("%d turns: one digest after each answer", len(turns))
	}
}

func ruleDigestOfDigest(t *testing.T, s subject, f *turner) {
	f.outcome = func(turn conversation.Turn, o conversation.Outcome) conversation.Outcome {
		o.Digest = true
		return o
	}
	take(t, s, posted(post("t1", "a", 1, mention, root)))
	if turns := run(t, s, f, "t1"); len(turns) != 2 {
		t.Errorf("turns %+v", turns)
	}
}

func ruleTaskReads(t *testing.T, s subject, f *turner) {
	handing(f)
	f.before = func(ctx context.Context, turn conversation.Turn) error {
		if turn.Task == nil {
			return nil
		}
		if turn.Attempt == 1 {
			return errors.Join(errors.New("cut off"), readings(s).Collect(ctx, turn, []conversation.Message{read("m1", 1), read("m2", 2)}))
		}
		list, err := readings(s).Collected(ctx, turn, conversation.Position{}, 9)
		if len(list) != 2 {
			t.Errorf("copies %+v", list)
		}
		return err
	}
	take(t, s, posted(post("t1", "a", 1, mention, root)))
	if turns := run(t, s, f, "t1"); len(turns) != 3 {
		t.Errorf("turns %+v", turns)
	}
}
