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
	return item
}
