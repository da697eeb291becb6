package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"parley/conversation"
	"parley/store/internal/dbsqlc"
)

// Turner runs one turn, or one task (Turn.Task). conversation.Engine implements it. What it returns as an Outcome is final; an error means
// that the infrastructure failed, and the turn is run again within 5 s. It returns soon after ctx is cancelled.
type Turner interface {
	RunTurn(ctx context.Context, t conversation.Turn) (conversation.Outcome, error)
}

// Workers run turns until they are stopped.
type Workers struct {
	store    *Store
	client   *river.Client[pgx.Tx]
	liveness *liveness
	slots    []*slots
	end      context.CancelFunc
	tasks    sync.WaitGroup
}

// Work starts the workers of this process: it takes the liveness lock, takes over what a predecessor left, and runs
// turns and tasks as they come. ctx bounds the start only; Stop ends the work. The database must be migrated.
func (s *Store) Work(ctx context.Context, turner Turner) (*Workers, error) {
	if turner == nil {
		return nil, errors.New("start workers: a Turner is required")
	}
	turns := &worker[turnArgs]{
		store: s, turner: turner, slots: newSlots(s.opts.MaxConcurrentTurns), running: make(map[int64]int),
		begin: s.beginTurn, complete: s.completeTurn,
	}
	tasks := &worker[taskArgs]{
		store: s, turner: turner, slots: newSlots(s.opts.MaxConcurrentTasks), running: make(map[int64]int), begin: s.beginTask,
		complete: func(ctx context.Context, tx pgx.Tx, _ dbsqlc.Conversation, job *river.Job[taskArgs]) error {
			return completeJob(ctx, tx, job)
		},
	}
	queues := make(map[string]river.QueueConfig)
	for _, p := range s.opts.Platforms {
		queues[string(p)] = river.QueueConfig{MaxWorkers: s.opts.MaxConcurrentTurns}
		queues[taskQueue(string(p))] = river.QueueConfig{MaxWorkers: s.opts.MaxConcurrentTasks}
	}
	registry := river.NewWorkers()
	if err := errors.Join(river.AddWorkerSafely(registry, turns), river.AddWorkerSafely(registry, tasks)); err != nil {
		return nil, fmt.Errorf("start workers: %w", err)
	}
	client, err := river.NewClient(riverpgxv5.New(s.pool), &river.Config{
		CompletedJobRetentionPeriod: time.Hour,
		FetchCooldown:               fetchCooldown,
		FetchPollInterval:           500 * time.Millisecond,
		JobTimeout:                  -1,
		Logger:                      riverLogger(s.log),
		MaxAttempts:                 maxAttempts,
		Queues:                      queues,
		// River's rescuer cannot tell a long turn from a dead worker; the sweep can.
		RescueStuckJobsAfter: 7 * 24 * time.Hour,
		SoftStopTimeout:      s.opts.DrainTimeout,
		Workers:              registry,
	})
	if err != nil {
		return nil, fmt.Errorf("start workers: %w", err)
	}
	w := &Workers{store: s, client: client, slots: []*slots{turns.slots, tasks.slots}, liveness: &liveness{store: s, id: client.ID()}}
	turns.liveness, tasks.liveness = w.liveness, w.liveness
	conn, err := w.liveness.take(ctx)
	if err != nil {
		return nil, fmt.Errorf("start workers: %w", err)
	}
	running, end := context.WithCancel(context.WithoutCancel(ctx))
	w.end = end
	w.liveness.set(running)
	w.tasks.Go(func() { w.liveness.run(running, conn) })
	if err := client.Start(context.WithoutCancel(ctx)); err != nil {
		end()
		w.tasks.Wait()
		return nil, fault("start workers", err)
	}
	mine := func(jobID int64) bool { return turns.runs(jobID) || tasks.runs(jobID) }
	sweep := &sweeper{store: s, id: client.ID(), mine: mine, wait: takeOverAfter}
	if s.opts.Alone {
		sweep.wait = 0
	}
	w.tasks.Go(func() { sweep.run(running) })
	return w, nil
}

// Stop takes no more jobs, lets running turns finish within DrainTimeout, and cancels those that do not; their jobs
// are available at once to other processes, or to the next start. ctx bounds the whole; when it ends first, turns
// are cancelled at once.
func (w *Workers) Stop(ctx context.Context) error {
	for _, s := range w.slots {
		s.close()
	}
	err := w.client.Stop(ctx)
	if err != nil {
		hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err = w.client.StopAndCancel(hard)
	}
	w.end()
	w.tasks.Wait()
	if err != nil {
		return fmt.Errorf("stop workers: a turn does not end: %w", err)
	}
	return nil
}

// Alive reports whether this process holds its liveness lock, so that it runs turns.
func (w *Workers) Alive() bool { return w.liveness.held().Err() == nil }
