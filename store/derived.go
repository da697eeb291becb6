package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/conversation"
	"parley/store/internal/dbsqlc"
)

// change is an edit or a delete of a message, whether it is stored or not.
type change struct {
	ref     conversation.ThreadRef
	id      string
	deleted bool
	// at is when, as the platform tells.
	at time.Time
	// sentAt and parent are the message's, as far as the event tells; what is stored of it comes first.
	sentAt time.Time
	parent string
}

// changed erases in the transaction what was derived from a message: chunks that hold it, the text of answers whose
// source it lies in, and what was derived from those. Each statement of KeepChunk and its like comes before, and is
// erased here, or after, and finds the change noted.
func (s *Store) changed(ctx context.Context, tx pgx.Tx, first change) error {
	for queue := []change{first}; len(queue) > 0; queue = queue[1:] {
		c := queue[0]
		if err := s.q.ShareDerived(ctx, tx, derivedLock(c.ref)); err != nil {
			return fmt.Errorf("share lock of derived text: %w", err)
		}
		erased, err := s.q.EraseDerived(ctx, tx, dbsqlc.EraseDerivedParams{
			Platform: string(c.ref.Platform), Workspace: c.ref.Workspace, Channel: c.ref.Channel, Thread: c.ref.Thread, MessageID: c.id,
			Deleted: c.deleted, EditedAt: c.at, At: s.now(), Dated: !c.sentAt.IsZero(), SentAt: c.sentAt, Parent: c.parent,
		})
		if err != nil {
			return fmt.Errorf("erase what was derived: %w", err)
		}
		for _, r := range erased {
			queue = append(queue, answerChange(r, s.now()))
		}
	}
	return nil
}

// answerChange is the change of an answer whose text was erased.
func answerChange(r dbsqlc.EraseDerivedRow, at time.Time) change {
	return change{
		ref: conversation.ThreadRef{Platform: conversation.Platform(r.Platform), Workspace: r.Workspace, Channel: r.Channel, Thread: r.Thread},
		id:  r.MessageID, at: at, sentAt: r.SentAt, parent: r.Parent,
	}
}

// changedEdit deals with what was derived from a message's former version, and with copies of it.
func (s *Store) changedEdit(ctx context.Context, tx pgx.Tx, m conversation.Message) error {
	r, err := row(m, s.now())
	if err != nil {
		return err
	}
	err = s.changed(ctx, tx, change{ref: m.Ref, id: m.ID, at: m.EditedAt, sentAt: m.SentAt, parent: m.Parent})
	if err != nil {
		return err
	}
	err = s.q.RewriteReadings(ctx, tx, dbsqlc.RewriteReadingsParams{
		Platform: r.Platform, Workspace: r.Workspace, Channel: r.Channel, MessageID: r.MessageID,
		Text: r.Text, Tokens: r.Tokens, Mentions: r.Mentions, Attachments: r.Attachments, EditedAt: m.EditedAt,
	})
	if err != nil {
		return fmt.Errorf("rewrite copies: %w", err)
	}
	keep := make([]string, len(m.Attachments))
	for i, a := range m.Attachments {
		keep[i] = clean(a.ID)
	}
	var k keys
	k.add(r.Platform, r.Workspace, r.Channel, r.MessageID)
	return s.dropFiles(ctx, tx, k, keep)
}

// changedDelete deals with what was derived from a message that is gone, and with copies of it.
func (s *Store) changedDelete(ctx context.Context, tx pgx.Tx, ref conversation.ThreadRef, id string, at time.Time) error {
	if err := s.changed(ctx, tx, change{ref: ref, id: id, deleted: true, at: at}); err != nil {
		return err
	}
	err := s.q.DropReadings(ctx, tx, dbsqlc.DropReadingsParams{
		Platform: string(ref.Platform), Workspace: ref.Workspace, Channel: ref.Channel, MessageID: id,
	})
	if err != nil {
		return fmt.Errorf("drop copies: %w", err)
	}
	var k keys
	k.add(string(ref.Platform), ref.Workspace, ref.Channel, id)
	return s.dropFiles(ctx, tx, k, []string{})
}

// derivedLock names the lock that changes of a workspace's messages share, and that is taken alone to store what was
// derived from them. It comes after the locks of conversations.
func derivedLock(ref conversation.ThreadRef) string {
	return string(ref.Platform) + "/" + ref.Workspace
}

// unchanged locks what is derived from ref's workspace, and gives those of the messages that were edited or deleted
// since the turn began. It fails with ErrFenced when the turn is no longer ours.
func (s *Store) unchanged(ctx context.Context, tx pgx.Tx, t conversation.Turn, ref conversation.ThreadRef, ids []string) (map[string]dbsqlc.ChangedSinceRow, error) {
	if err := s.q.LockDerived(ctx, tx, derivedLock(ref)); err != nil {
		return nil, fmt.Errorf("lock derived text: %w", err)
	}
	began, err := s.began(ctx, tx, t)
	if err != nil {
		return nil, err
	}
	rows, err := s.q.ChangedSince(ctx, tx, dbsqlc.ChangedSinceParams{
		Platform: string(ref.Platform), Workspace: ref.Workspace, MessageIds: ids, Began: began,
	})
	if err != nil {
		return nil, fmt.Errorf("look for changes: %w", err)
	}
	changes := make(map[string]dbsqlc.ChangedSinceRow, len(rows))
	for _, r := range rows {
		changes[r.MessageID] = r
	}
	return changes, nil
}
