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
		return in.editUnknown(ctx, d, m)
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
	stored, err = in.q.GetMessage(ctx, in.tx, key) // again: what was read before the lock may be old
	if err != nil {
		return conversation.Accepted{}, fmt.Errorf("read message: %w", err)
	}
	if m.MentionsSelf() && !ours {
		if old, err := message(stored); err != nil || !old.MentionsSelf() {
			return in.editToPost(ctx, d, m, err)
		}
	}
	if err := in.firstDelivery(ctx, ref, d); err != nil {
		return conversation.Accepted{}, err
	}
	m.Ref, m.Seq = ref, stored.Seq
	decision, err := in.apply(ctx, &c, stored, m)
	if errors.Is(err, errDuplicate) && stored.DeletedAt != nil { // erased by age, it may have been read again
		return conversation.Accepted{Duplicate: true}, in.changedEdit(ctx, in.tx, m)
	}
	return conversation.Accepted{Decision: decision, ConversationID: c.ID, Seq: m.Seq}, err
}

// editUnknown takes in a message that is new here. A task may have read its former version all the same.
func (in *intake) editUnknown(ctx context.Context, d conversation.Delivery, m conversation.Message) (conversation.Accepted, error) {
	accepted, err := in.post(ctx, d, m)
	if err != nil || m.Author.Kind == conversation.Self {
		return accepted, err
	}
	return accepted, in.changedEdit(ctx, in.tx, m)
}

// editToPost takes in a message that an edit has turned to Parley where nothing was known of it but its text.
func (in *intake) editToPost(ctx context.Context, d conversation.Delivery, m conversation.Message, err error) (conversation.Accepted, error) {
	if err != nil {
		return conversation.Accepted{}, err
	}
	if _, err := in.rewrite(ctx, m); err != nil {
		return conversation.Accepted{}, err
	}
	return in.editUnknown(ctx, d, m)
}

// apply rewrites a stored message and does what follows from it: a mention that the edit has added is a question, and
// the turn of a question that has changed reads it again. A conversation without an id is none; then only the text
// changes.
func (in *intake) apply(ctx context.Context, c *dbsqlc.Conversation, stored dbsqlc.Message, m conversation.Message) (conversation.Decision, error) {
	old, err := message(stored)
	if err != nil {
		return conversation.Decision{}, err
	}
	revision, err := in.rewrite(ctx, m)
	if err != nil {
		return conversation.Decision{}, err
	}
	if revision != stored.Revision {
		if err := in.changedEdit(ctx, in.tx, m); err != nil {
			return conversation.Decision{}, err
		}
	}
	if c.ID == 0 {
		return conversation.Decision{}, nil
	}
	if revision != stored.Revision {
		if err := in.follow(ctx, *c, m); err != nil {
			return conversation.Decision{}, err
		}
	}
	if !m.MentionsSelf() || old.MentionsSelf() || !stored.Judged {
		return conversation.Decision{}, nil
	}
	decision, err := in.judge(ctx, *c, m)
	if err != nil {
		return conversation.Decision{}, err
	}
	return decision, in.open(ctx, c, m, decision)
}

// rewrite gives the message's revision. It fails with errDuplicate when a newer edit, or the delete, was accepted
// before.
func (in *intake) rewrite(ctx context.Context, m conversation.Message) (revision int32, err error) {
	r, err := row(m, in.now)
	if err != nil {
		return 0, err
	}
	edited, err := in.q.EditMessage(ctx, in.tx, dbsqlc.EditMessageParams{
		Platform: r.Platform, Workspace: r.Workspace, Channel: r.Channel, MessageID: r.MessageID,
		Text: r.Text, Tokens: r.Tokens, Mentions: r.Mentions, Attachments: r.Attachments, EditedAt: m.EditedAt,
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, errDuplicate
	}
	if err != nil {
		return 0, fmt.Errorf("edit message: %w", err)
	}
	return edited.Revision, nil
}
