package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"parley/conversation"
	"parley/store/internal/dbsqlc"
)

const (
	taskKind = "task"
	// taskDataMost is the size of Task.Data, in bytes.
	taskDataMost = 64 << 10
	// digestAttempts is how often a digest is begun at most: it is asked for again after a later answer.
	digestAttempts = 10
)

// taskArgs are the arguments of a task's job.
type taskArgs struct {
	TurnID int64 `json:"turn_id" river:"unique"`
}

// Kind implements river.JobArgs.
func (taskArgs) Kind() string { return taskKind }

// taskQueue is where the tasks of a platform wait: turns must not wait behind them.
func taskQueue(platform string) string { return platform + "-tasks" }

// handOver makes a task of the turn, so that the conversation goes on without it.
func (s *Store) handOver(ctx context.Context, tx pgx.Tx, t conversation.Turn, o conversation.Outcome) error {
	n, err := s.q.HandOver(ctx, tx, dbsqlc.HandOverParams{
		ID: t.ID, Lease: t.Lease, TaskKind: string(o.Task.Kind), TaskData: o.Task.Data, HandedAt: s.now(), FilePart: conversation.FilePart,
		Model: clean(o.Model), PromptHash: o.PromptHash, InputTokens: count(o.Usage.Input), CachedTokens: count(o.Usage.Cached),
		OutputTokens: count(o.Usage.Output), Estimated: o.Usage.Estimated, CostUsd: dollars(o.CostUSD),
	})
	if err != nil {
		return fmt.Errorf("hand over turn: %w", err)
	}
	if n == 0 {
		return s.whyNot(ctx, tx, t)
	}
	if err := s.addCosts(ctx, tx, t.ID, o); err != nil {
		return err
	}
	return s.ensureTaskJob(ctx, tx, t.ID)
}

// askDigest gives the conversation a digest, unless one waits or runs.
func (s *Store) askDigest(ctx context.Context, tx pgx.Tx, c dbsqlc.Conversation) error {
	id, err := s.q.InsertDigest(ctx, tx, dbsqlc.InsertDigestParams{ConversationID: c.ID, At: s.now()})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("insert digest: %w", err)
	}
	return s.ensureTaskJob(ctx, tx, id)
}

// ensureTaskJob gives a task a job unless it has a live one. The caller holds the conversation's lock.
func (s *Store) ensureTaskJob(ctx context.Context, tx pgx.Tx, turnID int64) error {
	t, err := s.q.GetTurn(ctx, tx, turnID)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && (t.FinishedAt != nil || !t.Aside) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read task: %w", err)
	}
	live, err := jobLives(ctx, tx, t.JobID)
	if err != nil || live {
		return err
	}
	waiting, err := s.q.CountTasks(ctx, tx, dbsqlc.CountTasksParams{Platform: t.Platform, Workspace: t.Workspace, Most: 84})
	if err != nil {
		return fmt.Errorf("count tasks: %w", err)
	}
	first := priority(waiting)
	if t.TaskKind == string(conversation.TaskDigest) {
		first = priorityLast // nobody waits for it
	}
	queue := taskQueue(t.Platform)
	inserted, err := s.jobs.InsertTx(ctx, tx, taskArgs{TurnID: t.ID}, &river.InsertOpts{
		MaxAttempts: maxAttempts, Priority: first, Queue: queue, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: liveStates()},
	})
	if err != nil {
		return fmt.Errorf("insert job: %w", err)
	}
	if _, err := tx.Exec(ctx, noteTaskJob, t.ID, inserted.Job.ID, queue); err != nil {
		return fmt.Errorf("note job: %w", err)
	}
	return nil
}

// noteTaskJob is like noteJob.
const noteTaskJob = `-- name: NoteTaskJob :exec
UPDATE turns SET job_id = $2 WHERE id = $1
RETURNING pg_notify(current_schema() || '.river_insert', format('{"queue": %s}', to_json($3::text)))`

