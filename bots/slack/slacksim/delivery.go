package slacksim

import (
	"encoding/json"
	"slices"
	"time"
)

// Delivery is one event on its way to the app, with everything that happened to it.
type Delivery struct {
	EventID  string
	Type     string          // of the inner event: message, app_mention, …
	Payload  json.RawMessage // the whole event_callback
	Attempts []Attempt
	Acked    bool // some attempt was acknowledged in time
	GaveUp   bool // every retry failed; the app will not hear of it any more
}

// Attempt is one try to deliver an event.
type Attempt struct {
	Envelope string // Socket Mode's envelope_id; empty over HTTP
	Via      string // "socket N", "http", or "none" when no socket was open
	SentAt   time.Time
	Retry    int    // 0 on the first try
	Reason   string // why it is a retry: timeout, http_error, …
	AckedAt  time.Time
	Status   int // HTTP status, over HTTP
}

// job is one attempt that is due. An extra job (a duplicate) starts no retries of its own.
type job struct {
	delivery *Delivery
	retry    int
	reason   string
	envelope string // reused by a duplicate
	extra    bool
}

const keptDeliveries = 10_000

// Deliveries returns the journal of events, oldest first, the last 10,000 of them.
func (s *Server) Deliveries() []Delivery {
	c := s.courier
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([]Delivery, len(c.journal))
	for i, d := range c.journal {
		out[i] = *d
		out[i].Attempts = slices.Clone(d.Attempts)
	}
	return out
}

// Settled says whether every event so far was acknowledged or given up.
func (s *Server) Settled() bool {
	c := s.courier
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.held) > 0 {
		return false
	}
	return !slices.ContainsFunc(c.journal, func(d *Delivery) bool { return !d.Acked && !d.GaveUp })
}

// FlushRetries makes every redelivery that waits for its time happen now.
func (s *Server) FlushRetries() {
	c := s.courier
	c.mu.Lock()
	defer c.mu.Unlock()
	for j, timer := range c.waiting {
		if timer.Stop() {
			delete(c.waiting, j)
			c.push(j)
		}
	}
}

// SendEvent delivers an inner event of this type as it is, with retries and all. It is how tests
// send what the simulator does not make by itself.
func (s *Server) SendEvent(eventType string, event map[string]any) {
	inner := make(object, len(event)+1)
	for key, value := range event {
		inner[key] = value
	}
	inner["type"] = eventType
	s.deliver(eventType, inner)
}

// deliver wraps an inner event in its event_callback and queues it.
func (s *Server) deliver(eventType string, event object) {
	now := s.options.Clock()
	id := s.ids.id("Ev")
	payload := mustJSON(object{
		"token": s.verification, "team_id": s.team.ID, "context_team_id": s.team.ID, "context_enterprise_id": nil,
		"api_app_id": s.team.AppID, "event": event, "type": "event_callback", "event_id": id, "event_time": now.Unix(),
		"authorizations": []object{{
			"enterprise_id": nil, "team_id": s.team.ID, "user_id": s.bot.ID, "is_bot": true, "is_enterprise_install": false,
		}},
		"is_ext_shared_channel": false, "event_context": "4-" + s.ids.secret(32),
	})
	s.courier.add(&Delivery{EventID: id, Type: eventType, Payload: payload})
}
