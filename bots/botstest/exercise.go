package botstest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/conversation"
	"parley/conversation/conversationtest"
)

// Exercise runs the suite on houses of one platform.
func Exercise(t *testing.T, platform conversation.Platform, build func(*testing.T, Ingester) House) {
	t.Helper()
	say := func(deltas ...string) conversationtest.Script { return conversationtest.Script{Deltas: deltas} }
	start := func(t *testing.T, scripts ...conversationtest.Script) *world {
		t.Helper()
		t.Parallel()
		return open(t, platform, build, scripts...)
	}

	t.Run("a mention is answered once where it was asked", func(t *testing.T) {
		w := start(t, say("The **answer** ", "is 42."))
		p := w.Mention(t, "what is the answer?")
		w.answered(t, p, "is 42.")
		w.one(t, p)
		if prompt := w.model.Prompt(0); !strings.Contains(prompt, "what is the answer?") || strings.Contains(prompt, "<@") {
			t.Errorf("the model reads a raw mention or no question:\n%s", prompt)
		}
	})
	t.Run("a direct message is answered", func(t *testing.T) {
		w := start(t, say("Hello."))
		p := w.Direct(t, "hi")
		w.answered(t, p, "Hello.")
		w.one(t, p)
	})
	t.Run("talk in a channel is left alone", func(t *testing.T) {
		w := start(t, say("Hello."))
		w.Chat(t, "nothing for the bot")
		p := w.Mention(t, "hello")
		w.answered(t, p, "Hello.")
		if n := len(w.model.Requests()); n != 1 {
			t.Errorf("the model was asked %d times, want once", n)
		}
	})
	t.Run("a thread is read from its beginning and followed", func(t *testing.T) {
		w := start(t, say("Friday."), say("In Lisbon."))
		p := w.Thread(t, []string{"The launch is on Friday", "It happens in Lisbon"}, "when is it?")
		w.answered(t, p, "Friday.")
		w.Reply(t, p, "and where?")
		w.answered(t, p, "In Lisbon.")
		if prompt := w.model.Prompt(0); !strings.Contains(prompt, "launch is on Friday") || !strings.Contains(prompt, "in Lisbon") {
			t.Errorf("the first prompt lacks the thread:\n%s", prompt)
		}
		if prompt := w.model.Prompt(1); !strings.Contains(prompt, ": Friday.") {
			t.Errorf("the second prompt lacks the first answer:\n%s", prompt)
		}
	})
	t.Run("what the model writes pings nobody and previews nothing", func(t *testing.T) {
		w := start(t, say("Hey @everyone @here @channel <!channel> <!here> <@U123> <@123456789012345678> <@&123456789012345678> see https://evil.example/?q=secret and ![x](https://evil.example/p.png) end."))
		p := w.Mention(t, "please look at https://known.example/page")
		w.answered(t, p, "end.")
		for _, seen := range w.Seen(p) {
			if seen.Previews > 0 || len(seen.Pings) > 1 {
				t.Errorf("%d previews, pings %v by %q", seen.Previews, seen.Pings, seen.Text)
			}
			for _, ping := range seen.Pings {
				if strings.ContainsAny(ping, "@!") || ping == "everyone" || ping == "here" || ping == "channel" {
					t.Errorf("mass mention %q by %q", ping, seen.Text)
				}
			}
		}
	})
	t.Run("an answer of 3,000 tokens arrives whole within the limits", func(t *testing.T) {
		deltas := make([]string, 1500)
		for i := range deltas {
			deltas[i] = fmt.Sprintf("word%d and ", i)
			if i%50 == 49 {
				deltas[i] += "so on.\n\n"
			}
		}
		w := start(t, conversationtest.Script{Deltas: deltas, Pause: 4 * time.Millisecond})
		p := w.Mention(t, "write a lot")
		w.answered(t, p, "word0 ")
		all := ""
		for _, seen := range w.Seen(p) {
			all += seen.Text + "\n" + seen.File
		}
		for i := range deltas {
			if !strings.Contains(all, fmt.Sprintf("word%d ", i)) {
				t.Fatalf("word%d is lost", i)
			}
		}
		if n := w.TooMany(); n > 0 {
			t.Errorf("%d calls were answered by 429", n)
		}
	})
	t.Run("a post that is refused by 429 arrives once", func(t *testing.T) {
		w := start(t, say("Hello."))
		w.RefusePost(t)
		p := w.Mention(t, "hi")
		w.answered(t, p, "Hello.")
		w.one(t, p)
	})
	t.Run("a post whose response is lost arrives once", func(t *testing.T) {
		w := start(t, say("Hello."))
		w.LosePost(t)
		p := w.Mention(t, "hi")
		w.answered(t, p, "Hello.")
		w.one(t, p)
	})
	t.Run("a call of a turn that is held by another does not leave the process", func(t *testing.T) {
		w := start(t, say("Hello."))
		p := w.Direct(t, "hi")
		w.answered(t, p, "Hello.")
		w.mu.Lock()
		out := conversation.Outgoing{Ref: w.ref, Place: conversation.PlaceDM, SendID: "late", Text: "Hello again."}
		w.mu.Unlock()
		ctx := conversation.WithFence(w.ctx, func() error { return conversation.ErrFenced })
		if id, err := w.Adapter().Post(ctx, out); !errors.Is(err, conversation.ErrFenced) {
			t.Errorf("posted %q, %v", id, err)
		}
		w.one(t, p)
	})
	t.Run("duplicates and garbage change nothing", func(t *testing.T) {
		w := start(t, say("Hello."))
		w.Duplicate(3)
		w.Garbage()
		p := w.Mention(t, "hi")
		w.answered(t, p, "Hello.")
		w.Garbage()
		q := w.Direct(t, "hi")
		w.answered(t, q, "Hello.")
		w.one(t, p)
		w.one(t, q)
		if n := len(w.model.Requests()); n != 2 {
			t.Errorf("the model was asked %d times, want twice", n)
		}
	})
	t.Run("a broken connection comes back", func(t *testing.T) {
		w := start(t, say("Hello."))
		w.Cut()
		w.until(t, "it is connected again", func() bool { return w.Connected() && w.Adapter().Ready() == nil })
		p := w.Mention(t, "hi")
		w.answered(t, p, "Hello.")
		w.one(t, p)
	})
}

// one asserts that the bot has said exactly one thing in a place.
func (w *world) one(t *testing.T, p Place) {
	t.Helper()
	if seen := w.Seen(p); len(seen) != 1 {
		t.Errorf("people see %d messages of the bot, want one: %+v", len(seen), seen)
	}
}
