package conversation_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	c "parley/conversation"
	"parley/conversation/conversationtest"
	"parley/llm"
)

func TestASummaryThatGrewDoesNotOutliveTheLeaveToRead(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		readers []string
		kind    c.OutcomeKind
		direct  bool
	}{
		"nobody may read it any more":      {nil, c.Refused, false},
		"only who asked may still read it": {[]string{"Ana"}, c.Answered, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h, model := newLibrary(t, 0)
				h.chat.Channels = map[string][]c.Message{"open": h.chatter("open", "s1", 12)}
				model.answer = func(kind string, lines []said) string { // everybody could, until the model wrote
					h.chat.Readers = map[string][]string{"open": tt.readers}
					h.chat.Unreadable = map[string]bool{"open": true}
					return tellEach(kind, lines)
				}
				h.say(t, 1, "Ana", "@Parley summarize https://chat.example/open/s1/open-001")
				got := h.work(t)
				if text := everything(h.posted("C")); strings.Contains(text, "wall") {
					t.Errorf("everybody reads %q", text)
				}
				if direct := strings.Contains(everything(h.posted("DAna")), "wall"); len(got) != 1 || got[0].Kind != tt.kind || direct != tt.direct {
					t.Errorf("outcomes %+v, direct messages %q", got, h.posted("DAna"))
				}
			})
		})
	}
}

func TestWhatAFailedRequestMightHaveCostIsFreeAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked, accounted atomic.Int64
		model := &reader{fail: func(n int, _ llm.Request) error {
			if n == 0 {
				return &llm.Error{Kind: llm.KindOverloaded}
			}
			return nil
		}}
		sumUp(t, model, c.SummaryJob{Source: talk(20),
			Ask: func(context.Context, llm.Request) (func(c.Spend), error) {
				asked.Add(1)
				return func(c.Spend) { accounted.Add(1) }, nil
			}})
		if asked.Load() < 2 || asked.Load() != accounted.Load() {
			t.Errorf("%d requests asked for, %d accounted", asked.Load(), accounted.Load())
		}
	})
}

func TestALinkedFilmBecomesATask(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, _ := newGallery(t, true, false)
		h.Options.Readings = h.store
		film := h.message(1, "Bo", "look")
		film.Ref.Channel, film.Attachments = "F", []c.Attachment{{ID: "film.mp4", Name: "film.mp4", Kind: c.AttachmentVideo}}
		h.chat.Channels = map[string][]c.Message{"F": {film}}
		got, err := h.RunTurn(t.Context(), h.command(t, c.Ask{Verb: c.VerbDescribe, Source: film.Ref, MessageID: film.ID}, "/parley describe"))
		if err != nil || got.Task == nil || got.Task.Kind != c.TaskMedia {
			t.Errorf("outcome %+v, %v", got, err)
		}
		if read := h.chat.Ranges(); len(read) != 1 || read[0].Only != film.ID || read[0].Reader != "Ana" {
			t.Errorf("read %+v for one message", read)
		}
	})
}

func TestAnAnswerThatBecameShortLeavesNoDirectMessage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, conversationtest.Script{Deltas: []string{strings.Repeat("many words ", 30)}}, conversationtest.Script{Deltas: []string{"short"}})
		turn := h.command(t, c.Ask{Verb: c.VerbAsk}, "/parley please answer")
		if _, err := h.RunTurn(t.Context(), turn); err != nil || len(h.posted("DAna")) == 0 {
			t.Fatalf("direct messages %q, %v", h.posted("DAna"), err)
		}
		again, ok := h.store.Begin(turn.Ref) // the process ended before the outcome was recorded
		if !ok || len(again.Parts) == 0 {
			t.Fatalf("turn %+v", again)
		}
		if _, err := h.RunTurn(t.Context(), again); err != nil {
			t.Fatal(err)
		}
		if w := h.chat.Whispers(); len(h.posted("DAna")) != 0 || w[len(w)-1].Text != "short" {
			t.Errorf("whispers %+v, and still the direct message %q", w, h.posted("DAna"))
		}
	})
}

func TestAFaultWhileAChunkIsReadEndsTheTurnAndNotTheProcess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, model := newLibrary(t, 4096)
		h.chat.Past = h.chatter("C", "m1", 400)
		for i := range h.chat.Past {
			h.chat.Past[i].Ref = h.ref
		}
		model.answer = func(kind string, lines []said) string {
			if kind == "map" {
				panic("a fault of our own")
			}
			return tellEach(kind, lines)
		}
		h.say(t, 50000, "Ana", "@Parley summarize this thread")
		if got := h.work(t); len(got) != 1 || got[0].Kind != c.Failed || got[0].Reason != c.CodeInternal {
			t.Errorf("outcomes %+v", got)
		}
	})
}

func TestProgressWhoseFateIsUnknownBecomesTheSummary(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, model := newLibrary(t, 0)
		h.chat.Past = h.chatter("C", "m1", 12)
		for i := range h.chat.Past {
			h.chat.Past[i].Ref = h.ref
		}
		h.chat.PostFaults = []conversationtest.Fault{{Err: &c.Failure{Code: c.CodeSendUnknown, Retry: true}, Lost: true}}
		model.answer = func(kind string, lines []said) string {
			time.Sleep(4 * time.Second) // progress is told after three
			return tellEach(kind, lines)
		}
		h.say(t, 5000, "Ana", "@Parley summarize this thread")
		h.work(t)
		if text := everything(h.posted("C")); !strings.Contains(text, "12 of 12") || strings.Contains(text, "writing the summary") {
			t.Errorf("people read %q", text)
		}
	})
}

func TestWhoSharesWhereParleyMayNotPostIsToldSo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, _ := newLibrary(t, 0)
		h.chat.Channels = map[string][]c.Message{"quiet": h.chatter("quiet", "s1", 2)}
		thread := c.ThreadRef{Platform: c.Slack, Workspace: "T", Channel: "quiet", Thread: "s1"}
		h.ask(t, "i1", "Ana", "quiet", c.Ask{Verb: c.VerbSummarize, Source: thread, MessageID: "quiet-001"})
		whispers := h.chat.Whispers()
		h.chat.PostFaults = []conversationtest.Fault{{Err: &c.Failure{Code: c.CodePlatformRefused}}}
		h.ask(t, "i2", "Ana", "quiet", c.Ask{Verb: c.VerbShare, Text: whispers[len(whispers)-1].Share})
		after := h.chat.Whispers()
		if len(after) != len(whispers)+1 || !strings.Contains(after[len(after)-1].Text, "may not post there") || len(h.posted("quiet")) != 0 {
			t.Errorf("whispers %+v, posts %q", after, h.posted("quiet"))
		}
	})
}
