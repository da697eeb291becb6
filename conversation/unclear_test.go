package conversation_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	c "parley/conversation"
)

// commanded gives what Ana is told of a command in channel C, which holds 30 messages of a year ago and three of this hour,
// and how often the model was asked.
func commanded(t *testing.T, ask c.Ask) (text string, requests int, got c.Outcome) {
	t.Helper()
	h, model := newLibrary(t, 0)
	channel := h.chatter("C", "s1", 33)
	for i := range 3 {
		channel[30+i].SentAt = time.Now().Add(time.Duration(i-30) * time.Minute)
	}
	h.chat.Channels = map[string][]c.Message{"C": channel}
	h.chat.Unreadable = map[string]bool{"#nope": true}
	ask.Verb = c.VerbSummarize
	outcomes := h.ask(t, "i1", "Ana", "C", ask)
	if len(outcomes) == 0 {
		t.Fatal("no outcome")
	}
	var texts []string
	for _, w := range h.chat.Whispers() {
		texts = append(texts, w.Text)
	}
	if public := h.posted("C"); len(public) != 0 {
		t.Errorf("everybody reads %q", public)
	}
	return strings.Join(append(texts, h.posted("DAna")...), "\n"), len(model.requests), outcomes[len(outcomes)-1]
}

func TestWhatIsGivenWithACommandAndNotUnderstoodIsTold(t *testing.T) {
	t.Parallel()
	elsewhere := c.ThreadRef{Platform: c.Slack, Workspace: "T", Channel: "C"}
	for name, tt := range map[string]struct {
		ask  c.Ask
		want string
	}{
		"no number":                    {c.Ask{Text: "last -5"}, "write since when"},
		"none":                         {c.Ask{Text: "last 0"}, "write since when"},
		"no time":                      {c.Ask{Text: "since banana"}, "write since when"},
		"words":                        {c.Ask{Text: "what @ann said"}, "write since when"},
		"two places":                   {c.Ask{Source: elsewhere, Text: "#other"}, "write since when"},
		"a place and a link":           {c.Ask{Source: elsewhere, Text: "https://chat.example/C/s1/C-001"}, "write since when"},
		"a thread unseen":              {c.Ask{Text: "this thread"}, "write since when"},
		"a time to come":               {c.Ask{Text: "since 2099-01-01"}, "has not come yet"},
		"a time to come, and a number": {c.Ask{Text: "last 3 since 2099-01-01"}, "has not come yet"},
		"a foreign link":               {c.Ask{Text: "https://evil.example/archives/C1/p1"}, "I find nothing there that I can show you"},
		"an unknown channel":           {c.Ask{Source: c.ThreadRef{Platform: c.Slack, Workspace: "T", Channel: "#nope"}}, "I find nothing there that I can show you"},
		"a channel by name":            {c.Ask{Text: "#nope"}, "I find nothing there that I can show you"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				text, requests, got := commanded(t, tt.ask)
				if !strings.Contains(text, tt.want) || requests != 0 || got.Source != nil {
					t.Errorf("after %d requests Ana reads %q, outcome %+v", requests, text, got)
				}
			})
		})
	}
}

func TestBothBoundsOfACommandHold(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "33 of 33 messages", "since 2h": "3 of 3 messages", "since 2h last 2": "2 of 2 messages", "last 2 since 2h": "2 of 2 messages",
		"last 20 since 2h": "3 of 3 messages", "this channel please": "33 of 33 messages",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				if got, _, _ := commanded(t, c.Ask{Text: text}); !strings.Contains(got, want) {
					t.Errorf("Ana reads %q, want %q", got, want)
				}
			})
		})
	}
}

func TestAMentionThatNamesWhatIsNotKnownSumsNothingUp(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"@Parley summarize the last 3 messages of #nope":                "I find nothing there that I can show you",
		"@Parley summarize https://other.slack.com/archives/C1/p1":      "I find nothing there that I can show you",
		"@Parley summarize since 2099-01-01":                            "has not come yet",
		"@Parley what did I miss since Monday please":                   "",
		"@Parley summarize the last 3 messages":                         "",
		"@Parley summarize what we decided about pricing, if you would": "",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h, model := newLibrary(t, 0)
				h.chat.Past = h.chatter("C", "m1", 30)
				for i := range h.chat.Past {
					h.chat.Past[i].Ref, h.chat.Past[i].SentAt = h.ref, time.Now().Add(time.Duration(i-60)*time.Second)
				}
				m := h.message(1, "Ana", text)
				m.SentAt = time.Now()
				if err := h.Ingest(t.Context(), c.Posted{Message: m}); err != nil {
					t.Fatal(err)
				}
				h.work(t)
				told := everything(h.posted("C"))
				if !strings.Contains(told, want) || (want == "") != (len(model.requests) > 0) {
					t.Errorf("after %d requests people read %q", len(model.requests), told)
				}
			})
		})
	}
}
