package discordsim

import (
	"encoding/json"
	"net/url"
	"slices"
	"time"
)

// maxJournal bounds both journals; the oldest entries go first.
const maxJournal = 20_000

// Call is one REST request with its answer.
type Call struct {
	At     time.Time
	Method string
	// Route is the documented path with its parameters, as in [Coverage].
	Route string
	Path  string
	Query url.Values
	// Body is the JSON that was sent; of a multipart request the part payload_json.
	Body json.RawMessage
	// Files holds the names of uploaded files.
	Files    []string
	Status   int
	Response []byte
	// Fault is true when a fault from SetFault answered or cut the request.
	Fault bool
}

// GatewayEvent is one entry of the gateway's journal.
type GatewayEvent struct {
	At time.Time
	// Conn counts connections from 1.
	Conn int
	// Kind is connect, identify, resume, "resume refused", heartbeat or close.
	Kind    string
	Session string
	Seq     int64
	Intents Intents
	// Code is the close code; on identify and resume the code of the refusal, 0 when accepted.
	Code int
}

type journal struct {
	calls   []Call
	gateway []GatewayEvent
}

// Calls returns the REST requests that were answered, oldest first.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.journal.calls)
}

// CallsTo returns the requests to one route, written as in [Coverage]:
// "POST /channels/{channel}/messages".
func (s *Server) CallsTo(route string) []Call {
	var list []Call
	for _, c := range s.Calls() {
		if c.Method+" "+c.Route == route {
			list = append(list, c)
		}
	}
	return list
}

// GatewayLog returns the gateway's journal, oldest first.
func (s *Server) GatewayLog() []GatewayEvent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.journal.gateway)
}

// Connected tells whether a session has a connection now.
func (s *Server) Connected() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, session := range s.sessions {
		if session.conn != nil {
			return true
		}
	}
	return false
}

func (s *Server) record(e GatewayEvent) {
	e.At = s.options.Clock()
	s.journal.gateway = bounded(append(s.journal.gateway, e))
	s.watchers.wake()
}

func (s *Server) recordCall(c Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.journal.calls = bounded(append(s.journal.calls, c))
	s.watchers.wake()
}

func bounded[T any](list []T) []T {
	if len(list) <= maxJournal {
		return list
	}
	return append([]T(nil), list[len(list)-maxJournal/2:]...)
}
