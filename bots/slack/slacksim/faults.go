package slacksim

import (
	"slices"
	"sync"
	"time"
)

// Fault makes calls of one Web API method fail. Error and Status answer instead of the method;
// DropResponse and Delay act around it.
type Fault struct {
	// Status is the HTTP status; 0 means 200. With 429 the body is Slack's ratelimited error.
	Status int
	// RetryAfter is sent as the Retry-After header, in whole seconds, rounded up.
	RetryAfter time.Duration
	// Error is Slack's error code, such as missing_scope.
	Error string
	// Needed and Provided accompany missing_scope.
	Needed, Provided string
	// Body, with Status, answers something else than JSON, such as a proxy's HTML page.
	Body string
	// After lets this many calls pass first.
	After int
	// Times is how many calls fail; 0 means until ClearFault.
	Times int
	// DropResponse runs the method and then cuts the connection: the effect is there, the answer is
	// lost.
	DropResponse bool
	// Delay is waited before the method runs.
	Delay time.Duration
	// DelayResponse is waited after the method has run.
	DelayResponse time.Duration
}

func (f Fault) replaces() bool { return !f.DropResponse && (f.Status != 0 || f.Error != "") }

// faults holds the switched-on faults by method; "*" stands for all methods.
type faults struct {
	mu    sync.Mutex
	set   map[string]*Fault
	login bool // file links answer with the sign-in page
	gone  bool // file links have expired
}

// SetFault switches a fault on for a method such as chat.postMessage, or for every method with "*".
// It replaces the method's fault.
func (s *Server) SetFault(method string, fault Fault) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.set[method] = &fault
}

// ClearFault switches a method's fault off.
func (s *Server) ClearFault(method string) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	delete(s.faults.set, method)
}

func (f *faults) take(method string) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, key := range []string{method, "*"} {
		fault := f.set[key]
		switch {
		case fault == nil:
			continue
		case fault.After > 0:
			fault.After--
			return Fault{}
		case fault.Times == 1:
			delete(f.set, key)
		case fault.Times > 1:
			fault.Times--
		}
		return *fault
	}
	return Fault{}
}

// LoginPageForFiles makes file links answer 200 with a sign-in page, as Slack does to a request
// whose token does not count.
func (s *Server) LoginPageForFiles(on bool) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.login = on
}

// ExpireFiles makes file links answer 404; files.info still gives fresh metadata.
func (s *Server) ExpireFiles(on bool) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.gone = on
}

func (f *faults) files() (login, gone bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.login, f.gone
}

// DropSockets breaks every open socket without a close frame.
func (s *Server) DropSockets() {
	for _, k := range s.sockets.all() {
		k.drop()
	}
}

// DropOneSocket breaks one open socket without a close frame and leaves the others.
func (s *Server) DropOneSocket() {
	if k := s.sockets.pick(); k != nil {
		k.drop()
	}
}

// WithholdHello makes sockets that open from now on send pings and no hello; events go to them like to others.
func (s *Server) WithholdHello(on bool) { s.sockets.mute.Store(on) }

// WarnSockets sends the disconnect frame with the reason warning; the sockets stay open.
func (s *Server) WarnSockets() {
	s.disconnectFrame("warning")
}

// RefreshSockets sends the disconnect frame with the reason refresh_requested and closes the sockets
// after Timing.RefreshGrace. Until then events may still be sent to them.
func (s *Server) RefreshSockets() {
	open := s.disconnectFrame("refresh_requested")
	s.later(s.options.Timing.RefreshGrace, func() {
		for _, k := range open {
			k.close()
		}
	})
}

func (s *Server) disconnectFrame(reason string) []*socket {
	open := s.sockets.all()
	for _, k := range open {
		k.write(mustJSON(object{"type": "disconnect", "reason": reason, "debug_info": object{"host": "applink-simulated"}}))
	}
	return open
}

// SilenceSockets leaves the open sockets half open: no pings, no events and no pongs come from them,
// yet events are still sent to them and get lost. New sockets are not touched.
func (s *Server) SilenceSockets() {
	for _, k := range s.sockets.all() {
		k.silent.Store(true)
	}
}

// SetMaxSockets changes how many sockets may be open; one more gets disconnect with the reason
// too_many_websockets.
func (s *Server) SetMaxSockets(n int) {
	s.sockets.mu.Lock()
	defer s.sockets.mu.Unlock()
	s.sockets.max = n
}

// DuplicateDeliveries sends each of the next n events twice, alternately in the two forms seen on
// the platform: a new envelope marked as a retry, and the same envelope again.
func (s *Server) DuplicateDeliveries(n int) {
	s.courier.mu.Lock()
	defer s.courier.mu.Unlock()
	s.courier.duplicates = n
}

// duplicate needs mu.
func (c *courier) duplicate(j *job) {
	if c.duplicates <= 0 {
		return
	}
	c.duplicates--
	again := &job{delivery: j.delivery, extra: true}
	if c.duplicates%2 == 0 {
		again.retry, again.reason = 1, "timeout"
	} else {
		j.envelope = c.server.ids.uuid()
		again.envelope = j.envelope
	}
	c.push(again)
}

// ReorderDeliveries holds the next n events back and sends them in reverse order once all are
// there. 0 releases what is held.
func (s *Server) ReorderDeliveries(n int) {
	s.courier.mu.Lock()
	defer s.courier.mu.Unlock()
	s.courier.reorder = n
	if n == 0 {
		s.courier.release()
	}
}

// release needs mu.
func (c *courier) release() {
	for _, j := range slices.Backward(c.held) {
		c.push(j)
		c.duplicate(j)
	}
	c.held = nil
}

// SendUnknownEvent delivers an event of a type that no client knows.
func (s *Server) SendUnknownEvent() {
	s.SendEvent("quantum_fluctuation_observed", object{"event_ts": s.ids.ts(s.options.Clock()), "observer": s.bot.ID})
}

// SendMalformedEvent delivers a message event whose fields have the wrong JSON types.
func (s *Server) SendMalformedEvent() {
	s.SendEvent("message", object{"channel": 7, "user": []string{"U"}, "text": object{"not": "text"}, "ts": true, "blocks": "none"})
}

// SendGarbageFrame writes a text frame that is not JSON to every open socket.
func (s *Server) SendGarbageFrame() {
	for _, k := range s.sockets.all() {
		k.write([]byte(`{"type":"events_api","envelope_id":`))
	}
}
