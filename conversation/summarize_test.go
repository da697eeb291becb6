package conversation_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	c "parley/conversation"
)

// newLibrary is a house whose engine sums up, with a model that tells each line that it reads.
func newLibrary(t *testing.T, window int) (*house, *reader) {
	t.Helper()
	h := newHouse(t)
	m := &reader{window: window}
	o := h.Engine.Options
	o.Model, o.Readings = m, h.store
	engine, err := c.New(o)
	if err != nil {
		t.Fatal(err)
	}
	h.Engine = engine
	return h, m
}

// chatter fills a channel with messages of Ana and Bo in one thread.
func (h *house) chatter(channel, thread string, n int) []c.Message {
	var all []c.Message
	for i := range n {
		author := []string{"Ana", "Bo"}[i%2]
		all = append(all, c.Message{Ref: c.ThreadRef{Platform: c.Slack, Workspace: "T", Channel: channel, Thread: thread}, Place: c.PlaceThread,
			ID: fmt.Sprintf("%s-%03d", channel, i+1), Author: c.Author{ID: author, Name: author, Kind: c.Person},
			Text: fmt.Sprintf("We agreed to paint wall%d green in building%d.", i, i), SentAt: at.Add(time.Duration(i) * time.Minute)})
	}
	return all
}

func everything(posts []string) string { return strings.Join(posts, "\n") }

func (h *house) posted(channel string) (texts []string) {
	for _, p := range h.chat.Posts() {
		if p.Ref.Channel == channel {
			texts = append(texts, p.Text)
		}
	}
	return texts
}

func TestAThreadIsSummedUpWithItsLinks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, model := newLibrary(t, 0)
		h.chat.Past = h.chatter("C", "m1", 30)
		for i := range h.chat.Past {
			h.chat.Past[i].Ref = h.ref
		}
		h.say(t, 5000, "Ana", "@Parley summarize this thread")
		got := h.work(t)
		text := everything(h.posted("C"))
		if len(got) != 1 || got[0].Kind != c.Answered || got[0].Source == nil || got[0].Source.From.MessageID != "C-001" {
			t.Fatalf("outcomes %+v", got)
		}
		if !strings.Contains(text, "30 of 30 messages") || !strings.Contains(text, "https://chat.example/C/m1/C-0") {
			t.Errorf("people read %q", text)
		}
		if strings.Contains(promptOf(model.requests[0]), "summarize this thread") {
			t.Error("the request is a part of what is summed up")
		}
		h.say(t, 6000, "Ana", "@Parley what did I miss since my last summary?")
		h.work(t)
		if text := everything(h.posted("C")); !strings.Contains(text, "nothing to sum up") {
			t.Errorf("since the last summary: %q", text)
		}
	})
}

// ask runs a command of a person's, in a channel.
func (h *house) ask(t *testing.T, id, who, channel string, ask c.Ask) []c.Outcome {
	t.Helper()
	ref := c.ThreadRef{Platform: c.Slack, Workspace: "T", Channel: channel, Thread: c.CommandThread(id)}
	ask.Handle, ask.Expires = "handle", time.Now().Add(30*time.Minute)
	m := c.Message{Ref: ref, Place: c.PlacePrivate, ID: ref.Thread, Author: c.Author{ID: who, Name: who, Kind: c.Person}, Text: "/parley " + string(ask.Verb) + " " + ask.Text, SentAt: time.Now(), Ask: &ask}
	if err := h.Ingest(context.Background(), c.Asked{Message: m}); err != nil {
		t.Fatal(err)
	}
	outcomes, err := h.store.Work(context.Background(), h.Engine, ref)
	if err != nil {
		t.Fatal(err)
	}
	return outcomes
}

