// Package conversationtest holds what tests of the engine and its ports need: a store in memory, a messenger that
// keeps what people would see, and the suite that every store passes, so that the one in memory cannot drift from
// Postgres.
package conversationtest

import (
	"cmp"
	"context"
	"crypto/rand"
	"slices"
	"sync"
	"time"

	"parley/conversation"
)

// messageKey is a message's identity: unique within platform, workspace and channel.
type messageKey struct {
	platform                 conversation.Platform
	workspace, channel, name string
}

func keyOf(ref conversation.ThreadRef, id string) messageKey {
	return messageKey{ref.Platform, ref.Workspace, ref.Channel, id}
}

// item is a line of the ledger.
type item struct {
	message  messageKey
	decision conversation.Decision
	outcome  conversation.OutcomeKind // empty while open
	reason   conversation.Code
	turn     int64
	accepted time.Time
	closed   time.Time
}

type thread struct {
	id           int64
	ref          conversation.ThreadRef
	place        conversation.Place
	seq, lease   int64
	historyKnown bool
	verified     time.Time // when the history was last known to be the platform's
	newest       conversation.Position
	items        []*item
	turn         *unfinished // of the conversation's own
	tasks        []*unfinished
}

// Store is a conversation.Store in memory, with the worker's side (Begin, Finish) for tests. Its zero value is not
// usable: call NewStore.
type Store struct {
	// Clock gives the time; it may be replaced before use.
	Clock func() time.Time

	mu         sync.Mutex
	deliveries map[string]bool
	messages   map[messageKey]*conversation.Message
	threads    map[conversation.ThreadRef]*thread
	strays     map[conversation.ThreadRef]bool
	sends      map[messageKey]conversation.ThreadRef
	parts      map[int64][]conversation.Part
	turns      int64
	judged     map[messageKey]bool // it was asked whether an answer is owed; not so for history
	finished   map[int64]conversation.Turn
	channels   map[messageKey]conversation.Mark
	presence   map[conversation.Platform]presence
	derived    derived
	caughtUp   bool // the event that is being accepted was read after an absence
}

// NewStore makes an empty store.
func NewStore() *Store {
	return &Store{
		Clock: time.Now, deliveries: map[string]bool{}, messages: map[messageKey]*conversation.Message{},
		threads: map[conversation.ThreadRef]*thread{}, strays: map[conversation.ThreadRef]bool{},
		sends: map[messageKey]conversation.ThreadRef{}, parts: map[int64][]conversation.Part{},
		judged: map[messageKey]bool{}, finished: map[int64]conversation.Turn{}, channels: map[messageKey]conversation.Mark{}, presence: map[conversation.Platform]presence{},
		derived: newDerived(),
	}
}

// Accept implements conversation.Store.
func (s *Store) Accept(_ context.Context, e conversation.Event, decide conversation.DecideFunc) (conversation.Accepted, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id := e.Meta().ID; id != "" {
		key := string(e.In().Platform) + e.In().Workspace + id
		if s.deliveries[key] {
			return conversation.Accepted{Duplicate: true}, nil
		}
		s.deliveries[key] = true
	}
	s.caughtUp = e.Meta().CaughtUp
	switch e := e.(type) {
	case conversation.Posted:
		s.moveMarks(e.Message)
		if old := s.messages[keyOf(e.Message.Ref, e.Message.ID)]; s.caughtUp && old != nil && newer(old, e.Message) {
			return s.edited(e.Message, decide), nil
		}
		return s.posted(e.Message, decide), nil
	case conversation.Edited:
		return s.edited(e.Message, decide), nil
	case conversation.Deleted:
		return s.deleted(e), nil
	case conversation.Asked:
		return s.command(e.Message, decide)
	case conversation.Stopped:
		return s.stop(e), nil
	}
	return conversation.Accepted{}, nil
}

func (s *Store) posted(m conversation.Message, decide conversation.DecideFunc) conversation.Accepted {
	key := keyOf(m.Ref, m.ID)
	if s.judged[key] {
		return conversation.Accepted{Duplicate: true}
	}
	th := s.threads[m.Ref]
	if th == nil {
		if d := decide(m, s.view(nil, m)); !d.Addressed {
			if m.Place == conversation.PlaceThread {
				s.strays[m.Ref] = true
			}
			return conversation.Accepted{Decision: d}
		}
		th = &thread{id: int64(len(s.threads) + 1), ref: m.Ref, place: m.Place, historyKnown: m.Root && !s.strays[m.Ref], verified: s.Clock()}
		s.threads[m.Ref] = th
	}
	return s.store(th, m, decide)
}

