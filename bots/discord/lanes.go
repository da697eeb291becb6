package discord

import (
	"context"
	"sync"
)

const (
	// maxWaiting is how many events may wait for the store. When it is reached, reading from the gateway stops:
	// Discord keeps what comes for a few minutes, and drops nothing that was read.
	maxWaiting = 4096
	// maxWorking is how many events are brought to the store at a time.
	maxWorking = 16
)

// lanes runs jobs in the order of their key, keys in parallel.
type lanes struct {
	slots   chan struct{}
	working chan struct{}
	running sync.WaitGroup

	mu     sync.Mutex
	queues map[string][]job
}

// job is tried until it reports true or its context ends. try counts from 0.
type job func(ctx context.Context, try int) (done bool)

func newLanes(waiting int) *lanes {
	return &lanes{slots: make(chan struct{}, waiting), working: make(chan struct{}, maxWorking), queues: map[string][]job{}}
}

// add queues a job. It blocks while too many wait, and reports false when ctx ended first. work is the context in
// which the job runs.
func (l *lanes) add(ctx, work context.Context, key string, j job) bool {
	select {
	case l.slots <- struct{}{}:
	default:
		select {
		case l.slots <- struct{}{}:
		case <-ctx.Done():
			return false
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	queue, active := l.queues[key]
	l.queues[key] = append(queue, j)
	if !active {
		l.running.Go(func() { l.drain(work, key) })
	}
	return true
}

// drain runs the jobs of a key until none is left.
func (l *lanes) drain(ctx context.Context, key string) {
	for {
		l.mu.Lock()
		queue := l.queues[key]
		if len(queue) == 0 {
			delete(l.queues, key)
			l.mu.Unlock()
			return
		}
		l.mu.Unlock()
		l.run(ctx, queue[0])
		l.mu.Lock()
		l.queues[key] = l.queues[key][1:]
		l.mu.Unlock()
		<-l.slots
	}
}

// run tries a job until it is done. Between two tries it leaves its place to others.
func (l *lanes) run(ctx context.Context, j job) {
	for try := 0; ctx.Err() == nil; try++ {
		select {
		case l.working <- struct{}{}:
		case <-ctx.Done():
			return
		}
		done := j(ctx, try)
		<-l.working
		if done {
			return
		}
		if pause(ctx, backoff(try), nil) != nil {
			return
		}
	}
}

// waiting is how many events have not reached the store yet.
func (l *lanes) waiting() int { return len(l.slots) }

// finish waits until all jobs are done or ctx ends, and reports which.
func (l *lanes) finish(ctx context.Context) bool {
	done := make(chan struct{})
	go func() {
		l.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		return true
	case <-ctx.Done():
		return false
	}
}
