package llm

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"strings"
	"time"
)

// afterFinish is how long a stream that has its finish reason may stay open: usage and [DONE] come at once or never.
const afterFinish = 2 * time.Second

// Stream asks for an answer and yields it as it comes. A complete answer ends with a [Delta] that carries Finish; a
// failure is an [*Error] and the last item. Each range over the sequence is a request of its own. Leaving the loop early
// ends the request.
func (c *Client) Stream(ctx context.Context, req Request) iter.Seq2[Delta, error] {
	return func(yield func(Delta, error) bool) {
		messages, err := Shape(c.profile, req.Messages)
		if err != nil {
			yield(Delta{}, err)
			return
		}
		left := false
		var usage *Usage
		fail := c.try(ctx, req.Purpose, c.refused.learn, func(ctx context.Context, dog *watchdog, seen *Observation) *Error {
			a := answer{client: c, dog: dog, seen: seen, begun: time.Now(), left: &left, yield: yield}
			fail := a.stream(ctx, messages, req)
			usage = a.last.Usage
			return fail
		})
		if fail == nil {
			c.learnUsage(ctx, req, usage)
			return
		}
		c.learnFailure(ctx, req, fail)
		if !left {
			yield(Delta{}, fail)
		}
	}
}

// answer is one streamed answer while it is read.
type answer struct {
	client *Client
	dog    *watchdog
	seen   *Observation
	begun  time.Time
	left   *bool // the caller has left the loop
	yield  func(Delta, error) bool

	chunk  chunk
	body   *gathering
	text   strings.Builder
	finish Finish
	last   Delta // what the final delta will say
}

// errLeft stands for a caller that left the loop.
var errLeft = errors.New("the caller left the stream")

func (a *answer) stream(ctx context.Context, messages []Message, req Request) *Error {
	resp, fail := a.client.post(ctx, a.dog, messages, req, true)
	if fail != nil {
		return fail
	}
	defer resp.Body.Close()
	defer context.AfterFunc(ctx, func() { resp.Body.Close() })() // a blocked read ends at once
	a.last.RequestID = requestID(resp.Header, "")

	a.body = &gathering{ctx: ctx, src: resp.Body}
	fail = a.read(resp.Header.Get("Content-Type"), a.body)
	if a.finish != "" && (fail == nil || fail.Kind == KindUpstream || fail.Kind == KindTruncated) {
		fail = nil // complete: what breaks after the finish reason costs at most the usage
	}
	if fail != nil {
		fail.Partial = a.text.String()
		if fail.RequestID == "" {
			fail.RequestID = a.last.RequestID
		}
		return fail
	}
	a.last.Finish = a.finish
	if a.last.Usage != nil {
		a.seen.Usage = *a.last.Usage
	}
	if !a.yield(a.last, nil) {
		*a.left = true
	}
	return nil
}

// read tells a stream from a whole answer or an error page by the type, and by the first byte where the type says
// nothing certain.
func (a *answer) read(contentType string, body io.Reader) *Error {
	if strings.Contains(contentType, "event-stream") {
		return a.readEvents(body)
	}
	buffered := bufio.NewReader(body)
	switch first := firstByte(buffered); {
	case first == '{' || first == '[':
		return a.readWhole(buffered)
	case first == '<':
		raw, _ := io.ReadAll(io.LimitReader(buffered, maxErrorBody))
		return &Error{Kind: KindUpstream, Status: http.StatusOK, Message: parseErrorBody(raw).message}
	}
	return a.readEvents(buffered)
}

// firstByte looks at the first byte that is no space, without taking more than spaces and a byte order mark; 0 at the
// end of the body.
func firstByte(r *bufio.Reader) byte {
	if mark, err := r.Peek(len(byteOrderMark)); err == nil && bytes.Equal(mark, byteOrderMark) {
		_, _ = r.Discard(len(byteOrderMark))
	}
	for range 4096 {
		b, err := r.Peek(1)
		if err != nil {
			return 0
		}
		if b[0] != ' ' && b[0] != '\n' && b[0] != '\r' && b[0] != '\t' {
			return b[0]
		}
		_, _ = r.Discard(1)
	}
	return 0
}

