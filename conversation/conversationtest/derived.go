package conversationtest

import (
	"slices"
	"time"

	"parley/conversation"
)

// derived is what was made of messages.
type derived struct {
	copies  map[int64]map[messageKey]conversation.Message // what running tasks read
	changes map[messageKey]change
	chunks  map[chunkKey]conversation.Chunk
	sources []*source
	media   map[messageKey]conversation.Attachment // by content
	files   map[fileKey]conversation.Attachment
}

// change is the last edit or delete of a message. turn is the newest turn there was: it and those before it had begun.
type change struct {
	turn    int64
	thread  string
	deleted bool
	at      time.Time
}

type chunkKey struct {
	ref  conversation.ThreadRef
	hash string
}

// source is what the answer of a turn was derived from.
type source struct {
	conversation.Source
	turn     int64
	author   string
	channels []string
	parts    []messageKey
}

type fileKey struct {
	message messageKey
	file    string
}

func newDerived() derived {
	return derived{
		copies: map[int64]map[messageKey]conversation.Message{}, changes: map[messageKey]change{}, chunks: map[chunkKey]conversation.Chunk{},
		media: map[messageKey]conversation.Attachment{}, files: map[fileKey]conversation.Attachment{},
	}
}

// place is what is known of where a message stands.
func (s *Store) place(m conversation.Message) conversation.Message {
	key := keyOf(m.Ref, m.ID)
	if old := s.messages[key]; old != nil && old.Author.Kind != "" {
		return *old
	}
	for _, copies := range s.derived.copies {
		if c, known := copies[key]; known {
			return c
		}
	}
	return m
}

// changed erases what was derived from a message that is edited or deleted. at is when.
func (s *Store) changed(m conversation.Message, deleted bool, at time.Time) {
	d := &s.derived
	key := keyOf(m.Ref, m.ID)
	m = s.place(m)
	d.changes[key] = change{turn: s.turns, thread: m.Ref.Thread, deleted: deleted || d.changes[key].deleted, at: at}
	for k, c := range d.chunks {
		if k.ref.Platform == m.Ref.Platform && k.ref.Workspace == m.Ref.Workspace && slices.Contains(c.MessageIDs, m.ID) {
			delete(d.chunks, k)
		}
	}
	for _, src := range d.sources {
		if !src.holds(m) {
			continue
		}
		for _, part := range src.parts {
			own := s.messages[part]
			if own == nil || own.Text == "" {
				continue
			}
			own.Text, own.Tokens, own.Mentions, own.Attachments = "", 0, nil, nil
			s.changed(*own, false, s.Clock())
		}
	}
}

// changedEdit brings copies and files in line with the new version of a message.
func (s *Store) changedEdit(m conversation.Message) {
	s.changed(m, false, m.EditedAt)
	key := keyOf(m.Ref, m.ID)
	for _, copies := range s.derived.copies {
		if c, known := copies[key]; known && !m.EditedAt.Before(c.EditedAt) {
			c.Text, c.Tokens, c.Mentions, c.Attachments, c.EditedAt = m.Text, m.Tokens, m.Mentions, m.Attachments, m.EditedAt
			copies[key] = c
		}
	}
	s.dropFiles(key, func(id string) bool {
		return slices.ContainsFunc(m.Attachments, func(a conversation.Attachment) bool { return a.ID == id })
	})
}

// changedDelete takes copies and files of a message away.
func (s *Store) changedDelete(m conversation.Message, at time.Time) {
	s.changed(m, true, at)
	key := keyOf(m.Ref, m.ID)
	for _, copies := range s.derived.copies {
		delete(copies, key)
	}
	s.dropFiles(key, func(string) bool { return false })
}

// holds reports whether a message lies in the span. Where nothing tells when it was sent, its id tells where it lies.
func (src *source) holds(m conversation.Message) bool {
	if src.Ref.Platform != m.Ref.Platform || src.Ref.Workspace != m.Ref.Workspace || !src.inThread(m.Ref.Thread) ||
		!slices.Contains(src.channels, m.Ref.Channel) && (m.Parent == "" || !slices.Contains(src.channels, m.Parent)) {
		return false
	}
	if m.SentAt.IsZero() {
		return src.holdsID(m.ID)
	}
	return !m.Position().Before(src.From) && !src.Through.Before(m.Position())
}

func (src *source) inThread(thread string) bool {
	return src.Ref.Thread == "" || thread == "" || src.Ref.Thread == thread
}

func (src *source) holdsID(id string) bool {
	before := func(a, b string) bool { return len(a) < len(b) || len(a) == len(b) && a < b }
	return !before(id, src.From.MessageID) && !before(src.Through.MessageID, id)
}
