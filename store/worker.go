package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"parley/conversation"
	"parley/conversation/failpoint"
	"parley/store/internal/dbsqlc"
)

const (
	// retryMost stays under River's scheduler interval of 5 s: a longer delay would wait for the leader.
	retryMost = 4 * time.Second
	// recordFor is how long the outcome of a turn that was already seen by people is tried to be recorded.
	recordFor = 15 * time.Second
	// panicsAllowed is how many attempts of a turn may panic: a turn that always does must end all the same.
	panicsAllowed = 3
	// letGoFor bounds the wait for a successor's attempt.
	letGoFor = 30 * time.Second
)

// errAgain says that an attempt was ended because of what happened to its questions, and that the next begins at once.
var errAgain = errors.New("interrupted")

// worker runs one sort of job: the turns of conversations, or tasks.
type worker[T river.JobArgs] struct {
	river.WorkerDefaults[T]
	store    *Store
	turner   Turner
	liveness *liveness
	slots    *slots
	// begin takes the lease for an attempt of a job; complete completes the job in a transaction.
	begin    func(context.Context, *river.Job[T]) (conversation.Turn, error)
	complete func(context.Context, pgx.Tx, dbsqlc.Conversation, *river.Job[T]) error

	mu      sync.Mutex
	running map[int64]int // attempts of a job that this process runs: two for a moment after a take-over
}

// Timeout implements river.Worker: a turn has a context of its own.
func (w *worker[T]) Timeout(*river.Job[T]) time.Duration { return -1 }

// NextRetry implements river.Worker. Infrastructure comes back, so the delay stays short.
func (w *worker[T]) NextRetry(job *river.Job[T]) time.Time {
	delay := min(250*time.Millisecond<<min(job.Attempt, 5), retryMost)
	return time.Now().Add(delay/2 + rand.N(delay/2))
}

// runs reports whether this process runs the job.
func (w *worker[T]) runs(id int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.running[id] > 0
}

func (w *worker[T]) note(id int64, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running[id] += n
	if w.running[id] == 0 {
		delete(w.running, id)
	}
}

// Work implements river.Worker.
func (w *worker[T]) Work(ctx context.Context, job *river.Job[T]) error {
	w.note(job.ID, 1)
	defer w.note(job.ID, -1)
	what := slog.String("work", string(job.EncodedArgs))
	err := w.work(ctx, job)
	switch {
	case err == nil, errors.Is(err, errNothingToDo):
		return nil
	case errors.Is(err, conversation.ErrFenced):
		w.store.log.DebugContext(ctx, "turn was taken over", "job", job.ID, what)
		return w.letGo(ctx, job, err)
	case errors.Is(err, errStopping):
		return w.letGo(ctx, job, river.JobSnooze(0)) // at once to whoever has a slot, at no attempt
	case ctx.Err() != nil:
		// River puts a job that stopped with the client back without counting the attempt, if it can see why.
		return w.letGo(ctx, job, fmt.Errorf("%w: %w", context.Canceled, err))
	}
	w.store.log.WarnContext(ctx, "turn failed and is tried again", what, "attempt", job.Attempt, "error", err)
	return w.letGo(ctx, job, err)
}

// work runs the job's turn, again and at once while its questions are edited, deleted or stopped under it.
func (w *worker[T]) work(ctx context.Context, job *river.Job[T]) error {
	if !w.slots.take(ctx) {
		return errStopping
	}
	defer w.slots.give()
	alive := w.liveness.held()
	if alive.Err() != nil {
		return errNotAlive
	}
	for {
		err := w.attempt(ctx, alive, job)
		if !errors.Is(err, errAgain) && !errors.Is(err, conversation.ErrStale) || ctx.Err() != nil || alive.Err() != nil {
			return err
		}
		w.store.log.DebugContext(ctx, "question has changed, turn runs again", slog.String("work", string(job.EncodedArgs)))
	}
}

