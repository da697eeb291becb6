package slack

import (
	"fmt"
	"testing"
	"time"

	"parley/conversation"
)

func TestStrays(t *testing.T) {
	t.Parallel()
	const root, trigger, mine = "1700000000.000100", "1700000100.000100", "1700000200.000100"
	dropped := wireMessage{TS: mine, BotID: "B1"}
	kept := wireMessage{TS: "1700000150.000100", BotID: "B1", Metadata: &wireMetadata{EventType: metadataType}}
	tests := map[string]struct {
		messages []wireMessage
		edit     func(*strays)
		want     string
	}{
		"a server that drops metadata":       {messages: []wireMessage{dropped}, want: mine},
		"the newest of several":              {messages: []wireMessage{{TS: "1700000199.000100"}, dropped, {TS: "1700000198.000100"}}, want: mine},
		"one that this answer knows":         {messages: []wireMessage{dropped}, edit: func(s *strays) { s.out.KnownIDs = []string{mine} }},
		"one that this process has posted":   {messages: []wireMessage{dropped}, edit: func(s *strays) { s.known.add("C1", mine) }},
		"one of the same time elsewhere":     {messages: []wireMessage{dropped}, edit: func(s *strays) { s.known.add("C2", mine) }, want: mine},
		"a server that keeps metadata":       {messages: []wireMessage{kept, dropped}},
		"a server that keeps it, told later": {messages: []wireMessage{dropped, kept}},
		"older than the message answered":    {messages: []wireMessage{{TS: "1700000099.000100"}}},
		"the root of the thread":             {messages: []wireMessage{{TS: root}}, edit: func(s *strays) { s.out.ReplyTo = "1600000000.000100" }},
		"older than the attempt":             {messages: []wireMessage{dropped}, edit: func(s *strays) { s.since = time.Unix(1700000300, 0) }},
		"a file is known by its name":        {messages: []wireMessage{{TS: mine, Files: []wireFile{{ID: "F1"}}}}},
		"a message is not taken for a file":  {messages: []wireMessage{dropped}, edit: func(s *strays) { s.out.Part = conversation.FilePart }},
		"a join line":                        {messages: []wireMessage{{TS: mine, Subtype: "channel_join"}}},
		"without a message that is answered": {messages: []wireMessage{dropped}, edit: func(s *strays) { s.out.ReplyTo = "" }},
		"an id that is none":                 {messages: []wireMessage{{TS: "soon"}}},
		"nothing":                            {},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := strays{known: newPosted(), since: time.Unix(1700000150, 0),
				out: conversation.Outgoing{Ref: conversation.ThreadRef{Channel: "C1", Thread: root}, ReplyTo: trigger}}
			if tt.edit != nil {
				tt.edit(&s)
			}
			for _, m := range tt.messages {
				s.see(&m)
			}
			if s.newest != tt.want {
				t.Errorf("adopts %q, want %q", s.newest, tt.want)
			}
		})
	}
}

func TestPostedIsBounded(t *testing.T) {
	t.Parallel()
	p := newPosted()
	for n := range maxPosted + 10 {
		p.add("C1", fmt.Sprint(n))
	}
	if len(p.ids) != maxPosted || p.has("C1", "9") || !p.has("C1", "10") || !p.has("C1", fmt.Sprint(maxPosted+9)) {
		t.Errorf("%d messages remembered", len(p.ids))
	}
}

func TestSentAt(t *testing.T) {
	t.Parallel()
	var a Adapter
	if at, ok := a.SentAt("1700000000.123456"); !ok || !at.Equal(time.Unix(1700000000, 123456000)) {
		t.Errorf("SentAt = %v, %v", at, ok)
	}
	if _, ok := a.SentAt("F0123ABC"); ok {
		t.Error("the id of a file tells a time")
	}
}

func TestSlotsAreNamedByTheApp(t *testing.T) {
	t.Parallel()
	for token, want := range map[string]string{
		"xapp-1-A0123ABCD-4567-89ab":  "slack/A0123ABCD/socket/0",
		"xapp-1-0123456789abcdef0123": "slack/" + testSelf().TeamID + "/socket/0",
		"xapp-1-a/../b-1-2":           "slack/" + testSelf().TeamID + "/socket/0",
	} {
		a := Adapter{o: Options{AppToken: token}, presence: &presence{self: testSelf()}}
		if got := a.slots(); got[0] != want || len(got) != 10 {
			t.Errorf("%s has %d slots, the first is %q", token, len(got), got[0])
		}
	}
}
