package slack_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/bots/slack/slacksim"
	"parley/conversation"
)

// missed reads what was missed since marks, and gives it in order, a channel's together.
func (w *world) missed(t *testing.T, marks conversation.Marks) []conversation.Message {
	t.Helper()
	var all []conversation.Message
	for page, err := range w.adapter.Missed(t.Context(), marks) {
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range page {
			all = append(all, p.Message)
		}
	}
	return all
}

func texts(all []conversation.Message) []string {
	out := []string{}
	for _, m := range all {
		out = append(out, m.Text)
	}
	return out
}

func (w *world) wantMissed(t *testing.T, marks conversation.Marks, want ...string) {
	t.Helper()
	if got := texts(w.missed(t, marks)); !slices.Equal(got, want) {
		t.Errorf("missed %q\n want %q", got, want)
	}
}

// ago says something that nobody delivered.
func (w *world) ago(t *testing.T, before time.Duration, text string, opts ...slacksim.SayOption) slacksim.Message {
	t.Helper()
	return w.say(t, text, append(opts, slacksim.Quiet(), slacksim.At(time.Now().Add(-before)))...)
}

// online are marks of a platform that was last there so long ago.
func online(before time.Duration) conversation.Marks {
	return conversation.Marks{Online: time.Now().Add(-before)}
}

func (w *world) mark(m slacksim.Message, before time.Duration) conversation.Mark {
	return conversation.Mark{Ref: w.ref(m), Place: conversation.PlaceThread, Newest: conversation.Position{SentAt: time.Now().Add(-before)}}
}

func TestMissedIsWhatStandsInTheChannelNow(t *testing.T) {
	t.Parallel()
	w := connected(t)
	w.ago(t, 3*time.Hour, "long accepted")
	w.ago(t, 65*time.Minute, "within the overlap")
	first := w.ago(t, 50*time.Minute, "firts")
	gone := w.ago(t, 40*time.Minute, "never mind")
	w.ago(t, 30*time.Minute, "second")
	if err := w.sim.EditMessage(w.ann.ID, w.channel.ID, first.TS, "first"); err != nil {
		t.Fatal(err)
	}
	if err := w.sim.DeleteMessage(w.ann.ID, w.channel.ID, gone.TS); err != nil {
		t.Fatal(err)
	}
	w.wantMissed(t, online(time.Hour), "within the overlap", "first", "second")
	all := w.missed(t, online(time.Hour))
	if m := all[1]; m.EditedAt.IsZero() || m.Revision != 1 || m.Ref != w.ref(first) || !m.Root {
		t.Errorf("the edited message is %+v", m)
	}
}

func TestMissedBeginsAtTheChannelsMark(t *testing.T) {
	t.Parallel()
	w := connected(t)
	w.ago(t, 5*time.Hour, "before the mark")
	w.ago(t, 3*time.Hour, "after the mark")
	marks := online(time.Hour)
	marks.Channels = []conversation.Mark{{Ref: conversation.ThreadRef{Platform: conversation.Slack, Workspace: w.sim.Team(), Channel: w.channel.ID},
		Place: conversation.PlaceChannel, Newest: conversation.Position{SentAt: time.Now().Add(-4 * time.Hour)}}}
	w.wantMissed(t, marks, "after the mark")

	// What came in after the absence says nothing of what was said during it.
	marks.Online = time.Now().Add(-2 * time.Hour)
	marks.Channels[0].Newest.SentAt = time.Now()
	w.ago(t, 90*time.Minute, "during the absence")
	w.wantMissed(t, marks, "during the absence")
}

func TestMissedIsReadInPagesWithinItsBounds(t *testing.T) {
	t.Parallel()
	w := connected(t)
	begun := time.Now().Add(-50 * time.Minute)
	for i := range 2100 {
		w.say(t, fmt.Sprint("line ", i), slacksim.Quiet(), slacksim.At(begun.Add(time.Duration(i)*time.Second)))
	}
	var all []conversation.Message
	for page, err := range w.adapter.Missed(t.Context(), online(time.Hour)) {
		if err != nil {
			t.Fatal(err)
		}
		if len(page) > 200 {
			t.Errorf("a page of %d messages", len(page))
		}
		for _, p := range page {
			all = append(all, p.Message)
		}
	}
	if len(all) != 2000 || all[0].Text != "line 100" || all[1999].Text != "line 2099" {
		t.Fatalf("%d messages, from %q to %q: want the newest 2,000", len(all), all[0].Text, all[len(all)-1].Text)
	}
	if !slices.IsSortedFunc(all, func(x, y conversation.Message) int { return x.SentAt.Compare(y.SentAt) }) {
		t.Error("the messages are not in order")
	}
}

