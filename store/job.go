package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"parley/store/internal/dbsqlc"
)

const (
	jobKind = "turn"
	// fetchCooldown: River's default of 100 ms would be the largest part of the added latency.
	fetchCooldown = time.Millisecond
	// maxAttempts is never reached: infrastructure errors are retried until they are gone.
	maxAttempts = 30000
)

// jobKinds are the kinds of job that are ours.
func jobKinds() []string { return []string{jobKind, taskKind} }

// turnArgs are the arguments of a turn job: ids only, what to do is read under the conversation's lock.
type turnArgs struct {
	ConversationID int64 `json:"conversation_id" river:"unique"`
}

// Kind implements river.JobArgs.
func (turnArgs) Kind() string { return jobKind }

// liveStates are the states in which a job is run sooner or later without anybody's help.
func liveStates() []rivertype.JobState {
	return []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning,
		rivertype.JobStateRetryable, rivertype.JobStateScheduled,
	}
}

// ensureJob gives the conversation a job unless it has a live one. The caller holds the conversation's lock: jobs
// are inserted and completed under it alone, so nothing can come between the look and the insert.
func (s *Store) ensureJob(ctx context.Context, tx pgx.Tx, c dbsqlc.Conversation) error {
	live, err := jobLives(ctx, tx, c.JobID)
	if err != nil || live {
		return err
	}
	waiting, err := s.q.CountQueued(ctx, tx, dbsqlc.CountQueuedParams{Platform: c.Platform, Workspace: c.Workspace, Most: 84})
	if err != nil {
		return fmt.Errorf("count waiting jobs: %w", err)
	}
	inserted, err := s.jobs.InsertTx(ctx, tx, turnArgs{ConversationID: c.ID}, &river.InsertOpts{
		MaxAttempts: maxAttempts,
		Priority:    priority(waiting),
		Queue:       c.Platform,
		UniqueOpts:  river.UniqueOpts{ByArgs: true, ByState: liveStates()},
	})
	if err != nil {
		return fmt.Errorf("insert job: %w", err)
	}
	_, err = tx.Exec(ctx, noteJob, c.ID, inserted.Job.ID)
	if err != nil {
		return fmt.Errorf("note job: %w", err)
	}
	return nil
}

// noteJob also wakes the workers. River holds back a notification that follows another within the cooldown, although the
// later transaction may commit after the fetch: so each insert sends its own. Postgres folds equal ones of a transaction,
// so it is written as River writes it. The first line lets the statement travel with the next (see pipelined).
const noteJob = `-- name: NoteJob :exec
UPDATE conversations SET job_id = $2, queued = true WHERE id = $1
RETURNING pg_notify(current_schema() || '.river_insert', format('{"queue": %s}', to_json(platform)))`

func jobLives(ctx context.Context, tx pgx.Tx, id int64) (bool, error) {
	if id == 0 {
		return false, nil
	}
	var state rivertype.JobState
	err := tx.QueryRow(ctx, `SELECT state::text FROM river_job WHERE id = $1`, id).Scan(&state)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("read job: %w", err)
	}
	for _, live := range liveStates() {
		if state == live {
			return true, nil
		}
	}
	return false, nil
}

// priorityLast is River's lowest priority.
const priorityLast = 4

// priority lets a quiet workspace overtake a busy one: River runs the lowest number first.
func priority(waiting int64) int {
	switch {
	case waiting < 4:
		return 1
	case waiting < 20:
		return 2
	case waiting < 84:
		return 3
	}
	return priorityLast
}

// QueueDepth counts turns and tasks that wait for a worker.
func (s *Store) QueueDepth(ctx context.Context) (int, error) {
	var n int
	err := s.pool.QueryRow(ctx, `SELECT count(*) FROM river_job
		WHERE state IN ('available', 'pending', 'retryable', 'scheduled') AND kind = ANY ($1)`, jobKinds()).Scan(&n)
	return n, fault("count waiting jobs", err)
}
