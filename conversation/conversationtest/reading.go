package conversationtest

import (
	"cmp"
	"context"
	"slices"

	"parley/conversation"
)

var _ conversation.Readings = (*Store)(nil)

// Collect implements conversation.Readings.
func (s *Store) Collect(_ context.Context, t conversation.Turn, page []conversation.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.held(t); err != nil {
		return err
	}
	copies := s.derived.copies[t.ID]
	if copies == nil {
		copies = map[messageKey]conversation.Message{}
		s.derived.copies[t.ID] = copies
	}
	for _, m := range page {
		key := keyOf(m.Ref, m.ID)
		if c, changed := s.derived.changes[key]; changed && c.turn >= t.ID && (c.deleted || m.EditedAt.Before(c.at)) {
			continue
		}
		if old, known := copies[key]; !known || !m.EditedAt.Before(old.EditedAt) {
			copies[key] = m
		}
	}
	return nil
}

// Collected implements conversation.Readings.
func (s *Store) Collected(_ context.Context, t conversation.Turn, after conversation.Position, limit int) ([]conversation.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []conversation.Message
	for _, m := range s.derived.copies[t.ID] {
		list = append(list, s.withFiles(m))
	}
	return ascending(list, after, limit), nil
}

// Since implements conversation.Readings.
func (s *Store) Since(_ context.Context, ref conversation.ThreadRef, after conversation.Position, limit int) ([]conversation.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []conversation.Message
	for _, m := range s.messages {
		if m.Ref == ref && visible(m) {
			list = append(list, s.withFiles(*m))
		}
	}
	return ascending(list, after, limit), nil
}

// visible reports whether a stored message may be shown: it is not deleted, and no answer whose source has changed.
func visible(m *conversation.Message) bool {
	return m.DeletedAt.IsZero() && (m.Author.Kind != conversation.Self || m.Text != "" || len(m.Attachments) > 0)
}

// ascending gives what lies after a position, oldest first.
func ascending(list []conversation.Message, after conversation.Position, limit int) []conversation.Message {
	list = slices.DeleteFunc(list, func(m conversation.Message) bool { return !after.Before(m.Position()) })
	slices.SortFunc(list, func(a, b conversation.Message) int {
		return cmp.Or(a.SentAt.Compare(b.SentAt), cmp.Compare(a.ID, b.ID))
	})
	if limit <= 0 || limit > 500 {
		limit = 500
	}
	return list[:min(len(list), limit)]
}

// Chunk implements conversation.Readings.
func (s *Store) Chunk(_ context.Context, ref conversation.ThreadRef, hash string) (conversation.Chunk, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, known := s.derived.chunks[chunkKey{ref, hash}]
	return c, known, nil
}

// KeepChunk implements conversation.Readings.
func (s *Store) KeepChunk(_ context.Context, t conversation.Turn, c conversation.Chunk) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.held(t); err != nil {
		return err
	}
	for key, changed := range s.derived.changes {
		if changed.turn >= t.ID && key.platform == c.Ref.Platform && key.workspace == c.Ref.Workspace && slices.Contains(c.MessageIDs, key.name) {
			return nil
		}
	}
	s.derived.chunks[chunkKey{c.Ref, c.Hash}] = c
	return nil
}

// Standing implements conversation.Readings.
func (s *Store) Standing(_ context.Context, ref conversation.ThreadRef) ([]conversation.Chunk, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []conversation.Chunk
	for key, c := range s.derived.chunks {
		if key.ref == ref && c.Standing {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b conversation.Chunk) int {
		return cmp.Or(a.From.SentAt.Compare(b.From.SentAt), cmp.Compare(a.From.MessageID, b.From.MessageID))
	})
	return list, nil
}

// LastSummary implements conversation.Readings.
func (s *Store) LastSummary(_ context.Context, ref conversation.ThreadRef, userID string) (conversation.Position, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, src := range slices.Backward(s.derived.sources) {
		if src.Ref == ref && src.author == userID && userID != "" {
			return src.Through, true, nil
		}
	}
	return conversation.Position{}, false, nil
}

// endReading takes away what a turn has read, and notes what its answer was derived from. The parts are stored.
func (s *Store) endReading(t conversation.Turn, o conversation.Outcome) {
	d := &s.derived
	defer delete(d.copies, t.ID)
	d.sources = slices.DeleteFunc(d.sources, func(src *source) bool { return src.turn == t.ID })
	if t.Attempt > 1 || len(t.Parts) > 0 {
		for _, p := range o.Parts {
			s.changed(conversation.Message{Ref: partRef(t, p), ID: p.MessageID, SentAt: p.SentAt}, false, s.Clock())
		}
	}
	if o.Source == nil {
		s.keepDerived(t, o)
		return
	}
	src := &source{Source: *o.Source, turn: t.ID, channels: []string{o.Source.Ref.Channel}}
	if len(t.Items) > 0 && o.Source.Summary {
		src.author = t.Last().Message.Author.ID
	}
	for key := range d.copies[t.ID] {
		if key.platform == src.Ref.Platform && key.workspace == src.Ref.Workspace && !slices.Contains(src.channels, key.channel) {
			src.channels = append(src.channels, key.channel)
		}
	}
	own := map[string]bool{}
	for _, p := range o.Parts {
		own[p.MessageID] = true
	}
	changed := false
	for key, c := range d.changes {
		changed = changed || c.turn >= t.ID && !own[key.name] && key.platform == src.Ref.Platform && key.workspace == src.Ref.Workspace &&
			slices.Contains(src.channels, key.channel) && src.inThread(c.thread) && src.holdsID(key.name)
	}
	for _, p := range o.Parts {
		key := keyOf(partRef(t, p), p.MessageID)
		m := s.messages[key]
		if m == nil {
			continue
		}
		src.parts = append(src.parts, key)
		if changed {
			m.Text, m.Tokens, m.Mentions, m.Attachments = "", 0, nil, nil
		}
		if m.Source = src.Ref; src.Ref == m.Ref {
			m.Source = conversation.ThreadRef{}
		}
	}
	d.sources = append(d.sources, src)
}

// partRef is where a part of an answer stands.
func partRef(t conversation.Turn, p conversation.SentPart) conversation.ThreadRef {
	if p.Ref == (conversation.ThreadRef{}) {
		return t.Ref
	}
	return p.Ref
}

// keepDerived hands the source of stored answers on to the answer that was made with them.
func (s *Store) keepDerived(t conversation.Turn, o conversation.Outcome) {
	if o.Derived == nil {
		return
	}
	at := t.Ref
	at.Thread = "" // the answers may stand in another conversation of the channel
	src := &source{Source: conversation.Source{Ref: at, From: o.Derived.From, Through: o.Derived.Through}, turn: t.ID, channels: []string{t.Ref.Channel}}
	for _, p := range o.Parts {
		key := keyOf(partRef(t, p), p.MessageID)
		if m := s.messages[key]; m != nil {
			m.Source = o.Derived.Ref
			src.parts = append(src.parts, key)
		}
	}
	s.derived.sources = append(s.derived.sources, src)
}
