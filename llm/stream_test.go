package llm_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"parley/llm"
)

// data makes one event of each line.
func data(lines ...string) string {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString("data: " + line + "\n\n")
	}
	return b.String()
}

const (
	hel     = `{"id":"c1","model":"served","choices":[{"index":0,"delta":{"role":"assistant","content":"Hel"},"finish_reason":null}]}`
	lo      = `{"id":"c1","model":"served","choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":null}]}`
	stop    = `{"id":"c1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`
	counted = `"usage":{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9}`
)

func TestStreamForms(t *testing.T) {
	t.Parallel()
	const events = "text/event-stream"
	for _, tc := range []struct {
		rule, contentType, body string
		finish                  llm.Finish
		usage                   *llm.Usage
	}{
		{"OpenAI", events, data(hel, lo, stop, "[DONE]"), llm.FinishStop, nil},
		{"Together: usage on the finish chunk, eos, text beside delta, seed beyond int64, usage null before", "text/event-stream;charset=utf-8", data(
			`{"id":"c1","choices":[{"index":0,"text":"Hel","delta":{"token_id":5,"role":"assistant","content":"Hel"},"seed":15924764223251450000,"logprobs":null,"finish_reason":null}],"usage":null}`,
			`{"id":"c1","choices":[{"index":0,"text":"lo","delta":{"token_id":6,"role":"assistant","content":"lo"},"seed":15924764223251450000,"finish_reason":null}],"usage":null}`,
			`{"id":"c1","choices":[{"index":0,"text":"","delta":{"content":""},"seed":15924764223251450000,"finish_reason":"eos"}],"usage":{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9,"cached_tokens":4}}`,
			"[DONE]"), llm.FinishStop, &llm.Usage{Input: 7, Cached: 4, Output: 2}},
		{"vLLM: usage apart with empty choices", events, data(hel, lo, stop, `{"choices":[],`+counted+`}`, "[DONE]"), llm.FinishStop, &llm.Usage{Input: 7, Output: 2}},
		{"llama.cpp: timings, details of cached tokens", events, data(hel, lo, stop,
			`{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":3}},"timings":{"predicted_ms":1.5}}`, "[DONE]"),
			llm.FinishStop, &llm.Usage{Input: 7, Cached: 3, Output: 2}},
		{"Ollama: finish chunk repeated with empty choices", events, data(hel, lo, stop, stop, `{"choices":[],`+counted+`}`, "[DONE]"), llm.FinishStop, &llm.Usage{Input: 7, Output: 2}},
		{"TGI: usage chunk with an empty id", events, data(hel, lo, stop, `{"id":"","choices":[],`+counted+`}`, "[DONE]"), llm.FinishStop, &llm.Usage{Input: 7, Output: 2}},
		{"empty choices first, as Azure's filter results", events, data(`{"choices":[],"prompt_filter_results":[]}`, hel, lo, stop, "[DONE]"), llm.FinishStop, nil},
		{"choices null", events, data(`{"choices":null}`, hel, lo, stop, "[DONE]"), llm.FinishStop, nil},
		{"content null on the first and the last chunk", events, data(`{"choices":[{"delta":{"role":"assistant","content":null}}]}`, hel, lo, `{"choices":[{"delta":{"content":null},"finish_reason":"stop"}]}`), llm.FinishStop, nil},
		{"delta null", events, data(hel, lo, `{"choices":[{"delta":null,"finish_reason":"stop"}]}`), llm.FinishStop, nil},
		{"error null is no error", events, data(strings.Replace(hel, `"id"`, `"error":null,"id"`, 1), lo, stop, "[DONE]"), llm.FinishStop, nil},
		{"error empty is no error", events, data(strings.Replace(hel, `"id"`, `"error":"","id"`, 1), lo, stop), llm.FinishStop, nil},
		{"[DONE] is optional", events, data(hel, lo, stop), llm.FinishStop, nil},
		{"a finish reason is optional with [DONE]", events, data(hel, lo, "[DONE]"), llm.FinishUnknown, nil},
		{"the last blank line may be missing", events, strings.TrimRight(data(hel, lo, stop), "\n"), llm.FinishStop, nil},
		{"CRLF", events, strings.ReplaceAll(data(hel, lo, stop, "[DONE]"), "\n", "\r\n"), llm.FinishStop, nil},
		{"CR", events, strings.ReplaceAll(data(hel, lo, stop, "[DONE]"), "\n", "\r"), llm.FinishStop, nil},
		{"byte order mark", events, "\xef\xbb\xbf" + data(hel, lo, stop, "[DONE]"), llm.FinishStop, nil},
		{"comments between chunks", events, ": OPENROUTER PROCESSING\n\n" + data(hel) + ": keep-alive\n\n" + data(lo, stop, "[DONE]"), llm.FinishStop, nil},
		{"pings of another type", events, data(`{"type":"ping"}`, hel, lo, stop, "[DONE]"), llm.FinishStop, nil},
		{"the finish chunk carries the last text", events, data(hel, `{"choices":[{"delta":{"content":"lo"},"finish_reason":"stop"}]}`), llm.FinishStop, nil},
		{"length", events, data(hel, lo, strings.Replace(stop, "stop", "length", 1), "[DONE]"), llm.FinishLength, nil},
		{"content filter", events, data(hel, lo, strings.Replace(stop, "stop", "content_filter", 1), "[DONE]"), llm.FinishFilter, nil},
		{"another reason", events, data(hel, lo, strings.Replace(stop, "stop", "tool_calls", 1), "[DONE]"), llm.FinishUnknown, nil},
		{"content as a list of parts", events, data(`{"choices":[{"delta":{"content":[{"type":"text","text":"Hel"}]}}]}`, lo, stop), llm.FinishStop, nil},
		{"a field of an odd type is passed over", events, data(`{"usage":"none","choices":[{"delta":{"content":"Hel"}}]}`, lo, stop), llm.FinishStop, nil},
		{"escapes in content", events, data(`{"choices":[{"delta":{"content":"\u0048e\u006c"}}]}`, lo, stop), llm.FinishStop, nil},
		{"usage of zeros is none", events, data(hel, lo, `{"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":0,"completion_tokens":0}}`), llm.FinishStop, nil},
		{"JSON completion on a stream request", "application/json", `{"id":"c1","model":"served","choices":[{"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],` + counted + `}`, llm.FinishStop, &llm.Usage{Input: 7, Output: 2}},
		{"JSON completion without a type", "", "\n " + `{"choices":[{"message":{"content":"Hello"},"finish_reason":"length"}]}`, llm.FinishLength, nil},
		{"JSON completion of the wrong type", "text/plain", `{"choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}]}`, llm.FinishStop, nil},
		{"events of the wrong type", "application/json", data(hel, lo, stop, "[DONE]"), llm.FinishStop, nil},
		{"events of a plain type with a byte order mark", "text/plain", "\xef\xbb\xbf" + data(hel, lo, stop), llm.FinishStop, nil},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			t.Parallel()
			base := serve(t, reply(http.StatusOK, tc.contentType, tc.body))
			got := collect(t, newClient(t, base, nil), t.Context(), ask("Hi"))
			if got.err != nil {
				t.Fatal(got.err)
			}
			if got.text != "Hello" || got.last.Finish != tc.finish || got.last.Text != "" {
				t.Errorf("text %q, last %+v", got.text, got.last)
			}
			if (got.last.Usage == nil) != (tc.usage == nil) || tc.usage != nil && *got.last.Usage != *tc.usage {
				t.Errorf("usage %+v, want %+v", got.last.Usage, tc.usage)
			}
		})
	}
}

