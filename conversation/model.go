package conversation

import (
	"context"
	"errors"
	"iter"
	"time"

	"parley/llm"
)

// Model is the language model. *llm.Client is one.
type Model interface {
	// Stream yields deltas; an error is the last thing it yields. Leaving the loop or cancelling ctx ends the
	// request at the server.
	Stream(ctx context.Context, r llm.Request) iter.Seq2[llm.Delta, error]
	// ProfileIn gives the model's window, prices and token estimate, as far as they are known by now; conversations in
	// different languages have estimates of their own.
	ProfileIn(conversation string) llm.Profile
}

// Pricer is an optional capability of a Model that may send a request to one server or another: it tells what the request
// uses at most at the dearest of them, as AtMost does for one.
type Pricer interface {
	AtMost(r llm.Request) (tokens int, usd float64)
}

// modelFailure turns the client's typed error into what a person reads. Whoever runs Parley finds the cause in the
// log and in `parley doctor`; the person learns whether trying again helps.
func modelFailure(err error) *Failure {
	var e *llm.Error
	if !errors.As(err, &e) {
		return FailureOf(err)
	}
	f := &Failure{Err: err, Code: CodeModelUnavailable, Retry: true,
		Safe: "The language model cannot be reached right now, so I could not answer. Please try again in a few minutes."}
	switch e.Kind {
	case llm.KindAuth:
		f.Code, f.Retry = CodeModelAuth, false
		f.Safe = "The model server does not accept my key, so I cannot answer. Please tell whoever runs me to check LLM_API_KEY."
	case llm.KindQuota:
		f.Code, f.Retry = CodeModelQuota, false
		f.Safe = "The account at the model server is out of credit, so I cannot answer. Please tell whoever runs me."
	case llm.KindModelNotFound:
		f.Code, f.Retry = CodeModelNotFound, false
		f.Safe = "The model server does not have the model that I am set up to use. Please tell whoever runs me to check LLM_MODEL."
	case llm.KindRateLimited, llm.KindOverloaded:
		f.Code = CodeModelBusy
		f.Safe = "The model server is too busy right now, so I could not answer. Please try again in a minute."
		if e.RetryAfter > time.Minute {
			f.Safe = "The model server has too many requests and asked me to wait. Please try again in a few minutes."
		}
	case llm.KindContextOverflow:
		f.Code, f.Retry = CodeContextOverflow, false
		f.Safe = "This is more text than my model can read at once. Please ask about a shorter part."
	case llm.KindModality, llm.KindRequest, llm.KindBadTemplate:
		f.Code, f.Retry = CodeModelRejected, false
		f.Safe = "The model server refused this request. Whoever runs me can see the cause in the log."
	case llm.KindTimeout:
		f.Code = CodeTimeout
		f.Safe = "The model took too long to answer. Please try again, perhaps with a shorter question."
	case llm.KindTruncated:
		f.Code = CodeTruncated
		f.Safe = "The connection to the model broke off in the middle of my answer. Please ask again for the rest."
	case llm.KindUpstream, llm.KindCancelled:
	}
	return f
}
