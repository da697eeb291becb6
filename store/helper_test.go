package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/conversation"
	"parley/store"
)

// base is a fixed moment that all messages of the tests are relative to.
func base() time.Time { return time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC) }

func policy() conversation.DecideFunc {
	return conversation.Policy{FollowUps: conversation.FollowUpsThread, DenyUsers: []string{"mallory"}}.Decide
}

// post makes a message of alice's in Slack; second orders it.
func post(thread, id string, second int, change ...func(*conversation.Message)) conversation.Message {
	m := conversation.Message{
		Ref:   conversation.ThreadRef{Platform: conversation.Slack, Workspace: "T1", Channel: "C1", Thread: thread},
		Place: conversation.PlaceThread, ID: id,
		Author: conversation.Author{ID: "alice", Name: "Alice", Kind: conversation.Person},
		Text:   "text of " + id, SentAt: base().Add(time.Duration(second) * time.Second),
	}
	for _, f := range change {
		f(&m)
	}
	return m
}

func mention(m *conversation.Message) {
	m.Mentions = append(m.Mentions, conversation.Mention{Kind: conversation.MentionSelf, ID: "bot", Name: "Parley"})
}

func root(m *conversation.Message) { m.Root, m.Place = true, conversation.PlaceChannel }

func dm(m *conversation.Message) {
	m.Place, m.Ref.Channel, m.Ref.Thread = conversation.PlaceDM, "D1", ""
}

func by(author string) func(*conversation.Message) {
	return func(m *conversation.Message) { m.Author.ID, m.Author.Name = author, author }
}

func accept(t testing.TB, s *store.Store, e conversation.Event) conversation.Accepted {
	t.Helper()
	a, err := s.Accept(t.Context(), e, policy())
	if err != nil {
		t.Fatalf("accept %s: %v", e.Kind(), err)
	}
	return a
}

func posted(m conversation.Message) conversation.Posted { return conversation.Posted{Message: m} }

// value runs a statement that gives one value.
func value[T any](t testing.TB, s *store.Store, statement string, args ...any) T {
	t.Helper()
	rows, err := s.Pool().Query(context.Background(), statement, args...)
	if err != nil {
		t.Fatal(err)
	}
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return v
}

// turner answers every turn, after what the test wants to happen first.
type turner struct {
	before func(ctx context.Context, t conversation.Turn) error
	// outcome changes the answer, where it is set.
	outcome func(conversation.Turn, conversation.Outcome) conversation.Outcome

	mu    sync.Mutex
	turns []conversation.Turn
}

func (f *turner) RunTurn(ctx context.Context, t conversation.Turn) (conversation.Outcome, error) {
	f.mu.Lock()
	f.turns = append(f.turns, t)
	before, outcome := f.before, f.outcome
	f.mu.Unlock()
	if before != nil {
		if err := before(ctx, t); err != nil {
			return conversation.Outcome{}, err
		}
	}
	if outcome != nil {
		return outcome(t, answer(t)), nil
	}
	return answer(t), nil
}

// set changes what the turner does, also while it works.
func (f *turner) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *turner) seen() []conversation.Turn {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]conversation.Turn(nil), f.turns...)
}

func answer(t conversation.Turn) conversation.Outcome {
	if t.Withdrawn {
		return conversation.Outcome{Kind: conversation.Withdrawn}
	}
	if len(t.Items) == 0 {
		return conversation.Outcome{Kind: conversation.Answered, Model: "m", CostUSD: 0.00003, Usage: conversation.Usage{Input: 4, Output: 1}}
	}
	return conversation.Outcome{
		Kind: conversation.Answered, Model: "m", CostUSD: 0.00012,
		Usage: conversation.Usage{Input: 10, Output: 5},
		Parts: []conversation.SentPart{{MessageID: fmt.Sprintf("answer-%d", t.ID), Text: "an answer", SentAt: t.Last().Message.SentAt.Add(time.Millisecond)}},
	}
}

func work(t testing.TB, s *store.Store, f store.Turner) *store.Workers {
	t.Helper()
	w, err := s.Work(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return w
}

// eventually waits until ok says true.
func eventually(t testing.TB, within time.Duration, what string, ok func() bool) {
	t.Helper()
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("%s: not within %s", what, within)
		}
	}
}

func answered(t testing.TB, s *store.Store, within time.Duration) {
	t.Helper()
	eventually(t, within, "all answered", func() bool {
		n, err := s.Unanswered(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return n == 0
	})
}

// concurrent reports whether the store runs the turns of a conversation by workers of its own, side by side with tasks.
func concurrent(s subject) bool {
	_, own := s.Store.(*store.Store)
	return own
}
