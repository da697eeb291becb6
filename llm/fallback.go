package llm

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"sync"
	"time"
)

// FallbackOptions configure a [Fallback]. First and Second are required.
type FallbackOptions struct {
	First, Second *Client
	Failures      int           // failures of First in a row after which it is left alone; 0 is 3
	Rest          time.Duration // for how long, before one request tries it again; 0 is 30 s
	Logger        *slog.Logger  // nil: no logs
}

// Fallback is two models of which the second answers while the first cannot: a request that the first fails before its first
// token goes to the second at once, and after some failures in a row the first is not asked for a while. Each
// client keeps its own key and sends it to its own host. It is safe for concurrent use.
type Fallback struct {
	first, second *Client
	breaker       breaker
	log           *slog.Logger
}

// NewFallback checks the options.
func NewFallback(o FallbackOptions) (*Fallback, error) {
	if o.First == nil || o.Second == nil {
		return nil, errors.New("set up fallback model: it takes two clients")
	}
	if o.Failures <= 0 {
		o.Failures = 3
	}
	if o.Rest <= 0 {
		o.Rest = 30 * time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Fallback{first: o.First, second: o.Second, breaker: breaker{most: o.Failures, rest: o.Rest}, log: o.Logger}, nil
}

// Served tells of an answer that another model than the first gave.
type Served struct {
	Model   string  // as configured
	Profile Profile // with its prices
}

// ProfileIn is the profile of the model that the next request goes to.
func (f *Fallback) ProfileIn(conversation string) Profile {
	if f.breaker.closed() {
		return f.first.ProfileIn(conversation)
	}
	return f.second.ProfileIn(conversation)
}

// Stream asks as [Client.Stream] does. The last delta of an answer by the second model carries Served.
func (f *Fallback) Stream(ctx context.Context, req Request) iter.Seq2[Delta, error] {
	return func(yield func(Delta, error) bool) {
		if f.breaker.allow(time.Now()) {
			fail, begun := f.ask(ctx, req, yield)
			if fail == nil || begun {
				return
			}
			if ctx.Err() != nil || !isDown(fail) {
				yield(Delta{}, fail)
				return
			}
			f.log.WarnContext(ctx, "the model server fails, asking the fallback", "model", f.second.Model(), "error", fail)
		}
		f.askSecond(ctx, req, yield)
	}
}

// ask asks the first model. begun says that something, or the end, was handed on: then nothing else may follow.
func (f *Fallback) ask(ctx context.Context, req Request, yield func(Delta, error) bool) (fail error, begun bool) {
	verdict := undecided
	defer func() { f.breaker.report(verdict, time.Now()) }() // also when the caller's loop panics
	for delta, err := range f.first.Stream(ctx, req) {
		if err != nil {
			switch {
			case isDown(err):
				verdict = failed
			case KindOf(err) != KindCancelled:
				verdict = worked // it answers, if only with a refusal
			}
			if begun {
				yield(Delta{}, err)
			}
			return err, begun
		}
		begun, verdict = true, worked
		if !yield(delta, nil) {
			return nil, true
		}
	}
	return nil, begun
}

func (f *Fallback) askSecond(ctx context.Context, req Request, yield func(Delta, error) bool) {
	profile := f.second.ProfileIn(req.Conversation)
	if tokens := profile.BoundRequest(req); tokens+req.MaxOutput > profile.Context {
		yield(Delta{}, &Error{Kind: KindContextOverflow, Used: tokens, Limit: profile.Context,
			Message: "the prompt was made for the first model and does not fit the fallback's window"})
		return
	}
	pictures, recordings := countFiles(req)
	if can := f.second.abilities(); pictures > 0 && can.Sees.Ability == No || recordings > 0 && can.Hears.Ability == No {
		yield(Delta{}, &Error{Kind: KindModality, Message: "the fallback does not take the files that were meant for the first model"})
		return
	}
	for delta, err := range f.second.Stream(ctx, req) {
		if err == nil && delta.Finish != "" {
			delta.Served = &Served{Model: f.second.Model(), Profile: f.second.ProfileIn(req.Conversation)}
		}
		if !yield(delta, err) {
			return
		}
	}
}

// Transcribe asks as [Client.Transcribe] does, the second model where the first cannot.
func (f *Fallback) Transcribe(ctx context.Context, req TranscribeRequest) (Transcript, error) {
	if f.breaker.allow(time.Now()) {
		transcript, err := f.first.Transcribe(ctx, req)
		verdict := undecided
		switch kind := KindOf(err); {
		case err == nil:
			verdict = worked
		case isDown(err) && kind != KindModelNotFound: // a server without speech to text may well chat
			verdict = failed
		}
		f.breaker.report(verdict, time.Now())
		if err == nil || ctx.Err() != nil || !isDown(err) {
			return transcript, err
		}
		f.log.WarnContext(ctx, "the speech server fails, asking the fallback", "model", f.second.Model(), "error", err)
	}
	return f.second.Transcribe(ctx, req)
}

// isDown tells failures that another server would not have.
func isDown(err error) bool {
	switch KindOf(err) {
	case KindAuth, KindQuota, KindRateLimited, KindOverloaded, KindModelNotFound, KindTimeout, KindUpstream, KindTruncated:
		return true
	}
	return false
}

// verdict is how a request of the first model ended.
type verdict int

const (
	undecided verdict = iota // cancelled by the caller
	worked
	failed
)

// breaker leaves a server alone after some failures in a row, then lets one request try it.
type breaker struct {
	most int
	rest time.Duration

	mu     sync.Mutex
	failed int
	until  time.Time // zero while closed
	trying bool
}

// closed tells whether the next request goes to the server as usual.
func (b *breaker) closed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.until.IsZero()
}

// allow tells whether a request may be made; report must follow it.
func (b *breaker) allow(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.until.IsZero():
		return true
	case b.trying || now.Before(b.until):
		return false
	}
	b.trying = true
	return true
}

func (b *breaker) report(v verdict, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trying = false
	switch v {
	case worked:
		b.failed, b.until = 0, time.Time{}
	case failed:
		if b.failed++; b.failed >= b.most {
			b.until = now.Add(b.rest)
		}
	}
}