func (w *worker[T]) attempt(ctx, alive context.Context, job *river.Job[T]) error {
	run, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(alive, func() { cancel(errNotAlive) })()

	t, err := w.begin(run, job)
	if err != nil {
		return err
	}
	defer w.store.running.add(t, attemptAt{lease: t.Lease, stopped: t.Stopped, lock: w.liveness, alive: alive, cancel: cancel})()
	failpoint.Hit(failpoint.TurnBegun)
	o, err := w.run(run, t)
	if cause := context.Cause(run); err != nil && (errors.Is(cause, conversation.ErrStale) || errors.Is(cause, conversation.ErrStopped)) {
		err = fmt.Errorf("%w: %w: %w", errAgain, cause, err) // whatever the end of its context looked like to the turn
	}
	if err != nil {
		return fmt.Errorf("run turn %d: %w", t.ID, err)
	}
	if o, err = ended(t, o); err != nil {
		return fmt.Errorf("run turn %d: %w", t.ID, err)
	}
	if err := w.record(ctx, job, t, o); err != nil {
		return err
	}
	failpoint.Hit(failpoint.Finished)
	if w.store.opts.Observer.TurnFinished != nil && o.Kind != "" {
		w.store.opts.Observer.TurnFinished(t, o)
	}
	return nil
}

// ended checks an outcome: it has a kind, or a task to hand the turn over to. A task that cannot be taken ends the turn.
func ended(t conversation.Turn, o conversation.Outcome) (conversation.Outcome, error) {
	if o.Kind != "" {
		return o, nil
	}
	fault := ""
	switch {
	case o.Task == nil:
		return o, errors.New("no outcome")
	case len(t.Items) == 0:
		fault = "there is nothing to hand over"
	case o.Task.Kind == "" || o.Task.Kind == conversation.TaskDigest:
		fault = fmt.Sprintf("no turn is handed over to a task of kind %q", o.Task.Kind)
	case len(o.Task.Data) > taskDataMost:
		fault = fmt.Sprintf("a task has %d bytes of data, %d are allowed", len(o.Task.Data), taskDataMost)
	default:
		return o, nil
	}
	o.Kind, o.Reason, o.Detail, o.Task = conversation.Failed, conversation.CodeInternal, fault, nil
	return o, nil
}

// run runs the turn. A panic counts as a fault of the infrastructure, until the turn has panicked too often.
func (w *worker[T]) run(ctx context.Context, t conversation.Turn) (o conversation.Outcome, err error) {
	defer func() {
		fault := recover()
		if fault == nil {
			return
		}
		w.store.log.ErrorContext(ctx, "turn panicked", "turn", t.ID, "attempt", t.Attempt, "panic", fault, "stack", string(debug.Stack()))
		if err = fmt.Errorf("panic: %v", fault); t.Attempt >= panicsAllowed {
			o = conversation.Outcome{Kind: conversation.Failed, Reason: conversation.CodeInternal, Detail: err.Error()}
			err = nil
		}
	}()
	limit := w.store.opts.TurnTimeout
	if t.Task != nil {
		limit = w.store.opts.TaskTimeout
	}
	if limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, 2*limit)
		defer cancel()
	}
	return w.turner.RunTurn(ctx, t)
}

// record writes the outcome whatever became of ctx, and tries again while the database is away: people have seen
// the answer.
func (w *worker[T]) record(ctx context.Context, job *river.Job[T], t conversation.Turn, o conversation.Outcome) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordFor)
	defer cancel()
	complete := func(ctx context.Context, tx pgx.Tx, c dbsqlc.Conversation) error { return w.complete(ctx, tx, c, job) }
	for {
		err := w.store.finishTurn(ctx, complete, t, o)
		if !errors.Is(err, ErrUnavailable) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// letGo returns why when River may judge the job by it: its attempt is still this one. Otherwise River would put its
// verdict on the successor's attempt, since it looks at no attempt number; so letGo waits until there is none.
func (w *worker[T]) letGo(ctx context.Context, job *river.Job[T], why error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), letGoFor)
	defer cancel()
	for {
		var state rivertype.JobState
		var attempt int
		err := w.store.pool.QueryRow(ctx, `SELECT state::text, attempt FROM river_job WHERE id = $1`, job.ID).Scan(&state, &attempt)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return nil
		case err != nil:
			return why // the database is away: River's report will fail as ours did, and the sweep finds the job
		case attempt == job.Attempt && state == rivertype.JobStateRunning:
			return why
		case state == rivertype.JobStateCompleted, state == rivertype.JobStateCancelled, state == rivertype.JobStateDiscarded:
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(100 * time.Millisecond):
		}
	}
}
