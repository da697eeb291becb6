package conversationtest

import (
	"context"
	"iter"
	"sync"
	"time"

	"parley/llm"
)

// Model is a scripted model. Each request takes the next script; the last one is used again.
type Model struct {
	Scripts []Script
	// Window is the context size; 0 is 32,768.
	Window int
	// Sees and Hears say what the model takes beside text.
	Sees, Hears bool

	mu       sync.Mutex
	requests []llm.Request
}

// Script is one answer: its deltas, the pause before each, and how it ends.
type Script struct {
	Deltas []string
	Pause  time.Duration
	Finish llm.Finish // FinishStop where empty
	Err    error      // instead of a finish
	Usage  *llm.Usage
	Served *llm.Served // the model that answered, where it is not the configured one
	// Before is called when the request arrives.
	Before func()
}

// Stream implements conversation.Model.
func (m *Model) Stream(ctx context.Context, r llm.Request) iter.Seq2[llm.Delta, error] {
	m.mu.Lock()
	script := m.Scripts[min(len(m.requests), len(m.Scripts)-1)]
	m.requests = append(m.requests, r)
	m.mu.Unlock()
	return func(yield func(llm.Delta, error) bool) {
		if script.Before != nil {
			script.Before()
		}
		for _, text := range script.Deltas {
			timer := time.NewTimer(script.Pause)
			select {
			case <-ctx.Done():
				timer.Stop()
				yield(llm.Delta{}, &llm.Error{Kind: llm.KindCancelled, Err: context.Cause(ctx)})
				return
			case <-timer.C:
			}
			if !yield(llm.Delta{Text: text}, nil) {
				return
			}
		}
		if script.Err != nil {
			yield(llm.Delta{}, script.Err)
			return
		}
		finish := script.Finish
		if finish == "" {
			finish = llm.FinishStop
		}
		yield(llm.Delta{Finish: finish, Usage: script.Usage, Served: script.Served}, nil)
	}
}

// ProfileIn implements conversation.Model.
func (m *Model) ProfileIn(string) llm.Profile { return m.Profile() }

// Profile is the model's window and prices.
func (m *Model) Profile() llm.Profile {
	p := llm.ProfileFor("google/gemma-3n-E4B-it")
	p.Sees, p.Hears = m.Sees, m.Hears
	if m.Window > 0 {
		p.Context = m.Window
	}
	return p
}

// Requests gives what was asked so far.
func (m *Model) Requests() []llm.Request {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]llm.Request(nil), m.requests...)
}

// Prompt is the text of request i.
func (m *Model) Prompt(i int) string {
	text := ""
	for _, message := range m.Requests()[i].Messages {
		for _, part := range message.Parts {
			if t, ok := part.(llm.Text); ok {
				text += t.Text
			}
		}
	}
	return text
}