// readWhole takes a JSON answer to a stream request: some servers and proxies do not stream.
func (a *answer) readWhole(body io.Reader) *Error {
	resp, fail := a.client.readCompletion(body)
	if fail != nil {
		return fail
	}
	if resp.Text != "" {
		if fail := a.say(resp.Text); fail != nil {
			return fail
		}
	}
	a.finish = resp.Finish
	a.last.Usage, a.last.Model = resp.Usage, resp.Model
	if a.last.RequestID == "" {
		a.last.RequestID = resp.RequestID
	}
	return nil
}

func (a *answer) readEvents(body io.Reader) *Error {
	events := newSSEReader(body)
	for {
		event, err := events.next()
		if errors.Is(err, io.EOF) {
			if a.finish == "" {
				return &Error{Kind: KindTruncated, Status: http.StatusOK, Message: "the stream ended without a finish reason"}
			}
			return nil
		}
		if err != nil {
			return a.broken(err)
		}
		if event.Type == "error" {
			return classify(http.StatusOK, parseErrorBody(event.Data))
		}
		data := bytes.TrimSpace(event.Data)
		if len(data) == 0 {
			continue
		}
		if bytes.Equal(data, []byte("[DONE]")) {
			if a.finish == "" {
				a.finish = FinishUnknown
			}
			return nil
		}
		if fail := a.take(data); fail != nil {
			return fail
		}
	}
}

// broken is a stream that could not be read further: with text it is a truncated answer, without any it is a failure of
// the server that may be tried again.
func (a *answer) broken(err error) *Error {
	fail := &Error{Kind: KindTruncated, Status: http.StatusOK, Message: "the stream broke off: " + err.Error(), Err: err}
	if a.text.Len() == 0 {
		fail.Kind = KindUpstream
	}
	return fail
}

// take hands on what one chunk says.
func (a *answer) take(data []byte) *Error {
	if fail := a.chunk.decode(data); fail != nil {
		if fail.Kind == KindUpstream && fail.Err != nil { // no JSON: most likely the end of a cut body
			return a.broken(fail.Err)
		}
		return fail
	}
	if usage := a.chunk.usage(); usage != nil {
		a.last.Usage = usage
	}
	if a.last.Model == "" {
		a.last.Model = rawString(a.chunk.Model)
	}
	if a.last.RequestID == "" {
		a.last.RequestID = rawString(a.chunk.ID)
	}
	if text := a.chunk.text(); text != "" {
		if fail := a.say(text); fail != nil {
			return fail
		}
	} else if a.text.Len() > 0 {
		a.dog.enter(PhaseIdle, a.client.idle)
	}
	if reason := a.chunk.finish(); reason != "" && a.finish == "" {
		a.finish = finishOf(reason)
	}
	if a.finish != "" {
		a.dog.enter(PhaseIdle, min(afterFinish, a.client.idle))
	}
	return nil
}

// say yields text. While the caller works on it the clock stands still: a slow reader is no slow server.
func (a *answer) say(text string) *Error {
	if a.text.Len() == 0 {
		a.seen.FirstToken = time.Since(a.begun)
		a.body.begun = true
	}
	if a.text.Len()+len(text) > maxAnswer {
		return &Error{Kind: KindUpstream, Status: http.StatusOK, Message: "the answer is over 8 MiB"}
	}
	a.text.WriteString(text)
	a.dog.rest()
	if !a.yield(Delta{Text: text}, nil) {
		*a.left = true
		return &Error{Kind: KindCancelled, Message: errLeft.Error(), Err: errLeft}
	}
	a.dog.enter(PhaseIdle, a.client.idle)
	return nil
}
