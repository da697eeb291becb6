package conversation_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	c "parley/conversation"
	"parley/conversation/conversationtest"
)

func TestLongAnswerEndsAsFile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, conversationtest.Script{Deltas: words(400)})
		h.say(t, 1, "Ana", "@Parley hi")
		got := h.work(t)[0]
		posts := h.chat.Posts()
		if len(posts) != 5 || !posts[4].File || posts[4].Text != strings.TrimSpace(strings.Join(words(400), "")) {
			t.Fatalf("%d posts, last %+v", len(posts), posts[len(posts)-1])
		}
		if !strings.Contains(posts[3].Text, "in the file below") || len(got.Parts) != 4 {
			t.Errorf("fourth part %q, %d parts recorded", posts[3].Text, len(got.Parts))
		}
		for _, p := range posts[:4] {
			if strings.HasSuffix(p.Text, "…") {
				t.Errorf("a part keeps the mark of an unfinished answer: %q", p.Text)
			}
		}
	})
}

func TestLostResponseOfAPostIsLookedUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, conversationtest.Script{Deltas: []string{"One ", "answer."}})
		h.chat.PostFaults = []conversationtest.Fault{{Err: &c.Failure{Code: c.CodeSendUnknown, Retry: true}, Lost: true}}
		h.say(t, 1, "Ana", "@Parley hi")
		h.work(t)
		h.one(t, "One answer.")
	})
}

func TestPostThatNeverArrivedIsSentAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, conversationtest.Script{Deltas: []string{"One ", "answer."}})
		h.chat.PostFaults = []conversationtest.Fault{{Err: &c.Failure{Code: c.CodeSendUnknown, Retry: true}}, {Err: &c.Failure{Code: c.CodePlatformDown, Retry: true}}}
		h.say(t, 1, "Ana", "@Parley hi")
		h.work(t)
		h.one(t, "One answer.")
	})
}

func TestTakenOverTurnCompletesTheSameMessage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, conversationtest.Script{Deltas: words(60), Pause: time.Second}, conversationtest.Script{Deltas: []string{"Short and whole."}})
		h.say(t, 1, "Ana", "@Parley hi")
		first, _ := h.store.Begin(h.ref)
		ctx, kill := context.WithTimeout(context.Background(), 50*time.Second)
		defer kill()
		if _, err := h.RunTurn(ctx, first); err == nil {
			t.Fatal("a turn that is cancelled from outside has no outcome")
		}
		if n := len(h.chat.Posts()); n < 2 {
			t.Fatalf("%d parts before the kill, want several", n)
		}
		second, _ := h.store.Begin(h.ref)
		if second.ID != first.ID || second.Attempt != 2 {
			t.Fatalf("second attempt %+v", second)
		}
		if _, err := h.RunTurn(context.Background(), second); err != nil {
			t.Fatal(err)
		}
		h.one(t, "Short and whole.")
		if _, err := h.RunTurn(context.Background(), first); !errors.Is(err, c.ErrFenced) {
			t.Errorf("the first attempt goes on after its lease is lost: %v", err)
		}
	})
}

func TestLongAnswerFollowsInMessagesWhereFilesAreRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, conversationtest.Script{Deltas: words(400)})
		h.chat.FileErr = &c.Failure{Code: c.CodeCallRefused, Err: errors.New("missing_scope files:write")}
		h.say(t, 1, "Ana", "@Parley hi")
		got := h.work(t)[0]
		all := ""
		for _, p := range h.chat.Posts() {
			all += p.Text + " "
		}
		if got.Kind != c.Answered || strings.TrimSpace(all) != strings.TrimSpace(strings.Join(words(400), "")) {
			t.Errorf("outcome %+v, people see %q", got, all)
		}
	})
}

func TestAnswerIsPostedAnewWhereItCannotBeEdited(t *testing.T) {
	t.Parallel()
	for _, code := range []c.Code{c.CodeEditRefused, c.CodeCallRefused} {
		t.Run(string(code), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, conversationtest.Script{Deltas: []string{"Half ", "and whole."}, Pause: time.Second})
				h.chat.EditErr = &c.Failure{Code: code, Err: errors.New("edit_window_closed")}
				h.say(t, 1, "Ana", "@Parley hi")
				if got := h.work(t)[0]; got.Kind != c.Answered {
					t.Errorf("outcome %+v", got)
				}
				h.one(t, "Half and whole.")
			})
		})
	}
}

func TestRefusedTextIsToldInASentence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, conversationtest.Script{Deltas: []string{"Bad."}})
		refused := conversationtest.Fault{Err: &c.Failure{Code: c.CodeCallRefused, Safe: "The platform did not take my answer.", Err: errors.New("msg_too_long")}}
		h.chat.PostFaults = []conversationtest.Fault{refused, refused}
		h.say(t, 1, "Ana", "@Parley hi")
		if got := h.work(t)[0]; got.Kind != c.Failed || got.Reason != c.CodeCallRefused {
			t.Errorf("outcome %+v", got)
		}
		h.one(t, "The platform did not take my answer.")
	})
}

func TestPostsThatLeaveNoTraceAreGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, conversationtest.Script{Deltas: []string{"Into the void."}})
		h.chat.LostErr = &c.Failure{Code: c.CodeSendUnknown, Retry: true, Err: errors.New("bad gateway")}
		h.say(t, 1, "Ana", "@Parley hi")
		got := h.work(t)[0]
		if got.Kind != c.Failed || got.Reason != c.CodeSendUnknown || h.chat.Lost() > 6 || got.Timings.Total < time.Minute {
			t.Errorf("outcome %+v after %d posts", got, h.chat.Lost())
		}
	})
}

func TestRefusedPlatformEndsTheTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, conversationtest.Script{Deltas: words(30), Pause: time.Second})
		h.chat.PostFaults = []conversationtest.Fault{{Err: &c.Failure{Code: c.CodePlatformRefused, Err: errors.New("not_in_channel")}}}
		h.say(t, 1, "Ana", "@Parley hi")
		got := h.work(t)[0]
		if got.Kind != c.Failed || got.Reason != c.CodePlatformRefused || !strings.Contains(got.Detail, "not_in_channel") || len(h.chat.Posts()) != 0 {
			t.Errorf("outcome %+v", got)
		}
	})
}

func TestAnswerIsPostedOnceWhereEditsAreScarce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, conversationtest.Script{Deltas: []string{"One ", "whole ", "answer."}, Pause: time.Second})
		h.chat.Few = true
		h.say(t, 1, "Ana", "@Parley hi")
		h.work(t)
		h.one(t, "One whole answer.")
		if n := len(h.chat.Posts()[0].Versions); n != 1 {
			t.Errorf("the answer was edited %d times", n-1)
		}
	})
}
