package conversation_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	c "parley/conversation"
	"parley/conversation/conversationtest"
)

func TestAnAnswerIsNotPackedWithoutItsQuestion(t *testing.T) {
	t.Parallel()
	for size := 1300; size < 2200; size += 100 {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, conversationtest.Script{Deltas: []string{"ok"}})
			h.model.Window = size
			for i := range 40 {
				question := h.message(2*i+1, "Ana", fmt.Sprintf("question%d? %s", i, strings.Repeat("words ", 5+i%7)))
				answer := h.message(2*i+2, "U0", fmt.Sprintf("answer%d. %s", i, strings.Repeat("more ", i%11)))
				answer.Author = c.Author{ID: "U0", Name: "Parley", Kind: c.Self}
				h.chat.Past = append(h.chat.Past, question, answer)
			}
			h.say(t, 4000, "Ana", "@Parley and now?")
			h.work(t)
			prompt := h.model.Prompt(0)
			kept := 0
			for i := range 40 {
				has := func(word string) bool {
					return strings.Contains(prompt, fmt.Sprintf("%s%d", word, i)+"?") || strings.Contains(prompt, fmt.Sprintf("%s%d", word, i)+".")
				}
				if has("answer") && !has("question") {
					t.Errorf("window of %d: answer %d stands without its question", size, i)
				}
				if has("answer") {
					kept++
				}
			}
			if kept == 0 || kept == 40 {
				t.Errorf("window of %d keeps %d answers: nothing was tried", size, kept)
			}
		})
	}
}

func TestLongPastesShrinkBeforeMessagesFallOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, conversationtest.Script{Deltas: []string{"ok"}})
		h.model.Window = 4096
		for i := range 12 {
			text := fmt.Sprintf("short%d", i)
			if i%2 == 1 {
				text = fmt.Sprintf("paste%d %s", i, strings.Repeat("line of a log ", 300))
			}
			h.chat.Past = append(h.chat.Past, h.message(i+1, "Ana", text))
		}
		h.say(t, 4000, "Ana", "@Parley and now?")
		if got := h.work(t)[0]; got.Omitted != 0 {
			t.Errorf("%d messages fell out", got.Omitted)
		}
		prompt := h.model.Prompt(0)
		for i := range 12 {
			if !strings.Contains(prompt, fmt.Sprintf("short%d", i)) && !strings.Contains(prompt, fmt.Sprintf("paste%d", i)) {
				t.Errorf("message %d fell out", i)
			}
		}
	})
}

func TestTheMessageAtTheEdgeFillsWhatIsLeft(t *testing.T) {
	t.Parallel()
	for size := 1400; size < 2400; size += 50 {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, conversationtest.Script{Deltas: []string{"ok"}})
			h.model.Window = size
			for i := range 40 {
				h.chat.Past = append(h.chat.Past, h.message(i+1, "Ana", fmt.Sprintf("begin%d %s end%d", i, strings.Repeat("words that go on\n", 40), i)))
			}
			h.say(t, 4000, "Ana", "@Parley and now?")
			h.work(t)
			prompt, p := h.model.Prompt(0), h.model.Profile()
			request := h.model.Requests()[0]
			room := size - request.MaxOutput
			if used := p.BoundRequest(request); used > room || used < room*9/10 {
				t.Errorf("window of %d: %d tokens of %d", size, used, room)
			}
			if n := strings.Count(prompt, "\n1| Ana: begin"); n != 1 {
				t.Errorf("window of %d: the lines are not numbered from 1:\n%s", size, prompt)
			}
			for i := range 40 {
				if strings.Contains(prompt, fmt.Sprintf("begin%d ", i)) && !strings.Contains(prompt, fmt.Sprintf("end%d\n", i)) {
					t.Errorf("window of %d: message %d is cut at its end", size, i)
				}
			}
			if !strings.Contains(prompt, "characters left out …]") {
				t.Errorf("window of %d: nothing marks what is cut", size)
			}
		})
	}
}

func TestAnswersFromElsewhereNeedLeaveToRead(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		readers []string
		place   c.Place
		told    bool
	}{
		"may and is alone":       {[]string{"Ana"}, c.PlaceDM, true},
		"may and others may not": {[]string{"Ana"}, c.PlaceThread, false},
		"may not":                {nil, c.PlaceDM, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, conversationtest.Script{Deltas: []string{"ok"}})
				h.chat.Unreadable = map[string]bool{"secret": true}
				h.chat.Readers = map[string][]string{"secret": tt.readers}
				told := h.message(1, "U0", "The launch code is mango.")
				told.Author = c.Author{ID: "U0", Name: "Parley", Kind: c.Self}
				told.Source = c.ThreadRef{Platform: c.Slack, Workspace: "T", Channel: "secret"}
				h.chat.Past = []c.Message{told}
				m := h.message(2, "Ana", "@Parley what was the code?")
				m.Place = tt.place
				if err := h.Ingest(t.Context(), c.Posted{Message: m}); err != nil {
					t.Fatal(err)
				}
				h.work(t)
				if strings.Contains(h.model.Prompt(0), "mango") != tt.told {
					t.Errorf("who asks %s read the source gets\n%s", name, h.model.Prompt(0))
				}
			})
		})
	}
}
