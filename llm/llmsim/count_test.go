package llmsim_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"parley/llm"
	"parley/llm/llmsim"
)

// TestPromptWithoutUsageIsCountedLater: the server does not tell what it read, but counts when it is asked, beside the answers.
func TestPromptWithoutUsageIsCountedLater(t *testing.T) {
	t.Parallel()
	for _, dialect := range []llmsim.Dialect{llmsim.LlamaCpp, llmsim.VLLM} {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			s := start(t, llmsim.Options{Dialect: dialect})
			c := client(t, s, nil)
			if _, err := c.Probe(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.Enqueue(llmsim.Reply{Text: "ok", Fault: llmsim.Fault{Kind: llmsim.NoUsage}})
			if _, err := c.Complete(t.Context(), llm.Request{Messages: ask(strings.Repeat("some words of a talk ", 200)).Messages, Conversation: "one"}); err != nil {
				t.Fatal(err)
			}
			if c.Profile().Calibration.Samples != 0 {
				t.Fatal("learnt from nothing")
			}
			ctx, stop := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() { defer close(done); c.Run(ctx) }()
			look := time.NewTicker(time.Millisecond)
			defer look.Stop()
			for c.Profile().Calibration.Samples == 0 {
				select {
				case <-look.C:
				case <-done:
					t.Fatal("Run ended by itself")
				}
			}
			stop()
			<-done
		})
	}
}
