package slack

import (
	"context"
	"sync"
)

const (
	// maxWorking is how many deliveries of one socket are stored at the same time.
	maxWorking = 16
	// maxWaiting and maxWaitingBytes bound what waits for that; further deliveries are left to Slack's redelivery.
	maxWaiting      = 4096
	maxWaitingBytes = 64 << 20
)

// lanes stand between a socket, which must not wait, and the store, which may take its time. The deliveries of one
// channel are handled in the order in which they came, channels beside each other.
type lanes struct {
	handle  func(context.Context, inbound)
	working chan struct{}
	running sync.WaitGroup

	mu     sync.Mutex
	queues map[string][]inbound // by channel; the first of each is being handled
	count  int
	bytes  int
}

func newLanes(handle func(context.Context, inbound)) *lanes {
	return &lanes{handle: handle, working: make(chan struct{}, maxWorking), queues: map[string][]inbound{}}
}

// push hands a delivery over without waiting; false says that there is no room. What is not handled when ctx ends is
// forgotten.
func (l *lanes) push(ctx context.Context, e inbound) bool {
	key := channelOf(e)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.count >= maxWaiting || l.bytes+len(e.payload) > maxWaitingBytes {
		return false
	}
	l.count++
	l.bytes += len(e.payload)
	l.queues[key] = append(l.queues[key], e)
	if len(l.queues[key]) == 1 {
		l.running.Go(func() { l.work(ctx, key) })
	}
	return true
}

// wait returns when nothing is handled any more. No push may follow it.
func (l *lanes) wait() { l.running.Wait() }

// work handles the deliveries of one channel until none is left.
func (l *lanes) work(ctx context.Context, key string) {
	for more := true; more; {
		select {
		case l.working <- struct{}{}:
			if e := l.first(key); ctx.Err() == nil {
				l.handle(ctx, e)
			}
			<-l.working
		case <-ctx.Done():
		}
		more = l.drop(key)
	}
}

func (l *lanes) first(key string) inbound {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.queues[key][0]
}

// drop takes the first delivery away and reports whether there is another.
func (l *lanes) drop(key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	queue := l.queues[key]
	l.count--
	l.bytes -= len(queue[0].payload)
	queue[0] = inbound{}
	if len(queue) == 1 {
		delete(l.queues, key)
		return false
	}
	l.queues[key] = queue[1:]
	return true
}

// channelOf is the channel that a delivery concerns, empty where it names none.
func channelOf(e inbound) string {
	var key struct {
		Event struct {
			Channel string `json:"channel"`
		} `json:"event"`
	}
	if e.payload != nil {
		_ = decode(e.payload, &key)
	}
	return key.Event.Channel
}
