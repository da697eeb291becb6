package llm

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Kind says what went wrong and, with it, what can be done.
type Kind string

// The kinds of failure.
const (
	KindAuth            Kind = "auth"             // key missing, wrong or without permission: tell the operator
	KindQuota           Kind = "quota"            // out of credit or over a spending limit: tell the operator
	KindRateLimited     Kind = "rate_limited"     // too many requests: wait RetryAfter
	KindOverloaded      Kind = "overloaded"       // the server has no capacity, or still loads the model: wait
	KindContextOverflow Kind = "context_overflow" // the prompt does not fit (Used, Limit where told), or the body is too large: shrink
	KindModality        Kind = "modality"         // the model takes no image (or sound): describe it otherwise
	KindModelNotFound   Kind = "model_not_found"  // no such model at this server, or no such API at this base URL
	KindBadTemplate     Kind = "bad_template"     // the chat template refused the roles: never retried
	KindTimeout         Kind = "timeout"          // Phase says in which phase
	KindTruncated       Kind = "truncated"        // the answer ended without its end; Partial holds what came
	KindUpstream        Kind = "upstream"         // the server failed, or cannot be reached (Phase "connect")
	KindRequest         Kind = "request"          // the server, or the client before it, refused the request as malformed
	KindCancelled       Kind = "cancelled"        // the caller's context was cancelled
)

// The phases of a request, for [Error.Phase].
const (
	PhaseConnect    = "connect"     // until the connection stands
	PhaseFirstToken = "first_token" // until the first text
	PhaseIdle       = "idle"        // between two chunks
	PhaseTotal      = "total"       // the whole request
)

// Error is every failure of a [Client]. Its text is safe to log and to show: foreign text in it is cut to 300
// characters, without control characters and without the API key.
type Error struct {
	Kind       Kind
	Status     int           // HTTP status; 200 for an error inside a stream; 0 without an answer
	Code       string        // the server's own code or type: "model_not_found", "exceed_context_size_error"
	Message    string        // what the server said, or what the client found
	RequestID  string        // the provider's id of the request; may be empty
	RetryAfter time.Duration // what the server asked for; 0 when it did not
	Used       int           // overflow: tokens of the prompt, 0 when not told
	Limit      int           // overflow: the true window, 0 when not told
	Phase      string        // timeout, and upstream before the connection stood
	Partial    string        // the text that had come before the failure
	Err        error         // the cause, may be nil
}

// Error names the kind, the status and the message.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("model server: ")
	b.WriteString(strings.ReplaceAll(string(e.Kind), "_", " "))
	if e.Phase != "" {
		fmt.Fprintf(&b, " (%s)", strings.ReplaceAll(e.Phase, "_", " "))
	}
	if e.Status != 0 && e.Status != 200 {
		fmt.Fprintf(&b, " (HTTP %d)", e.Status)
	}
	if e.Message != "" {
		b.WriteString(": ")
		b.WriteString(e.Message)
	}
	return b.String()
}

// Unwrap gives the cause: context.Canceled, a network error, or nil.
func (e *Error) Unwrap() error { return e.Err }

// Temporary tells whether the same request may succeed a little later. A failure after the first token is never
// temporary in this sense: the text has been handed on.
func (e *Error) Temporary() bool {
	if e.Partial != "" {
		return false
	}
	switch e.Kind {
	case KindRateLimited, KindOverloaded, KindUpstream, KindTruncated:
		return true
	case KindTimeout:
		return e.Phase == PhaseConnect
	}
	return false
}

// KindOf gives the kind of err, or "" when no [*Error] is in its chain.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return ""
}

// requestError is a request that the client itself refuses.
func requestError(format string, args ...any) *Error {
	return &Error{Kind: KindRequest, Message: fmt.Sprintf(format, args...)}
}

// phaseTimeout is the cause with which a watchdog ends a request.
type phaseTimeout struct {
	phase string
	after time.Duration
}

func (p *phaseTimeout) Error() string {
	switch p.phase {
	case PhaseConnect:
		return fmt.Sprintf("no connection within %v", p.after)
	case PhaseFirstToken:
		return fmt.Sprintf("no first token within %v", p.after)
	case PhaseIdle:
		return fmt.Sprintf("no further token within %v", p.after)
	}
	return fmt.Sprintf("no complete answer within %v", p.after)
}

// contextError explains why ctx (derived from the caller's) has ended; nil when it has not.
func contextError(ctx context.Context) *Error {
	if ctx.Err() == nil {
		return nil
	}
	cause := context.Cause(ctx)
	if p, ok := errors.AsType[*phaseTimeout](cause); ok {
		return &Error{Kind: KindTimeout, Phase: p.phase, Message: p.Error(), Err: p}
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &Error{Kind: KindTimeout, Phase: PhaseTotal, Message: "the time for this request is over", Err: ctx.Err()}
	}
	return &Error{Kind: KindCancelled, Message: "the request was cancelled", Err: ctx.Err()}
}
