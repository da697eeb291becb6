package llm_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/llm"
)

// attempts runs one stream against scripted answers inside a bubble and gives the gaps between the requests.
func attempts(t *testing.T, ctx context.Context, retries int, steps ...func(*http.Request) (*http.Response, error)) (collected, []time.Duration, string) {
	t.Helper()
	script := &scripted{steps: steps}
	var seen observations
	c := newClient(t, "https://model.example/v1", func(o *llm.Options) {
		o.HTTPClient = &http.Client{Transport: script}
		o.MaxRetries = retries
		o.Observe = seen.add
	})
	got := collect(t, c, ctx, ask("Hi"))
	var gaps []time.Duration
	for i := 1; i < len(script.at); i++ {
		gaps = append(gaps, script.at[i].Sub(script.at[i-1]))
	}
	return got, gaps, seen.outcomes()
}

func fail(status int, header map[string]string) func(*http.Request) (*http.Response, error) {
	h := http.Header{}
	for name, value := range header {
		h.Set(name, value)
	}
	return answer(status, h, strings.NewReader(`{"error":{"message":"no"}}`))
}

func good() func(*http.Request) (*http.Response, error) {
	return answer(http.StatusOK, sse, strings.NewReader(okStream))
}

func broken(err error) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

func TestRetryWaitsAsAsked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		got, gaps, outcomes := attempts(t, t.Context(), 0, fail(429, map[string]string{"Retry-After": "3"}), fail(503, map[string]string{"X-Ratelimit-Reset": "1.5s"}), good())
		if got.err != nil || got.text != "Hello" {
			t.Fatalf("got %+v", got)
		}
		if len(gaps) != 2 || gaps[0] != 3*time.Second || gaps[1] != 1500*time.Millisecond {
			t.Errorf("gaps %v", gaps)
		}
		if outcomes != "rate_limited overloaded ok" {
			t.Errorf("observed %q", outcomes)
		}
	})
}

func TestRetryBacksOffWithJitter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		distinct := map[time.Duration]bool{}
		for range 20 {
			got, gaps, _ := attempts(t, t.Context(), 3, fail(500, nil), broken(&net.OpError{Op: "dial", Err: errors.New("refused")}), fail(502, nil), good())
			if got.err != nil || len(gaps) != 3 {
				t.Fatalf("got %+v after %v", got.err, gaps)
			}
			for i, most := range []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second} {
				if gaps[i] <= 0 || gaps[i] > most+time.Millisecond {
					t.Errorf("wait %d is %v", i, gaps[i])
				}
			}
			distinct[gaps[0]] = true
		}
		if len(distinct) < 10 {
			t.Errorf("%d different waits in 20", len(distinct))
		}
	})
}

func TestRetryIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for retries, want := range map[int]int{-1: 1, 0: 3, 1: 2} { // 0 is the default of two
			got, gaps, _ := attempts(t, t.Context(), retries, fail(503, nil), fail(503, nil), fail(503, nil), good())
			if got.err == nil || got.err.Kind != llm.KindOverloaded || len(gaps) != want-1 {
				t.Errorf("MaxRetries %d: %v after %d gaps", retries, got.err, len(gaps))
			}
		}
	})
}

