package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime/debug"
	"sync/atomic"
	"time"

	slackapi "github.com/slack-go/slack"

	"parley/conversation/failpoint"
)

const (
	// ackTimeout bounds the wait for room in the queue of acknowledgements, which holds ackQueue.
	ackTimeout = 5 * time.Second
	ackQueue   = 64
	// minBackoff is the wait after the first try to connect that fails. It doubles, up to maxBackoff over a network that
	// does not answer, and up to maxRefusal where Slack does: it opens a connection a minute at least.
	minBackoff = 100 * time.Millisecond
	maxBackoff = 15 * time.Second
	maxRefusal = time.Minute
	// settled is how long a connection lives after its hello for the next one to be opened without a wait.
	settled = time.Second
)

// socket is one Socket Mode connection, opened again whenever it ends. slack-go's own client is not used: it cuts a
// connection whose server sends no pings, both sockets at once, and cannot send any.
type socket struct {
	a         *Adapter
	number    int
	lanes     *lanes
	acks      chan acknowledgement // for whichever connection there is
	open      bool                 // Slack has said hello
	heard     atomic.Int64         // when something came last, in Unix nanoseconds
	replacing bool                 // it has the right to be cut, see replace
}

var errNoEnvelope = errors.New("no envelope_id")

// run keeps the connection until ctx ends, or until somebody must change the configuration.
func (s *socket) run(ctx context.Context) error {
	s.lanes, s.acks = newLanes(s.handle), make(chan acknowledgement, ackQueue)
	ctx, cancel := context.WithCancel(ctx)
	defer s.replaced()
	defer s.lanes.wait()
	defer cancel()
	for failures := 0; ctx.Err() == nil; {
		lived, err := s.connect(ctx)
		if ctx.Err() == nil && hopeless(err) {
			return appTokenError(err)
		}
		if lived >= settled {
			failures = 0
			continue
		}
		timer := time.NewTimer(pauseAfter(failures, err))
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
		failures++
	}
	return ctx.Err()
}

// pauseAfter is the wait after so many failures before this one.
func pauseAfter(failures int, err error) time.Duration {
	longest := maxRefusal
	if unreachable(err) {
		longest = maxBackoff
	}
	wait := min(minBackoff<<min(failures, 16), longest)
	wait = wait/2 + rand.N(wait/2)
	if limited, ok := errors.AsType[*slackapi.RateLimitedError](err); ok {
		wait = max(wait, limited.RetryAfter)
	}
	return wait
}

// connect opens a connection and handles what comes over it until it ends, is silent, or Slack asks for another one. It
// gives how long the connection has lived after Slack's hello. What it has delivered is stored all the same.
func (s *socket) connect(ctx context.Context) (lived time.Duration, err error) {
	var greeted time.Time
	defer func() {
		cause := err
		if ctx.Err() != nil || !greeted.IsZero() && !errors.Is(err, errSilent) {
			s.a.log.DebugContext(ctx, "socket ended", "number", s.number, "err", shortError(err))
			cause = nil
		}
		s.set(ctx, false, cause)
		if !greeted.IsZero() {
			lived = time.Since(greeted)
		} else {
			s.replaced()
		}
	}()
	l, err := dial(ctx, s.a.api, s.hear, s.acks)
	if err != nil {
		return 0, err
	}
	defer l.close()
	eye := watch{s: s, begun: s.a.presence.now()}
	ticker := time.NewTicker(s.a.o.PingTimeout / 4)
	defer ticker.Stop()
	for err == nil {
		select {
		case <-ctx.Done():
			err = ctx.Err()
		case err = <-l.ended:
		case <-ticker.C:
			err = eye.look(l.ping)
		case raw := <-l.frames:
			err = s.frame(ctx, raw)
			if s.open && greeted.IsZero() {
				greeted = time.Now()
			}
		}
	}
	return 0, err
}

// frame is what Slack sends over a socket.
// Slack: docs.slack.dev/apis/events-api/using-socket-mode, "Events".
type frame struct {
	Type         string          `json:"type"`
	Reason       string          `json:"reason"`
	EnvelopeID   string          `json:"envelope_id"`
	Payload      json.RawMessage `json:"payload"`
	RetryAttempt int             `json:"retry_attempt"`
}

