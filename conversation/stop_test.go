package conversation_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	c "parley/conversation"
	"parley/conversation/conversationtest"
	"parley/llm"
)

func TestStoppedAnswerKeepsWhatWasWritten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, conversationtest.Script{Deltas: words(100), Pause: time.Second})
		h.say(t, 1, "Ana", "@Parley count")
		turn, _ := h.store.Begin(h.ref)
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(3500*time.Millisecond, func() {
			if posts := h.chat.Posts(); !posts[0].Stop {
				t.Error("no Stop button under the growing answer")
			}
			cancel(c.ErrStopped)
		})
		got, err := h.RunTurn(ctx, turn)
		if err != nil {
			t.Fatal(err)
		}
		h.one(t, "word0 word1 word2\n\n*(Stopped.)*")
		if got.Kind != c.Withdrawn || got.Reason != c.CodeStopped || len(got.Parts) != 1 {
			t.Errorf("outcome %+v", got)
		}
		if h.chat.Posts()[0].Stop {
			t.Error("the Stop button stays under a stopped answer")
		}
	})
}

func TestStoppedBeforeTheFirstWordSaysNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, conversationtest.Script{Deltas: words(100), Pause: time.Hour})
		h.say(t, 1, "Ana", "@Parley count")
		turn, _ := h.store.Begin(h.ref)
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(c.ErrStopped) })
		got, err := h.RunTurn(ctx, turn)
		if err != nil || got.Kind != c.Withdrawn || len(h.chat.Posts()) != 0 {
			t.Errorf("outcome %+v, %v; people see %+v", got, err, h.chat.Posts())
		}
	})
}

func TestStopSurvivesACrash(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, conversationtest.Script{Deltas: words(3)})
		h.say(t, 1, "Ana", "@Parley count")
		turn, _ := h.store.Begin(h.ref)
		turn.Stopped = true
		got, err := h.RunTurn(t.Context(), turn)
		if err != nil || got.Kind != c.Withdrawn || got.Reason != c.CodeStopped || len(h.model.Requests()) != 0 {
			t.Errorf("outcome %+v, %v after %d requests", got, err, len(h.model.Requests()))
		}
	})
}

func TestStopAfterACrashMarksWhatStands(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		deltas []string
		want   []string
	}{
		"one message":      {words(100), []string{"word0 word1 word2\n\n*(Stopped.)*"}},
		"several messages": {[]string{strings.Repeat("a ", 40), strings.Repeat("b ", 40), strings.Repeat("c ", 40), "d"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, conversationtest.Script{Deltas: tt.deltas, Pause: time.Second})
				h.say(t, 1, "Ana", "@Parley count")
				turn, _ := h.store.Begin(h.ref)
				ctx, crash := context.WithCancel(t.Context())
				time.AfterFunc(3500*time.Millisecond, crash)
				if _, err := h.RunTurn(ctx, turn); err == nil {
					t.Fatal("the process has not ended")
				}
				before := h.chat.Posts()
				last := before[len(before)-1]
				if !last.Stop {
					t.Fatalf("people see %+v", before)
				}
				accepted := h.Ingest(t.Context(), c.Stopped{Ref: h.ref, MessageID: last.ID, By: "Ana"})
				turn, ok := h.store.Begin(h.ref)
				if accepted != nil || !ok || !turn.Stopped || len(turn.Parts) != len(before) {
					t.Fatalf("turn %+v, %v", turn, accepted)
				}
				got, err := h.RunTurn(t.Context(), turn)
				if err != nil || got.Kind != c.Withdrawn || got.Reason != c.CodeStopped || len(h.model.Requests()) != 1 {
					t.Fatalf("outcome %+v, %v", got, err)
				}
				after := h.chat.Posts()
				if len(after) != len(before) || len(got.Parts) != len(before) {
					t.Fatalf("people see %+v, recorded is %+v", after, got.Parts)
				}
				for i, p := range after {
					want := before[i].Text
					if i == len(after)-1 {
						want = strings.TrimSuffix(want, " …") + "\n\n*(Stopped.)*"
					}
					if p.Stop || p.Text != want || got.Parts[i].Text != "" || got.Parts[i].MessageID != p.ID {
						t.Errorf("part %d is %+v, recorded as %+v, want %q", i, p, got.Parts[i], want)
					}
					if tt.want != nil && p.Text != tt.want[i] {
						t.Errorf("people read %q", p.Text)
					}
				}
			})
		})
	}
}

