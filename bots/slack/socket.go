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
	"github.com/slack-go/slack/socketmode"

	"parley/conversation/failpoint"
)

const (
	// maxFrame bounds one Socket Mode frame: a message has at most 40,000 characters of text, and blocks beside it.
	maxFrame = 4 << 20
	// ackTimeout bounds the wait for room in slack-go's queue of acknowledgements.
	ackTimeout = 5 * time.Second
	// maxBackoff is the longest blind wait between two tries over a network that does not answer. slack-go goes
	// up to five minutes.
	maxBackoff = 15 * time.Second
)

// socket is one Socket Mode connection, opened again whenever it ends.
type socket struct {
	a      *Adapter
	number int
	open   bool
	client *socketmode.Client
	lanes  *lanes
	// awaiting is since when a connection has been without Slack's hello; zero before there is one, and after the hello.
	awaiting time.Time
	heard    atomic.Int64 // when something came last, in Unix nanoseconds
}

// errSilent says that a connection is there and nothing comes over it.
var errSilent = errors.New("nothing is heard over the socket")

// run keeps the connection until ctx ends. slack-go reconnects by itself; run begins anew where its wait grows long.
func (s *socket) run(ctx context.Context) error {
	s.client = socketmode.New(s.a.client, socketmode.OptionReadLimit(maxFrame),
		socketmode.OptionPingInterval(s.a.o.PingTimeout), socketmode.OptionDialer(s.dialer()))
	s.lanes = newLanes(s.handle)
	ctx, cancel := context.WithCancel(ctx)
	defer s.lanes.wait()
	defer cancel()
	for ctx.Err() == nil {
		err := s.connect(ctx)
		s.set(ctx, false, nil)
		if fatal := appTokenError(err); fatal != nil && ctx.Err() == nil {
			return fatal
		}
		if errors.Is(err, errSilent) {
			s.set(ctx, false, err)
			continue
		}
		timer := time.NewTimer(maxBackoff/2 + rand.N(maxBackoff/2))
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
	return ctx.Err()
}

// connect runs slack-go's client until it gives up, its wait for a network grows long, or the connection is silent. What
// it has delivered by then is stored all the same.
func (s *socket) connect(ctx context.Context) error {
	connection, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- s.client.RunContext(connection) }()
	watch := time.NewTicker(s.a.o.PingTimeout / 4)
	defer watch.Stop()
	for {
		select {
		case err := <-done:
			return err
		case e := <-s.client.Events:
			if s.event(ctx, e) {
				continue
			}
			cancel()
			return <-done
		case <-watch.C:
			if !s.silent() {
				continue
			}
			cancel()
			<-done
			s.awaiting = time.Time{}
			return errSilent
		}
	}
}

// event handles one of slack-go's events; it must not block, since the reader waits for it. It gives false where the
// connection shall be begun anew.
func (s *socket) event(ctx context.Context, e socketmode.Event) bool {
	switch e.Type {
	case socketmode.EventTypeConnected:
		s.awaiting = s.a.presence.now()
	case socketmode.EventTypeHello:
		s.awaiting = time.Time{}
		s.set(ctx, true, nil)
	case socketmode.EventTypeConnecting:
		s.awaiting = time.Time{}
		s.set(ctx, false, nil)
	case socketmode.EventTypeConnectionError:
		if failed, ok := e.Data.(*slackapi.ConnectionErrorEvent); ok {
			s.set(ctx, false, failed.ErrorObj)
			return failed.Backoff <= maxBackoff || !unreachable(failed.ErrorObj)
		}
	case socketmode.EventTypeEventsAPI:
		if e.Request != nil {
			s.enqueue(ctx, inbound{envelope: e.Request.EnvelopeID, payload: e.Request.Payload, retry: e.Request.RetryAttempt})
		}
	case socketmode.EventTypeErrorBadMessage:
		if bad, ok := e.Data.(*socketmode.ErrorBadMessage); ok {
			s.bad(ctx, bad)
		}
	case socketmode.EventTypeInteractive, socketmode.EventTypeSlashCommand:
		s.a.observe("unsupported")
		if e.Request != nil {
			s.enqueue(ctx, inbound{envelope: e.Request.EnvelopeID})
		}
	case socketmode.EventTypeErrorWriteFailed:
		s.a.log.WarnContext(ctx, "acknowledgement not written; Slack will deliver the event again", "socket", s.number)
	case socketmode.EventTypeIncomingError:
		s.a.log.DebugContext(ctx, "socket read failed", "socket", s.number)
	}
	return true
}

// bad handles a frame that slack-go does not understand: a type of event that it does not know, or a field of another
// type than it expects. It acknowledges none of these, and Slack would deliver them three times more.
func (s *socket) bad(ctx context.Context, bad *socketmode.ErrorBadMessage) {
	var frame socketmode.Request
	if err := decode(bad.Message, &frame); err != nil || frame.EnvelopeID == "" {
		s.a.malformed(ctx, "frame", bad.Cause)
		return
	}
	if frame.Type != socketmode.RequestTypeEventsAPI {
		s.a.observe("unsupported")
		frame.Payload = nil
	}
	s.enqueue(ctx, inbound{envelope: frame.EnvelopeID, payload: frame.Payload, retry: frame.RetryAttempt})
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
	failpoint.Hit(failpoint.Acknowledging)
	s.ack(ctx, e.envelope)
	failpoint.Hit(failpoint.Acknowledged)
}

func (s *socket) ack(ctx context.Context, envelope string) {
	if envelope == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, ackTimeout)
	defer cancel()
	if err := s.client.AckCtx(ctx, envelope, nil); err != nil {
		s.a.log.DebugContext(ctx, "acknowledgement not sent; Slack will deliver the event again", "socket", s.number, "err", err)
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

// unreachable reports whether nobody answered, so that a new try costs Slack nothing.
func unreachable(err error) bool {
	if status, ok := errors.AsType[slackapi.StatusCodeError](err); ok {
		return status.Code >= http.StatusInternalServerError
	}
	_, isNet := errors.AsType[net.Error](err)
	return isNet
}
