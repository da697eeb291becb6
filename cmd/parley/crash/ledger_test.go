//go:build crash

package crash

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// entry is one line of the ledger.
type entry struct {
	Platform  string
	Channel   string
	MessageID string
	Outcome   *string
	Reason    string
	Turn      *int64
}

// ledger reads all lines. It gives nothing while the database is away.
func (c *city) ledger() []entry {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	rows, err := c.db.Query(ctx, `SELECT platform, channel, message_id, outcome, outcome_reason, turn_id FROM items`)
	if err != nil {
		return nil
	}
	entries, err := pgx.CollectRows(rows, pgx.RowToStructByPos[entry])
	if err != nil {
		return nil
	}
	return entries
}

// accepted waits until the ledger holds all words.
func (c *city) accepted(words ...word) {
	c.t.Helper()
	c.until("the ledger holds what was said", time.Minute, func() bool {
		open := map[string]bool{}
		for _, e := range c.ledger() {
			open[e.Platform+e.Channel+e.MessageID] = true
		}
		for _, w := range words {
			if !open[w.place.platform+w.place.channel+w.id] {
				return false
			}
		}
		return true
	})
}

// quiet waits until everything that was said has an outcome and Slack has nothing left to deliver again. A delivery whose
// acknowledgement the simulator did not count, because it sent it twice, is waited for only so long.
func (c *city) quiet(most time.Duration) {
	c.t.Helper()
	const patience = 12 * time.Second
	deadline, done := time.Now().Add(most), time.Time{}
	for tick := time.NewTicker(100 * time.Millisecond); ; <-tick.C {
		entries, open := c.ledger(), 0
		for _, e := range entries {
			if e.Outcome == nil {
				open++
			}
		}
		if len(entries) < len(c.said()) || open > 0 {
			done = time.Time{}
		} else if done.IsZero() {
			done = time.Now()
		}
		if !done.IsZero() && (c.slack.Settled() || time.Since(done) > patience) {
			return
		}
		if time.Now().After(deadline) {
			c.t.Errorf("not quiet after %v: %d said, %d in the ledger, %d of them open", most, len(c.said()), len(entries), open)
			return
		}
	}
}

// watch is what was seen of take-overs.
type watch struct {
	mu      sync.Mutex
	longest time.Duration
	n       int
	seen    map[int64]orphan
}

// orphan is a job that a dead process ran.
type orphan struct {
	attempt int
	since   time.Time
}

// watchTakeOvers looks, until the returned function is called, for running jobs whose process is dead and notes how
// long each waits for another process to run it.
func (c *city) watchTakeOvers() (w *watch, stop func()) {
	w = &watch{seen: map[int64]orphan{}}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for tick := time.NewTicker(50 * time.Millisecond); ; {
			w.look(ctx, c)
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}()
	return w, func() { cancel(); <-done }
}

func (w *watch) look(ctx context.Context, c *city) {
	rows, err := c.db.Query(ctx, `
		SELECT j.id, j.attempt, j.state = 'running' AS running, EXISTS (
			SELECT 1 FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
			  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
			  AND ((l.classid::bigint << 32) | l.objid::bigint) =
			    hashtextextended('parley/worker/' || coalesce(j.attempted_by[array_upper(j.attempted_by, 1)], ''), 0)) AS alive
		FROM river_job j WHERE j.state IN ('available', 'running', 'retryable', 'scheduled')`)
	if err != nil {
		return
	}
	type job struct {
		ID      int64
		Attempt int
		Running bool
		Alive   bool
	}
	jobs, err := pgx.CollectRows(rows, pgx.RowToStructByPos[job])
	if err != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	now, live, attended := time.Now(), map[int64]job{}, c.attended()
	for _, j := range jobs {
		live[j.ID] = j
		if _, known := w.seen[j.ID]; j.Running && !j.Alive && !known {
			w.seen[j.ID] = orphan{attempt: j.Attempt, since: now}
		}
	}
	for id, o := range w.seen {
		if attended.After(o.since) {
			o.since = attended // nobody was there to take it over
		}
		if j, is := live[id]; is && (j.Attempt == o.attempt || j.Running && !j.Alive) {
			if j.Attempt != o.attempt { // taken over, and orphaned again
				w.taken(now.Sub(o.since))
				w.seen[id] = orphan{attempt: j.Attempt, since: now}
			}
			continue
		}
		w.taken(now.Sub(o.since))
		delete(w.seen, id)
	}
}

// orphans is how many jobs wait for a process to take them over.
func (w *watch) orphans() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.seen)
}

// taken needs mu.
func (w *watch) taken(after time.Duration) {
	w.n++
	w.longest = max(w.longest, after)
}