func (s *Store) store(th *thread, m conversation.Message, decide conversation.DecideFunc) conversation.Accepted {
	th.seq++
	m.Seq = th.seq
	if th.newest.Before(m.Position()) {
		th.newest = m.Position()
	}
	stored := m
	s.messages[keyOf(m.Ref, m.ID)], s.judged[keyOf(m.Ref, m.ID)] = &stored, true
	d := decide(m, s.view(th, m))
	s.open(th, m, d)
	return conversation.Accepted{Decision: d, ConversationID: th.id, Seq: m.Seq}
}

func (s *Store) open(th *thread, m conversation.Message, d conversation.Decision) {
	if !d.Addressed {
		return
	}
	it := &item{message: keyOf(m.Ref, m.ID), decision: d, accepted: s.Clock()}
	th.items = append(th.items, it)
	if d.Respond {
		return
	}
	reason := conversation.Code(d.Refuse)
	if d.Stop {
		reason = conversation.CodeStopped
	}
	s.close(it, d.Outcome(), reason)
	if d.Stop {
		s.stopFor(th, m.Author.ID)
	}
}

func (s *Store) view(th *thread, m conversation.Message) conversation.View {
	v := conversation.View{CaughtUp: s.caughtUp, Age: s.Clock().Sub(m.SentAt)}
	if of := s.messages[keyOf(m.Ref, m.ReplyTo)]; of != nil {
		v.ReplyToSelf = of.Author.Kind == conversation.Self
	}
	if _, ok := s.sends[keyOf(m.Ref, m.ReplyTo)]; ok {
		v.ReplyToSelf = true
	}
	for _, other := range s.threads {
		for _, it := range other.items {
			author := s.messages[it.message].Author.ID
			recent := s.Clock().Sub(it.accepted)
			if other == th && recent < time.Hour && it.decision.Refuse == conversation.CodeMissed && it.decision.Respond {
				v.ToldMissed = true
			}
			if other == th && author == m.Author.ID && it.outcome == "" {
				v.Waiting = true
			}
			if author != m.Author.ID || it.message.workspace != m.Ref.Workspace {
				continue
			}
			if recent < time.Minute && it.decision.Refuse == "" {
				v.RecentTurns++
			}
			window := time.Hour
			if it.decision.Refuse == conversation.CodeRate {
				window = time.Minute
			}
			if other == th && recent < window && it.decision.Refuse != "" && it.decision.Respond {
				v.ToldRecently = true
			}
		}
	}
	if first, ok := s.first(th); ok {
		v.Ours = first.Before(m.Position())
	}
	return v
}

func (s *Store) edited(m conversation.Message, decide conversation.DecideFunc) conversation.Accepted {
	old := s.messages[keyOf(m.Ref, m.ID)]
	if old == nil {
		if m.Author.Kind != conversation.Self {
			s.changedEdit(m)
		}
		if !decide(m, conversation.View{}).Addressed {
			return conversation.Accepted{}
		}
		return s.posted(m, decide)
	}
	if !old.DeletedAt.IsZero() || m.EditedAt.Before(old.EditedAt) {
		return conversation.Accepted{Duplicate: true}
	}
	th := s.threads[old.Ref]
	mentioned := old.MentionsSelf()
	changed := old.Text != m.Text || !slices.Equal(old.Attachments, m.Attachments)
	old.Text, old.Tokens, old.Mentions, old.Attachments, old.EditedAt = m.Text, m.Tokens, m.Mentions, m.Attachments, m.EditedAt
	if changed {
		s.changedEdit(m)
		old.Revision++
	}
	if th == nil {
		if !mentioned && old.MentionsSelf() {
			return s.posted(m, decide)
		}
		return conversation.Accepted{}
	}
	if changed {
		s.follow(th, *old, decide)
	}
	if mentioned || !old.MentionsSelf() {
		return conversation.Accepted{ConversationID: th.id, Seq: old.Seq}
	}
	d := decide(*old, s.view(th, *old))
	if key := keyOf(m.Ref, m.ID); !slices.ContainsFunc(th.items, func(it *item) bool { return it.message == key }) {
		s.open(th, *old, d)
	}
	return conversation.Accepted{Decision: d, ConversationID: th.id, Seq: old.Seq}
}

func (s *Store) deleted(e conversation.Deleted) conversation.Accepted {
	for _, id := range e.MessageIDs {
		key := keyOf(e.Ref, id)
		m := s.messages[key]
		if m == nil {
			s.changedDelete(conversation.Message{Ref: e.Ref, ID: id}, e.At)
			m = &conversation.Message{Ref: e.Ref, ID: id, SentAt: e.At}
			s.messages[key] = m
		}
		s.judged[key] = true
		s.erase(m, e.At)
	}
	return conversation.Accepted{}
}

