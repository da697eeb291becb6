package store

import (
	"context"
	"time"

	"parley/conversation"
	"parley/store/internal/dbsqlc"
)

// OpenItem is an addressed message without an outcome.
type OpenItem struct {
	Platform                     conversation.Platform
	Workspace, Channel, AuthorID string
	MessageID                    string
	// SentAt is when it was written, AcceptedAt when it was stored or last opened again.
	SentAt, AcceptedAt time.Time
	// BegunAt is when the turn that runs for it began; zero while it waits.
	BegunAt time.Time
	// Task says that a task runs for it, which may take longer than a turn; BegunAt is then when it was handed over.
	Task bool
}

// taskPending is how long a task may be at work, or wait for its turn to work, before its message counts as lost.
const taskPending = time.Hour

// Lost reports whether the message has been in its present state for longer than it may be: turnTimeout, or an hour
// where a task runs for it.
func (i OpenItem) Lost(now time.Time, turnTimeout time.Duration) bool {
	limit := turnTimeout
	if i.Task {
		limit = max(limit, taskPending)
	}
	return now.Sub(i.Since()) >= limit
}

// Since is since when the message has been in its present state, waiting or running.
func (i OpenItem) Since() time.Time {
	if i.BegunAt.After(i.AcceptedAt) {
		return i.BegunAt
	}
	return i.AcceptedAt
}

// OpenItems lists addressed messages without an outcome, those that were accepted first before the others, at most
// so many.
func (s *Store) OpenItems(ctx context.Context, most int) ([]OpenItem, error) {
	rows, err := s.q.OpenLedger(ctx, s.pool, int32(min(most, 1<<30)))
	if err != nil {
		return nil, fault("read the ledger", err)
	}
	items := make([]OpenItem, 0, len(rows))
	for _, r := range rows {
		items = append(items, openItem(r))
	}
	return items, nil
}

func openItem(r dbsqlc.OpenLedgerRow) OpenItem {
	item := OpenItem{
		Platform: conversation.Platform(r.Platform), Workspace: r.Workspace, Channel: r.Channel, MessageID: r.MessageID,
		AuthorID: r.AuthorID, SentAt: r.SentAt.UTC(), AcceptedAt: r.AcceptedAt.UTC(),
	}
	if r.BegunAt != nil {
		item.BegunAt = r.BegunAt.UTC()
	}
	if r.HandedAt != nil {
		item.BegunAt, item.Task = r.HandedAt.UTC(), true
	}
	return item
}
