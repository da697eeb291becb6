package slack_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"parley/bots/slack/slacksim"
	"parley/conversation"
)

// read collects a range.
func (w *world) read(t *testing.T, r conversation.RangeRequest) ([]conversation.Message, error) {
	t.Helper()
	var out []conversation.Message
	for page, err := range w.adapter.ReadRange(t.Context(), r) {
		if err != nil {
			return out, err
		}
		out = append(out, page...)
	}
	return out, nil
}

// spokenTexts are what messages say, each once, in order of their ids.
func spokenTexts(messages []conversation.Message) []string {
	messages = slices.Clone(messages)
	slices.SortFunc(messages, func(x, y conversation.Message) int { return x.SentAt.Compare(y.SentAt) })
	var out []string
	for _, m := range messages {
		if len(out) == 0 || out[len(out)-1] != m.Text {
			out = append(out, m.Text)
		}
	}
	return out
}

// talk says lines a minute apart, the last of them a minute ago; each tenth has three replies.
func (w *world) talk(t *testing.T, lines int) (all []slacksim.Message) {
	t.Helper()
	at := time.Now().Add(-time.Duration(lines) * time.Minute).Truncate(time.Microsecond)
	for n := range lines {
		m := w.say(t, fmt.Sprintf("line %d", n), slacksim.Quiet(), slacksim.At(at.Add(time.Duration(n)*time.Minute)))
		all = append(all, m)
		for r := range 3 {
			if n%10 == 0 {
				all = append(all, w.say(t, fmt.Sprintf("reply %d to %d", r, n), slacksim.Quiet(), slacksim.InThread(m.TS),
					slacksim.At(at.Add(time.Duration(n)*time.Minute+time.Duration(r+1)*time.Second))))
			}
		}
	}
	return all
}

func TestRangeOfAChannelHasItsThreads(t *testing.T) {
	t.Parallel()
	for _, page := range []int{0, 15} {
		t.Run(fmt.Sprintf("pages of %d", page), func(t *testing.T) {
			t.Parallel()
			w := open(t, setup{wait: true, sim: slacksim.Options{MaxPage: page}, edit: func(o *slackOptions) { o.Unlimited = true }})
			said := w.talk(t, 450)
			if err := w.sim.Invite(w.channel.ID, w.sim.AddUser("bob").ID, w.ann.ID); err != nil { // a join is nobody's word
				t.Fatal(err)
			}
			whole := conversation.RangeRequest{Ref: w.at(w.channel.ID), Reader: w.ann.ID}
			got, err := w.read(t, whole)
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for _, m := range said {
				want = append(want, m.Plain)
			}
			if have := spokenTexts(got); !slices.Equal(have, want) {
				t.Errorf("%d messages, want %d", len(have), len(want))
			}
			for _, m := range got {
				if i := slices.IndexFunc(said, func(s slacksim.Message) bool { return s.TS == m.ID }); i < 0 || m.Ref != w.ref(said[i]) {
					t.Fatalf("message %+v", m)
				}
			}
			if got[0].Text != "line 449" && got[0].SentAt.Before(got[len(got)-1].SentAt) {
				t.Errorf("the first is %q", got[0].Text)
			}

			after := whole
			after.After = conversation.Position{MessageID: said[len(said)-30].TS, SentAt: time.Now()}
			if got, err = w.read(t, after); err != nil || !slices.Equal(spokenTexts(got), want[len(want)-29:]) {
				t.Errorf("after a position: %v, %v", spokenTexts(got), err)
			}
			last := whole
			last.Limit = 40
			if got, err = w.read(t, last); err != nil || len(got) != 40 || !slices.Equal(spokenTexts(got), want[len(want)-40:]) {
				t.Errorf("the newest 40: %d, %v, %v", len(got), spokenTexts(got), err)
			}
			last.Limit = 100_000
			if got, err = w.read(t, last); err != nil || !slices.Equal(spokenTexts(got), want) {
				t.Errorf("more than there are: %d, %v", len(got), err)
			}
		})
	}
}

