package slack

import (
	"context"
	"hash/fnv"
	"sync"
	"sync/atomic"
)

const (
	// laneCount is how many deliveries of one socket are stored at the same time. Those of one channel go to the same
	// lane, so that they are stored in the order in which they came.
	laneCount = 16
	// laneRoom is how many deliveries wait in a lane; further ones are left to Slack's redelivery.
	laneRoom = 256
	// laneBytes bounds what waits in all of a socket's lanes.
	laneBytes = 64 << 20
)

// lanes stand between a socket, which must not wait, and the store, which may take its time.
type lanes struct {
	handle func(context.Context, inbound)
	lanes  [laneCount]chan inbound
	bytes  atomic.Int64
}

func newLanes(handle func(context.Context, inbound)) *lanes {
	l := &lanes{handle: handle}
	for i := range l.lanes {
		l.lanes[i] = make(chan inbound, laneRoom)
	}
	return l
}

// run starts the workers, which end with ctx, and gives the function that waits for them.
func (l *lanes) run(ctx context.Context) (wait func()) {
	var workers sync.WaitGroup
	for _, lane := range l.lanes {
		workers.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case e := <-lane:
					l.handle(ctx, e)
					l.bytes.Add(-int64(len(e.payload)))
				}
			}
		})
	}
	return workers.Wait
}

// push hands a delivery over without waiting; false says that there is no room.
func (l *lanes) push(e inbound) bool {
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
	if l.bytes.Add(int64(len(e.payload))) <= laneBytes {
		select {
		case l.lanes[h.Sum32()%laneCount] <- e:
			return true
		default:
		}
	}
	l.bytes.Add(-int64(len(e.payload)))
	return false
}
