package conversation_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	c "parley/conversation"
	"parley/conversation/conversationtest"
)

func (h *house) edit(t *testing.T, n int, text string) {
	t.Helper()
	m := h.message(n, "Ana", text)
	m.EditedAt = time.Now()
	if err := h.Ingest(context.Background(), c.Edited{Message: m}); err != nil {
		t.Fatal(err)
	}
}

func (h *house) erase(t *testing.T, n int) {
	t.Helper()
	m := h.message(n, "Ana", "")
	if err := h.Ingest(context.Background(), c.Deleted{Ref: m.Ref, MessageIDs: []string{m.ID}}); err != nil {
		t.Fatal(err)
	}
}

func TestEditedQuestionUpdatesTheSameAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, conversationtest.Script{Deltas: words(60)}, conversationtest.Script{Deltas: []string{"Short."}}, conversationtest.Script{Deltas: words(60)})
		h.say(t, 1, "Ana", "@Parley hi")
		h.work(t)
		first := h.chat.Posts()
		if len(first) < 2 {
			t.Fatalf("%d parts, want several", len(first))
		}
		h.edit(t, 1, "@Parley shorter please")
		if got := h.work(t); len(got) != 1 || got[0].Kind != c.Answered || len(got[0].Parts) != 1 {
			t.Fatalf("outcomes %+v", got)
		}
		h.one(t, "Short.")
		if id := h.chat.Posts()[0].ID; id != first[0].ID {
			t.Errorf("another message %s, want %s edited", id, first[0].ID)
		}
		if p := h.model.Prompt(1); !strings.Contains(p, "shorter please") || strings.Contains(p, "word0") {
			t.Errorf("the prompt holds the old question or answer:\n%s", p)
		}
		h.edit(t, 1, "@Parley longer again")
		h.work(t)
		if got := h.chat.Posts(); len(got) != len(first) || got[0].ID != first[0].ID {
			t.Errorf("people see %+v", got)
		}
	})
}

func TestDeletedQuestionTakesAnUnfinishedAnswerAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, conversationtest.Script{Deltas: words(60), Pause: time.Second})
		// The second part arrives, but its id is never heard of: it must be found.
		h.chat.PostFaults = []conversationtest.Fault{{}, {Err: &c.Failure{Code: c.CodeSendUnknown, Retry: true}, Lost: true}}
		h.say(t, 1, "Ana", "@Parley hi")
		turn, _ := h.store.Begin(h.ref)
		ctx, cancel := context.WithCancelCause(context.Background())
		time.AfterFunc(20*time.Second, func() { h.erase(t, 1); cancel(c.ErrStale) })
		if _, err := h.RunTurn(ctx, turn); !errors.Is(err, c.ErrStale) {
			t.Fatalf("the cause is not told: %v", err)
		}
		if len(h.chat.Posts()) == 0 {
			t.Fatal("nothing was posted yet")
		}
		got := h.work(t)
		if len(got) != 1 || got[0].Kind != c.Withdrawn {
			t.Errorf("outcomes %+v", got)
		}
		if posts := h.chat.Posts(); len(posts) != 0 {
			t.Errorf("people still see %+v", posts)
		}
		if o := h.store.Outcomes(); o["m1"] != c.Withdrawn {
			t.Errorf("ledger %v", o)
		}
	})
}

func TestNothingIsWrittenWithoutTheLease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, conversationtest.Script{Deltas: words(60), Pause: time.Second})
		h.say(t, 1, "Ana", "@Parley hi")
		turn, _ := h.store.Begin(h.ref)
		seen := make(chan string, 1)
		time.AfterFunc(5500*time.Millisecond, func() {
			h.store.Begin(h.ref)
			seen <- h.chat.Posts()[0].Text
		})
		if _, err := h.RunTurn(context.Background(), turn); !errors.Is(err, c.ErrFenced) {
			t.Errorf("ended with %v", err)
		}
		if posts := h.chat.Posts(); len(posts) != 1 || posts[0].Text != <-seen {
			t.Errorf("written after the lease was lost: %+v", posts)
		}
	})
}

func TestPanicIsAFailureThatIsTold(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]conversationtest.Script{
		"in the model":   {Before: func() { panic("out of luck") }},
		"in the adapter": {Deltas: []string{"hello"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, script)
				var log bytes.Buffer
				h.Logger = slog.New(slog.NewTextHandler(&log, nil))
				if name == "in the adapter" {
					h.Messengers[c.Slack] = &clumsy{Messenger: h.chat}
				}
				h.say(t, 1, "Ana", "@Parley hi")
				got := h.work(t)
				if len(got) != 1 || got[0].Kind != c.Failed || got[0].Reason != c.CodeInternal || !strings.Contains(got[0].Detail, "out of luck") {
					t.Errorf("outcomes %+v", got)
				}
				if posts := h.chat.Posts(); len(posts) != 1 || !strings.Contains(posts[0].Text, "Something went wrong on my side.") {
					t.Errorf("people see %+v", posts)
				}
				if !strings.Contains(log.String(), "follow_test.go") {
					t.Errorf("the log has no stack: %s", log.String())
				}
			})
		})
	}
}

// A messenger that always panics ends the turn all the same.
func TestPanicThatCannotBeToldEndsTheTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, conversationtest.Script{Deltas: []string{"hello"}})
		h.Messengers[c.Slack] = &clumsy{Messenger: h.chat, always: true}
		h.say(t, 1, "Ana", "@Parley hi")
		if got := h.work(t); len(got) != 1 || got[0].Kind != c.Failed || got[0].Reason != c.CodeInternal {
			t.Errorf("outcomes %+v", got)
		}
	})
}

// clumsy is a messenger that panics at its first post, or at each.
type clumsy struct {
	*conversationtest.Messenger
	always bool
	posts  int
}

func (m *clumsy) Post(ctx context.Context, out c.Outgoing) (string, error) {
	m.posts++
	if m.always {
		panic("out of luck")
	}
	id, err := m.Messenger.Post(ctx, out)
	if m.posts == 1 {
		panic("out of luck") // and the message stands
	}
	return id, err
}
