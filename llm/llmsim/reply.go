package llmsim

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

// Responder makes the answer to a request that has passed the checks.
type Responder interface {
	Respond(ctx context.Context, req Request) Reply
}

// ResponderFunc is a function as a [Responder].
type ResponderFunc func(ctx context.Context, req Request) Reply

// Respond calls f.
func (f ResponderFunc) Respond(ctx context.Context, req Request) Reply { return f(ctx, req) }

// Reply is one answer: a text, how it is sent, and what goes wrong with it.
type Reply struct {
	Text   string
	Chunks []string        // sent as they are; nil cuts Text after each word
	Finish string          // "" is "stop", or "length" when max_tokens cut the text
	First  time.Duration   // before the first chunk, on top of the server's
	Pace   time.Duration   // between chunks; 0 is the server's
	Hold   <-chan struct{} // when set, nothing is sent before it is closed
	Fault  Fault
	HTTP   *HTTPReply // when set, sent instead of all this
}

// HTTPReply is an answer by the letter.
type HTTPReply struct {
	Status int
	Header http.Header
	Body   string
}

// FaultKind is what goes wrong with a stream.
type FaultKind int

// The faults. All but NoDone, JSONBody and NoUsage happen after Fault.After chunks.
const (
	NoFault    FaultKind = iota
	Cut                  // the connection is closed without the end of the body
	Ended                // the body ends properly, without finish reason and [DONE]
	Stall                // nothing more comes until the client leaves
	ErrorEvent           // "event: error", then the end, as LM Studio does
	ErrorChunk           // a data line with an error object, as llama.cpp does
	ErrorLine            // an "error:" line, as old llama.cpp did
	Reset                // the connection is reset; with After 0 before any header
	NoDone               // the finish chunk is the last, no [DONE]
	JSONBody             // a JSON completion although a stream was asked for
	NoUsage              // usage is never told
)

// Fault is a fault and its moment.
type Fault struct {
	Kind    FaultKind
	After   int    // chunks of text that are sent before
	Message string // of ErrorEvent, ErrorChunk and ErrorLine; "" is a general one
}

// Say is a reply of just a text.
func Say(text string) Reply { return Reply{Text: text} }

// Fail is a reply with an HTTP status and an error in the usual envelope.
func Fail(status int, message string) Reply {
	header := http.Header{"Content-Type": {"application/json"}}
	return Reply{HTTP: &HTTPReply{Status: status, Header: header, Body: apiError{Message: message, Type: "error"}.envelope()}}
}

// RateLimited is a 429 that asks for a wait of whole seconds; 0 leaves the header out.
func RateLimited(seconds int) Reply {
	r := Fail(http.StatusTooManyRequests, "Request was rejected due to dynamic rate limiting.")
	if seconds > 0 {
		r.HTTP.Header.Set("Retry-After", strconv.Itoa(seconds))
	}
	return r
}

// Overloaded is a 503.
func Overloaded() Reply {
	return Fail(http.StatusServiceUnavailable, "The server is overloaded or not ready yet.")
}

// HTMLPage is an answer that no model server would give but the proxy before it.
func HTMLPage(status int) Reply {
	return Reply{HTTP: &HTTPReply{
		Status: status, Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}},
		Body: "<!DOCTYPE html><html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1><p>The origin did not answer.</p></body></html>",
	}}
}
