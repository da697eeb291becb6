package conversation_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	c "parley/conversation"
	"parley/conversation/conversationtest"
)

// A follow-up that arrived before its mention stands on the platform alone. A platform that is down while the mention is
// answered must not make it lost: the turn is run again until it has been read.
func TestFollowUpThatOvertookItsMentionOutlivesAnOutage(t *testing.T) {
	t.Parallel()
	for name, outage := range map[string]struct {
		fault  error
		length time.Duration
		late   c.OutcomeKind // how the follow-up ends
	}{
		"down for a while":        {&c.Failure{Code: c.CodePlatformDown, Retry: true}, time.Minute, c.Answered},
		"down for long":           {&c.Failure{Code: c.CodePlatformDown, Retry: true}, time.Hour, ""},
		"history may not be read": {&c.Failure{Code: c.CodePlatformRefused}, time.Hour, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, conversationtest.Script{Deltas: []string{"ok"}})
				begun := time.Now()
				h.say(t, 2, "Ana", "and please in French")
				mention := h.message(1, "Ana", "@Parley translate this")
				mention.Root = true
				if err := h.Ingest(context.Background(), c.Posted{Message: mention}); err != nil {
					t.Fatal(err)
				}
				h.chat.Past = []c.Message{mention, h.message(2, "Ana", "and please in French")}
				h.chat.PastErr = slices.Repeat([]error{outage.fault}, 10_000)
				for err := error(context.Canceled); err != nil; {
					if time.Since(begun) > outage.length {
						h.chat.PastErr = nil
					}
					if _, err = h.store.Work(context.Background(), h.Engine, h.ref); err != nil && time.Since(begun) > 10*time.Minute {
						t.Fatalf("the mention is not answered: %v", err)
					}
					time.Sleep(4 * time.Second)
				}
				if got := h.store.Outcomes(); got["m1"] != c.Answered || got["m2"] != outage.late {
					t.Errorf("outcomes %v", got)
				}
			})
		})
	}
}

// The first mention may be one that is answered without a look at what was said.
func TestFollowUpThatOvertookAnAnswerOfOurOwnIsAnswered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, conversationtest.Script{Deltas: []string{"ok"}})
		h.say(t, 2, "Ana", "and what can you read?")
		mention := h.message(1, "Ana", "@Parley help")
		mention.Root = true
		if err := h.Ingest(context.Background(), c.Posted{Message: mention}); err != nil {
			t.Fatal(err)
		}
		h.chat.Past = []c.Message{mention, h.message(2, "Ana", "and what can you read?")}
		h.work(t)
		if got := h.store.Outcomes(); got["m1"] != c.Answered || got["m2"] != c.Answered {
			t.Errorf("outcomes %v", got)
		}
		if h.chat.Reads() != 1 {
			t.Errorf("history asked for %d times", h.chat.Reads())
		}
	})
}
