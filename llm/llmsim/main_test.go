package llmsim_test

import (
	"errors"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/llm"
	"parley/llm/llmsim"
)

func TestMain(m *testing.M) {
	// net/http lets a connection whose request it refused linger for half a second, by itself and bounded.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*conn).closeWriteAndWait"))
}

// start runs a server for the time of the test.
func start(t *testing.T, opts llmsim.Options) *llmsim.Server {
	t.Helper()
	s := llmsim.New(opts)
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// client is the product's client on a simulated server.
func client(t *testing.T, s *llmsim.Server, change func(*llm.Options)) *llm.Client {
	t.Helper()
	opts := llm.Options{BaseURL: s.URL(), Model: llmsim.DefaultModel, MaxRetries: -1, Idle: 500 * time.Millisecond}
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

func ask(text string) llm.Request {
	return llm.Request{Messages: []llm.Message{llm.TextMessage(llm.RoleUser, text)}, Purpose: "test"}
}

// streamed is a streamed answer to its end.
func streamed(t *testing.T, c *llm.Client, req llm.Request) (text string, last llm.Delta, fail *llm.Error) {
	t.Helper()
	for delta, err := range c.Stream(t.Context(), req) {
		if err != nil {
			if !errors.As(err, &fail) {
				t.Fatalf("error of type %T: %v", err, err)
			}
			break
		}
		text += delta.Text
		last = delta
	}
	return text, last, fail
}
