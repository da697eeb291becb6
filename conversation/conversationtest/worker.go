package conversationtest

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"parley/conversation"
)

// Begin takes the next turn of a conversation, or the unfinished one again with a new lease. ok is false when nothing
// is owed there.
func (s *Store) Begin(ref conversation.ThreadRef) (t conversation.Turn, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	th := s.threads[ref]
	if th == nil {
		return t, false
	}
	return s.begin(th)
}

func (s *Store) begin(th *thread) (t conversation.Turn, ok bool) {
	if th.turn == nil {
		if len(s.openItems(th)) == 0 {
			return t, false
		}
		s.turns++
		th.turn = &conversation.Turn{ID: s.turns, ConversationID: th.id, Ref: th.ref, Place: th.place, QueuedAt: s.Clock()}
		open := s.openItems(th)
		for _, it := range open {
			first := open[0]
			if s.messages[it.message].Author.ID != s.messages[first.message].Author.ID || (it.decision.Refuse == "") != (first.decision.Refuse == "") {
				break
			}
			it.turn = th.turn.ID
		}
	}
	th.stale = false
	th.turn.Items = nil
	for _, it := range s.openItems(th) {
		if it.turn == th.turn.ID {
			th.turn.Items = append(th.turn.Items, conversation.Item{Message: s.withFiles(*s.messages[it.message]), Reason: it.decision.Reason, Refuse: it.decision.Refuse})
		}
	}
	if len(th.turn.Items) == 0 && len(s.parts[th.turn.ID]) == 0 {
		th.turn = nil
		if len(s.openItems(th)) > 0 {
			return s.begin(th)
		}
		return t, false
	}
	th.turn.Withdrawn = len(th.turn.Items) == 0
	th.lease++
	th.turn.Lease = th.lease
	th.turn.Attempt++
	th.turn.HistoryKnown = s.historyKnown(th)
	th.turn.Parts = slices.Clone(s.parts[th.turn.ID])
	return *th.turn, true
}

func (s *Store) openItems(th *thread) []*item {
	var open []*item
	for _, it := range th.items {
		if it.outcome == "" {
			open = append(open, it)
		}
	}
	slices.SortFunc(open, func(a, b *item) int {
		return cmp.Or(s.messages[a.message].SentAt.Compare(s.messages[b.message].SentAt), cmp.Compare(a.message.name, b.message.name))
	})
	return open
}

// Finish closes the turn's items and stores the answer as messages. It fails with ErrStale when the turn has read a
// question that has changed since.
func (s *Store) Finish(t conversation.Turn, o conversation.Outcome) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	th, err := s.held(t)
	if err != nil {
		return err
	}
	if th.stale {
		return conversation.ErrStale
	}
	for _, it := range th.items {
		if it.turn == t.ID && it.outcome == "" {
			it.outcome, it.closed = o.Kind, s.Clock()
		}
	}
	if t.Withdrawn {
		for _, p := range s.parts[t.ID] {
			s.eraseOwn(t, p.MessageID)
		}
	}
	for _, p := range o.Parts {
		th.seq++
		s.judged[keyOf(t.Ref, p.MessageID)] = true
		s.messages[keyOf(t.Ref, p.MessageID)] = &conversation.Message{Ref: t.Ref, Place: t.Place, ID: p.MessageID, Seq: th.seq,
			Author: conversation.Author{Name: "Parley", Kind: conversation.Self}, Text: p.Text, SentAt: p.SentAt}
	}
	s.endReading(t, o)
	s.finished[t.ID] = *th.turn
	th.turn = nil
	return nil
}

// Turner runs a turn; *conversation.Engine is one.
type Turner interface {
	RunTurn(ctx context.Context, t conversation.Turn) (conversation.Outcome, error)
}

// Work runs turns of a conversation until nothing is owed there, and gives their outcomes.
func (s *Store) Work(ctx context.Context, turner Turner, ref conversation.ThreadRef) ([]conversation.Outcome, error) {
	var outcomes []conversation.Outcome
	for {
		t, ok := s.Begin(ref)
		if !ok {
			return outcomes, nil
		}
		o, err := turner.RunTurn(ctx, t)
		if err == nil {
			err = s.Finish(t, o)
		}
		if errors.Is(err, conversation.ErrStale) {
			continue
		}
		if err != nil {
			return outcomes, err
		}
		outcomes = append(outcomes, o)
	}
}

// Outcomes gives the outcome of each addressed message by its id; an open one is "".
func (s *Store) Outcomes() map[string]conversation.OutcomeKind {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]conversation.OutcomeKind{}
	for _, th := range s.threads {
		for _, it := range th.items {
			out[it.message.name] = it.outcome
		}
	}
	return out
}

// Owed gives the conversations in which something is left to do.
func (s *Store) Owed() []conversation.ThreadRef {
	s.mu.Lock()
	defer s.mu.Unlock()
	var owed []conversation.ThreadRef
	for ref, th := range s.threads {
		if len(s.openItems(th)) > 0 || th.turn != nil {
			owed = append(owed, ref)
		}
	}
	return owed
}
