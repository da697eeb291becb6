package conversation_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	c "parley/conversation"
	"parley/conversation/conversationtest"
	"parley/llm"
)

// same compares sums of US dollars.
func same(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

func TestSpeechIsReservedBeforeItIsSentAndCountedAfterwards(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		told     time.Duration
		heard    time.Duration
		reserved []float64
	}{
		"by our own measure where the server tells nothing": {0, time.Minute, []float64{3, 6}},
		"by the server's where it tells":                    {20 * time.Second, 40 * time.Second, []float64{3, 5}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h, ears := newGallery(t, false, false)
				ears.Price, ears.Told = 6, tt.told
				b := &budget{}
				h.Budget = b
				h.send(t, 1, "@Parley", map[string]string{"note.ogg": "audio one\ntwo"})
				got := h.work(t)[0]
				h.one(t, "> (en) one two")
				if !slices.EqualFunc(b.usd, tt.reserved, same) || slices.Max(b.tokens) != 0 {
					t.Errorf("reserved %v dollars and %v tokens, want %v", b.usd, b.tokens, tt.reserved)
				}
				want := c.Spend{Model: "ears", Heard: tt.heard, CostUSD: tt.heard.Minutes() * 6}
				if !same(got.CostUSD, want.CostUSD) || len(got.Spent) != 1 || got.Spent[0].Heard != want.Heard || got.Spent[0].Model != want.Model || got.Model != "ears" {
					t.Errorf("outcome %+v, want %+v", got, want)
				}
			})
		})
	}
}

func TestABudgetThatEndsInARecordingLeavesWhatWasWrittenDown(t *testing.T) {
	t.Parallel()
	for name, question := range map[string]string{"alone": "@Parley", "with a question": "@Parley what does she want?"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h, ears := newGallery(t, false, false, answers("Tea.")...)
				ears.Price = 6
				h.Budget = &budget{answers: []error{nil, nil, c.ErrBudget}}
				h.send(t, 1, question, map[string]string{"note.ogg": "audio one\ntwo\n100%s"})
				got := h.work(t)[0]
				text := ""
				for _, p := range h.chat.Posts() {
					text += p.Text + " "
				}
				if !strings.HasPrefix(text, "> (en) one two") || !strings.Contains(text, "what I may spend in a day is used up") || !strings.Contains(text, "00:00 UTC, in about 24 hours") {
					t.Errorf("people see %q", text)
				}
				if got.Kind != c.Refused || got.Reason != c.CodeBudget || !same(got.CostUSD, 6) || ears.Calls != 2 {
					t.Errorf("outcome %+v after %d calls", got, ears.Calls)
				}
				h.Budget = &budget{}
				h.send(t, 2, "@Parley transcribe", map[string]string{"again.ogg": "audio one\ntwo\n100%s"})
				h.work(t)
				if posts := h.chat.Posts(); ears.Calls != 5 || posts[len(posts)-1].Text != "> (en) one two 100%s" {
					t.Errorf("a part was kept for the whole: after %d calls people see %q", ears.Calls, posts[len(posts)-1].Text)
				}
			})
		})
	}
}

func TestWhatWasMadeOfOtherFilesIsShownWhereTheBudgetEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, ears := newGallery(t, false, false)
		ears.Price = 6
		h.Budget = &budget{answers: []error{nil, c.ErrBudget}}
		m := h.message(1, "Ana", "@Parley")
		for _, name := range []string{"a.ogg", "b.ogg"} {
			m.Attachments = append(m.Attachments, c.Attachment{ID: name, Name: name, Kind: c.AttachmentAudio})
			h.chat.FileBytes[name] = "audio heard in " + name
		}
		if err := h.Ingest(t.Context(), c.Posted{Message: m}); err != nil {
			t.Fatal(err)
		}
		h.work(t)
		text := ""
		for _, p := range h.chat.Posts() {
			text += p.Text + " "
		}
		if !strings.HasPrefix(text, "**`a.ogg`**\n> (en) heard in a.ogg") || !strings.Contains(text, "is used up") || strings.Contains(text, "heard in b.ogg") {
			t.Errorf("people see %q", text)
		}
	})
}

