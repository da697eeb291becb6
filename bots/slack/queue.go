package slack

import (
	"context"
	"hash/fnv"
	"sync"
	"sync/atomic"
)

const (
	// shards is how many deliveries of one socket are stored at the same time. Those of one channel go to the same
	// shard, so that they are stored in the order in which they came.
	shards = 16
	// shardRoom is how many deliveries wait in a shard; further ones are left to Slack's redelivery.
	shardRoom = 256
	// queueBytes bounds what waits in all of a socket's shards.
	queueBytes = 64 << 20
)

// queue stands between a socket, which must not wait, and the store, which may take its time.
type queue struct {
	handle func(context.Context, inbound)
	shards [shards]chan inbound
	bytes  atomic.Int64
}

func newQueue(handle func(context.Context, inbound)) *queue {
	q := &queue{handle: handle}
	for i := range q.shards {
		q.shards[i] = make(chan inbound, shardRoom)
	}
	return q
}

// run starts the workers, which end with ctx, and gives the function that waits for them.
func (q *queue) run(ctx context.Context) (wait func()) {
	var workers sync.WaitGroup
	for _, shard := range q.shards {
		workers.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case e := <-shard:
					q.handle(ctx, e)
					q.bytes.Add(-int64(len(e.payload)))
				}
			}
		})
	}
	return workers.Wait
}

// push hands a delivery over without waiting; false says that there is no room.
func (q *queue) push(e inbound) bool {
	var key struct {
		Event struct {
			Channel string `json:"channel"`
		} `json:"event"`
	}
	if e.payload != nil {
		_ = decode(e.payload, &key)
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(key.Event.Channel))
	if q.bytes.Add(int64(len(e.payload))) <= queueBytes {
		select {
		case q.shards[h.Sum32()%shards] <- e:
			return true
		default:
		}
	}
	q.bytes.Add(-int64(len(e.payload)))
	return false
}
