package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"parley/conversation"
	"parley/conversation/failpoint"
	"parley/store/internal/dbsqlc"
)

// completer completes the job of a turn in the transaction that records its outcome.
type completer func(ctx context.Context, tx pgx.Tx, c dbsqlc.Conversation) error

// completeTurn completes the job and, where more is open in the conversation, inserts the next one.
func (s *Store) completeTurn(ctx context.Context, tx pgx.Tx, c dbsqlc.Conversation, job *river.Job[turnArgs]) error {
	if err := completeJob(ctx, tx, job); err != nil {
		return err
	}
	more, err := s.q.OwesTurn(ctx, tx, c.ID)
	if err != nil {
		return fmt.Errorf("look for open items: %w", err)
	}
	if !more {
		return nil
	}
	return s.ensureJob(ctx, tx, c)
}

// finishTurn records the outcome for all open items of the turn, or hands them over to a task, and completes the job, all
// in one transaction. It fails and changes nothing with ErrFenced when the turn is no longer ours, and with ErrStale when
// its questions have changed.
func (s *Store) finishTurn(ctx context.Context, complete completer, t conversation.Turn, o conversation.Outcome) error {
	return s.inTx(ctx, "finish turn", func(tx pgx.Tx) error {
		c, err := s.holdLease(ctx, tx, t)
		if err != nil {
			return err
		}
		record := s.record
		if o.Kind == "" {
			record = s.handOver
		}
		if err := record(ctx, tx, t, o); err != nil {
			return err
		}
		if o.Kind != "" {
			if err := s.keepAnswer(ctx, tx, c, t, o); err != nil {
				return err
			}
		}
		if o.Digest && (t.Task == nil || t.Task.Kind != conversation.TaskDigest) {
			if err := s.askDigest(ctx, tx, c); err != nil {
				return err
			}
		}
		failpoint.Hit(failpoint.Completing)
		if err := complete(ctx, tx, c); err != nil {
			return err
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
		return s.whyNot(ctx, tx, t)
	}
	if err := s.addCosts(ctx, tx, t.ID, o); err != nil {
		return err
	}
	err = s.q.CloseItems(ctx, tx, dbsqlc.CloseItemsParams{
		TurnID: t.ID, Outcome: string(o.Kind), OutcomeReason: string(o.Reason), ClosedAt: now,
	})
	if err != nil {
		return fmt.Errorf("close items: %w", err)
	}
	if !slices.ContainsFunc(t.Items, func(i conversation.Item) bool { return i.Message.Ask != nil }) {
		return nil
	}
	if err := s.q.DropHandles(ctx, tx, t.ID); err != nil {
		return fmt.Errorf("drop handles: %w", err)
	}
	return nil
}

// whyNot tells why a turn that holds its lease could not be recorded.
func (s *Store) whyNot(ctx context.Context, tx pgx.Tx, t conversation.Turn) error {
	stale, err := s.q.IsStale(ctx, tx, t.ID)
	if err == nil && stale {
		return conversation.ErrStale
	}
	return errors.Join(conversation.ErrFenced, err)
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
