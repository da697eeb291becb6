package conversation_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	c "parley/conversation"
	"parley/conversation/conversationtest"
)

// command is a turn that answers a command of Ana's.
func (h *house) command(t *testing.T, ask c.Ask, text string) c.Turn {
	t.Helper()
	ref := h.ref
	ref.Thread = c.CommandThread("i1")
	ask.Handle, ask.Expires = "handle", time.Now().Add(30*time.Minute)
	m := c.Message{Ref: ref, Place: c.PlacePrivate, ID: ref.Thread, Author: c.Author{ID: "Ana", Name: "Ana", Kind: c.Person}, Text: text, SentAt: time.Now(), Ask: &ask}
	if err := h.Ingest(context.Background(), c.Posted{Message: m}); err != nil {
		t.Fatal(err)
	}
	turn, ok := h.store.Begin(ref)
	if !ok {
		t.Fatal("no turn is owed to the command")
	}
	return turn
}

func TestCommandIsAnsweredPrivately(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, conversationtest.Script{Deltas: []string{"ok"}})
		got, err := h.RunTurn(t.Context(), h.command(t, c.Ask{Verb: c.VerbHelp}, "/parley please answer"))
		if err != nil || got.Kind != c.Answered {
			t.Fatalf("outcome %+v, %v", got, err)
		}
		if w := h.chat.Whispers(); len(w) != 1 || w[0].To != "Ana" || w[0].Text != "ok" {
			t.Errorf("whispers %+v", w)
		}
		if len(h.chat.Posts()) != 0 {
			t.Errorf("everybody sees %+v", h.chat.Posts())
		}
	})
}

func TestLongOrLateWhisperBecomesADirectMessage(t *testing.T) {
	t.Parallel()
	gone := &c.Failure{Code: c.CodeHandleGone}
	for name, tt := range map[string]struct {
		answer string
		err    error
		wait   time.Duration
	}{
		"long":        {strings.Repeat("many words ", 30), nil, 0},
		"used up":     {"short", gone, 0},
		"out of date": {"short", nil, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, conversationtest.Script{Deltas: []string{tt.answer}, Pause: tt.wait})
				h.Options.TurnTimeout = 2 * time.Hour
				h.chat.WhisperErr = tt.err
				got, err := h.RunTurn(t.Context(), h.command(t, c.Ask{Verb: c.VerbHelp}, "/parley please answer"))
				if err != nil || got.Kind != c.Answered {
					t.Fatalf("outcome %+v, %v", got, err)
				}
				var all []string
				for _, p := range h.chat.Posts() {
					if p.Ref.Channel != "DAna" || p.ReplyTo != "" {
						t.Errorf("part stands in %v as answer to %q", p.Ref, p.ReplyTo)
					}
					all = append(all, p.Text)
				}
				if strings.Join(all, " ") != strings.TrimSpace(tt.answer) {
					t.Errorf("direct message %q", all)
				}
				for _, part := range got.Parts {
					if part.Ref.Channel != "DAna" {
						t.Errorf("part is recorded in %v", part.Ref)
					}
				}
			})
		})
	}
}

func TestWhoTakesNoDirectMessagesGetsTheBeginning(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, conversationtest.Script{Deltas: []string{strings.Repeat("many words ", 30)}})
		h.chat.DirectErr = &c.Failure{Code: c.CodePlatformRefused}
		got, err := h.RunTurn(t.Context(), h.command(t, c.Ask{Verb: c.VerbHelp}, "/parley please answer"))
		if err != nil || got.Kind != c.Answered {
			t.Fatalf("outcome %+v, %v", got, err)
		}
		w := h.chat.Whispers()
		if len(w) != 1 || !strings.HasPrefix(w[0].Text, "many words") || !strings.Contains(w[0].Text, "There is more") || len(h.chat.Posts()) != 0 {
			t.Errorf("whispers %+v, posts %+v", w, h.chat.Posts())
		}
	})
}
