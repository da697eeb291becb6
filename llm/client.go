package llm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync"
	"time"
)

// Client talks to one model on one server. It is safe for concurrent use.
type Client struct {
	base     *url.URL
	key      string
	model    string
	profile  Profile
	http     *http.Client
	log      *slog.Logger
	observe  func(Observation)
	connect  time.Duration
	first    time.Duration
	idle     time.Duration
	total    time.Duration
	retries  int
	limit    *limiter
	scrub    scrubber
	refused  *refusals
	identity string

	memory    Memory
	known     *knowledge
	fixed     struct{ context, prices, speech bool } // set by the operator: what the server tells does not count
	vision    Setting
	audio     Setting
	looking   chan struct{} // holds one token: a probe of what the model sees runs once at a time
	wake      chan struct{}
	uncounted chan uncounted
}

// New checks the options and makes a client. It does not connect.
func New(opts Options) (*Client, error) {
	opts, base, err := opts.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("configure model client: %w", err)
	}
	c := &Client{
		base:     base,
		key:      opts.APIKey,
		model:    opts.Model,
		profile:  opts.Profile,
		http:     httpClient(opts.HTTPClient, opts.MaxConcurrent),
		log:      opts.Logger.With("model", opts.Model),
		observe:  opts.Observe,
		connect:  opts.Connect,
		first:    opts.FirstToken,
		idle:     opts.Idle,
		total:    opts.Total,
		retries:  opts.MaxRetries,
		limit:    newLimiter(opts.MaxConcurrent),
		scrub:    newScrubber(opts.APIKey),
		refused:  &refusals{},
		identity: "parley",

		memory:    opts.Memory,
		known:     &knowledge{},
		vision:    opts.Vision,
		audio:     opts.Audio,
		looking:   make(chan struct{}, 1),
		wake:      make(chan struct{}, 1),
		uncounted: make(chan uncounted, 1),
	}
	c.fixed.context, c.fixed.prices = opts.Context > 0, opts.InputPrice != nil || opts.OutputPrice != nil
	c.fixed.speech = opts.SpeechPrice != nil
	return c, nil
}

// Model is the configured model name.
func (c *Client) Model() string { return c.model }

// Close lets go of idle connections. Requests in flight are not touched.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Complete asks for a whole answer in one piece. Only the connect and the total timeout apply: nothing comes before the
// end. A failure is an [*Error].
func (c *Client) Complete(ctx context.Context, req Request) (Response, error) {
	messages, err := Shape(c.profile, req.Messages)
	if err != nil {
		return Response{}, err
	}
	var response Response
	fail := c.try(ctx, req.Purpose, c.refused.learn, func(ctx context.Context, dog *watchdog, seen *Observation) *Error {
		resp, fail := c.post(ctx, dog, messages, req, false)
		if fail != nil {
			return fail
		}
		defer resp.Body.Close()
		got, fail := c.readCompletion(resp.Body)
		if fail != nil {
			return fail
		}
		response = got
		response.RequestID = requestID(resp.Header, response.RequestID)
		if got.Usage != nil {
			seen.Usage = *got.Usage
		}
		return nil
	})
	if fail != nil {
		c.learnFailure(ctx, req, fail)
		return Response{}, fail
	}
	c.learnUsage(ctx, req, response.Usage)
	return response, nil
}

// try runs one operation under a watchdog, again while that makes sense, and reports each try. learn tells whether a failure named
// a field that is left out from now on.
func (c *Client) try(ctx context.Context, purpose string, learn func(*Error) bool, op func(context.Context, *watchdog, *Observation) *Error) *Error {
	redone := 0
	for attempt := 1; ; attempt++ {
		fail := c.once(ctx, purpose, attempt+redone, op)
		if fail == nil {
			return nil
		}
		if redone < len(fieldNames) && learn(fail) {
			c.known.change(func(f *facts) { f.Refused = c.refused.list() })
			c.log.InfoContext(ctx, "model server refuses a field, sending without it", "error", fail)
			redone++
			attempt--
			continue
		}
		if !fail.Temporary() || attempt > c.retries || ctx.Err() != nil {
			return fail
		}
		wait, sensible := retryWait(ctx, attempt, fail.RetryAfter)
		if !sensible {
			return fail
		}
		c.log.InfoContext(ctx, "model request failed, trying again", "purpose", purpose, "attempt", attempt, "wait", wait, "error", fail)
		if !sleep(ctx, wait) {
			return contextError(ctx)
		}
	}
}

func (c *Client) once(ctx context.Context, purpose string, attempt int, op func(context.Context, *watchdog, *Observation) *Error) (fail *Error) {
	epoch, err := c.limit.acquire(ctx)
	if err != nil {
		return errNoSlot(ctx)
	}
	kind := KindCancelled // unless op returns: a panic of the caller's loop passes through here
	defer func() { c.limit.release(epoch, kind) }()

	watched, dog, stop := newWatchdog(ctx, c.total)
	defer stop()
	seen := Observation{Model: c.model, Purpose: purpose, Attempt: attempt}
	begun := time.Now()
	fail = op(watched, dog, &seen)
	if fail != nil && (fail.Kind == KindUpstream || fail.Kind == KindTruncated) && fail.Status < 300 {
		if ended := contextError(watched); ended != nil { // what looked like a network error was our own hanging up
			ended.Partial, ended.RequestID = fail.Partial, fail.RequestID
			fail = ended
		}
	}
	seen.Total = time.Since(begun)
	seen.Outcome, kind = "ok", ""
	if fail != nil {
		seen.Outcome, kind = string(fail.Kind), fail.Kind
		fail.Message, fail.Code, fail.RequestID = c.scrub.clean(fail.Message), c.scrub.clean(fail.Code), c.scrub.clean(fail.RequestID)
	}
	c.observe(seen)
	return fail
}