func TestStreamFailures(t *testing.T) {
	t.Parallel()
	const events = "text/event-stream"
	for _, tc := range []struct {
		rule, contentType, body string
		kind                    llm.Kind
		partial, message        string
	}{
		{"cut after content", events, data(hel, lo), llm.KindTruncated, "Hello", "finish reason"},
		{"cut within a chunk", events, data(hel) + `data: {"choices":[{"del`, llm.KindTruncated, "Hel", ""},
		{"empty body", events, "", llm.KindTruncated, "", ""},
		{"only comments", events, ": ping\n\n: ping\n\n", llm.KindTruncated, "", ""},
		{"event: error, as LM Studio", events, data(hel) + "event: error\ndata: {\"error\":{\"message\":\"The number of tokens to keep from the initial prompt is greater than the context length.\"}}\n\n", llm.KindContextOverflow, "Hel", "tokens to keep"},
		{"event: error with plain text", events, "event: error\ndata: out of luck\n\n", llm.KindUpstream, "", "out of luck"},
		{"error line, as old llama.cpp", events, data(hel) + "error: {\"code\":500,\"message\":\"slot failed\",\"type\":\"server_error\"}\n\n", llm.KindUpstream, "Hel", "slot failed"},
		{"error object in a chunk", events, data(hel, `{"error":{"message":"slot failed","code":500}}`), llm.KindUpstream, "Hel", "slot failed"},
		{"error text in a chunk", events, data(hel, `{"error":"slot failed"}`), llm.KindUpstream, "Hel", "slot failed"},
		{"flat error in a chunk, as old vLLM", events, data(hel, `{"object":"error","message":"slot failed","type":"InternalServerError","code":500}`), llm.KindUpstream, "Hel", "slot failed"},
		{"overflow inside the stream, as llama.cpp", events, data(`{"error":{"code":400,"message":"request (9000 tokens) exceeds the available context size (8192 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":9000,"n_ctx":8192}}`), llm.KindContextOverflow, "", ""},
		{"string code 429 in a chunk", events, data(`{"error":{"message":"slow down","code":"429"}}`), llm.KindRateLimited, "", "slow down"},
		{"int code 401 in a chunk", events, data(`{"error":{"message":"no","code":401}}`), llm.KindAuth, "", "no"},
		{"overloaded in a chunk", events, data(`{"error":{"message":"overloaded","type":"overloaded_error"}}`), llm.KindOverloaded, "", "overloaded"},
		{"JSON error with status 200", "application/json", `{"error":{"message":"The model is broken","type":"server_error"}}`, llm.KindUpstream, "", "broken"},
		{"JSON list with an error and status 200", "application/json", `[{"error":{"code":400,"message":"The input token count (40000) exceeds the maximum number of tokens allowed (32768).","status":"INVALID_ARGUMENT"}}]`, llm.KindContextOverflow, "", ""},
		{"JSON without a choice", "application/json", `{"id":"c1","choices":[]}`, llm.KindUpstream, "", "no choice"},
		{"broken JSON", "application/json", `{"choices":[`, llm.KindUpstream, "", ""},
		{"HTML with status 200", "text/html", "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in</body></html>", llm.KindUpstream, "", "Sign in"},
		{"HTML pretending to be events", events, "<html><body>Please sign in</body></html>", llm.KindTruncated, "", ""},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			t.Parallel()
			base := serve(t, reply(http.StatusOK, tc.contentType, tc.body))
			got := collect(t, newClient(t, base, nil), t.Context(), ask("Hi"))
			if got.err == nil {
				t.Fatalf("no error; text %q, last %+v", got.text, got.last)
			}
			if got.err.Kind != tc.kind || got.err.Partial != tc.partial || got.text != tc.partial {
				t.Errorf("got %+v after %q", got.err, got.text)
			}
			if !strings.Contains(got.err.Message, tc.message) {
				t.Errorf("message %q does not tell %q", got.err.Message, tc.message)
			}
		})
	}
}

