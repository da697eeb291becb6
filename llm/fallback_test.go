package llm_test

import (
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parley/llm"
)

const secondKey = "second-key-4711"

const spoken = "data: {\"choices\":[{\"delta\":{\"content\":\"hello\"}}]}\n\ndata: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":1}}\n\ndata: [DONE]\n\n"

// endpoint is a server that fails while told to, and counts its requests.
type endpoint struct {
	fails atomic.Bool
	asked atomic.Int64
	keys  atomic.Value
}

func (e *endpoint) start(t *testing.T) string {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		e.asked.Add(1)
		e.keys.Store(r.Header.Get("Authorization"))
		if e.fails.Load() {
			reply(503, "application/json", `{"error":"overloaded"}`)(w, r)
			return
		}
		reply(200, "text/event-stream", spoken)(w, r)
	})
}

func pair(t *testing.T, rest time.Duration) (first, second *endpoint, both *llm.Fallback) {
	t.Helper()
	first, second = &endpoint{}, &endpoint{}
	a := newClient(t, first.start(t), func(o *llm.Options) { o.MaxRetries = -1 })
	b := newClient(t, second.start(t), func(o *llm.Options) {
		o.MaxRetries, o.APIKey, o.Model, o.Context = -1, secondKey, "gemma3:1b", 4096
	})
	both, err := llm.NewFallback(llm.FallbackOptions{First: a, Second: b, Failures: 2, Rest: rest})
	if err != nil {
		t.Fatal(err)
	}
	return first, second, both
}

func answeredBy(both *llm.Fallback, t *testing.T, req llm.Request) (text string, served *llm.Served, err error) {
	for delta, fail := range both.Stream(t.Context(), req) {
		if fail != nil {
			return text, nil, fail
		}
		text += delta.Text
		served = delta.Served
	}
	return text, served, nil
}

func TestSecondModelAnswersWhileTheFirstFails(t *testing.T) {
	t.Parallel()
	first, second, both := pair(t, time.Hour)
	if text, served, err := answeredBy(both, t, ask("Hi")); text != "hello" || served != nil || err != nil || second.asked.Load() != 0 {
		t.Fatalf("got %q by %v, %v", text, served, err)
	}
	first.fails.Store(true)
	for range 5 {
		text, served, err := answeredBy(both, t, ask("Hi"))
		if text != "hello" || err != nil || served == nil || served.Model != "gemma3:1b" || served.Profile.Context != 4096 {
			t.Fatalf("got %q by %+v, %v", text, served, err)
		}
	}
	if n := first.asked.Load(); n != 3 { // one that worked, two failures, and then it is left alone
		t.Errorf("the first was asked %d times", n)
	}
	if both.ProfileIn("").Context != 4096 {
		t.Error("prompts are still made for the first model")
	}
	if key := first.keys.Load(); key != "Bearer "+testKey {
		t.Errorf("the first got %v", key)
	}
	if key := second.keys.Load(); key != "Bearer "+secondKey {
		t.Errorf("the second got %v", key)
	}
}

func TestFirstModelComesBack(t *testing.T) {
	t.Parallel()
	first, _, both := pair(t, time.Nanosecond)
	first.fails.Store(true)
	for range 3 {
		if _, served, err := answeredBy(both, t, ask("Hi")); served == nil || err != nil {
			t.Fatalf("by %v, %v", served, err)
		}
	}
	first.fails.Store(false)
	if _, served, err := answeredBy(both, t, ask("Hi")); served != nil || err != nil {
		t.Fatalf("by %v, %v", served, err)
	}
	if both.ProfileIn("").Context != 32768 {
		t.Error("the first is not taken for well again")
	}
}

func TestRefusalsAreNoReasonForTheFallback(t *testing.T) {
	t.Parallel()
	second := &endpoint{}
	a := newClient(t, serve(t, reply(400, "application/json", `{"error":{"message":"bad request"}}`)), nil)
	b := newClient(t, second.start(t), nil)
	both, err := llm.NewFallback(llm.FallbackOptions{First: a, Second: b})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := answeredBy(both, t, ask("Hi")); llm.KindOf(err) != llm.KindRequest || second.asked.Load() != 0 {
		t.Errorf("got %v, the second was asked %d times", err, second.asked.Load())
	}
}

func TestPromptThatDoesNotFitTheFallbackIsToldSo(t *testing.T) {
	t.Parallel()
	first, second, both := pair(t, time.Hour)
	first.fails.Store(true)
	_, _, err := answeredBy(both, t, ask(strings.Repeat("some words of a talk ", 2000)))
	var fail *llm.Error
	if !errors.As(err, &fail) || fail.Kind != llm.KindContextOverflow || fail.Limit != 4096 || second.asked.Load() != 0 {
		t.Errorf("got %+v", fail)
	}
}

func TestHalfAnAnswerIsNotBegunAnew(t *testing.T) {
	t.Parallel()
	second := &endpoint{}
	a := newClient(t, serve(t, reply(200, "text/event-stream", "data: {\"choices\":[{\"delta\":{\"content\":\"Half\"}}]}\n\n")), nil)
	b := newClient(t, second.start(t), nil)
	both, err := llm.NewFallback(llm.FallbackOptions{First: a, Second: b})
	if err != nil {
		t.Fatal(err)
	}
	if text, _, err := answeredBy(both, t, ask("Hi")); text != "Half" || llm.KindOf(err) != llm.KindTruncated || second.asked.Load() != 0 {
		t.Errorf("got %q, %v", text, err)
	}
}
