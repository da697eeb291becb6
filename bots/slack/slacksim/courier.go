package slacksim

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// courier brings events to the app: in order, to one socket or to the request URL, and again when
// they are not acknowledged in time. Its lock is taken with the workspace's lock held, never the
// other way round.
type courier struct {
	server *Server

	mu      sync.Mutex
	journal []*Delivery
	queue   []*job
	wake    chan struct{} // has one slot
	waiting map[*job]*time.Timer
	pending map[string]*pendingAck // by envelope id
	hook    string                 // request URL; empty for Socket Mode

	duplicates int // faults, see faults.go
	reorder    int
	held       []*job
}

// pendingAck is an envelope that a socket has not acknowledged yet.
type pendingAck struct {
	job    *job
	socket *socket
	timer  *time.Timer
	n      int // index of the attempt
}

func newCourier(s *Server) *courier {
	return &courier{
		server: s, hook: s.options.RequestURL, wake: make(chan struct{}, 1),
		waiting: map[*job]*time.Timer{}, pending: map[string]*pendingAck{},
	}
}

func (c *courier) add(d *Delivery) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.journal = append(c.journal, d)
	if extra := len(c.journal) - keptDeliveries; extra > 0 {
		c.journal = slices.Delete(c.journal, 0, extra)
	}
	j := &job{delivery: d}
	if c.reorder > 0 {
		c.held = append(c.held, j)
		if c.reorder--; c.reorder == 0 {
			c.release()
		}
		return
	}
	c.push(j)
	c.duplicate(j)
}

// push needs mu.
func (c *courier) push(j *job) {
	c.queue = append(c.queue, j)
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// run sends what is queued until the server closes.
func (c *courier) run(done <-chan struct{}) {
	for {
		select {
		case <-done:
			c.stop()
			return
		case <-c.wake:
		}
		for {
			c.mu.Lock()
			if len(c.queue) == 0 {
				c.mu.Unlock()
				break
			}
			j := c.queue[0]
			c.queue = c.queue[1:]
			hook := c.hook
			c.mu.Unlock()
			if hook != "" {
				c.server.start(func() { c.post(hook, j) })
				continue
			}
			c.sendToSocket(j)
		}
	}
}

// stop ends every timer.
func (c *courier) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, timer := range c.waiting {
		timer.Stop()
	}
	for _, p := range c.pending {
		p.timer.Stop()
	}
	c.waiting, c.pending = map[*job]*time.Timer{}, map[string]*pendingAck{}
}

func (c *courier) sendToSocket(j *job) {
	now := c.server.options.Clock()
	target := c.server.sockets.pick()
	c.mu.Lock()
	defer c.mu.Unlock()
	if j.envelope == "" {
		j.envelope = c.server.ids.uuid()
	}
	attempt := Attempt{Envelope: j.envelope, Via: "none", SentAt: now, Retry: j.retry, Reason: j.reason}
	if target == nil {
		j.delivery.Attempts = append(j.delivery.Attempts, attempt)
		c.failed(j, "timeout")
		return
	}
	attempt.Via = fmt.Sprintf("socket %d", target.number)
	j.delivery.Attempts = append(j.delivery.Attempts, attempt)
	envelope := object{
		"envelope_id": j.envelope, "type": "events_api", "accepts_response_payload": false,
		"payload": j.delivery.Payload, "retry_attempt": j.retry, "retry_reason": j.reason,
	}
	p := &pendingAck{job: j, socket: target, n: len(j.delivery.Attempts) - 1}
	p.timer = time.AfterFunc(c.server.options.Timing.Ack, func() { c.expired(j.envelope, p) })
	c.pending[j.envelope] = p
	target.write(mustJSON(envelope))
	c.server.publish(Change{Kind: DeliveryChanged})
}

// expired is called when an envelope was not acknowledged in time.
func (c *courier) expired(envelope string, p *pendingAck) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pending[envelope] != p {
		return
	}
	delete(c.pending, envelope)
	c.failed(p.job, "timeout")
}

// acked notes an acknowledgement. One that comes on another socket than the envelope went to does
// not count: whether Slack accepts it is not documented, and an app must live with it not doing so.
func (c *courier) acked(envelope string, from *socket) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.pending[envelope]
	if p == nil || p.socket != from {
		return
	}
	p.timer.Stop()
	delete(c.pending, envelope)
	d := p.job.delivery
	d.Attempts[p.n].AckedAt = c.server.options.Clock()
	c.settle(d)
}

// settle needs mu. Retries that still wait are dropped: Slack does not repeat what was acknowledged.
func (c *courier) settle(d *Delivery) {
	d.Acked = true
	for j, timer := range c.waiting {
		if j.delivery == d && timer.Stop() {
			delete(c.waiting, j)
		}
	}
	c.server.publish(Change{Kind: DeliveryChanged})
}

// failed needs mu. It plans the next attempt, or gives up.
func (c *courier) failed(j *job, reason string) {
	defer c.server.publish(Change{Kind: DeliveryChanged})
	retries := c.server.options.Timing.Retries
	switch {
	case j.extra || j.delivery.Acked || c.server.closed():
		return
	case j.retry >= len(retries):
		j.delivery.GaveUp = true
		return
	}
	next := &job{delivery: j.delivery, retry: j.retry + 1, reason: reason}
	c.waiting[next] = time.AfterFunc(retries[j.retry], func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.waiting[next] != nil {
			delete(c.waiting, next)
			c.push(next)
		}
	})
}
