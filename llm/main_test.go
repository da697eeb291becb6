package llm_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/llm"
)

func TestMain(m *testing.M) {
	// net/http lets a connection whose request it refused linger for half a second, by itself and bounded.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*conn).closeWriteAndWait"))
}

const testKey = "key-4f1c9a7be2"

// newClient makes a client for a server at base, with short waits and no retries unless set.
func newClient(t *testing.T, base string, change func(*llm.Options)) *llm.Client {
	t.Helper()
	opts := llm.Options{BaseURL: base, APIKey: testKey, Model: "google/gemma-3n-E4B-it", MaxRetries: -1}
	if change != nil {
		change(&opts)
	}
	c, err := llm.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// serve starts a server that answers every chat request with handler.
func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	return srv.URL + "/v1"
}

// reply answers with fixed bytes.
func reply(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func ask(text string) llm.Request {
	return llm.Request{Messages: []llm.Message{llm.TextMessage(llm.RoleUser, text)}, Purpose: "test"}
}

// collected is what a stream gave.
type collected struct {
	deltas []llm.Delta
	text   string
	last   llm.Delta
	err    *llm.Error
}

func collect(t *testing.T, c *llm.Client, ctx context.Context, req llm.Request) collected {
	t.Helper()
	var got collected
	for delta, err := range c.Stream(ctx, req) {
		if got.err != nil {
			t.Fatalf("the stream goes on after its error %v", got.err)
		}
		if err != nil {
			if !errors.As(err, &got.err) {
				t.Fatalf("error of type %T: %v", err, err)
			}
			continue
		}
		if got.last.Finish != "" {
			t.Fatalf("the stream goes on after its last delta %+v", got.last)
		}
		got.deltas = append(got.deltas, delta)
		got.text += delta.Text
		got.last = delta
	}
	return got
}

// observations gathers what the client reports.
type observations struct {
	mu  sync.Mutex
	all []llm.Observation
}

func (o *observations) add(one llm.Observation) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all = append(o.all, one)
}

func (o *observations) outcomes() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var names []string
	for _, one := range o.all {
		names = append(names, one.Outcome)
	}
	return strings.Join(names, " ")
}

// scripted is a transport that works without a network, so that it can stand in a synctest bubble.
type scripted struct {
	mu    sync.Mutex
	steps []func(*http.Request) (*http.Response, error)
	at    []time.Time
}

func (s *scripted) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	if len(s.steps) == 0 {
		s.mu.Unlock()
		return nil, errors.New("more requests than scripted")
	}
	step := s.steps[0]
	s.steps = s.steps[1:]
	s.at = append(s.at, time.Now())
	s.mu.Unlock()
	return step(req)
}

// answer is a step that gives a response at once.
func answer(status int, header http.Header, body io.Reader) func(*http.Request) (*http.Response, error) {
	return func(req *http.Request) (*http.Response, error) {
		if header == nil {
			header = http.Header{}
		}
		return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(body), Request: req}, nil
	}
}

var sse = http.Header{"Content-Type": {"text/event-stream"}}

const okStream = `data: {"choices":[{"delta":{"content":"Hello"}}]}

data: {"choices":[{"delta":{},"finish_reason":"stop"}]}

data: [DONE]

`
