package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parley/conversation"
	"parley/store/internal/dbsqlc"
)

// settled is how old a stored message must be before its absence from the platform's history says that it was
// deleted: platforms may need a moment to show what they have just delivered.
const settled = time.Minute

// verify brings what is stored of a conversation in line with a page of the platform's history: edits, and, where the
// page is whole, deletes that no event told of.
func (in *intake) verify(ctx context.Context, c *dbsqlc.Conversation, page conversation.HistoryPage) error {
	var own []conversation.Message
	for _, m := range page.Messages {
		if belongs(*c, m) {
			own = append(own, m)
		}
	}
	if err := in.verifyEdits(ctx, c, own); err != nil {
		return err
	}
	if !page.Whole || !c.HistoryKnown || len(own) == 0 {
		return nil // nothing can have been missed in a conversation that is read for the first time
	}
	return in.verifyDeletes(ctx, *c, own)
}

func (in *intake) verifyEdits(ctx context.Context, c *dbsqlc.Conversation, page []conversation.Message) error {
	edited := make(map[string]conversation.Message)
	var ids []string
	for _, m := range page {
		if !m.EditedAt.IsZero() && m.Author.Kind != conversation.Self {
			edited[m.ID] = m
			ids = append(ids, m.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows, err := in.q.MessagesByID(ctx, in.tx, dbsqlc.MessagesByIDParams{
		Platform: c.Platform, Workspace: c.Workspace, Channel: c.Channel, MessageIds: ids,
	})
	if err != nil {
		return fmt.Errorf("read stored messages: %w", err)
	}
	for _, r := range rows {
		m := edited[r.MessageID]
		if !newer(r, m) {
			continue
		}
		m.Seq = r.Seq
		if _, err := in.apply(ctx, c, r, m); err != nil && !errors.Is(err, errDuplicate) {
			return err
		}
	}
	return nil
}

// newer reports whether m, as the platform shows it, is a later version of what is stored. Slack tells the time of edits
// in whole seconds, so with equal times the text decides.
func newer(stored dbsqlc.Message, m conversation.Message) bool {
	if m.EditedAt.IsZero() {
		return false
	}
	return stored.EditedAt == nil || m.EditedAt.After(*stored.EditedAt) || m.EditedAt.Equal(*stored.EditedAt) && m.Text != stored.Text
}

func (in *intake) verifyDeletes(ctx context.Context, c dbsqlc.Conversation, page []conversation.Message) error {
	from, to := page[0].Position(), page[0].Position()
	ids := make([]string, len(page))
	for i, m := range page {
		ids[i] = m.ID
		if m.Position().Before(from) {
			from = m.Position()
		}
		if to.Before(m.Position()) {
			to = m.Position()
		}
	}
	missing, err := in.q.MissingBetween(ctx, in.tx, dbsqlc.MissingBetweenParams{
		Platform: c.Platform, Workspace: c.Workspace, Channel: c.Channel, Thread: c.Thread,
		FromAt: from.SentAt, FromID: from.MessageID, ToAt: to.SentAt, ToID: to.MessageID,
		StoredBefore: in.now.Add(-settled), MessageIds: ids,
	})
	if err != nil {
		return fmt.Errorf("look for deleted messages: %w", err)
	}
	ref := conversation.ThreadRef{Platform: conversation.Platform(c.Platform), Workspace: c.Workspace, Channel: c.Channel, Thread: c.Thread}
	for _, id := range missing {
		if err := in.withdraw(ctx, c, ref, id, in.now); err != nil && !errors.Is(err, errDuplicate) {
			return err
		}
	}
	return nil
}