func TestStreamThatBreaksAfterItsFinishIsComplete(t *testing.T) {
	t.Parallel()
	base := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = fmt.Fprint(w, data(hel, lo, stop))
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	got := collect(t, newClient(t, base, nil), t.Context(), ask("Hi"))
	if got.err != nil || got.text != "Hello" || got.last.Finish != llm.FinishStop {
		t.Fatalf("got %+v", got)
	}
}

func TestStreamNamesModelAndRequest(t *testing.T) {
	t.Parallel()
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", "req-1")
		reply(http.StatusOK, "text/event-stream", data(hel, stop))(w, r)
	})
	if got := collect(t, newClient(t, base, nil), t.Context(), ask("Hi")); got.last.Model != "served" || got.last.RequestID != "req-1" {
		t.Fatalf("last %+v", got.last)
	}
	base = serve(t, reply(http.StatusOK, "text/event-stream", data(hel, stop)))
	if got := collect(t, newClient(t, base, nil), t.Context(), ask("Hi")); got.last.RequestID != "c1" {
		t.Fatalf("last %+v", got.last)
	}
}

func TestLeavingTheLoopEndsTheRequest(t *testing.T) {
	t.Parallel()
	gone := make(chan struct{})
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		defer close(gone)
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = fmt.Fprint(w, data(hel))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	var seen observations
	c := newClient(t, base, func(o *llm.Options) { o.Observe = seen.add })
	for range c.Stream(t.Context(), ask("Hi")) {
		break
	}
	<-gone
	if seen.outcomes() != "cancelled" {
		t.Errorf("observed %q", seen.outcomes())
	}
}