func TestMissedThreads(t *testing.T) {
	t.Parallel()
	w := connected(t)
	reply := func(root slacksim.Message, before time.Duration, text string, opts ...slacksim.SayOption) {
		w.ago(t, before, text, append(opts, slacksim.InThread(root.TS))...)
	}
	day := 24 * time.Hour
	known := w.ago(t, 3*day, "known root")
	reply(known, 2*day, "known, accepted")
	still := w.ago(t, 4*day, "still root")
	reply(still, 2*day, "still, accepted")
	foreign := w.ago(t, 3*day, "foreign root")
	deleted := w.ago(t, 5*day, "deleted root")
	fresh := w.ago(t, 2*time.Hour, "fresh root")
	reply(fresh, 20*time.Minute, "fresh, in the window's thread <@"+w.sim.BotUserID()+">")
	reply(known, 30*time.Minute, "known, missed")
	reply(known, 25*time.Minute, "known, also in the channel", slacksim.AlsoToChannel())
	reply(foreign, 20*time.Minute, "foreign, out of reach")
	reply(foreign, 15*time.Minute, "foreign, also in the channel", slacksim.AlsoToChannel())
	if err := w.sim.DeleteMessage(w.ann.ID, w.channel.ID, deleted.TS); err != nil {
		t.Fatal(err)
	}
	marks := online(3 * time.Hour)
	for _, root := range []slacksim.Message{known, still, deleted} {
		marks.Threads = append(marks.Threads, w.mark(root, 2*day-time.Hour))
	}
	w.wantMissed(t, marks, "fresh root", "foreign, also in the channel", "fresh, in the window's thread @parley", "known, missed", "known, also in the channel")
	if n := len(w.sim.Calls("conversations.replies")); n != 2 {
		t.Errorf("%d threads read, want the two with news", n)
	}
	for _, m := range w.missed(t, marks) {
		if strings.HasPrefix(m.Text, "known") && (m.Ref != w.ref(known) || m.Place != conversation.PlaceThread) {
			t.Errorf("%q belongs to %s as %s", m.Text, m.Ref, m.Place)
		}
	}
}

func TestMissedFindsManyRootsAtOnce(t *testing.T) {
	t.Parallel()
	w := connected(t)
	marks := online(time.Hour)
	for i := range 150 {
		root := w.ago(t, 48*time.Hour-time.Duration(i)*time.Minute, fmt.Sprint("root ", i))
		if i%50 == 0 {
			w.ago(t, time.Duration(i+1)*time.Second, fmt.Sprint("reply ", i), slacksim.InThread(root.TS))
		}
		marks.Threads = append(marks.Threads, w.mark(root, 40*time.Hour))
	}
	w.wantMissed(t, marks, "reply 0", "reply 50", "reply 100")
	if n := len(w.sim.Calls("conversations.history")); n > 3 {
		t.Errorf("%d calls for the roots of 150 threads", n)
	}
}

