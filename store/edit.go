package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"parley/conversation"
	"parley/store/internal/dbsqlc"
)

// edit takes in the new version of a message. One that is not known, or known only as the channel's and now turned
// to Parley, is taken in as if it had just been posted.
func (in *intake) edit(ctx context.Context, d conversation.Delivery, m conversation.Message) (conversation.Accepted, error) {
	if m.EditedAt.IsZero() {
		m.EditedAt = in.now
	}
	key := dbsqlc.GetMessageParams{
		Platform: string(m.Ref.Platform), Workspace: m.Ref.Workspace, Channel: m.Ref.Channel, MessageID: m.ID,
	}
	stored, err := in.q.GetMessage(ctx, in.tx, key)
	if errors.Is(err, pgx.ErrNoRows) {
		return in.post(ctx, d, m)
	}
	if err != nil {
		return conversation.Accepted{}, fmt.Errorf("read message: %w", err)
	}
	if m.Author.Kind == conversation.Self {
		// The text of our own messages is what the turn recorded, not one of the states on the way to it.
		return conversation.Accepted{}, errDuplicate
	}
	ref := m.Ref
	if stored.Thread != "" {
		ref.Thread = stored.Thread
	}
	c, err := in.lock(ctx, ref)
	ours := err == nil && stored.Judged && stored.Thread == ref.Thread
	if err != nil && !errors.Is(err, errNotFound) {
		return conversation.Accepted{}, err
	}
	old, err := message(stored)
	if err != nil {
		return conversation.Accepted{}, err
	}
	if err := in.rewrite(ctx, m); err != nil {
		return conversation.Accepted{}, err
	}
	switch {
	case !m.MentionsSelf() || old.MentionsSelf():
		if err := in.firstDelivery(ctx, ref, d); err != nil {
			return conversation.Accepted{}, err
		}
		return conversation.Accepted{ConversationID: c.ID, Seq: stored.Seq}, nil
	case !ours:
		return in.post(ctx, d, m)
	}
	if err := in.firstDelivery(ctx, ref, d); err != nil {
		return conversation.Accepted{}, err
	}
	m.Ref, m.Seq = ref, stored.Seq
	decision, err := in.judge(ctx, c, m)
	if err != nil {
		return conversation.Accepted{}, err
	}
	return conversation.Accepted{Decision: decision, ConversationID: c.ID, Seq: m.Seq}, in.open(ctx, &c, m, decision)
}

// rewrite fails with errDuplicate when a newer edit, or the delete, was accepted before.
func (in *intake) rewrite(ctx context.Context, m conversation.Message) error {
	r, err := row(m, in.now)
	if err != nil {
		return err
	}
	_, err = in.q.EditMessage(ctx, in.tx, dbsqlc.EditMessageParams{
		Platform: r.Platform, Workspace: r.Workspace, Channel: r.Channel, MessageID: r.MessageID,
		Text: r.Text, Mentions: r.Mentions, Attachments: r.Attachments, EditedAt: m.EditedAt,
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return errDuplicate
	}
	if err != nil {
		return fmt.Errorf("edit message: %w", err)
	}
	return nil
}
