package conversation_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	c "parley/conversation"
)

// restricted is a channel "secret" that Ana may read, and a thread in C that others read as well.
func restricted(t *testing.T, n int) (*house, *reader) {
	t.Helper()
	h, model := newLibrary(t, 0)
	h.chat.Unreadable = map[string]bool{"secret": true}
	h.chat.Readers = map[string][]string{"secret": {"Ana"}}
	h.chat.Channels = map[string][]c.Message{"secret": h.chatter("secret", "s1", n)}
	return h, model
}

// everSeen is every text that a channel has shown.
func (h *house) everSeen(channel string) string {
	var all []string
	for _, p := range h.chat.Posts() {
		if p.Ref.Channel == channel {
			all = append(all, p.Versions...)
		}
	}
	return strings.Join(all, "\n")
}

func TestWhoMayNotReadItIsNotToldHowMuchThereIs(t *testing.T) {
	t.Parallel()
	const link = "@Parley summarize https://chat.example/secret/s1/secret-001"
	t.Run("while it is made", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			h, model := restricted(t, 12)
			model.answer = func(kind string, lines []said) string {
				time.Sleep(20 * time.Second)
				return tellEach(kind, lines)
			}
			h.say(t, 1, "Ana", link)
			h.work(t)
			if seen := h.everSeen("C"); !strings.Contains(seen, "working on it") || strings.ContainsAny(seen, "0123456789") {
				t.Errorf("everybody has seen %q", seen)
			}
			if own := strings.Join(strings.Fields(everything(h.posted("DAna"))), " "); !strings.Contains(own, "12 of 12") {
				t.Errorf("Ana reads %q", own)
			}
		})
	})
	t.Run("when it is dear", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			h, _ := restricted(t, 12)
			h.Options.SummaryAskUSD = 1e-9
			h.say(t, 1, "Ana", link)
			h.work(t)
			if seen := h.everSeen("C"); seen == "" || strings.ContainsAny(seen, "0123456789") {
				t.Errorf("everybody has seen %q", seen)
			}
			if own := everything(h.posted("DAna")); !strings.Contains(own, "12 messages") || !strings.Contains(own, "anyway") {
				t.Errorf("Ana reads %q", own)
			}
		})
	})
	t.Run("when it is empty", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			h, _ := restricted(t, 0)
			h.say(t, 1, "Ana", link)
			h.work(t)
			if seen := h.everSeen("C"); strings.Contains(seen, "nothing to sum up") {
				t.Errorf("everybody has seen %q", seen)
			}
			if own := everything(h.posted("DAna")); !strings.Contains(own, "nothing to sum up") {
				t.Errorf("Ana reads %q", own)
			}
		})
	})
	t.Run("when only she may read it while it is made", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			h, model := restricted(t, 12)
			h.chat.Unreadable = nil
			model.answer = func(kind string, lines []said) string {
				h.chat.Unreadable = map[string]bool{"secret": true}
				return tellEach(kind, lines)
			}
			h.say(t, 1, "Ana", link)
			h.work(t)
			if seen := h.everSeen("C"); strings.Contains(seen, "wall") {
				t.Errorf("everybody has seen %q", seen)
			}
		})
	})
}

func TestWhatAnEarlierAttemptHasShownGoesAtOnceWhereOthersMayNoLongerReadIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, model := restricted(t, 12)
		h.chat.Unreadable = nil
		h.say(t, 1, "Ana", "@Parley summarize https://chat.example/secret/s1/secret-001")
		turn, _ := h.store.Begin(h.ref)
		turn.Task = &c.Task{Kind: c.TaskSummary}
		if _, err := h.RunTurn(t.Context(), turn); err != nil {
			t.Fatal(err)
		}
		if seen := everything(h.posted("C")); !strings.Contains(seen, "wall") {
			t.Fatalf("everybody reads %q", seen)
		}
		again, ok := h.store.Begin(h.ref) // the process ended before the outcome was recorded
		if !ok || len(again.Parts) == 0 {
			t.Fatalf("turn %+v", again)
		}
		again.Task = turn.Task
		h.chat.Unreadable = map[string]bool{"secret": true}
		model.answer = func(kind string, lines []said) string {
			if seen := everything(h.posted("C")); strings.Contains(seen, "wall") {
				t.Errorf("while it is made again everybody reads %q", seen)
			}
			return tellEach(kind, lines)
		}
		if _, err := h.RunTurn(t.Context(), again); err != nil {
			t.Fatal(err)
		}
		if seen := everything(h.posted("C")); strings.Contains(seen, "wall") {
			t.Errorf("everybody reads %q", seen)
		}
	})
}

func TestAPublicFollowUpKnowsNothingThatSomebodyThereMayNotRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, model := restricted(t, 12)
		h.chat.Unreadable = nil
		h.say(t, 1, "Ana", "@Parley summarize https://chat.example/secret/s1/secret-001")
		h.work(t)
		follow := func(n int) string {
			h.say(t, n, "Ana", "@Parley and which walls?")
			if got := h.work(t); len(got) != 1 || got[0].Kind != c.Answered {
				t.Fatalf("outcomes %+v", got)
			}
			return promptOf(model.requests[len(model.requests)-1])
		}
		if p := follow(100); !strings.Contains(p, "wall0") {
			t.Errorf("the summary is forgotten:\n%s", p)
		}
		h.chat.Unreadable = map[string]bool{"secret": true} // Ana may still read it, others may not
		if p := follow(200); strings.Contains(p, "wall0") {
			t.Errorf("what is told to everybody is made of what only Ana may read:\n%s", p)
		}
	})
}

func TestWhoMayNotReadWhatWasSaidBeforeGetsNoSummaryOfItsChannel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, model := newLibrary(t, 0)
		h.Messengers[c.Discord] = h.chat
		h.ref = c.ThreadRef{Platform: c.Discord, Workspace: "G", Channel: "C"}
		h.chat.Past = h.chatter("C", "", 12)
		for i := range h.chat.Past {
			h.chat.Past[i].Ref = h.ref
		}
		h.chat.Unreadable = map[string]bool{"C": true}
		h.chat.Readers = map[string][]string{"C": {"Bo"}}
		h.say(t, 5000, "Ana", "@Parley summarize this thread")
		got := h.work(t)
		if len(got) != 1 || got[0].Kind != c.Refused || len(model.requests) != 0 || strings.Contains(h.everSeen("C"), "wall") {
			t.Errorf("outcomes %+v after %d requests, people have seen %q", got, len(model.requests), h.everSeen("C"))
		}
		h.chat.Readers = map[string][]string{"C": {"Ana"}}
		h.say(t, 6000, "Ana", "@Parley summarize this thread")
		if got := h.work(t); !slices.ContainsFunc(got, func(o c.Outcome) bool { return o.Kind == c.Answered }) {
			t.Errorf("outcomes %+v for somebody who may", got)
		}
	})
}
