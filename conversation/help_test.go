package conversation_test

import (
	"strings"
	"testing"
	"testing/synctest"

	c "parley/conversation"
	"parley/conversation/conversationtest"
)

func TestTheCommandForHelpNeedsNoModel(t *testing.T) {
	t.Parallel()
	for platform, want := range map[c.Platform]string{c.Slack: "`/parley summarize`", c.Discord: "`/summarize`"} {
		for _, text := range []string{"/parley", "/parley help", "/parley frobnicate", "/help"} {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, conversationtest.Script{Deltas: []string{"ok"}})
				h.Messengers[c.Discord], h.ref.Platform = h.chat, platform
				got, err := h.RunTurn(t.Context(), h.command(t, c.Ask{Verb: c.VerbHelp}, text))
				if err != nil || got.Kind != c.Answered || len(h.model.Requests()) != 0 {
					t.Fatalf("%q: outcome %+v, %v after %d requests", text, got, err, len(h.model.Requests()))
				}
				read := told(h.chat.Whispers())
				for _, p := range h.chat.Posts() {
					if p.Ref.Channel != "DAna" {
						t.Errorf("everybody reads %q", p.Text)
					}
					read += " " + p.Text
				}
				if !strings.Contains(read, "What did we decide here?") || !strings.Contains(read, want) {
					t.Errorf("%q on %s: Ana reads %q", text, platform, read)
				}
			})
		}
	}
}

func TestHelpInAChatTellsNoCommands(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, conversationtest.Script{Deltas: []string{"ok"}})
		h.say(t, 1, "Ana", "@Parley help")
		h.work(t)
		var read string
		for _, p := range h.chat.Posts() {
			read += p.Text + " "
		}
		if !strings.Contains(read, "What did we decide here?") || strings.Contains(read, "/parley") || len(h.model.Requests()) != 0 {
			t.Errorf("after %d requests people read %q", len(h.model.Requests()), read)
		}
	})
}
