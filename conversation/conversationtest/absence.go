package conversationtest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"parley/conversation"
)

// presence is until when a platform has been read, and when its last gap ended.
type presence struct{ online, gap time.Time }

// newer reports whether m is a later version of a stored message.
func newer(stored *conversation.Message, m conversation.Message) bool {
	return !m.EditedAt.IsZero() && stored.DeletedAt.IsZero() &&
		(m.EditedAt.After(stored.EditedAt) || m.EditedAt.Equal(stored.EditedAt) && m.Text != stored.Text)
}

func (s *Store) moveMarks(m conversation.Message) {
	key := keyOf(m.Ref, "")
	old, known := s.channels[key]
	if !known {
		old.Ref, old.Place = m.Ref, m.Place
		old.Ref.Thread = ""
	}
	if old.Newest.Before(m.Position()) {
		old.Newest = m.Position()
	}
	s.channels[key] = old
}

// historyKnown reports whether what is stored of a conversation is surely what the platform holds.
func (s *Store) historyKnown(th *thread) bool {
	p, known := s.presence[th.ref.Platform]
	if !th.historyKnown || !known || isCommand(th.ref) {
		return th.historyKnown
	}
	since := p.gap
	if gap := p.online.Add(time.Minute); gap.Before(s.Clock()) && gap.After(since) {
		since = gap
	}
	return !th.verified.Before(since)
}

// verify brings what is stored in line with a page of the platform's history.
func (s *Store) verify(th *thread, page conversation.HistoryPage, decide conversation.DecideFunc) {
	holds := map[string]bool{}
	var from, to conversation.Position
	for _, m := range page.Messages {
		if m.Ref != th.ref {
			continue
		}
		at := m.Position()
		if len(holds) == 0 || at.Before(from) {
			from = at
		}
		if to.Before(at) {
			to = at
		}
		holds[m.ID] = true
		if old := s.messages[keyOf(m.Ref, m.ID)]; old != nil && m.Author.Kind != conversation.Self && newer(old, m) {
			s.edited(m, decide)
		}
	}
	if !page.Whole || !th.historyKnown {
		return
	}
	for _, m := range s.messages {
		if m.Ref == th.ref && m.DeletedAt.IsZero() && !holds[m.ID] && from.Before(m.Position()) && m.Position().Before(to) {
			s.erase(m, s.Clock())
		}
	}
}

// Marks implements conversation.Watermarks.
func (s *Store) Marks(_ context.Context, p conversation.Platform) (conversation.Marks, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	marks := conversation.Marks{Online: s.presence[p].online}
	if marks.Online.IsZero() {
		return marks, nil
	}
	capped := func(m conversation.Mark) conversation.Mark {
		if m.Newest.SentAt.After(marks.Online) {
			m.Newest = conversation.Position{SentAt: marks.Online}
		}
		return m
	}
	for _, m := range s.channels {
		if m.Ref.Platform == p {
			marks.Channels = append(marks.Channels, capped(m))
		}
	}
	for ref, th := range s.threads {
		if _, ours := s.first(th); ours && !isCommand(ref) && ref.Platform == p && s.Clock().Sub(th.newest.SentAt) < 30*24*time.Hour {
			marks.Threads = append(marks.Threads, capped(conversation.Mark{Ref: ref, Place: th.place, Newest: th.newest}))
		}
	}
	slices.SortFunc(marks.Threads, func(a, b conversation.Mark) int { return b.Newest.SentAt.Compare(a.Newest.SentAt) })
	marks.Threads = marks.Threads[:min(len(marks.Threads), 500)]
	slices.SortFunc(marks.Channels, func(a, b conversation.Mark) int { return cmp.Compare(a.Ref.String(), b.Ref.String()) })
	return marks, nil
}

// Online implements conversation.Watermarks.
func (s *Store) Online(_ context.Context, p conversation.Platform, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, known := s.presence[p]
	if !old.online.Before(at) {
		return nil
	}
	now := presence{online: at, gap: old.gap}
	if known && at.Sub(old.online) > time.Minute {
		now.gap = at
	}
	s.presence[p] = now
	return nil
}
