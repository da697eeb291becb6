package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"parley/conversation"
	"parley/store/internal/dbsqlc"
)

// stop takes in that somebody wants no more of an answer: of the one that a message is a part of, or of whatever they
// wait for in the conversation. It changes nothing for anybody else.
func (in *intake) stop(ctx context.Context, e conversation.Stopped) (conversation.Accepted, error) {
	ref, by := normaliseRef(e.Ref), clean(e.By)
	none := conversation.Accepted{Decision: conversation.Decision{Reason: conversation.ReasonStop}}
	if by == "" {
		return none, nil
	}
	c, turn, err := in.answering(ctx, ref, clean(e.MessageID))
	if errors.Is(err, errNotFound) {
		return none, nil
	}
	if err != nil {
		return none, err
	}
	if err := in.firstDelivery(ctx, ref, e.Delivery); err != nil {
		return none, err
	}
	none.Decision.Stop, err = in.stopFor(ctx, c, by, turn)
	none.ConversationID = c.ID
	return none, err
}

// answering locks the conversation in which an answer is to be stopped, and gives the turn where the message tells which.
func (in *intake) answering(ctx context.Context, ref conversation.ThreadRef, messageID string) (dbsqlc.Conversation, int64, error) {
	t, err := in.q.TurnOfPart(ctx, in.tx, dbsqlc.TurnOfPartParams{
		Platform: string(ref.Platform), Workspace: ref.Workspace, Channel: ref.Channel, MessageID: messageID,
	})
	if errors.Is(err, pgx.ErrNoRows) {
		c, err := in.lock(ctx, ref)
		return c, 0, err
	}
	if err != nil {
		return dbsqlc.Conversation{}, 0, fmt.Errorf("find turn of message: %w", err)
	}
	c, err := in.q.LockConversationByID(ctx, in.tx, t.ConversationID)
	if errors.Is(err, pgx.ErrNoRows) {
		return c, 0, errNotFound
	}
	if err != nil {
		return c, 0, fmt.Errorf("lock conversation: %w", err)
	}
	return c, t.ID, nil
}

// stopFor ends what a person waits for in a conversation, or one turn of theirs, and reports whether a turn was begun for
// it. The caller holds the conversation's lock.
func (in *intake) stopFor(ctx context.Context, c dbsqlc.Conversation, author string, turn int64) (bool, error) {
	if turn == 0 {
		err := in.q.StopItems(ctx, in.tx, dbsqlc.StopItemsParams{ConversationID: c.ID, AuthorID: author, ClosedAt: in.now})
		if err != nil {
			return false, fmt.Errorf("withdraw items: %w", err)
		}
	}
	stopped, err := in.q.StopAnswers(ctx, in.tx, dbsqlc.StopAnswersParams{ConversationID: c.ID, AuthorID: author, TurnID: turn})
	if err != nil {
		return false, fmt.Errorf("stop turns: %w", err)
	}
	in.stopped = append(in.stopped, stopped...)
	return len(stopped) > 0, nil
}