func TestCancelEndsTheStreamAtOnce(t *testing.T) {
	t.Parallel()
	gone := make(chan struct{})
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		defer close(gone)
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = fmt.Fprint(w, data(hel))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var fail *llm.Error
	for delta, err := range newClient(t, base, nil).Stream(ctx, ask("Hi")) {
		if err != nil {
			errors.As(err, &fail)
			continue
		}
		if delta.Text == "Hel" {
			cancel()
		}
	}
	<-gone
	if fail == nil || fail.Kind != llm.KindCancelled || fail.Partial != "Hel" || !errors.Is(fail, context.Canceled) {
		t.Fatalf("got %+v", fail)
	}
}

func TestCompleteReadsAWholeAnswer(t *testing.T) {
	t.Parallel()
	base := serve(t, reply(http.StatusOK, "application/json", `{"id":"c1","model":"served","prompt":[],"choices":[{"index":0,"message":{"role":"assistant","content":"Hello","tool_calls":[]},"finish_reason":"eos","seed":15924764223251450000}],`+counted+`,"warnings":[{"message":"x"}]}`))
	got, err := newClient(t, base, nil).Complete(t.Context(), ask("Hi"))
	want := llm.Response{Text: "Hello", Finish: llm.FinishStop, Model: "served", RequestID: "c1"}
	if err != nil || got.Usage == nil || *got.Usage != (llm.Usage{Input: 7, Output: 2}) {
		t.Fatalf("got %+v, %v", got, err)
	}
	if got.Usage = nil; got != want {
		t.Fatalf("got %+v", got)
	}
}

func TestOrdinaryChunksAreScanned(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{hel, lo, stop, strings.Replace(hel, `"id"`, `"usage":null,"error":null,"x":[{"a":"]}"},1,true],"id"`, 1)} {
		if scanned, fast, slow := llm.DecodeBothWays([]byte(raw)); !scanned || fast != slow || fast == "" {
			t.Errorf("%s: scanned %v, %s, %s", raw, scanned, fast, slow)
		}
	}
}

func TestExtraordinaryChunksAreDecoded(t *testing.T) {
	t.Parallel()
	for rule, raw := range map[string]string{
		"a name twice":    `{"choices":[],"choices":[{"delta":{"content":"Hel"}}]}`,
		"choices twice":   `{"choices":[{"delta":{"content":"x"}}],"choices":[{"delta":{"content":"Hel"}}]}`,
		"capital letters": `{"Choices":[{"delta":{"content":"Hel"}}]}`,
		"an escaped name": `{"\u0063hoices":[{"delta":{"content":"Hel"}}]}`,
		"two choices":     `{"choices":[{"delta":{"content":"Hel"}},{"delta":{"content":"x"}}]}`,
		"usage":           `{"choices":[{"delta":{"content":"Hel"}}],"usage":{"prompt_tokens":1}}`,
		"choices no list": `{"choices":{"a":1},"choices":[{"delta":{"content":"Hel"}}]}`,
	} {
		if scanned, fast, slow := llm.DecodeBothWays([]byte(raw)); scanned && fast != slow {
			t.Errorf("%s: scanned %s, decoded %s", rule, fast, slow)
		}
		if text, _, fail := llm.DecodeChunk([]byte(raw)); fail != nil || text != "Hel" {
			t.Errorf("%s: %q, %v", rule, text, fail)
		}
	}
}

func FuzzChunk(f *testing.F) {
	for _, seed := range []string{hel, lo, stop, `{"error":"x"}`, `{"choices":[{"delta":{"content":"\ud83d"}}]}`, `[]`, `1`, `"x"`, `null`, ``} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		text, _, fail := llm.DecodeChunk(raw)
		if fail != nil && (text != "" || fail.Kind == "") {
			t.Fatalf("text %q beside %+v", text, fail)
		}
		if scanned, fast, slow := llm.DecodeBothWays(raw); scanned && fast != slow {
			t.Fatalf("scanned %s, decoded %s", fast, slow)
		}
	})
}