func TestRangeFindsAThreadThatBeganBeforeIt(t *testing.T) {
	t.Parallel()
	w := connected(t)
	said := w.talk(t, 12)
	late := w.say(t, "late reply", slacksim.InThread(said[0].TS))
	got, err := w.read(t, conversation.RangeRequest{Ref: w.at(w.channel.ID), Reader: w.ann.ID,
		After: conversation.Position{MessageID: said[len(said)-1].TS}})
	if err != nil || len(got) != 2 || got[0].ID != late.TS || got[0].Ref.Thread != said[0].TS || got[1].ID != said[0].TS || got[1].Text != "line 0" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestRangeOfAThread(t *testing.T) {
	t.Parallel()
	w := open(t, setup{wait: true, sim: slacksim.Options{MaxPage: 15}})
	root := w.say(t, "root", slacksim.Quiet())
	want := []string{"root"}
	var last slacksim.Message
	for n := range 40 {
		last = w.say(t, fmt.Sprintf("reply %d", n), slacksim.InThread(root.TS), slacksim.Quiet())
		want = append(want, last.Plain)
	}
	w.say(t, "elsewhere", slacksim.Quiet())
	r := conversation.RangeRequest{Ref: w.ref(root), Reader: w.ann.ID}
	got, err := w.read(t, r)
	if err != nil || len(got) != 41 || !slices.Equal(spokenTexts(got), want) {
		t.Errorf("%v, %v", spokenTexts(got), err)
	}
	for _, m := range got {
		if m.Ref != w.ref(root) {
			t.Errorf("message %+v", m.Ref)
		}
	}
	r.Limit = 7
	if got, err = w.read(t, r); err != nil || !slices.Equal(spokenTexts(got), want[len(want)-7:]) {
		t.Errorf("the last 7: %v, %v", spokenTexts(got), err)
	}
	r.Limit, r.After = 0, conversation.Position{MessageID: last.TS}
	if got, err = w.read(t, r); err != nil || len(got) != 0 {
		t.Errorf("after the end: %v, %v", spokenTexts(got), err)
	}
}

func TestRangeSurvivesTheLimitOfDistributedApps(t *testing.T) {
	t.Parallel()
	w := open(t, setup{wait: true, sim: slacksim.Options{MaxPage: 15}})
	w.talk(t, 9)
	w.sim.SetFault("conversations.history", slacksim.Fault{Status: 429, RetryAfter: time.Second, Times: 1})
	w.sim.SetFault("conversations.replies", slacksim.Fault{Status: 429, RetryAfter: time.Second, Times: 1})
	got, err := w.read(t, conversation.RangeRequest{Ref: w.at(w.channel.ID), Reader: w.ann.ID})
	if err != nil || len(got) != 12 {
		t.Errorf("%d messages, %v", len(got), err)
	}
}

func TestRangeThatMayNotBeReadTellsNothing(t *testing.T) {
	t.Parallel()
	v := newTown(t)
	gone := v.public
	gone.Thread = "1700000000.000001"
	for name, r := range map[string]conversation.RangeRequest{
		"a private channel of others":     {Ref: v.private, Reader: v.bob.ID},
		"a channel without Parley":        {Ref: v.absent, Reader: v.ann.ID},
		"a channel that does not exist":   {Ref: v.at("C0NOTHING"), Reader: v.ann.ID},
		"no reader":                       {Ref: v.public},
		"another's direct message":        {Ref: v.dm, Reader: v.bob.ID},
		"a thread that does not exist":    {Ref: gone, Reader: v.ann.ID},
		"a public channel, read by guest": {Ref: v.public, Reader: v.guest.ID},
	} {
		got, err := v.read(t, r)
		if f := conversation.FailureOf(err); len(got) != 0 || err == nil || f.Code != conversation.CodeNotReadable || f.Safe == "" {
			t.Errorf("%s: %d messages, %v", name, len(got), err)
		}
	}
}
