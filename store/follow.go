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

// answerAgainFor is how long after its answer an edited question is answered anew.
const answerAgainFor = time.Hour

// follow brings the turn of a question in line with the question's new text: one that is not finished runs again, one
// that is finished is reopened while its answer is the last word. The caller holds the conversation's lock.
func (in *intake) follow(ctx context.Context, c dbsqlc.Conversation, m conversation.Message) error {
	marked, err := in.markStale(ctx, c, m.ID)
	if err != nil || marked {
		return err
	}
	item, err := in.q.GetItem(ctx, in.tx, dbsqlc.GetItemParams{
		Platform: c.Platform, Workspace: c.Workspace, Channel: c.Channel, MessageID: m.ID,
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read item: %w", err)
	}
	if !in.mayAnswerAgain(item) {
		return nil
	}
	last, err := in.isLastWord(ctx, c, *item.TurnID)
	if err != nil || !last {
		return err
	}
	decision, err := in.judge(ctx, c, m)
	if err != nil || decision.Refuse != "" {
		return err
	}
	if decision.Stop {
		_, err := in.stopFor(ctx, c, m.Author.ID, 0)
		return err
	}
	return in.reopen(ctx, c, *item.TurnID)
}

// markStale notes that a question of an unfinished turn has changed, and reports whether there is such a turn.
func (in *intake) markStale(ctx context.Context, c dbsqlc.Conversation, messageID string) (bool, error) {
	t, err := in.q.MarkStale(ctx, in.tx, dbsqlc.MarkStaleParams{
		Platform: c.Platform, Workspace: c.Workspace, Channel: c.Channel, MessageID: messageID,
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("mark turn stale: %w", err)
	}
	in.stale = append(in.stale, t)
	return true, nil
}

// mayAnswerAgain reports whether an edit may bring an answer once more. Not where it was stopped: the person wanted no more
// of it, and asks again if they do.
func (in *intake) mayAnswerAgain(item dbsqlc.Item) bool {
	if item.Outcome == nil || item.ClosedAt == nil || item.TurnID == nil {
		return false
	}
	kind := conversation.OutcomeKind(*item.Outcome)
	return (kind == conversation.Answered || kind == conversation.Failed) && in.now.Sub(*item.ClosedAt) < answerAgainFor
}

// isLastWord reports whether the answer of a finished turn is what was said last in the conversation, and nothing is
// waiting there. An answer of which the first part was deleted is none.
func (in *intake) isLastWord(ctx context.Context, c dbsqlc.Conversation, turn int64) (bool, error) {
	owes, err := in.q.OwesTurn(ctx, in.tx, c.ID)
	if err != nil {
		return false, fmt.Errorf("look for open items: %w", err)
	}
	if owes {
		return false, nil
	}
	end, err := in.q.LastAsked(ctx, in.tx, turn)
	if err != nil {
		return false, fmt.Errorf("read items of turn: %w", err)
	}
	last := conversation.Position{SentAt: end.SentAt, MessageID: end.MessageID}
	sent, err := in.q.SentMessages(ctx, in.tx, turn)
	if err != nil {
		return false, fmt.Errorf("read parts of turn: %w", err)
	}
	for _, part := range sent {
		if part.DeletedAt != nil && part.Number == 0 {
			return false, nil
		}
		if at := (conversation.Position{SentAt: part.SentAt, MessageID: part.MessageID}); part.DeletedAt == nil && last.Before(at) {
			last = at
		}
	}
	more, err := in.q.SaidAfter(ctx, in.tx, dbsqlc.SaidAfterParams{
		Platform: c.Platform, Workspace: c.Workspace, Channel: c.Channel, Thread: c.Thread,
		AfterAt: last.SentAt, AfterID: last.MessageID, TurnID: turn,
	})
	if err != nil {
		return false, fmt.Errorf("look for later messages: %w", err)
	}
	return !more, nil
}

// reopen makes a finished turn unfinished, so that it runs again with the parts that it has sent.
func (in *intake) reopen(ctx context.Context, c dbsqlc.Conversation, turn int64) error {
	n, err := in.q.ReopenTurn(ctx, in.tx, dbsqlc.ReopenTurnParams{ID: turn, QueuedAt: in.now})
	if err != nil {
		return fmt.Errorf("reopen turn: %w", err)
	}
	if n == 0 {
		return nil
	}
	if _, err := in.q.ReopenItems(ctx, in.tx, dbsqlc.ReopenItemsParams{TurnID: turn, AcceptedAt: in.now}); err != nil {
		return fmt.Errorf("reopen items: %w", err)
	}
	return in.ensureJob(ctx, in.tx, c)
}