func TestMissedEndsWhereTheBotJoined(t *testing.T) {
	t.Parallel()
	w := connected(t)
	for _, private := range []bool{false, true} {
		c, err := w.sim.AddChannel(fmt.Sprint("late-", private), private, w.ann.ID)
		if err != nil {
			t.Fatal(err)
		}
		say := func(text string, opts ...slacksim.SayOption) slacksim.Message {
			m, err := w.sim.Say(w.ann.ID, c.ID, text, append(opts, slacksim.Quiet())...)
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
		root := say("before it came <@" + w.sim.BotUserID() + ">")
		say("before it came, in a thread", slacksim.InThread(root.TS))
		if err := w.sim.Invite(c.ID, w.sim.BotUserID(), w.ann.ID); err != nil {
			t.Fatal(err)
		}
		say("after it came")
		say("after it came, in a thread", slacksim.InThread(root.TS))
	}
	// A thread whose root is older than the bot's joining is no thread of the window.
	got := texts(w.missed(t, online(time.Hour)))
	for _, text := range got {
		if strings.HasPrefix(text, "before") {
			t.Errorf("read %q from before the bot was invited", text)
		}
	}
	if n := len(got); n != 4 {
		t.Errorf("missed %q", got)
	}
}

func TestMissedReachesDirectMessages(t *testing.T) {
	t.Parallel()
	w := connected(t)
	dm, err := w.sim.OpenDM(w.ann.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.sim.Say(w.ann.ID, dm.ID, "opened while away", slacksim.Quiet()); err != nil {
		t.Fatal(err)
	}
	all := w.missed(t, online(time.Hour))
	if len(all) != 1 || all[0].Text != "opened while away" || all[0].Place != conversation.PlaceDM || all[0].Ref.Thread != all[0].ID {
		t.Errorf("missed %+v", all)
	}
}

func TestMissedIsNormalisedLikeLiveEvents(t *testing.T) {
	t.Parallel()
	w := connected(t)
	bob := w.sim.AddUser("Bob")
	group, err := w.sim.OpenGroupDM(w.ann.ID, bob.ID)
	if err != nil {
		t.Fatal(err)
	}
	dm, err := w.sim.OpenDM(w.ann.ID)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := w.sim.AddChannel("secret", true, w.ann.ID, w.sim.BotUserID())
	if err != nil {
		t.Fatal(err)
	}
	marks := online(time.Minute)
	for _, c := range []slacksim.Channel{w.channel, group, dm, secret} {
		root, err := w.sim.Say(w.ann.ID, c.ID, "hello <@"+w.sim.BotUserID()+"> and <@"+bob.ID+">, see *https://example.com* `x < y` #general")
		if err != nil {
			t.Fatal(err)
		}
		for _, opt := range []slacksim.SayOption{slacksim.InThread(root.TS), slacksim.AlsoToChannel(), slacksim.Verbatim()} {
			if _, err := w.sim.Say(w.ann.ID, c.ID, "more & more", slacksim.InThread(root.TS), opt); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.await(t, func(*slacksim.Workspace) bool { return w.sim.Settled() })
	live := map[string]conversation.Message{}
	for _, e := range w.inbox.all() {
		if p, ok := e.(conversation.Posted); ok {
			live[p.Message.Ref.Channel+p.Message.ID] = p.Message
		}
	}
	all := w.missed(t, marks)
	if len(all) != 16 {
		t.Errorf("%d messages missed, want 16", len(all))
	}
	for _, m := range all {
		have := live[m.Ref.Channel+m.ID]
		if m.Place == conversation.PlaceGroup && m.MentionsSelf() {
			have.Place = m.Place // an app_mention does not tell a group from a channel
		}
		if !reflect.DeepEqual(m, have) {
			t.Errorf("read over REST:\n%+v\ndelivered:\n%+v", m, have)
		}
	}
}

func TestMissedWithoutScopesToList(t *testing.T) {
	t.Parallel()
	scopes := slices.DeleteFunc(slacksim.DefaultScopes(), func(s string) bool { return strings.HasSuffix(s, ":read") && s != "im:read" && s != "users:read" })
	w := open(t, setup{wait: true, sim: slacksim.Options{Scopes: scopes}})
	dm, err := w.sim.OpenDM(w.ann.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.sim.Say(w.ann.ID, dm.ID, "direct", slacksim.Quiet()); err != nil {
		t.Fatal(err)
	}
	m := w.ago(t, time.Minute, "in a channel with a mark")
	marks := online(time.Hour)
	mark := w.mark(m, 2*time.Hour)
	mark.Ref.Thread = ""
	marks.Channels = []conversation.Mark{mark}
	w.wantMissed(t, marks, "in a channel with a mark", "direct")
}

func TestMissedPassesOverWhatMayNotBeRead(t *testing.T) {
	t.Parallel()
	w := connected(t)
	w.ago(t, time.Minute, "one channel")
	other, err := w.sim.AddChannel("other", false, w.ann.ID, w.sim.BotUserID())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.sim.Say(w.ann.ID, other.ID, "other channel", slacksim.Quiet()); err != nil {
		t.Fatal(err)
	}
	w.sim.SetFault("conversations.history", slacksim.Fault{Error: "channel_not_found", Times: 1})
	if got := texts(w.missed(t, online(time.Hour))); len(got) != 1 {
		t.Errorf("missed %q, want one of two channels", got)
	}
	w.sim.SetFault("conversations.history", slacksim.Fault{Error: "token_revoked", Times: 1})
	for _, err := range w.adapter.Missed(t.Context(), online(time.Hour)) {
		if f := conversation.FailureOf(err); err == nil || f.Code != conversation.CodePlatformRefused {
			t.Errorf("with a revoked token: %v", err)
		}
	}
}

func TestMissedWaitsAndTriesAgain(t *testing.T) {
	t.Parallel()
	w := connected(t)
	w.ago(t, time.Minute, "there")
	w.sim.SetFault("users.conversations", slacksim.Fault{Status: http.StatusTooManyRequests, RetryAfter: time.Second, Times: 1})
	w.sim.SetFault("conversations.history", slacksim.Fault{Status: http.StatusBadGateway, Body: "<html>", Times: 1})
	begun := time.Now()
	w.wantMissed(t, online(time.Hour), "there")
	if took := time.Since(begun); took < time.Second {
		t.Errorf("done after %s, Slack asked for a second", took)
	}
}

func TestMissedMayBeLeft(t *testing.T) {
	t.Parallel()
	w := connected(t)
	w.ago(t, time.Minute, "one")
	dm, _ := w.sim.OpenDM(w.ann.ID)
	if _, err := w.sim.Say(w.ann.ID, dm.ID, "two", slacksim.Quiet()); err != nil {
		t.Fatal(err)
	}
	pages := 0
	for range w.adapter.Missed(t.Context(), online(time.Hour)) {
		pages++
		break
	}
	if pages != 1 {
		t.Errorf("%d pages after the first was enough", pages)
	}
}

func TestAnHourOfflineIsReadWithinTheLimits(t *testing.T) {
	t.Parallel()
	w := open(t, setup{wait: true, sim: slacksim.Options{Limits: true}})
	marks := online(time.Hour)
	begun := time.Now().Add(-59 * time.Minute)
	want, said := map[string]bool{}, 0
	say := func(channel, text string, opts ...slacksim.SayOption) slacksim.Message {
		said++
		m, err := w.sim.Say(w.ann.ID, channel, text, append(opts, slacksim.Quiet(), slacksim.At(begun.Add(time.Duration(said)*10*time.Second)))...)
		if err != nil {
			t.Fatal(err)
		}
		want[m.Channel+m.TS] = true
		return m
	}
	for i := range 20 {
		c, err := w.sim.AddChannel(fmt.Sprint("team-", i), i%2 == 0, w.ann.ID, w.sim.BotUserID())
		if err != nil {
			t.Fatal(err)
		}
		root, err := w.sim.Say(w.ann.ID, c.ID, "known", slacksim.Quiet(), slacksim.At(begun.Add(-24*time.Hour)))
		if err != nil {
			t.Fatal(err)
		}
		marks.Threads = append(marks.Threads, w.mark(root, 24*time.Hour))
		if i < 5 {
			say(c.ID, "in the known thread", slacksim.InThread(root.TS))
		}
		for range 9 {
			say(c.ID, "<@"+w.sim.BotUserID()+"> what now?")
		}
	}
	dm, err := w.sim.OpenDM(w.ann.ID)
	if err != nil {
		t.Fatal(err)
	}
	for range 15 {
		say(dm.ID, "and here?")
	}
	marks.Threads = marks.Threads[:12] // further roots would take a minute, at Slack's pace
	for _, m := range w.missed(t, marks) {
		if !want[m.Ref.Channel+m.ID] {
			t.Errorf("%q was not said, or is read twice", m.Text)
		}
		delete(want, m.Ref.Channel+m.ID)
	}
	if len(want) > 0 {
		t.Errorf("%d of %d messages are missed for good", len(want), said)
	}
	for _, c := range w.sim.Calls("") {
		if c.Status == http.StatusTooManyRequests {
			t.Errorf("%s went over Slack's limit", c.Method)
		}
	}
}

func TestMissedIsReadByTheMarksWhereNothingIsListed(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]slacksim.Fault{
		"unknown_method":         {Error: "unknown_method"},
		"missing_scope":          {Error: "missing_scope", Needed: "channels:read"},
		"not_allowed_token_type": {Error: "not_allowed_token_type"},
		"an address of nothing":  {Status: http.StatusNotFound, Body: "<html>"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			w.sim.SetFault("users.conversations", fault)
			marks := online(time.Hour)
			marked := w.mark(w.ago(t, time.Minute, "in a channel with a mark"), 2*time.Hour)
			marked.Ref.Thread = ""
			marks.Channels = []conversation.Mark{marked}
			other, err := w.sim.AddChannel("other", false, w.ann.ID, w.sim.BotUserID())
			if err != nil {
				t.Fatal(err)
			}
			root, err := w.sim.Say(w.ann.ID, other.ID, "root", slacksim.Quiet(), slacksim.At(time.Now().Add(-24*time.Hour)))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.sim.Say(w.ann.ID, other.ID, "in a known thread", slacksim.Quiet(), slacksim.InThread(root.TS)); err != nil {
				t.Fatal(err)
			}
			marks.Threads = []conversation.Mark{w.mark(root, 24*time.Hour)}
			w.wantMissed(t, marks, "in a channel with a mark", "in a known thread")
		})
	}
}

func TestMissedOfAServerWithoutHistoryIsNothing(t *testing.T) {
	t.Parallel()
	w := open(t, setup{wait: true, sim: slacksim.Options{Unknown: []string{"conversations.history", "conversations.replies"}}})
	w.ago(t, time.Minute, "not to be had")
	for range 3 {
		w.wantMissed(t, online(time.Hour))
	}
	if n := len(w.sim.Calls("conversations.history")); n != 1 {
		t.Errorf("called %d times, want once: that the method is absent is remembered", n)
	}
}

func TestMissedOfAServerWithoutRepliesIsWhatStandsInTheChannel(t *testing.T) {
	t.Parallel()
	w := open(t, setup{wait: true, sim: slacksim.Options{Unknown: []string{"conversations.replies"}}})
	root := w.ago(t, 2*time.Minute, "in the channel")
	w.ago(t, time.Minute, "in its thread", slacksim.InThread(root.TS))
	w.wantMissed(t, online(time.Hour), "in the channel")
}
