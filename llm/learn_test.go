package llm_test

import (
	"context"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"

	"parley/llm"
)

// shelf is a memory without a database.
type shelf struct {
	mu   sync.Mutex
	kept map[string][]byte
}

func (s *shelf) Load(_ context.Context, name string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept[name], nil
}

func (s *shelf) Save(_ context.Context, name string, value []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = maps.Clone(s.kept)
	if s.kept == nil {
		s.kept = map[string][]byte{}
	}
	s.kept[name] = value
	return nil
}

// counting answers every request with the given count of its prompt.
func counting(t *testing.T, count func() string) string {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/chat/completions") {
			http.NotFound(w, r)
			return
		}
		reply(http.StatusOK, "application/json", `{"choices":[{"message":{"content":"ok"},"finish_reason":"stop"}],"usage":{"prompt_tokens":`+count()+`,"completion_tokens":1}}`)(w, r)
	})
}

func TestRatioIsLearntPerConversationAndKept(t *testing.T) {
	t.Parallel()
	memory := &shelf{}
	base := counting(t, func() string { return "1300" })
	request := ask(strings.Repeat("some words of a talk ", 200))
	request.Conversation = "one"
	c := newClient(t, base, func(o *llm.Options) { o.Memory = memory })
	plain := c.Profile().EstimateRequest(request)
	for range 10 {
		if _, err := c.Complete(t.Context(), request); err != nil {
			t.Fatal(err)
		}
	}
	want := 1300 / float64(plain)
	if got := c.ProfileIn("one").Calibration.Ratio(); got < want-0.01 || got > want+0.01 || want < 1.05 {
		t.Fatalf("ratio %.3f, want %.3f", got, want)
	}
	before, after := gemma, c.ProfileIn("one")
	text := strings.Repeat("some words of a talk ", 200)
	if wide, narrow := before.Bound(text)-before.Estimate(text), after.Bound(text)-after.Estimate(text); narrow*2 > wide {
		t.Errorf("ten counts agreed, and the margin went from %d to %d", wide, narrow)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	c.Run(ended)
	again := newClient(t, base, func(o *llm.Options) { o.Memory = memory })
	if err := again.Recall(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a, b := again.ProfileIn("one").Calibration, c.ProfileIn("one").Calibration; a != b || b.Samples != 10 {
		t.Errorf("after a restart %+v, before %+v", a, b)
	}
	for _, value := range memory.kept {
		if strings.Contains(string(value), `"one"`) {
			t.Errorf("the memory names a conversation: %s", value)
		}
	}
}

func TestAnotherConversationKeepsItsWholeMargin(t *testing.T) {
	t.Parallel()
	c := newClient(t, counting(t, func() string { return "700" }), nil)
	request := ask(strings.Repeat("some words of a talk ", 200))
	request.Conversation = "one"
	for range 10 {
		if _, err := c.Complete(t.Context(), request); err != nil {
			t.Fatal(err)
		}
	}
	text := strings.Repeat("Das ist ein anderes Gespräch. ", 50)
	if one, two := c.ProfileIn("one"), c.ProfileIn("two"); one.Bound(text) >= two.Bound(text) || two.Bound(text) != gemma.Bound(text) {
		t.Errorf("bounds %d and %d, without any calibration %d", one.Bound(text), two.Bound(text), gemma.Bound(text))
	}
}

func TestOneOddCountDoesNotSpoilTheRatio(t *testing.T) {
	t.Parallel()
	c := newClient(t, counting(t, func() string { return "900000" }), nil)
	if _, err := c.Complete(t.Context(), ask(strings.Repeat("some words of a talk ", 200))); err != nil {
		t.Fatal(err)
	}
	if got := c.Profile().Calibration.Ratio(); got > 1.6 {
		t.Errorf("ratio %.3f", got)
	}
}

func TestCutPromptIsNoticed(t *testing.T) {
	t.Parallel()
	long := ask(strings.Repeat("some words of a talk ", 2000))
	for rule, tc := range map[string]struct {
		change func(*llm.Options)
		window int
	}{
		"and the window corrected":            {nil, 4096},
		"and a window that is set is left so": {func(o *llm.Options) { o.Context = 20000 }, 20000},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, counting(t, func() string { return "4000" }), tc.change)
			if _, was := c.Cut(); was {
				t.Fatal("cut before anything was sent")
			}
			if _, err := c.Complete(t.Context(), long); err != nil {
				t.Fatal(err)
			}
			cut, was := c.Cut()
			if !was || cut.Counted != 4000 || cut.Sent < 8000 || c.Profile().Context != tc.window {
				t.Errorf("cut %+v, %v; window %d", cut, was, c.Profile().Context)
			}
			if c.Profile().Calibration.Samples != 0 {
				t.Error("the ratio was learnt from a cut prompt")
			}
		})
	}
}

func TestRefusalTellsTheWindow(t *testing.T) {
	t.Parallel()
	for rule, tc := range map[string]struct {
		body   string
		window int
	}{
		"with numbers":       {`{"error":{"message":"request (9000 tokens) exceeds the available context size (8192 tokens), try increasing it"}}`, 8192},
		"without numbers":    {`{"error":{"message":"the prompt is longer than the context length currently available"}}`, 32768},
		"with an absurd one": {`{"error":{"message":"request (9000 tokens) exceeds the available context size (3 tokens)"}}`, 32768},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, serve(t, reply(400, "application/json", tc.body)), nil)
			_, err := c.Complete(t.Context(), ask("Hi"))
			if llm.KindOf(err) != llm.KindContextOverflow || c.Profile().Context != tc.window {
				t.Errorf("got %v, window %d", err, c.Profile().Context)
			}
		})
	}
}