func TestNotRetried(t *testing.T) {
	t.Parallel()
	for rule, step := range map[string]func(*http.Request) (*http.Response, error){
		"a bad key":                          fail(401, nil),
		"no credit":                          fail(402, nil),
		"no model":                           fail(404, nil),
		"a bad request":                      fail(400, nil),
		"a refused template":                 answer(500, nil, strings.NewReader(`{"error":{"message":"Conversation roles must alternate"}}`)),
		"a wait of over 30 s":                fail(429, map[string]string{"Retry-After": "31"}),
		"a stream cut after a token":         answer(200, sse, strings.NewReader(data(hel))),
		"a stream that breaks after a token": answer(200, sse, io.MultiReader(strings.NewReader(data(hel)), errReader{})),
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				got, gaps, _ := attempts(t, t.Context(), 5, step, good())
				if got.err == nil || len(gaps) != 0 {
					t.Fatalf("got %+v after %d more requests", got, len(gaps))
				}
			})
		})
	}
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestRetriedWithoutAToken(t *testing.T) {
	t.Parallel()
	for rule, step := range map[string]func(*http.Request) (*http.Response, error){
		"a reset connection":             broken(io.ErrUnexpectedEOF),
		"a stream that ends at once":     answer(200, sse, strings.NewReader("")),
		"a stream that breaks at once":   answer(200, sse, errReader{}),
		"a stream with a role only":      answer(200, sse, strings.NewReader(data(`{"choices":[{"delta":{"role":"assistant","content":""}}]}`))),
		"an error event":                 answer(200, sse, strings.NewReader("event: error\ndata: {\"error\":{\"message\":\"slot\"}}\n\n")),
		"a page of a proxy, status 200":  answer(200, http.Header{"Content-Type": {"text/html"}}, strings.NewReader("<html>sorry</html>")),
		"a page of a proxy, status 502":  answer(502, http.Header{"Content-Type": {"text/html"}}, strings.NewReader("<html>sorry</html>")),
		"a name that does not resolve":   broken(&net.DNSError{Err: "no such host", Name: "model.example"}),
		"an overloaded server, with 429": answer(429, nil, strings.NewReader(`{"error":"Model is overloaded"}`)),
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				got, gaps, _ := attempts(t, t.Context(), 0, step, good())
				if got.err != nil || got.text != "Hello" || len(gaps) != 1 {
					t.Fatalf("got %+v after %d more requests", got, len(gaps))
				}
			})
		})
	}
}

func TestRetryEndsWithTheCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		begun := time.Now()
		got, _, _ := attempts(t, ctx, 0, fail(429, map[string]string{"Retry-After": "3"}), good())
		if got.err == nil || got.err.Kind != llm.KindRateLimited || got.err.RetryAfter != 3*time.Second || time.Since(begun) != 0 {
			t.Errorf("a wait that the caller cannot live to see: %v after %v", got.err, time.Since(begun))
		}
		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		begun = time.Now()
		got, _, _ = attempts(t, ctx, 0, fail(429, map[string]string{"Retry-After": "3"}), good())
		if got.err == nil || got.err.Kind != llm.KindCancelled || time.Since(begun) != time.Second {
			t.Errorf("a cancelled wait: %v after %v", got.err, time.Since(begun))
		}
	})
}

func TestRefusedFieldIsDroppedAndRemembered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var bodies []string
		record := func(step func(*http.Request) (*http.Response, error)) func(*http.Request) (*http.Response, error) {
			return func(req *http.Request) (*http.Response, error) {
				raw, err := io.ReadAll(req.Body)
				if err != nil {
					return nil, err
				}
				bodies = append(bodies, string(raw))
				return step(req)
			}
		}
		refuse := func(message string) func(*http.Request) (*http.Response, error) {
			return record(answer(400, nil, strings.NewReader(`{"error":{"message":`+quoteJSON(message)+`}}`)))
		}
		script := &scripted{steps: []func(*http.Request) (*http.Response, error){
			refuse("Unrecognized request argument supplied: stream_options"),
			refuse("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."),
			record(good()), record(good()), refuse("stream_options again"),
		}}
		c := newClient(t, "https://model.example/v1", func(o *llm.Options) { o.HTTPClient = &http.Client{Transport: script} })
		for range 2 {
			if got := collect(t, c, t.Context(), ask("Hi")); got.err != nil {
				t.Fatal(got.err)
			}
		}
		if got := collect(t, c, t.Context(), ask("Hi")); got.err == nil || got.err.Kind != llm.KindRequest {
			t.Fatalf("a field that was not sent: %+v", got)
		}
		if !strings.Contains(bodies[0], `"stream_options"`) || !strings.Contains(bodies[0], `"max_tokens":2048`) || !strings.Contains(bodies[0], `"top_k":64`) {
			t.Errorf("first request: %s", bodies[0])
		}
		for _, body := range bodies[2:] {
			if strings.Contains(body, "stream_options") || strings.Contains(body, `"max_tokens"`) || !strings.Contains(body, `"max_completion_tokens":2048`) {
				t.Errorf("later request: %s", body)
			}
		}
	})
}
