package conversation_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	c "parley/conversation"
	"parley/conversation/conversationtest"
	"parley/llm"
	"parley/llm/llmsim"
)

// TestEveryServerAnswersALongThread: the profile says 32,768 tokens, the server runs with 4,096 and nobody has asked it
// yet. The person gets an answer all the same, and nothing of the refusal.
func TestEveryServerAnswersALongThread(t *testing.T) {
	t.Parallel()
	for _, dialect := range []llmsim.Dialect{llmsim.Together, llmsim.VLLM, llmsim.VLLMOld, llmsim.LlamaCpp, llmsim.Ollama, llmsim.TGI, llmsim.Google} {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			server, client := simulated(t, dialect, 4096)
			h.Model = client
			for i := range 900 {
				h.chat.Past = append(h.chat.Past, h.message(i+1, "Ana", fmt.Sprintf("Message %d: %s", i, strings.Repeat("some words ", 9))))
			}
			server.Enqueue(llmsim.Say("On Monday."), llmsim.Say("On Tuesday."))
			h.say(t, 1000, "Ana", "@Parley when do we meet?")
			if got := h.work(t)[0]; got.Kind != c.Answered {
				t.Fatalf("outcome %+v", got)
			}
			if dialect != llmsim.Ollama { // which has no room left for an answer, this once
				h.one(t, "On Monday.")
			}
			if window := client.Profile().Context; window != 4096 {
				t.Errorf("the window was not learnt: %d", window)
			}
			h.say(t, 1001, "Ana", "@Parley and where?")
			before := len(server.Requests())
			h.work(t)
			requests := server.Requests()
			if last := requests[len(requests)-1]; len(requests) != before+1 || last.Tokens+last.MaxTokens > 4096 {
				t.Errorf("%d requests for the next question, the last of %d and %d tokens", len(requests)-before, last.Tokens, last.MaxTokens)
			}
		})
	}
}

// TestLMStudioTellsNoNumbers: the second, smaller request does not fit either, and the person reads one sentence.
func TestLMStudioTellsNoNumbers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server, client := simulated(t, llmsim.LMStudio, 4096)
	h.Model = client
	for i := range 900 {
		h.chat.Past = append(h.chat.Past, h.message(i+1, "Ana", fmt.Sprintf("Message %d: %s", i, strings.Repeat("some words ", 9))))
	}
	h.say(t, 1000, "Ana", "@Parley when do we meet?")
	got := h.work(t)[0]
	if got.Kind != c.Failed || got.Reason != c.CodeContextOverflow || len(server.Requests()) != 2 {
		t.Errorf("outcome %+v after %d requests", got, len(server.Requests()))
	}
	if _, err := client.Probe(t.Context()); err != nil { // which such a refusal asks for
		t.Fatal(err)
	}
	server.Enqueue(llmsim.Say("On Monday."))
	h.say(t, 1001, "Ana", "@Parley when do we meet?")
	if got := h.work(t)[0]; got.Kind != c.Answered {
		t.Errorf("after the probe: %+v", got)
	}
}

// simulated is a model server of a kind, and the client that talks to it.
func simulated(t *testing.T, dialect llmsim.Dialect, window int) (*llmsim.Server, *llm.Client) {
	t.Helper()
	server := llmsim.New(llmsim.Options{Dialect: dialect, Window: window})
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	client, err := llm.New(llm.Options{BaseURL: server.URL(), Model: llmsim.DefaultModel, MaxRetries: -1, Idle: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		client.Close()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server, client
}

var _ c.Model = (*llm.Client)(nil)
var _ c.Model = (*conversationtest.Model)(nil)
