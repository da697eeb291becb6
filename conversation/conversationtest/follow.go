package conversationtest

import (
	"context"
	"slices"
	"time"

	"parley/conversation"
)

// first is where the first message of a conversation stands that made it ours.
func (s *Store) first(th *thread) (first conversation.Position, ok bool) {
	if th == nil {
		return first, false
	}
	for _, it := range th.items {
		if r := it.decision.Refuse; r != "" && r != conversation.CodeRate && r != conversation.CodeMissed {
			continue
		}
		if at := s.messages[it.message].Position(); !ok || at.Before(first) {
			first, ok = at, true
		}
	}
	return first, ok
}

// markStale notes that a question of an unfinished turn has changed, and reports whether the turn is one.
func (th *thread) markStale(turn int64) bool {
	u := th.find(turn)
	if u != nil {
		u.stale = true
	}
	return u != nil
}

// follow brings the turn of an edited question in line with its text.
func (s *Store) follow(th *thread, m conversation.Message, decide conversation.DecideFunc) {
	key := keyOf(m.Ref, m.ID)
	at := slices.IndexFunc(th.items, func(it *item) bool { return it.message == key })
	if at < 0 || th.markStale(th.items[at].turn) {
		return
	}
	it := th.items[at]
	if it.outcome != conversation.Answered && it.outcome != conversation.Failed || s.Clock().Sub(it.closed) >= time.Hour {
		return
	}
	turn, known := s.finished[it.turn]
	if !known || th.turn != nil || len(s.openItems(th)) > 0 || !s.isLastWord(th, it.turn) {
		return
	}
	d := decide(m, s.view(th, m))
	if d.Stop {
		s.stopFor(th, m.Author.ID)
	}
	if d.Refuse != "" || d.Stop {
		return
	}
	turn.QueuedAt, turn.Stopped, turn.Task, turn.To = s.Clock(), false, nil, conversation.ThreadRef{}
	th.turn = &unfinished{Turn: turn, author: m.Author.ID}
	for _, other := range th.items {
		if other.turn == it.turn && (other.outcome == conversation.Answered || other.outcome == conversation.Failed) {
			other.outcome, other.reason, other.accepted = "", "", s.Clock()
		}
	}
}

func (s *Store) isLastWord(th *thread, turn int64) bool {
	var last conversation.Position
	for _, it := range th.items {
		if at := s.messages[it.message].Position(); it.turn == turn && last.Before(at) {
			last = at
		}
	}
	own := map[string]bool{}
	for _, p := range s.parts[turn] {
		m := s.messages[keyOf(partAt(th.ref, p), p.MessageID)]
		if m == nil {
			continue
		}
		own[m.ID] = true
		if !m.DeletedAt.IsZero() && p.Number == 0 {
			return false
		}
		if m.DeletedAt.IsZero() && last.Before(m.Position()) {
			last = m.Position()
		}
	}
	for key, m := range s.messages {
		_, sent := s.sends[key]
		if m.Ref == th.ref && m.DeletedAt.IsZero() && last.Before(m.Position()) && (m.Author.Kind != conversation.Self || sent && !own[m.ID]) {
			return false
		}
	}
	return true
}

// Removed implements conversation.Store.
func (s *Store) Removed(_ context.Context, t conversation.Turn, number int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.held(t); err != nil {
		return err
	}
	s.parts[t.ID] = slices.DeleteFunc(s.parts[t.ID], func(p conversation.Part) bool {
		if p.Number == number {
			s.eraseOwn(t, p)
			delete(s.sends, keyOf(partAt(t.Ref, p), p.MessageID))
		}
		return p.Number == number
	})
	return nil
}

func (s *Store) eraseOwn(t conversation.Turn, p conversation.Part) {
	if m := s.messages[keyOf(partAt(t.Ref, p), p.MessageID)]; m != nil && m.DeletedAt.IsZero() {
		s.erase(m, s.Clock())
	}
}

// Holds implements conversation.Store.
func (s *Store) Holds(t conversation.Turn) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.held(t)
	return err
}