func (s *Store) erase(m *conversation.Message, at time.Time) {
	if at.IsZero() {
		at = s.Clock()
	}
	if m.Author.Kind != "" {
		s.changedDelete(*m, at)
	}
	m.Text, m.Tokens, m.Mentions, m.Attachments, m.Ask, m.DeletedAt = "", 0, nil, nil, nil, at
	key := keyOf(m.Ref, m.ID)
	for _, th := range s.threads {
		for _, it := range th.items {
			if it.message == key && it.outcome == "" {
				s.close(it, conversation.Withdrawn, "")
				th.markStale(it.turn)
			}
		}
	}
}

// ThreadOf implements conversation.Store.
func (s *Store) ThreadOf(_ context.Context, ref conversation.ThreadRef, messageID string) (string, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sent, ok := s.sends[keyOf(ref, messageID)]; ok && s.threads[sent] != nil {
		return sent.Thread, true, nil
	}
	if m := s.messages[keyOf(ref, messageID)]; m != nil && s.threads[m.Ref] != nil {
		return m.Ref.Thread, true, nil
	}
	return "", false, nil
}

// History implements conversation.Store.
func (s *Store) History(_ context.Context, q conversation.HistoryQuery) ([]conversation.Message, error) {
	return s.page(q, func(m *conversation.Message) bool { return m.Ref == q.Ref }), nil
}

// ChannelBefore implements conversation.Store.
func (s *Store) ChannelBefore(_ context.Context, q conversation.HistoryQuery) ([]conversation.Message, error) {
	return s.page(q, func(m *conversation.Message) bool {
		return keyOf(m.Ref, "") == keyOf(q.Ref, "") && m.Place != conversation.PlacePrivate
	}), nil
}

func (s *Store) page(q conversation.HistoryQuery, of func(*conversation.Message) bool) []conversation.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []conversation.Message
	for _, m := range s.messages {
		if of(m) && visible(m) && (q.Before.SentAt.IsZero() || m.Position().Before(q.Before)) {
			out = append(out, s.withFiles(*m))
		}
	}
	slices.SortFunc(out, func(a, b conversation.Message) int {
		return cmp.Or(b.SentAt.Compare(a.SentAt), cmp.Compare(b.ID, a.ID))
	})
	return out[:min(len(out), q.Limit)]
}

// SaveHistory implements conversation.Store.
func (s *Store) SaveHistory(_ context.Context, t conversation.Turn, page conversation.HistoryPage, decide conversation.DecideFunc) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	th, err := s.held(t)
	if err != nil {
		return err
	}
	s.caughtUp = true
	s.verify(th, page, decide)
	first, _ := s.first(th)
	for _, m := range page.Messages {
		if s.messages[keyOf(m.Ref, m.ID)] != nil {
			continue
		}
		if m.Ref == th.ref && m.Author.Kind == conversation.Person && first.Before(m.Position()) {
			s.store(th, m, decide)
			continue
		}
		stored := m
		s.messages[keyOf(m.Ref, m.ID)] = &stored
	}
	return nil
}

// HistoryDone implements conversation.Store.
func (s *Store) HistoryDone(_ context.Context, t conversation.Turn) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	th, err := s.held(t)
	if err == nil {
		th.historyKnown, th.verified = true, s.Clock()
	}
	return err
}

// Intend implements conversation.Store.
func (s *Store) Intend(_ context.Context, t conversation.Turn, number int) (conversation.Part, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.held(t); err != nil {
		return conversation.Part{}, err
	}
	for _, p := range s.parts[t.ID] {
		if p.Number == number {
			return p, nil
		}
	}
	p := conversation.Part{Number: number, SendID: rand.Text()[:20], IntendedAt: s.Clock()}
	if t.Target() != t.Ref {
		p.Ref = t.Target()
	}
	s.parts[t.ID] = append(s.parts[t.ID], p)
	return p, nil
}

// Sent implements conversation.Store.
func (s *Store) Sent(_ context.Context, t conversation.Turn, number int, messageID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.held(t); err != nil {
		return err
	}
	for i := range s.parts[t.ID] {
		if p := &s.parts[t.ID][i]; p.Number == number {
			p.MessageID = messageID
			at := partAt(t.Ref, *p)
			s.sends[keyOf(at, messageID)] = at
		}
	}
	return nil
}

// Recorded implements conversation.Store.
func (s *Store) Recorded(_ context.Context, ref conversation.ThreadRef, messageID string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, recorded := s.sends[keyOf(ref, messageID)]
	return recorded, nil
}

func (s *Store) held(t conversation.Turn) (*thread, error) {
	th := s.threads[t.Ref]
	if th == nil {
		return nil, conversation.ErrFenced
	}
	if u := th.find(t.ID); u == nil || u.Lease != t.Lease {
		return nil, conversation.ErrFenced
	}
	return th, nil
}
