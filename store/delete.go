package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/conversation"
	"parley/store/internal/dbsqlc"
)

// acceptDeleted erases each message in a transaction of its own, so that no two of them wait for each other. It is
// idempotent: an event that was cut off half-way is delivered again.
func (s *Store) acceptDeleted(ctx context.Context, e conversation.Deleted) (conversation.Accepted, error) {
	ref := normaliseRef(e.Ref)
	var all conversation.Accepted
	all.Duplicate = true
	for _, id := range e.MessageIDs {
		one, err := s.accept(ctx, "accept delete", nil, func(in *intake) (conversation.Accepted, error) {
			return in.erase(ctx, ref, clean(id), e)
		})
		if err != nil {
			return conversation.Accepted{}, err
		}
		if !one.Duplicate {
			all.Duplicate = false
		}
		if one.ConversationID != 0 {
			all.ConversationID, all.Seq = one.ConversationID, one.Seq
		}
	}
	return all, nil
}

func (in *intake) erase(ctx context.Context, ref conversation.ThreadRef, id string, e conversation.Deleted) (conversation.Accepted, error) {
	at := e.At
	if at.IsZero() {
		at = in.now
	}
	stored, known, err := in.tombstone(ctx, ref, id, at)
	if err != nil {
		return conversation.Accepted{}, err
	}
	if !known { // what was read of it, or made of it, goes all the same
		return conversation.Accepted{}, in.changedDelete(ctx, in.tx, ref, id, at)
	}
	ref.Thread = stored.Thread
	c, err := in.lock(ctx, ref)
	if err != nil && !errors.Is(err, errNotFound) {
		return conversation.Accepted{}, err
	}
	err = in.withdraw(ctx, c, ref, id, at)
	if errors.Is(err, errDuplicate) { // erased by age, it may have been read again
		return conversation.Accepted{Duplicate: true}, in.changedDelete(ctx, in.tx, ref, id, at)
	}
	if err != nil {
		return conversation.Accepted{}, err
	}
	return conversation.Accepted{ConversationID: c.ID, Seq: stored.Seq}, nil
}

// withdraw erases a stored message, withdraws the question that it was, and stops the turn that answers it. It fails
// with errDuplicate when the message is erased already.
func (in *intake) withdraw(ctx context.Context, c dbsqlc.Conversation, ref conversation.ThreadRef, id string, at time.Time) error {
	erased, err := in.q.EraseMessage(ctx, in.tx, dbsqlc.EraseMessageParams{
		Platform: string(ref.Platform), Workspace: ref.Workspace, Channel: ref.Channel, MessageID: id, DeletedAt: at,
	})
	if err != nil {
		return fmt.Errorf("erase message: %w", err)
	}
	if erased == 0 {
		return errDuplicate
	}
	if err := in.changedDelete(ctx, in.tx, ref, id, at); err != nil {
		return err
	}
	_, err = in.q.WithdrawItem(ctx, in.tx, dbsqlc.WithdrawItemParams{
		Platform: string(ref.Platform), Workspace: ref.Workspace, Channel: ref.Channel, MessageID: id, ClosedAt: in.now,
	})
	if err != nil {
		return fmt.Errorf("withdraw item: %w", err)
	}
	if c.ID == 0 {
		return nil
	}
	_, err = in.markStale(ctx, c, id)
	return err
}

// tombstone gives the stored message, or notes the delete of one that is not known. The row's own key decides
// between the delete and a post of the same message that runs beside it.
func (in *intake) tombstone(ctx context.Context, ref conversation.ThreadRef, id string, at time.Time) (dbsqlc.Message, bool, error) {
	key := dbsqlc.GetMessageParams{Platform: string(ref.Platform), Workspace: ref.Workspace, Channel: ref.Channel, MessageID: id}
	stored, err := in.q.GetMessage(ctx, in.tx, key)
	if err == nil {
		return stored, true, nil
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return stored, false, fmt.Errorf("read message: %w", err)
	}
	n, err := in.q.InsertTombstone(ctx, in.tx, dbsqlc.InsertTombstoneParams{
		Platform: key.Platform, Workspace: key.Workspace, Channel: key.Channel, MessageID: id, DeletedAt: at, StoredAt: in.now,
	})
	if err != nil {
		return stored, false, fmt.Errorf("note delete: %w", err)
	}
	if n == 1 {
		return stored, false, nil
	}
	stored, err = in.q.GetMessage(ctx, in.tx, key)
	if err != nil {
		return stored, false, fmt.Errorf("read message: %w", err)
	}
	return stored, true, nil
}
