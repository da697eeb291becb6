package conversation_test

import (
	"context"
	"iter"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	c "parley/conversation"
	"parley/llm"
)

// halting is a reader of which each answer may end after a line.
type halting struct {
	*reader
	after func() error
}

func (m halting) Stream(ctx context.Context, r llm.Request) iter.Seq2[llm.Delta, error] {
	return func(yield func(llm.Delta, error) bool) {
		for d, err := range m.reader.Stream(ctx, r) {
			if !yield(d, err) {
				return
			}
			if err := m.after(); err != nil {
				yield(llm.Delta{}, err)
				return
			}
		}
	}
}

func TestASummaryThatEndsHalfWayCarriesItsSource(t *testing.T) {
	t.Parallel()
	for name, stopped := range map[string]bool{"it is stopped": true, "the model fails": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h, model := newLibrary(t, 0)
				h.chat.Channels = map[string][]c.Message{"open": h.chatter("open", "s1", 12)}
				ctx, stop := context.WithCancelCause(t.Context())
				o := h.Engine.Options
				o.Model = halting{model, func() error {
					time.Sleep(2 * time.Second)
					if !strings.Contains(h.everSeen("C"), "wall") {
						return nil
					}
					if stopped {
						stop(c.ErrStopped)
						return context.Canceled
					}
					return &llm.Error{Kind: llm.KindAuth}
				}}
				engine, err := c.New(o)
				if err != nil {
					t.Fatal(err)
				}
				h.say(t, 1, "Ana", "@Parley summarize https://chat.example/open/s1/open-001")
				turn, _ := h.store.Begin(h.ref)
				turn.Task = &c.Task{Kind: c.TaskSummary}
				got, err := engine.RunTurn(ctx, turn)
				if err != nil || !strings.Contains(h.everSeen("C"), "wall") {
					t.Fatalf("outcome %+v, %v, people have seen %q", got, err, h.everSeen("C"))
				}
				if len(got.Parts) == 0 || got.Source == nil || got.Source.Ref.Channel != "open" || !got.Source.Through.SentAt.After(time.Now()) || got.Source.Summary == (got.Kind != c.Answered) {
					t.Errorf("outcome %+v, source %+v", got, got.Source)
				}
			})
		})
	}
}