func TestOnlyWhoMayReadTheChannelGetsItsSummary(t *testing.T) {
	t.Parallel()
	secret := c.ThreadRef{Platform: c.Slack, Workspace: "T", Channel: "secret"}
	ways := map[string]func(t *testing.T, h *house, who string){
		"a command that names it": func(t *testing.T, h *house, who string) {
			h.ask(t, "i1", who, "C", c.Ask{Verb: c.VerbSummarize, Source: secret})
		},
		"a command in it": func(t *testing.T, h *house, who string) {
			h.ask(t, "i1", who, "secret", c.Ask{Verb: c.VerbSummarize})
		},
		"a shortcut on its message": func(t *testing.T, h *house, who string) {
			thread := secret
			thread.Thread = "s1"
			h.ask(t, "i1", who, "secret", c.Ask{Verb: c.VerbSummarize, Source: thread, MessageID: "secret-001"})
		},
		"a link in another channel": func(t *testing.T, h *house, who string) {
			h.say(t, 1, who, "@Parley summarize https://chat.example/secret/s1/secret-001")
			h.work(t)
		},
		"its name in another channel": func(t *testing.T, h *house, who string) {
			m := h.message(1, who, "@Parley summarize #secret")
			m.Mentions = append(m.Mentions, c.Mention{Kind: c.MentionChannel, ID: "secret", Name: "secret"})
			if err := h.Ingest(context.Background(), c.Posted{Message: m}); err != nil {
				t.Fatal(err)
			}
			h.work(t)
		},
	}
	for name, way := range ways {
		for _, who := range []string{"Ana", "Eve"} {
			t.Run(name+" by "+who, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					h, model := newLibrary(t, 0)
					h.chat.Unreadable = map[string]bool{"secret": true}
					h.chat.Readers = map[string][]string{"secret": {"Ana", "Bo"}}
					h.chat.Channels = map[string][]c.Message{"secret": h.chatter("secret", "s1", 12)}
					way(t, h, who)
					var private []string
					for _, w := range h.chat.Whispers() {
						private = append(private, w.Text)
					}
					private = append(private, h.posted("D"+who)...)
					public := everything(h.posted("C"))
					if strings.Contains(public, "wall") {
						t.Errorf("everybody reads %q", public)
					}
					got := strings.Contains(everything(private), "wall")
					if got != (who == "Ana") {
						t.Errorf("%s gets %q, others see %q", who, private, public)
					}
					if who == "Eve" && len(model.requests) > 0 {
						t.Error("the channel was read for somebody who may not")
					}
				})
			})
		}
	}
}

func TestWhatMayNotBeReadLooksLikeWhatDoesNotExist(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, _ := newLibrary(t, 0)
		h.chat.Unreadable = map[string]bool{"secret": true}
		h.chat.Channels = map[string][]c.Message{"secret": h.chatter("secret", "s1", 12)}
		secret := h.ask(t, "i1", "Eve", "C", c.Ask{Verb: c.VerbSummarize, Source: c.ThreadRef{Platform: c.Slack, Workspace: "T", Channel: "secret"}})
		absent := h.ask(t, "i2", "Eve", "C", c.Ask{Verb: c.VerbSummarize, Source: c.ThreadRef{Platform: c.Slack, Workspace: "T", Channel: "absent"}})
		w := h.chat.Whispers()
		if len(w) != 2 || w[0].Text != w[1].Text || secret[0].Kind != c.Refused || absent[0].Kind != c.Refused {
			t.Errorf("whispers %+v, outcomes %+v %+v", w, secret, absent)
		}
	})
}

func TestOnlyWhoAskedSharesASummary(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, _ := newLibrary(t, 0)
		h.chat.Unreadable = map[string]bool{"secret": true}
		h.chat.Readers = map[string][]string{"secret": {"Ana", "Bo"}}
		h.chat.Channels = map[string][]c.Message{"secret": h.chatter("secret", "s1", 2)}
		thread := c.ThreadRef{Platform: c.Slack, Workspace: "T", Channel: "secret", Thread: "s1"}
		h.ask(t, "i1", "Ana", "secret", c.Ask{Verb: c.VerbSummarize, Source: thread, MessageID: "secret-001"})
		whispers := h.chat.Whispers()
		button := whispers[len(whispers)-1].Share
		if button == "" {
			t.Skip("the summary was too long for one private answer")
		}
		for i, who := range []string{"Eve", "Bo"} {
			h.ask(t, fmt.Sprintf("i%d", i+2), who, "secret", c.Ask{Verb: c.VerbShare, Text: button})
		}
		if got := h.posted("secret"); len(got) != 0 {
			t.Fatalf("others have shared it: %q", got)
		}
		h.chat.Readers["secret"] = nil
		h.ask(t, "i8", "Ana", "secret", c.Ask{Verb: c.VerbShare, Text: button})
		if got := h.posted("secret"); len(got) != 0 {
			t.Fatalf("it was shared by somebody who may no longer read: %q", got)
		}
		h.chat.Readers["secret"] = []string{"Ana"}
		h.ask(t, "i9", "Ana", "secret", c.Ask{Verb: c.VerbShare, Text: button})
		if got := everything(h.posted("secret")); !strings.Contains(got, "wall") {
			t.Errorf("the thread reads %q", got)
		}
	})
}

func TestAFollowUpNeedsLeaveToRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, model := newLibrary(t, 0)
		h.chat.Unreadable = map[string]bool{"secret": true}
		h.chat.Readers = map[string][]string{"secret": {"Ana"}}
		h.chat.Channels = map[string][]c.Message{"secret": h.chatter("secret", "s1", 12)}
		h.say(t, 1, "Ana", "@Parley summarize https://chat.example/secret/s1/secret-001")
		h.work(t)
		direct := c.ThreadRef{Platform: c.Slack, Workspace: "T", Channel: "DAna"}
		follow := func(n int) string {
			m := h.message(n, "Ana", "and which walls?")
			m.Ref, m.Place = direct, c.PlaceDM
			if err := h.Ingest(context.Background(), c.Posted{Message: m}); err != nil {
				t.Fatal(err)
			}
			if _, err := h.store.Work(context.Background(), h.Engine, direct); err != nil {
				t.Fatal(err)
			}
			return promptOf(model.requests[len(model.requests)-1])
		}
		if p := follow(100); !strings.Contains(p, "wall0") {
			t.Errorf("the summary is forgotten:\n%s", p)
		}
		h.chat.Readers = nil
		if p := follow(200); strings.Contains(p, "wall0") {
			t.Errorf("the summary is told to somebody who may no longer read its source:\n%s", p)
		}
	})
}

func TestNotesTakeThePlaceOfWhatNoLongerFits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, model := newLibrary(t, 4096)
		h.chat.Past = h.chatter("C", "m1", 600)
		for i := range h.chat.Past {
			h.chat.Past[i].Ref = h.ref
		}
		h.say(t, 50000, "Ana", "@Parley hello")
		h.work(t)
		h.say(t, 50010, "Ana", "@Parley and what was at the beginning?")
		h.work(t)
		p := promptOf(model.requests[len(model.requests)-1])
		for i := len(model.requests) - 1; kindOf(p) != "unknown"; i-- {
			p = promptOf(model.requests[i])
		}
		if !strings.Contains(p, "short notes") || !strings.Contains(p, "what was at the beginning?") {
			t.Errorf("the prompt has no notes:\n%s", p)
		}
		chunks, err := h.store.Standing(t.Context(), h.ref)
		if err != nil || len(chunks) == 0 || chunks[0].MessageIDs[0] != "C-001" {
			t.Fatalf("standing %d chunks, %v", len(chunks), err)
		}
		before := len(model.requests)
		h.say(t, 50020, "Ana", "@Parley thanks")
		h.work(t)
		if n := len(model.requests) - before; n > 2 {
			t.Errorf("%d requests for one more question", n)
		}
		if chunks, err = h.store.Standing(t.Context(), h.ref); err != nil {
			t.Fatal(err)
		}
		edited := h.chat.Past[0]
		edited.Text, edited.EditedAt = "We agreed on nothing.", time.Now()
		if err := h.Ingest(context.Background(), c.Edited{Message: edited}); err != nil {
			t.Fatal(err)
		}
		after, err := h.store.Standing(t.Context(), h.ref)
		if err != nil || len(after) != len(chunks)-1 {
			t.Errorf("%d chunks after an edit, %d before, %v", len(after), len(chunks), err)
		}
	})
}

func TestWhoTakesNoDirectMessagesIsToldSo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, _ := newLibrary(t, 0)
		h.chat.DirectErr = &c.Failure{Code: c.CodePlatformRefused}
		h.chat.Unreadable = map[string]bool{"secret": true}
		h.chat.Readers = map[string][]string{"secret": {"Ana"}}
		h.chat.Channels = map[string][]c.Message{"secret": h.chatter("secret", "s1", 12)}
		h.say(t, 1, "Ana", "@Parley summarize https://chat.example/secret/s1/secret-001")
		got := h.work(t)
		if text := everything(h.posted("C")); strings.Contains(text, "wall") || !strings.Contains(text, "may not send you direct messages") || got[0].Kind != c.Refused {
			t.Errorf("outcome %+v, people read %q", got, text)
		}
	})
}

func TestTheLastMessagesAreCountedWithoutParleysOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, model := newLibrary(t, 0)
		all := h.chatter("other", "o1", 40)
		for i := 30; i < 39; i += 2 {
			all[i].Author = c.Author{ID: "U0", Name: "Parley", Kind: c.Self}
		}
		h.chat.Channels = map[string][]c.Message{"other": all}
		h.ask(t, "i1", "Ana", "other", c.Ask{Verb: c.VerbSummarize, Text: "last 10"})
		text := ""
		for _, w := range h.chat.Whispers() {
			text += w.Text
		}
		text += everything(h.posted("DAna"))
		prompt := promptOf(model.requests[0])
		text = strings.Join(strings.Fields(text), " ") // parts are cut at spaces
		if !strings.Contains(text, "10 of 10 messages") || strings.Contains(prompt, "wall24 ") || !strings.Contains(prompt, "wall25 ") || !strings.Contains(prompt, "wall39 ") {
			t.Errorf("people read %q of\n%s", text, prompt)
		}
	})
}