// frame handles a frame without waiting. An error says that the connection shall be begun anew. What is of an unknown
// type is acknowledged all the same, else Slack would deliver it three times more.
func (s *socket) frame(ctx context.Context, raw []byte) error {
	var f frame
	err := decode(raw, &f)
	switch {
	case err == nil && f.Type == "hello":
		s.set(ctx, true, nil)
		s.replaced()
	case err == nil && f.Type == "disconnect":
		return fmt.Errorf("slack ends the connection: %.40q", f.Reason)
	case err == nil && f.EnvelopeID == "":
		s.a.malformed(ctx, "frame", errNoEnvelope)
	case err != nil:
		s.a.malformed(ctx, "frame", err)
	case f.Type == "events_api":
		s.enqueue(ctx, inbound{envelope: f.EnvelopeID, payload: f.Payload, retry: f.RetryAttempt})
	case f.Type == "slash_commands" || f.Type == "interactive":
		s.interact(ctx, f)
	default:
		s.a.observe("unsupported")
		s.enqueue(ctx, inbound{envelope: f.EnvelopeID})
	}
	return nil
}

// inbound is a delivery on its way to the store; without a payload it is only acknowledged.
type inbound struct {
	envelope string
	payload  json.RawMessage
	retry    int
}

func (s *socket) enqueue(ctx context.Context, e inbound) {
	if !s.lanes.push(ctx, e) {
		s.a.observe("overload")
		s.a.presence.missed()
		s.a.log.WarnContext(ctx, "too many events at once; Slack will deliver this one again", "socket", s.number)
	}
}

func (s *socket) handle(ctx context.Context, e inbound) {
	defer func() {
		if p := recover(); p != nil { // one delivery must not end the process; Slack gives up on it after three more tries
			s.a.observe("malformed")
			s.a.log.ErrorContext(ctx, "delivery panicked", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	if e.payload != nil {
		if err := s.a.take(ctx, e.payload, e.retry); err != nil {
			return
		}
	}
	s.ack(ctx, acknowledgement{EnvelopeID: e.envelope})
}

func (s *socket) ack(ctx context.Context, ack acknowledgement) {
	if ack.EnvelopeID == "" {
		return
	}
	failpoint.Hit(failpoint.Acknowledging)
	defer failpoint.Hit(failpoint.Acknowledged)
	timer := time.NewTimer(ackTimeout)
	defer timer.Stop()
	select {
	case s.acks <- ack:
	case <-ctx.Done():
	case <-timer.C:
		s.a.log.DebugContext(ctx, "acknowledgement not sent; Slack will deliver the event again", "socket", s.number)
	}
}

// set notes whether the socket is open, and why it is not.
func (s *socket) set(ctx context.Context, open bool, cause error) {
	a := s.a
	if open != s.open {
		s.open = open
		change := a.presence.closed
		if open {
			change = a.presence.opened
		}
		a.log.InfoContext(ctx, "socket", "number", s.number, "open", open, "sockets", change())
	}
	if cause == nil || errors.Is(cause, context.Canceled) {
		return
	}
	fault := appTokenError(cause)
	if fault == nil {
		fault = fmt.Errorf("slack: socket does not open, trying on: %s", shortError(cause))
	}
	if a.presence.fail(fault) {
		level := a.log.WarnContext
		if _, limited := errors.AsType[*slackapi.RateLimitedError](cause); limited && a.presence.connected() > 0 {
			level = a.log.DebugContext // Slack opens one connection a minute at least; the other socket carries on
		}
		level(ctx, "socket does not open", "number", s.number, "err", fault.Error())
	}
}

// hopeless reports whether no further try can help. Scopes and settings may be mended while Parley runs.
func hopeless(err error) bool {
	switch errorCode(err) {
	case "invalid_auth", "not_authed", "token_revoked", "account_inactive":
		return true
	}
	status, ok := errors.AsType[slackapi.StatusCodeError](err)
	return ok && status.Code == http.StatusNotFound
}

// unreachable reports whether nobody answered, so that a new try costs Slack nothing.
func unreachable(err error) bool {
	if errors.Is(err, errSilent) {
		return true
	}
	if status, ok := errors.AsType[slackapi.StatusCodeError](err); ok {
		return status.Code >= http.StatusInternalServerError
	}
	_, isNet := errors.AsType[net.Error](err)
	return isNet
}