// post sends a chat request. On success the body is open and the watchdog waits for the first token.
func (c *Client) post(ctx context.Context, dog *watchdog, messages []Message, req Request, stream bool) (*http.Response, *Error) {
	files := newBlobs()
	body, err := files.encode(c.wireRequest(messages, req, stream, files))
	if err != nil {
		return nil, &Error{Kind: KindRequest, Message: "encode request: " + err.Error(), Err: err}
	}
	return c.send(ctx, dog, http.MethodPost, "/chat/completions", body, stream)
}

// send performs one HTTP request; an answer other than 2xx becomes an error.
func (c *Client) send(ctx context.Context, dog *watchdog, method, path string, body *body, stream bool) (*http.Response, *Error) {
	connected := sync.OnceFunc(func() {
		if stream {
			dog.enter(PhaseFirstToken, c.first)
		} else {
			dog.rest()
		}
	})
	dog.enter(PhaseConnect, c.connect)
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected() }})
	target := *c.base
	target.Path += path
	req, err := http.NewRequestWithContext(ctx, method, target.String(), nil)
	if err != nil {
		return nil, &Error{Kind: KindRequest, Message: "build request", Err: withoutURL(err)}
	}
	req.Header.Set("User-Agent", c.identity)
	req.Header.Set("Accept", "application/json")
	if stream {
		req.Header.Set("Accept", "text/event-stream")
	}
	if body != nil {
		req.Body, req.ContentLength = body.reader(), body.length
		req.GetBody = func() (io.ReadCloser, error) { return body.reader(), nil }
		req.Header.Set("Content-Type", body.contentType)
	}
	if c.key != "" {
		req.Header.Set("Authorization", "Bearer "+c.key)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.transportError(err)
	}
	connected() // for a transport that does not trace
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		return resp, nil
	}
	defer resp.Body.Close()
	dog.enter(PhaseIdle, c.idle)
	return nil, c.statusError(resp)
}

// statusError reads what an answer other than 2xx says.
func (c *Client) statusError(resp *http.Response) *Error {
	if resp.StatusCode < 400 {
		where := ""
		if to, err := resp.Location(); err == nil {
			where = " to " + to.Scheme + "://" + to.Host + to.Path
		}
		return &Error{Kind: KindRequest, Status: resp.StatusCode, Message: "the server redirects" + where + ", which is not followed: set the base URL to the right address"}
	}
	raw, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody)) // what could be read still tells something
	fail := classify(resp.StatusCode, parseErrorBody(raw))
	fail.RequestID = requestID(resp.Header, "")
	fail.RetryAfter = retryAfter(resp.Header, time.Now())
	if fail.Message == "" {
		fail.Message = http.StatusText(resp.StatusCode)
	}
	if fail.Kind == KindModelNotFound && fail.Code == "" {
		fail.Message = fmt.Sprintf("the server does not know the model %q, or its base URL is wrong: %s", c.model, fail.Message)
	}
	return fail
}

// transportError is a request without an answer. Whether the caller or a watchdog ended it is looked at later.
func (c *Client) transportError(err error) *Error {
	err = withoutURL(err)
	fail := &Error{Kind: KindUpstream, Message: err.Error(), Err: err}
	var dns *net.DNSError
	op, isOp := errors.AsType[*net.OpError](err)
	if errors.As(err, &dns) || isOp && op.Op == "dial" {
		fail.Phase = PhaseConnect
		fail.Message = fmt.Sprintf("cannot reach %s: %v", c.base.Host, err)
	}
	return fail
}

// withoutURL drops the URL from an HTTP error: its query may hold a secret.
func withoutURL(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

// requestID is the provider's name of a request.
func requestID(header http.Header, otherwise string) string {
	for _, name := range []string{"x-request-id", "x-together-traceid", "cf-ray"} {
		if id := header.Get(name); id != "" {
			return id[:min(len(id), 128)]
		}
	}
	return otherwise[:min(len(otherwise), 128)]
}

// maxAnswer bounds the JSON of a whole answer and the text of a stream. The longest answer of a 131,072-token window is
// under a megabyte.
const maxAnswer = 8 << 20

// readCompletion reads a whole answer, or the error that came with a status of 200.
func (c *Client) readCompletion(body io.Reader) (Response, *Error) {
	raw, err := io.ReadAll(io.LimitReader(body, maxAnswer+1))
	if err != nil {
		return Response{}, &Error{Kind: KindUpstream, Status: http.StatusOK, Message: "the answer broke off: " + err.Error(), Err: err}
	}
	if len(raw) > maxAnswer {
		return Response{}, &Error{Kind: KindUpstream, Status: http.StatusOK, Message: "the answer is over 8 MiB"}
	}
	return parseCompletion(raw)
}

func parseCompletion(raw []byte) (Response, *Error) {
	var ch chunk
	if fail := ch.decode(bytes.TrimPrefix(raw, byteOrderMark)); fail != nil {
		return Response{}, fail
	}
	if len(ch.Choices) == 0 {
		return Response{}, &Error{Kind: KindUpstream, Status: http.StatusOK, Message: "the answer holds no choice"}
	}
	resp := Response{Text: ch.text(), Finish: FinishUnknown, Usage: ch.usage(), Model: rawString(ch.Model), RequestID: rawString(ch.ID)}
	if reason := ch.finish(); reason != "" {
		resp.Finish = finishOf(reason)
	}
	return resp, nil
}
