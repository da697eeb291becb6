package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"parley/conversation"
	"parley/store/internal/dbsqlc"
)

// sendIDLength keeps a send id within Discord's nonce of 25 characters; 20 of base32 are 100 random bits.
const sendIDLength = 20

// Intend implements conversation.Store.
func (s *Store) Intend(ctx context.Context, t conversation.Turn, number int) (conversation.Part, error) {
	at := normaliseRef(t.Target())
	stored, err := s.q.IntendSend(ctx, s.pool, dbsqlc.IntendSendParams{
		TurnID: t.ID, Lease: t.Lease, Number: int32(number), Workspace: at.Workspace, Channel: at.Channel, Thread: at.Thread,
		SendID: rand.Text()[:sendIDLength], IntendedAt: s.now(),
	})
	if errors.Is(err, pgx.ErrNoRows) {
		err = conversation.ErrFenced
	}
	if err != nil {
		return conversation.Part{}, fault("store intent", err)
	}
	return part(stored, normaliseRef(t.Ref)), nil
}

// Sent implements conversation.Store.
func (s *Store) Sent(ctx context.Context, t conversation.Turn, number int, messageID string) error {
	noted, err := s.q.SetSent(ctx, s.pool, dbsqlc.SetSentParams{
		TurnID: t.ID, Lease: t.Lease, Number: int32(number),
		MessageID: clean(messageID), SentAt: s.now(),
	})
	switch {
	case err != nil:
	case !noted.Held:
		err = conversation.ErrFenced
	case !noted.Intended:
		err = fmt.Errorf("part %d of turn %d was never intended", number, t.ID)
	}
	return fault("store sent part", err)
}

// Removed implements conversation.Store.
func (s *Store) Removed(ctx context.Context, t conversation.Turn, number int) error {
	return s.inTx(ctx, "forget part", func(tx pgx.Tx) error {
		if _, err := s.holdLease(ctx, tx, t); err != nil {
			return err
		}
		sent, err := s.q.DeleteSend(ctx, tx, dbsqlc.DeleteSendParams{TurnID: t.ID, Number: int32(number)})
		if errors.Is(err, pgx.ErrNoRows) || err == nil && sent.MessageID == "" {
			return nil
		}
		if err != nil {
			return err
		}
		return s.eraseOwn(ctx, tx, standsAt(sent), sent.MessageID)
	})
}

// Recorded implements conversation.Store.
func (s *Store) Recorded(ctx context.Context, ref conversation.ThreadRef, messageID string) (bool, error) {
	ref = normaliseRef(ref)
	recorded, err := s.q.IsRecorded(ctx, s.pool, dbsqlc.IsRecordedParams{
		Platform: string(ref.Platform), Workspace: ref.Workspace, Channel: ref.Channel, MessageID: clean(messageID),
	})
	return recorded, fault("look for recorded part", err)
}

// holdLease locks the conversation for a write of t, and fails with ErrFenced when the lease is no longer t's. The lease
// is that of the turn's row: an ordinary turn takes the conversation's and writes it there, a task counts its own.
func (s *Store) holdLease(ctx context.Context, tx pgx.Tx, t conversation.Turn) (dbsqlc.Conversation, error) {
	c, err := s.q.LockLease(ctx, tx, dbsqlc.LockLeaseParams{ID: t.ConversationID, TurnID: t.ID, Lease: t.Lease})
	if errors.Is(err, pgx.ErrNoRows) {
		return c, conversation.ErrFenced
	}
	if err != nil {
		return c, fmt.Errorf("lock conversation: %w", err)
	}
	return c, nil
}

// standsAt is the place of a part.
func standsAt(r dbsqlc.Send) conversation.ThreadRef {
	return conversation.ThreadRef{Platform: conversation.Platform(r.Platform), Workspace: r.Workspace, Channel: r.Channel, Thread: r.Thread}
}

// part gives a part of a turn in a conversation.
func part(r dbsqlc.Send, in conversation.ThreadRef) conversation.Part {
	p := conversation.Part{Number: int(r.Number), SendID: r.SendID, MessageID: r.MessageID, IntendedAt: r.IntendedAt.UTC()}
	if at := standsAt(r); at != in {
		p.Ref = at
	}
	return p
}
