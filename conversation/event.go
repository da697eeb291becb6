package conversation

import "time"

// Delivery identifies one delivery of a platform's event.
type Delivery struct {
	// ID is the platform's event id, the same on every retry; empty where the platform has none (Discord).
	ID string
	// ReceivedAt is when the adapter read it.
	ReceivedAt time.Time
	// Retry counts redeliveries as the platform tells them, from 0.
	Retry int
	// CaughtUp says that the event was read over REST after an absence, and not delivered.
	CaughtUp bool
}

// Event is something that happened on a platform. It is sealed: Posted, Edited, Deleted, Asked or Stopped.
type Event interface {
	// Meta is the delivery that brought the event.
	Meta() Delivery
	// In is the conversation that the event belongs to.
	In() ThreadRef
	// Kind is the event's name for logs and metrics.
	Kind() string
	event()
}

// Posted is a new message.
type Posted struct {
	Delivery Delivery
	Message  Message
}

// Edited carries the whole new version of a message. Adapters send it only for edits by the author: previews that
// a platform adds to a message are none.
type Edited struct {
	Delivery Delivery
	Message  Message
}

// Deleted says that messages are gone. Ref.Thread may be empty: platforms tell the channel and the ids only.
type Deleted struct {
	Delivery   Delivery
	Ref        ThreadRef
	MessageIDs []string
	At         time.Time
}

// Meta implements Event.
func (e Posted) Meta() Delivery { return e.Delivery }

// Meta implements Event.
func (e Edited) Meta() Delivery { return e.Delivery }

// Meta implements Event.
func (e Deleted) Meta() Delivery { return e.Delivery }

// In implements Event.
func (e Posted) In() ThreadRef { return e.Message.Ref }

// In implements Event.
func (e Edited) In() ThreadRef { return e.Message.Ref }

// In implements Event.
func (e Deleted) In() ThreadRef { return e.Ref }

// Kind implements Event.
func (Posted) Kind() string { return "posted" }

// Kind implements Event.
func (Edited) Kind() string { return "edited" }

// Kind implements Event.
func (Deleted) Kind() string { return "deleted" }

func (Posted) event()  {}
func (Edited) event()  {}
func (Deleted) event() {}
