package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/store/internal/dbsqlc"
)

const (
	sweepEvery = 500 * time.Millisecond
	// takeOverAfter is how long a running job must be seen without a living process before it is freed: a process
	// that lost its lock needs up to pulse + pulseTimeout to notice and cancel its turns.
	takeOverAfter = 3 * time.Second
	// purgeEvery is how often rows that only serve to recognise late or repeated deliveries are deleted.
	purgeEvery     = time.Minute
	keepDeliveries = 24 * time.Hour
	keepStrays     = 15 * time.Minute
	keepTombstones = time.Hour
	// keepBudgets is how long after its day an account is kept for the turns that are counted in it.
	keepBudgets = 48 * time.Hour
)

// attempt names one attempt of a job.
type attempt struct {
	job     int64
	attempt int16
}

// sweeper finds what no living process cares for: running jobs of dead processes, and conversations that are owed
// an answer and have no live job, and tasks without one.
type sweeper struct {
	store *Store
	id    string
	mine  func(jobID int64) bool
	// wait is how long a job without a living process must have been seen before it is freed.
	wait      time.Duration
	seen      map[attempt]time.Time
	lastPurge time.Time
}

// run sweeps until ctx ends. Errors are logged and end with the database's outage.
func (w *sweeper) run(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if err := w.sweep(ctx); err != nil && ctx.Err() == nil {
			w.store.log.WarnContext(ctx, "sweep failed", "error", err)
			clear(w.seen) // who was cut off as well gets the whole time to come back
		}
		w.wait = takeOverAfter
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (w *sweeper) sweep(ctx context.Context) error {
	if err := w.freeOrphans(ctx); err != nil {
		return err
	}
	if err := w.store.wakeForgotten(ctx); err != nil {
		return err
	}
	if err := w.store.wakeTasks(ctx); err != nil {
		return err
	}
	if err := w.store.interruptChanged(ctx); err != nil {
		return err
	}
	if now := time.Now(); now.Sub(w.lastPurge) >= purgeEvery {
		w.lastPurge = now
		return w.store.purge(ctx)
	}
	return nil
}

// freeOrphans sets running jobs back to available whose process is gone, or which this process does not run although
// it is said to (its report to River was lost with a connection).
func (w *sweeper) freeOrphans(ctx context.Context) error {
	rows, err := w.store.pool.Query(ctx, `
		SELECT j.id, j.attempt, j.by = $2 AS own, EXISTS (
			SELECT 1 FROM pg_locks l
			WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
			  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
			  AND ((l.classid::bigint << 32) | l.objid::bigint) = `+lockKey("j.by")+`) AS locked
		FROM (SELECT id, attempt, coalesce(attempted_by[array_upper(attempted_by, 1)], '') AS by
			FROM river_job WHERE state = 'running' AND kind = ANY ($1) OFFSET 0) j`, jobKinds(), w.id)
	if err != nil {
		return fault("look for orphaned jobs", err)
	}
	type running struct {
		ID      int64
		Attempt int16
		Own     bool
		Locked  bool
	}
	jobs, err := pgx.CollectRows(rows, pgx.RowToStructByPos[running])
	if err != nil {
		return fault("look for orphaned jobs", err)
	}
	now := time.Now()
	seen := make(map[attempt]time.Time, len(w.seen))
	for _, j := range jobs {
		if j.Locked && (!j.Own || w.mine(j.ID)) {
			continue
		}
		key := attempt{job: j.ID, attempt: j.Attempt}
		since, known := w.seen[key]
		if !known {
			since = now
		}
		seen[key] = since
		wait := w.wait
		if j.Locked {
			wait = takeOverAfter // ours, and perhaps only just fetched
		}
		if now.Sub(since) < wait {
			continue
		}
		if err := w.store.free(ctx, key); err != nil {
			return err
		}
		w.store.log.WarnContext(ctx, "job of a dead worker is taken over", "job", j.ID, "attempt", j.Attempt, "orphan_for", now.Sub(since))
	}
	w.seen = seen
	return nil
}

// free sets one attempt's job back to available and tells River. Another attempt of it is left alone.
func (s *Store) free(ctx context.Context, a attempt) error {
	_, err := s.pool.Exec(ctx, `UPDATE river_job SET state = 'available', scheduled_at = now()
		WHERE id = $1 AND attempt = $2 AND state = 'running'
		RETURNING pg_notify(current_schema() || '.river_insert', json_build_object('queue', queue)::text)`, a.job, a.attempt)
	return fault("free orphaned job", err)
}

// wakeForgotten gives a job to conversations in which something is left to do and which have no live one: after a
// crash, a job discarded or deleted by hand, or a restored backup.
func (s *Store) wakeForgotten(ctx context.Context) error {
	rows, err := s.pool.Query(ctx, `
		SELECT c.id FROM conversations c
		WHERE c.id IN (SELECT i.conversation_id FROM items i WHERE i.outcome IS NULL
				AND NOT EXISTS (SELECT 1 FROM turns a WHERE a.id = i.turn_id AND a.aside AND a.finished_at IS NULL)
			UNION SELECT t.conversation_id FROM turns t WHERE t.finished_at IS NULL AND NOT t.aside)
		  AND NOT EXISTS (SELECT 1 FROM river_job j
			WHERE j.id = c.job_id AND j.state IN ('available', 'pending', 'running', 'retryable', 'scheduled'))
		ORDER BY c.id LIMIT 100`)
	if err != nil {
		return fault("look for forgotten conversations", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fault("look for forgotten conversations", err)
	}
	for _, id := range ids {
		if err := s.wake(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// wake looks again under the lock: a turn may have begun or ended meanwhile.
func (s *Store) wake(ctx context.Context, id int64) error {
	return s.inTx(ctx, "wake conversation", func(tx pgx.Tx) error {
		c, err := s.q.LockConversationByID(ctx, tx, id)
		if err != nil {
			return fmt.Errorf("lock conversation: %w", err)
		}
		owes, err := s.q.OwesTurn(ctx, tx, id)
		if err != nil || !owes {
			return err
		}
		return s.ensureJob(ctx, tx, c)
	})
}

// interruptChanged ends turns of this process whose questions were changed, or that were stopped, through another one.
func (s *Store) interruptChanged(ctx context.Context) error {
	turns, err := s.q.InterruptedTurns(ctx, s.pool)
	if err != nil {
		return fault("look for stale turns", err)
	}
	for _, t := range turns {
		if t.Stale {
			s.running.interrupt(t.ID, t.Lease)
		}
		if t.Stopped {
			s.running.stop(t.ID, t.Lease)
		}
	}
	return nil
}

// purge deletes what only served to recognise late and repeated deliveries.
func (s *Store) purge(ctx context.Context) error {
	now := s.now()
	if _, err := s.q.SweepDeliveries(ctx, s.pool, now.Add(-keepDeliveries)); err != nil {
		return fault("purge deliveries", err)
	}
	if _, err := s.q.SweepStrays(ctx, s.pool, now.Add(-keepStrays)); err != nil {
		return fault("purge strays", err)
	}
	today := s.today()
	if err := s.q.SweepBudgets(ctx, s.pool, dbsqlc.SweepBudgetsParams{Today: today, Before: today.Add(-keepBudgets)}); err != nil {
		return fault("purge budgets", err)
	}
	if err := s.q.SweepReservations(ctx, s.pool, today.Add(-keepBudgets)); err != nil {
		return fault("purge reservations", err)
	}
	if err := s.purgeReadings(ctx); err != nil {
		return err
	}
	_, err := s.q.SweepTombstones(ctx, s.pool, now.Add(-keepTombstones))
	return fault("purge tombstones", err)
}
