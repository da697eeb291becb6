package store

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"parley/conversation"
	"parley/conversation/failpoint"
	"parley/store/internal/dbsqlc"
)

// finishTurn records the outcome for all open items of the turn, completes the job and, where more is open, inserts
// the next one, all in one transaction. It fails and changes nothing with ErrFenced when the turn is no longer ours, and
// with ErrStale when its questions have changed.
func (s *Store) finishTurn(ctx context.Context, job *river.Job[turnArgs], t conversation.Turn, o conversation.Outcome) error {
	return s.inTx(ctx, "finish turn", func(tx pgx.Tx) error {
		c, err := s.holdLease(ctx, tx, t)
		if err != nil {
			return err
		}
		if err := s.record(ctx, tx, t, o); err != nil {
			return err
		}
		if err := s.keepParts(ctx, tx, c, t, o); err != nil {
			return err
		}
		if err := s.endReading(ctx, tx, t, o); err != nil {
			return err
		}
		failpoint.Hit(failpoint.Completing)
		if err := completeJob(ctx, tx, job); err != nil {
			return err
		}
		more, err := s.q.OwesTurn(ctx, tx, c.ID)
		if err != nil {
			return fmt.Errorf("look for open items: %w", err)
		}
		if more {
			if err := s.ensureJob(ctx, tx, c); err != nil {
				return err
			}
		}
		err = s.settle(ctx, tx, t.ID, o) // last: all turns share a lock there
		failpoint.Hit(failpoint.Finishing)
		return err
	})
}

func (s *Store) record(ctx context.Context, tx pgx.Tx, t conversation.Turn, o conversation.Outcome) error {
	now := s.now()
	n, err := s.q.FinishTurn(ctx, tx, dbsqlc.FinishTurnParams{
		ID: t.ID, Lease: t.Lease, FinishedAt: now,
		Outcome: string(o.Kind), Reason: string(o.Reason), Detail: clean(o.Detail),
		Model: clean(o.Model), PromptHash: o.PromptHash,
		InputTokens: count(o.Usage.Input), CachedTokens: count(o.Usage.Cached), OutputTokens: count(o.Usage.Output),
		Estimated: o.Usage.Estimated, CostUsd: dollars(o.CostUSD), Omitted: int32(count(o.Omitted)),
		QueuedUs: o.Timings.Queued.Microseconds(), PackedUs: o.Timings.Packed.Microseconds(),
		FirstTokenUs: o.Timings.FirstToken.Microseconds(), FirstVisibleUs: o.Timings.FirstVisible.Microseconds(),
		TotalUs: o.Timings.Total.Microseconds(),
	})
	if err != nil {
		return fmt.Errorf("record turn: %w", err)
	}
	if n == 0 {
		stale, err := s.q.IsStale(ctx, tx, t.ID)
		if err == nil && stale {
			return conversation.ErrStale
		}
		return errors.Join(conversation.ErrFenced, err)
	}
	err = s.q.CloseItems(ctx, tx, dbsqlc.CloseItemsParams{
		TurnID: t.ID, Outcome: string(o.Kind), OutcomeReason: string(o.Reason), ClosedAt: now,
	})
	if err != nil {
		return fmt.Errorf("close items: %w", err)
	}
	return nil
}

// count and dollars keep what a model server claims within what the columns hold: a turn that has ended must not fail
// to be recorded for a strange number.
func count(n int) int64 { return int64(min(max(n, 0), math.MaxInt32)) }

func dollars(cost float64) float64 {
	if math.IsNaN(cost) {
		return 0
	}
	return min(max(cost, 0), 99999)
}

// keepParts stores what was sent as messages of the conversation. Of a withdrawn answer nothing is kept.
func (s *Store) keepParts(ctx context.Context, tx pgx.Tx, c dbsqlc.Conversation, t conversation.Turn, o conversation.Outcome) error {
	if t.Withdrawn {
		return s.eraseParts(ctx, tx, c, t)
	}
	question := ""
	if len(t.Items) > 0 {
		question = t.Last().Message.ID
	}
	for _, p := range o.Parts {
		if p.MessageID == "" {
			continue
		}
		c.LastSeq++
		sent := p.SentAt
		if sent.IsZero() {
			sent = s.now()
		}
		err := s.q.UpsertOwnMessage(ctx, tx, dbsqlc.UpsertOwnMessageParams{
			Platform: c.Platform, Workspace: c.Workspace, Channel: c.Channel, Thread: c.Thread,
			MessageID: clean(p.MessageID), Seq: c.LastSeq, Place: string(t.Place), Text: clean(p.Text),
			ReplyTo: question, SentAt: sent, StoredAt: s.now(),
		})
		if err != nil {
			return fmt.Errorf("store own message: %w", err)
		}
	}
	if len(o.Parts) == 0 {
		return nil
	}
	if err := s.q.SetLastSeq(ctx, tx, dbsqlc.SetLastSeqParams{ID: c.ID, LastSeq: c.LastSeq}); err != nil {
		return fmt.Errorf("set seq: %w", err)
	}
	return nil
}

// eraseParts erases what is stored of a turn's messages.
func (s *Store) eraseParts(ctx context.Context, tx pgx.Tx, c dbsqlc.Conversation, t conversation.Turn) error {
	sent, err := s.q.SentMessages(ctx, tx, dbsqlc.SentMessagesParams{Platform: c.Platform, Workspace: c.Workspace, TurnID: t.ID})
	if err != nil {
		return fmt.Errorf("read parts of turn: %w", err)
	}
	for _, p := range sent {
		if err := s.eraseOwn(ctx, tx, c, p.MessageID); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) eraseOwn(ctx context.Context, tx pgx.Tx, c dbsqlc.Conversation, messageID string) error {
	n, err := s.q.EraseMessage(ctx, tx, dbsqlc.EraseMessageParams{
		Platform: c.Platform, Workspace: c.Workspace, Channel: c.Channel, MessageID: messageID, DeletedAt: s.now(),
	})
	if err != nil {
		return fmt.Errorf("erase own message: %w", err)
	}
	if n == 0 {
		return nil
	}
	ref := conversation.ThreadRef{Platform: conversation.Platform(c.Platform), Workspace: c.Workspace, Channel: c.Channel, Thread: c.Thread}
	return s.changedDelete(ctx, tx, ref, messageID, s.now())
}