func TestStopAfterACrashMarksATaskToo(t *testing.T) {
	t.Parallel()
	for name, readable := range map[string]bool{"what is told of it": true, "what nobody tells": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h, model := newLibrary(t, 0)
				h.chat.Past = h.chatter("C", "m1", 12)
				for i := range h.chat.Past {
					h.chat.Past[i].Ref = h.ref
				}
				ctx, crash := context.WithCancel(t.Context())
				model.fail = func(int, llm.Request) error {
					time.Sleep(5 * time.Second)
					crash()
					return context.Canceled
				}
				h.say(t, 5000, "Ana", "@Parley summarize this thread")
				turn, _ := h.store.Begin(h.ref)
				turn.Task = &c.Task{Kind: c.TaskSummary}
				if _, err := h.RunTurn(ctx, turn); err == nil {
					t.Fatal("the process has not ended")
				}
				if before := h.chat.Posts(); len(before) != 1 || !before[0].Stop {
					t.Fatalf("people see %+v", before)
				}
				if !readable {
					h.chat.RangeErr = &c.Failure{Code: c.CodeNotReadable}
				}
				again, _ := h.store.Begin(h.ref)
				again.Task, again.Stopped = turn.Task, true
				got, err := h.RunTurn(t.Context(), again)
				after := h.chat.Posts()
				if err != nil || got.Kind != c.Withdrawn || len(after) != 1 || after[0].Stop || !strings.HasSuffix(after[0].Text, "*(Stopped.)*") ||
					strings.Contains(after[0].Text, "…") || len(got.Parts) != 1 {
					t.Errorf("outcome %+v, %v, people see %+v", got, err, after)
				}
			})
		})
	}
}

func TestStopLeavesAFinishedAnswerAsItIs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, conversationtest.Script{Deltas: words(3)})
		h.say(t, 1, "Ana", "@Parley count")
		turn, _ := h.store.Begin(h.ref)
		if _, err := h.RunTurn(t.Context(), turn); err != nil {
			t.Fatal(err)
		}
		again, _ := h.store.Begin(h.ref) // as after an edit of the question
		again.Stopped = true
		got, err := h.RunTurn(t.Context(), again)
		if err != nil || len(got.Parts) != 1 {
			t.Errorf("outcome %+v, %v", got, err)
		}
		h.one(t, "word0 word1 word2")
	})
}

func TestDecideStop(t *testing.T) {
	t.Parallel()
	self := []c.Mention{{Kind: c.MentionSelf, ID: "U0", Name: "Parley"}}
	say := func(text string, place c.Place, mentions []c.Mention) c.Message {
		return c.Message{Place: place, Author: c.Author{ID: "U1", Kind: c.Person}, Text: text, Mentions: mentions}
	}
	policy := c.Policy{FollowUps: c.FollowUpsThread}
	waiting := c.View{Ours: true, Waiting: true}
	for name, tt := range map[string]struct {
		m    c.Message
		v    c.View
		stop bool
	}{
		"stop in a thread":             {say("stop", c.PlaceThread, nil), waiting, true},
		"mention and stop":             {say("@Parley STOP!", c.PlaceThread, self), waiting, true},
		"another language":             {say("Stopp.", c.PlaceDM, nil), waiting, true},
		"without spaces":               {say("停止", c.PlaceDM, nil), waiting, true},
		"a sentence with stop":         {say("stop using that library?", c.PlaceThread, nil), waiting, false},
		"nothing is waited for":        {say("stop", c.PlaceThread, nil), c.View{Ours: true}, false},
		"a word read after an absence": {say("stop", c.PlaceThread, nil), c.View{Ours: true, Waiting: true, CaughtUp: true}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := policy.Decide(tt.m, tt.v)
			if got.Stop != tt.stop || got.Respond == tt.stop || !got.Addressed {
				t.Errorf("decision %+v, want stop %t", got, tt.stop)
			}
		})
	}
}

func TestStopWithNothingBeingWrittenNeedsNoModel(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"@Parley stop", "@Parley Stop!", "@Parley, stopp"} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, conversationtest.Script{Deltas: []string{"ok"}})
			h.say(t, 1, "Ana", word)
			got := h.work(t)
			h.one(t, "Nothing is being written here right now.")
			if len(got) != 1 || got[0].Kind != c.Answered || len(h.model.Requests()) != 0 {
				t.Errorf("outcomes %+v after %d requests", got, len(h.model.Requests()))
			}
		})
	}
}

func TestStopOfOneLeavesTheQuestionOfAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, conversationtest.Script{Deltas: []string{"ok"}})
		h.say(t, 1, "Bo", "@Parley when?")
		h.say(t, 2, "Ana", "@Parley stop")
		h.work(t)
		if posts := h.chat.Posts(); len(h.model.Requests()) == 0 || posts[0].Text != "ok" {
			t.Errorf("after %d requests people see %+v", len(h.model.Requests()), posts)
		}
	})
}