// tiring is a Transcriber that takes only so many sounds.
type tiring struct {
	*conversationtest.Transcriber
	takes int
}

// Transcribe implements c.Transcriber.
func (t *tiring) Transcribe(ctx context.Context, r llm.TranscribeRequest) (llm.Transcript, error) {
	if t.Calls >= t.takes {
		return llm.Transcript{}, &llm.Error{Kind: llm.KindModality, Message: "no more"}
	}
	return t.Transcriber.Transcribe(ctx, r)
}

func TestAPartOfARecordingIsNotKeptForTheWhole(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, ears := newGallery(t, false, false)
		server := &tiring{ears, 1}
		h.Options.Transcriber = server
		h.send(t, 1, "@Parley", map[string]string{"note.ogg": "audio one\ntwo"})
		h.work(t)
		if posts := h.chat.Posts(); len(posts) == 0 || strings.Contains(posts[0].Text, "one") {
			t.Errorf("people see %+v", posts)
		}
		server.takes = 10
		h.send(t, 2, "@Parley", map[string]string{"again.ogg": "audio one\ntwo"})
		h.work(t)
		if posts := h.chat.Posts(); posts[len(posts)-1].Text != "> (en) one two" {
			t.Errorf("people see %q", posts[len(posts)-1].Text)
		}
	})
}

func TestWhatIsPaidOfARecording(t *testing.T) {
	t.Parallel()
	wav := llm.TranscribeRequest{Bytes: make([]byte, 50_000)}
	known := wav
	known.Length = 7 * time.Second
	huge := llm.TranscribeRequest{Size: 80_000_000}
	for name, tt := range map[string]struct {
		request llm.TranscribeRequest
		got     llm.Transcript
		err     error
		want    time.Duration
	}{
		"what the server says":                 {known, llm.Transcript{Duration: 8 * time.Second}, nil, 8 * time.Second},
		"else what was sent":                   {known, llm.Transcript{}, nil, 7 * time.Second},
		"of unknown length, what it can be":    {wav, llm.Transcript{}, nil, 100 * time.Second},
		"and no more than a server takes":      {huge, llm.Transcript{}, nil, 4 * time.Hour},
		"nothing where it was refused":         {known, llm.Transcript{}, &llm.Error{Kind: llm.KindModality}, 0},
		"all where the wait for it was ended":  {known, llm.Transcript{}, &llm.Error{Kind: llm.KindCancelled}, 7 * time.Second},
		"all where it took too long to answer": {known, llm.Transcript{}, fmt.Errorf("wrapped: %w", &llm.Error{Kind: llm.KindTimeout}), 7 * time.Second},
	} {
		if got := c.SpeechHeard(tt.request, tt.got, tt.err); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

func TestWhatAnotherModelSeesStandsUnderItsName(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, _ := newGallery(t, false, false, answers("A bus.")...)
		h.Options.Vision = named{&conversationtest.Model{Sees: true, Scripts: answers("A blue bus.")}}
		h.send(t, 1, "@Parley what is this?", map[string]string{"a.png": "image bus"})
		got := h.work(t)[0]
		each := (100*.02 + 10*.04) / 1e6
		if len(got.Spent) != 2 || got.Spent[0].Model != "eyes" || !same(got.Spent[0].CostUSD, each) || got.Spent[1].Model != "google/gemma-3n-E4B-it" ||
			!same(got.CostUSD, 2*each) || got.Model != "google/gemma-3n-E4B-it" {
			t.Errorf("outcome %+v", got)
		}
	})
}

// named is a model that tells its name.
type named struct{ other }

type other = *conversationtest.Model

// Model implements conversation.Named.
func (named) Model() string { return "eyes" }
