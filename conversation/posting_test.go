package conversation_test

import (
	"strings"
	"testing"
	"testing/synctest"

	c "parley/conversation"
)

func TestWhoMayNotWriteThereSharesNothing(t *testing.T) {
	t.Parallel()
	thread := c.ThreadRef{Platform: c.Slack, Workspace: "T", Channel: "news", Thread: "s1"}
	summarize := c.Ask{Verb: c.VerbSummarize, Source: thread, MessageID: "news-001"}
	t.Run("no button is offered", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			h, _ := newLibrary(t, 0)
			h.chat.Channels = map[string][]c.Message{"news": h.chatter("news", "s1", 2)}
			h.chat.Quiet = map[string]bool{"news": true}
			h.ask(t, "i1", "Ana", "news", summarize)
			w := h.chat.Whispers()
			if last := w[len(w)-1]; last.Share != "" || !strings.Contains(last.Text, "wall") {
				t.Errorf("Ana sees %+v", last)
			}
		})
	})
	t.Run("it is asked again when the button is pressed", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			h, _ := newLibrary(t, 0)
			h.chat.Channels = map[string][]c.Message{"news": h.chatter("news", "s1", 2)}
			h.ask(t, "i1", "Ana", "news", summarize)
			w := h.chat.Whispers()
			button := w[len(w)-1].Share
			if button == "" {
				t.Fatalf("no button under %+v", w)
			}
			h.chat.Quiet = map[string]bool{"news": true}
			got := h.ask(t, "i2", "Ana", "news", c.Ask{Verb: c.VerbShare, Text: button})
			w = h.chat.Whispers()
			if len(h.posted("news")) != 0 || !strings.Contains(w[len(w)-1].Text, "may not write there") || got[0].Kind != c.Refused || got[0].Reason != c.CodeNotPostable {
				t.Errorf("outcome %+v, Ana sees %+v, everybody %q", got, w[len(w)-1], h.posted("news"))
			}
		})
	})
}
