package conversation_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	c "parley/conversation"
	"parley/conversation/conversationtest"
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
