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
		open := s.openItems(th)
		if len(open) == 0 {
			return t, false
		}
		s.turns++
		author := s.messages[open[0].message].Author.ID
		th.turn = &unfinished{author: author, Turn: conversation.Turn{
			ID: s.turns, ConversationID: th.id, Ref: th.ref, Place: th.place, QueuedAt: s.Clock(),
		}}
		for _, it := range open {
			if s.messages[it.message].Author.ID != author || (it.decision.Refuse == "") != (open[0].decision.Refuse == "") {
				break
			}
			it.turn = th.turn.ID
		}
	}
	if s.attempt(th, th.turn) {
		return th.turn.Turn, true
	}
	return s.begin(th)
}

// attempt takes the next lease of a turn, and brings it up to date. One with nothing left to do is ended: false.
func (s *Store) attempt(th *thread, u *unfinished) bool {
	u.stale, u.cancel, u.told = false, nil, u.Stopped
	u.Items = nil
	for _, it := range s.inOrder(th, func(it *item) bool { return it.turn == u.ID }) {
		m := s.withFiles(*s.messages[it.message])
		u.Items = append(u.Items, conversation.Item{Message: m, Reason: it.decision.Reason, Refuse: it.decision.Refuse})
	}
	if !u.digest() && len(u.Items) == 0 && len(s.parts[u.ID]) == 0 {
		th.end(u)
		return false
	}
	u.Withdrawn = !u.digest() && len(u.Items) == 0
	th.lease++
	u.Lease = th.lease
	u.Attempt++
	u.HistoryKnown = s.historyKnown(th)
	u.Overtaken = s.strays[th.ref] && !u.HistoryKnown
	u.Parts = slices.Clone(s.parts[u.ID])
	return true
}

// openItems gives what no task has.
func (s *Store) openItems(th *thread) []*item {
	return s.inOrder(th, func(it *item) bool {
		u := th.find(it.turn)
		return u == nil || !u.aside
	})
}

// inOrder gives open items in the order in which people wrote them.
func (s *Store) inOrder(th *thread, of func(*item) bool) []*item {
	var open []*item
	for _, it := range th.items {
		if it.outcome == "" && of(it) {
			open = append(open, it)
		}
	}
	slices.SortFunc(open, func(a, b *item) int {
		return cmp.Or(s.messages[a.message].SentAt.Compare(s.messages[b.message].SentAt), cmp.Compare(a.message.name, b.message.name))
	})
	return open
}

// Finish closes the turn's items and stores the answer as messages, or hands them over to a task. It fails with ErrStale
// when the turn has read a question that has changed since.
func (s *Store) Finish(t conversation.Turn, o conversation.Outcome) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	th, err := s.held(t)
	if err != nil {
		return err
	}
	u := th.find(t.ID)
	if u.stale {
		return conversation.ErrStale
	}
	if o.Kind == "" && o.Task == nil {
		return errors.New("no outcome")
	}
	digest := u.digest()
	if o.Kind == "" {
		s.handOver(th, u, *o.Task)
	} else {
		s.finish(th, u, o)
	}
	if o.Digest && !digest {
		s.askDigest(th)
	}
	return nil
}

func (s *Store) finish(th *thread, u *unfinished, o conversation.Outcome) {
	for _, it := range th.items {
		if it.turn == u.ID && it.outcome == "" {
			s.close(it, o.Kind, o.Reason)
		}
	}
	if u.Withdrawn {
		for _, p := range s.parts[u.ID] {
			s.eraseOwn(u.Turn, p)
		}
	}
	for _, p := range o.Parts {
		at, place := partRef(u.Turn, p), u.Place
		in := s.threads[at]
		switch {
		case at == u.Ref:
		case in == nil:
			place = conversation.PlaceDM
		default:
			place = in.place
		}
		own := &conversation.Message{Ref: at, Place: place, ID: p.MessageID,
			Author: conversation.Author{Name: "Parley", Kind: conversation.Self}, Text: p.Text, SentAt: p.SentAt}
		if in != nil {
			in.seq++
			own.Seq = in.seq
		}
		s.judged[keyOf(at, p.MessageID)], s.messages[keyOf(at, p.MessageID)] = true, own
	}
	s.endReading(u.Turn, o)
	s.finished[u.ID] = u.Turn
	th.end(u)
}

// Turner runs a turn; *conversation.Engine is one.
type Turner interface {
	RunTurn(ctx context.Context, t conversation.Turn) (conversation.Outcome, error)
}

// Work runs turns and tasks of a conversation until nothing is owed there, and gives their outcomes.
func (s *Store) Work(ctx context.Context, turner Turner, ref conversation.ThreadRef) ([]conversation.Outcome, error) {
	var outcomes []conversation.Outcome
	for {
		t, ok := s.Begin(ref)
		if !ok {
			t, ok = s.BeginTask(ref)
		}
		if !ok {
			return outcomes, nil
		}
		o, again, err := s.run(ctx, turner, t)
		if again || errors.Is(err, conversation.ErrStale) {
			continue
		}
		if err != nil {
			return outcomes, err
		}
		if o.Kind != "" {
			outcomes = append(outcomes, o)
		}
	}
}

// run makes an attempt at a turn, whose context ends when it is stopped. again says that it ended by that alone.
func (s *Store) run(ctx context.Context, turner Turner, t conversation.Turn) (o conversation.Outcome, again bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s.mu.Lock()
	if u := s.threads[t.Ref].find(t.ID); u != nil {
		u.cancel = cancel
		if u.Stopped && !u.told {
			cancel(conversation.ErrStopped)
		}
	}
	s.mu.Unlock()
	o, err = turner.RunTurn(ctx, t)
	if err != nil {
		return o, errors.Is(context.Cause(ctx), conversation.ErrStopped), err
	}
	return o, false, s.Finish(t, o)
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

// Reasons gives the reason of each addressed message's outcome by its id.
func (s *Store) Reasons() map[string]conversation.Code {
	s.mu.Lock()
	defer s.mu.Unlock()
	reasons := map[string]conversation.Code{}
	for _, th := range s.threads {
		for _, it := range th.items {
			reasons[it.message.name] = it.reason
		}
	}
	return reasons
}

// Owed gives the conversations in which something is left to do.
func (s *Store) Owed() []conversation.ThreadRef {
	s.mu.Lock()
	defer s.mu.Unlock()
	var owed []conversation.ThreadRef
	for ref, th := range s.threads {
		if len(s.openItems(th)) > 0 || len(th.unfinished()) > 0 {
			owed = append(owed, ref)
		}
	}
	return owed
}