// beginTask takes the task's lease for this attempt of its job, and gives the turn to run.
func (s *Store) beginTask(ctx context.Context, job *river.Job[taskArgs]) (conversation.Turn, error) {
	var t conversation.Turn
	done := false
	err := s.inTx(ctx, "begin task", func(tx pgx.Tx) error {
		done = false
		c, err := s.lockForTask(ctx, tx, job.Args.TurnID)
		if err != nil {
			return err
		}
		r, err := s.takeTaskLease(ctx, tx, job)
		if errors.Is(err, errNothingToDo) {
			done = true
			return completeJob(ctx, tx, job)
		}
		if err != nil {
			return err
		}
		t = c.turn(s.now())
		if err := s.fill(ctx, tx, c.Conversation, r, &t); err != nil {
			return err
		}
		if t.ID != 0 {
			return nil
		}
		done = true
		return completeJob(ctx, tx, job)
	})
	if err == nil && done {
		err = errNothingToDo
	}
	if err == nil {
		err = s.describeItems(ctx, s.pool, t.Items)
	}
	return t, err
}

// lockForTask locks the task's conversation. One whose conversation is gone fails with errNothingToDo in what follows.
func (s *Store) lockForTask(ctx context.Context, tx pgx.Tx, turnID int64) (leased, error) {
	rows, err := tx.Query(ctx, `SELECT *, `+besides+` FROM conversations
		WHERE id = (SELECT conversation_id FROM turns WHERE id = $1) FOR UPDATE`, turnID)
	if err != nil {
		return leased{}, fmt.Errorf("lock conversation: %w", err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[leased])
	if errors.Is(err, pgx.ErrNoRows) {
		return leased{}, nil
	}
	if err != nil {
		return leased{}, fmt.Errorf("lock conversation: %w", err)
	}
	return c, nil
}

// takeTaskLease raises the task's own lease, provided that the job's attempt is still this one. A task whose question
// has changed is none any more: a turn decides again what is to be done, with the same parts and by the same job.
func (s *Store) takeTaskLease(ctx context.Context, tx pgx.Tx, job *river.Job[taskArgs]) (dbsqlc.Turn, error) {
	tag, err := tx.Exec(ctx, `UPDATE turns SET lease = lease + 1, attempt = attempt + 1, stale = false,
			task_kind = CASE WHEN stale THEN '' ELSE task_kind END, task_data = CASE WHEN stale THEN NULL ELSE task_data END,
			began = pg_current_snapshot()::text
		WHERE id = $1 AND finished_at IS NULL AND aside
		  AND EXISTS (SELECT 1 FROM river_job WHERE id = $2 AND state = 'running' AND attempt = $3)`, job.Args.TurnID, job.ID, job.Attempt)
	if err != nil {
		return dbsqlc.Turn{}, fmt.Errorf("take lease: %w", err)
	}
	r, err := s.q.GetTurn(ctx, tx, job.Args.TurnID)
	switch {
	case errors.Is(err, pgx.ErrNoRows), err == nil && (r.FinishedAt != nil || !r.Aside):
		return r, errNothingToDo
	case err != nil:
		return r, fmt.Errorf("read task: %w", err)
	case tag.RowsAffected() == 0:
		return r, conversation.ErrFenced
	}
	return r, nil
}

// wakeTasks gives a job to unfinished tasks that have no live one.
func (s *Store) wakeTasks(ctx context.Context) error {
	rows, err := s.pool.Query(ctx, `
		SELECT t.id, t.conversation_id FROM turns t
		WHERE t.finished_at IS NULL AND t.aside
		  AND NOT EXISTS (SELECT 1 FROM river_job j
			WHERE j.id = t.job_id AND j.state IN ('available', 'pending', 'running', 'retryable', 'scheduled'))
		ORDER BY t.id LIMIT 100`)
	if err != nil {
		return fault("look for forgotten tasks", err)
	}
	type task struct{ ID, ConversationID int64 }
	forgotten, err := pgx.CollectRows(rows, pgx.RowToStructByPos[task])
	if err != nil {
		return fault("look for forgotten tasks", err)
	}
	for _, t := range forgotten {
		err := s.inTx(ctx, "wake task", func(tx pgx.Tx) error {
			if _, err := s.q.LockConversationByID(ctx, tx, t.ConversationID); err != nil {
				return fmt.Errorf("lock conversation: %w", err)
			}
			return s.ensureTaskJob(ctx, tx, t.ID)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
