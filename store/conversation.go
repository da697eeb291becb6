package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"parley/conversation"
	"parley/store/internal/dbsqlc"
)

// enter locks the message's conversation and takes the next seq there. Where there is none and the message is
// addressed to Parley it begins one; else it fails with errNotFound, and the decision says why nothing is to be done.
func (in *intake) enter(ctx context.Context, m conversation.Message) (dbsqlc.Conversation, conversation.Decision, error) {
	// A question that could be the first of its conversation nearly always is.
	if !m.Root || !in.decide(m, conversation.View{}).Addressed {
		c, err := in.takeSeq(ctx, m)
		if err == nil || !errors.Is(err, errNotFound) {
			return c, conversation.Decision{}, err
		}
	}
	decision, err := in.firstLook(ctx, m)
	if err != nil {
		return dbsqlc.Conversation{}, decision, err
	}
	inThread := m.Place == conversation.PlaceThread || m.ReplyTo != ""
	if !decision.Addressed && !inThread {
		return dbsqlc.Conversation{}, decision, errNotFound
	}
	// Whoever begins the conversation and whoever notes that he found none must not miss each other.
	if err := in.q.SerializeThread(ctx, in.tx, m.Ref.String()); err != nil {
		return dbsqlc.Conversation{}, decision, fmt.Errorf("serialise thread: %w", err)
	}
	c, err := in.takeSeq(ctx, m)
	if err == nil || !errors.Is(err, errNotFound) {
		return c, decision, err
	}
	if !decision.Addressed {
		if err := in.noteStray(ctx, m.Ref); err != nil {
			return c, decision, err
		}
		return c, decision, errNotFound
	}
	c, err = in.create(ctx, m)
	return c, decision, err
}

// firstLook decides on a message of no conversation. Nearly all traffic of a busy channel ends here, so the
// database is asked only where the message answers another.
func (in *intake) firstLook(ctx context.Context, m conversation.Message) (conversation.Decision, error) {
	d := in.decide(m, conversation.View{})
	if d.Addressed || m.ReplyTo == "" {
		return d, nil
	}
	return in.judge(ctx, dbsqlc.Conversation{
		Platform: string(m.Ref.Platform), Workspace: m.Ref.Workspace, Channel: m.Ref.Channel, Thread: m.Ref.Thread,
	}, m)
}

func (in *intake) takeSeq(ctx context.Context, m conversation.Message) (dbsqlc.Conversation, error) {
	c, err := in.q.TakeSeq(ctx, in.tx, dbsqlc.TakeSeqParams{
		Platform: string(m.Ref.Platform), Workspace: m.Ref.Workspace, Channel: m.Ref.Channel, Thread: m.Ref.Thread,
		SentAt: m.SentAt, MessageID: m.ID,
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return c, errNotFound
	}
	if err != nil {
		return c, fmt.Errorf("lock conversation: %w", err)
	}
	return c, nil
}

func (in *intake) create(ctx context.Context, m conversation.Message) (dbsqlc.Conversation, error) {
	in.fresh = true
	c, err := in.q.CreateConversation(ctx, in.tx, dbsqlc.CreateConversationParams{
		Platform: string(m.Ref.Platform), Workspace: m.Ref.Workspace, Channel: m.Ref.Channel, Thread: m.Ref.Thread,
		SentAt: m.SentAt, MessageID: m.ID, Root: m.Root, CreatedAt: in.now,
	})
	if err != nil {
		return c, fmt.Errorf("create conversation: %w", err)
	}
	return c, nil
}

// lock locks a conversation without taking a seq; errNotFound where there is none.
func (in *intake) lock(ctx context.Context, ref conversation.ThreadRef) (dbsqlc.Conversation, error) {
	c, err := in.q.LockConversation(ctx, in.tx, dbsqlc.LockConversationParams{
		Platform: string(ref.Platform), Workspace: ref.Workspace, Channel: ref.Channel, Thread: ref.Thread,
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return c, errNotFound
	}
	if err != nil {
		return c, fmt.Errorf("lock conversation: %w", err)
	}
	return c, nil
}

// ThreadOf implements conversation.Store.
func (s *Store) ThreadOf(ctx context.Context, ref conversation.ThreadRef, messageID string) (string, bool, error) {
	ref = normaliseRef(ref)
	thread, err := s.q.ThreadOfMessage(ctx, s.pool, dbsqlc.ThreadOfMessageParams{
		Platform: string(ref.Platform), Workspace: ref.Workspace, Channel: ref.Channel, MessageID: clean(messageID),
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fault("find thread of message", err)
	}
	return thread, true, nil
}
