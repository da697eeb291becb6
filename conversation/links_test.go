package conversation_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	c "parley/conversation"
	"parley/conversation/conversationtest"
)

const invented = "https://evil.example/x"

func TestALinkOfTheModelStaysInertInItsNextAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		answer := "See " + invented + " and [click](https://evil.example/y), or https://wiki.example/a and https://bot.example/b."
		h := newHouse(t, conversationtest.Script{Deltas: []string{answer}}, conversationtest.Script{Deltas: []string{answer}}, conversationtest.Script{Deltas: []string{answer}})
		bot := h.message(2, "B1", "Built: https://bot.example/b")
		bot.Author.Kind = c.Bot
		h.chat.Past = []c.Message{h.message(1, "Bo", "Look at <https://wiki.example/a>."), bot}
		h.say(t, 3, "Ana", "@Parley where?")
		h.work(t)
		h.say(t, 4000, "Ana", "@Parley and again?")
		h.work(t)
		h.say(t, 5000, "Ana", "@Parley what is http://asked.example/c then?")
		h.work(t)
		posts := h.chat.Posts()
		if len(posts) != 3 || !strings.Contains(h.model.Prompt(2), invented) {
			t.Fatalf("%d answers, the last prompt is\n%s", len(posts), h.model.Prompt(2))
		}
		want := []string{"https://bot.example/b", "https://wiki.example/a"}
		for i, p := range posts {
			if i == 2 {
				want = slices.Insert(want, 0, "http://asked.example/c")
			}
			if !slices.Equal(p.Known, want) {
				t.Errorf("in answer %d may act %q, want %q", i+1, p.Known, want)
			}
		}
	})
}

func TestALinkOfTheModelStaysInertAfterAnEdit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, conversationtest.Script{Deltas: []string{invented}}, conversationtest.Script{Deltas: []string{invented}})
		h.say(t, 1, "Ana", "@Parley where?")
		h.work(t)
		m := h.message(1, "Ana", "@Parley where now?")
		m.Revision, m.EditedAt = 1, h.Clock()
		if err := h.Ingest(context.Background(), c.Edited{Message: m}); err != nil {
			t.Fatal(err)
		}
		h.work(t)
		for _, p := range h.chat.Posts() {
			if len(p.Known) != 0 {
				t.Errorf("%q lets %q act", p.Text, p.Known)
			}
		}
		if len(h.model.Requests()) != 2 {
			t.Errorf("%d requests, want one for each text", len(h.model.Requests()))
		}
	})
}

func TestWhatAModelSawInAFileIsNoLinkOfTheConversation(t *testing.T) {
	t.Parallel()
	for _, verdict := range []c.Verdict{c.VerdictDescribed, c.VerdictTranscribed, c.VerdictRead} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, conversationtest.Script{Deltas: []string{invented}})
			m := h.message(1, "Bo", "Look.")
			m.Attachments = []c.Attachment{{ID: "F1", Kind: c.AttachmentImage, Name: "sign.png", Verdict: verdict, Description: "A sign: " + invented}}
			h.chat.Past = []c.Message{m}
			h.say(t, 2, "Ana", "@Parley where?")
			h.work(t)
			if !strings.Contains(h.model.Prompt(0), invented) {
				t.Fatalf("the model is not told:\n%s", h.model.Prompt(0))
			}
			if known := h.chat.Posts()[0].Known; len(known) != 0 {
				t.Errorf("%s: %q may act", verdict, known)
			}
		})
	}
}

func TestSourcesOfASummaryStayLinks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, conversationtest.Script{Deltas: []string{"ok"}})
		source, unread := h.chat.Link(h.ref, "m1"), h.chat.Link(h.ref, "m77")
		told := h.message(2, "U0", "Ana agreed [1]("+source+"), Bo did [2]("+unread+") and so "+invented)
		told.Author.Kind = c.Self
		h.chat.Past = []c.Message{h.message(1, "Ana", "Agreed."), told}
		h.say(t, 3, "Ana", "@Parley who agreed?")
		h.work(t)
		if known := h.chat.Posts()[0].Known; !slices.Equal(known, []string{source}) {
			t.Errorf("%q may act, want %q alone", known, source)
		}
	})
}

func TestASummaryTakesNoLinkFromWhatAModelSaw(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, model := newLibrary(t, 0)
		h.chat.Past = h.chatter("C", "m1", 6)
		for i := range h.chat.Past {
			h.chat.Past[i].Ref = h.ref
		}
		h.chat.Past[2].Text = "We agreed to read https://wiki.example/a at once."
		h.chat.Past[3].Attachments = []c.Attachment{{ID: "F1", Kind: c.AttachmentImage, Name: "sign.png", Verdict: c.VerdictDescribed, Description: "We agreed to open " + invented + " today."}}
		h.say(t, 5000, "Ana", "@Parley summarize this thread")
		h.work(t)
		if prompt := promptOf(model.requests[0]); strings.Contains(prompt, invented) || !strings.Contains(prompt, "evil.example/x") {
			t.Errorf("the model reads\n%s", prompt)
		}
		for _, p := range h.chat.Posts() {
			if slices.ContainsFunc(p.Known, func(u string) bool { return strings.Contains(u, "evil") }) {
				t.Errorf("%q may act", p.Known)
			}
		}
	})
}
