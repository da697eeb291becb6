package slack_test

import (
	"strings"
	"testing"
	"time"

	"parley/bots/slack/slacksim"
	"parley/conversation"
)

func (w *world) whisper(t *testing.T, m conversation.Message, text, share string) error {
	t.Helper()
	_, err := w.adapter.Whisper(t.Context(), conversation.Whisper{Ask: *m.Ask, Ref: m.Ref, To: m.Author.ID, Text: text, Share: share})
	return err
}

func TestWhisperIsSeenByOnePersonAndCanBeShared(t *testing.T) {
	t.Parallel()
	w := connected(t)
	bob := w.sim.AddUser("bob")
	if err := w.sim.Invite(w.channel.ID, bob.ID, w.ann.ID); err != nil {
		t.Fatal(err)
	}
	i := w.slash(t, "/parley summarize")
	m := w.awaitAsked(t, i)
	w.settled(t, i)
	if err := w.whisper(t, m, "**Done** <!channel> <@"+bob.ID+"> https://evil.example/x", m.Ref.Thread); err != nil {
		t.Fatal(err)
	}
	seen := w.sim.Ephemerals(w.ann.ID)
	if len(seen) != 2 || len(w.sim.Ephemerals(bob.ID)) != 0 {
		t.Fatalf("ann sees %+v, bob %+v", seen, w.sim.Ephemerals(bob.ID))
	}
	last := seen[1]
	if !strings.Contains(last.Plain, "**Done**") || len(last.Notifies) != 0 || len(last.Previews) != 0 {
		t.Errorf("whispered %+v", last)
	}
	if b := w.sim.Buttons(w.channel.ID, last.TS); len(b) != 1 || b[0].Text != "Share in thread" || b[0].Value != m.Ref.Thread {
		t.Fatalf("buttons %+v", b)
	}
	pressed, err := w.sim.Click(w.ann.ID, w.channel.ID, last.TS, "share")
	if err != nil {
		t.Fatal(err)
	}
	share := w.awaitAsked(t, pressed)
	if share.Ask.Verb != conversation.VerbShare || share.Ask.Text != m.Ref.Thread || share.Ask.Source.Channel != w.channel.ID || share.Author.ID != w.ann.ID {
		t.Errorf("share %+v", *share.Ask)
	}
	if err := w.whisper(t, share, "Shared.", ""); err != nil {
		t.Fatal(err)
	}
	if after := w.sim.Ephemerals(w.ann.ID); len(after) != 3 || after[1].Plain != last.Plain || after[2].Plain != "Shared." {
		t.Errorf("after sharing ann sees %+v", after)
	}
}

func TestWhisperThatCanNoLongerBeHeardIsGone(t *testing.T) {
	t.Parallel()
	w := connected(t)
	gone := func(what string, err error) {
		t.Helper()
		if f := conversation.FailureOf(err); err == nil || f.Code != conversation.CodeHandleGone || f.Retry {
			t.Errorf("%s: %v", what, err)
		}
		if err != nil && strings.Contains(err.Error(), "/hook/") {
			t.Errorf("%s: the error tells the response_url: %v", what, err)
		}
	}
	used := w.awaitAsked(t, w.slash(t, "/parley help"))
	for range 5 {
		if err := w.whisper(t, used, "x", ""); err != nil {
			t.Fatal(err)
		}
	}
	gone("used up", w.whisper(t, used, "x", ""))

	late := w.awaitAsked(t, w.slash(t, "/parley help"))
	w.sim.ExpireResponseURLs()
	gone("expired at slack", w.whisper(t, late, "x", ""))

	late.Ask.Expires = time.Now().Add(-time.Second)
	gone("expired here", w.whisper(t, late, "x", ""))

	fresh := w.awaitAsked(t, w.slash(t, "/parley help"))
	calls := len(w.sim.Calls(""))
	for _, foreign := range []string{"", "https://evil.example/hook", "https://hooks.slack.com.evil.example/x", "http://hooks.slack.com/x",
		"https://hooks.slack.com:444/x", "https://a@hooks.slack.com/x", "http://169.254.169.254/latest", "https://hooks.slack.com@evil.example/x"} {
		m := fresh
		ask := *fresh.Ask
		ask.Handle = w.adapter.SealHandle(foreign)
		m.Ask = &ask
		gone(foreign, w.whisper(t, m, "x", ""))
	}
	if n := len(w.sim.Calls("")); n != calls {
		t.Errorf("%d calls were made", n-calls)
	}
}

func TestWhisperFailsSoThatItIsTriedAgainWhileSlackIsBusy(t *testing.T) {
	t.Parallel()
	w := connected(t)
	m := w.awaitAsked(t, w.slash(t, "/parley help"))
	for _, fault := range []slacksim.Fault{{Status: 429, RetryAfter: time.Second, Times: 1}, {Status: 503, Times: 1}} {
		w.sim.SetFault("response_url", fault)
		if err := w.whisper(t, m, "x", ""); err == nil || !conversation.FailureOf(err).Retry {
			t.Errorf("%+v: %v", fault, err)
		}
	}
	w.sim.SetFault("response_url", slacksim.Fault{Error: "invalid_blocks", Status: 400, Times: 1})
	if err := w.whisper(t, m, "still said", m.Ref.Thread); err != nil {
		t.Fatal(err)
	}
	seen := w.sim.Ephemerals(w.ann.ID)
	if last := seen[len(seen)-1]; last.Plain != "still said" || len(w.sim.Buttons(w.channel.ID, last.TS)) != 0 {
		t.Errorf("seen %+v", last)
	}
}

func TestDirectOpensTheSameConversationEachTime(t *testing.T) {
	t.Parallel()
	w := connected(t)
	first, err := w.adapter.Direct(t.Context(), w.sim.Team(), w.ann.ID)
	if err != nil {
		t.Fatal(err)
	}
	second, err := w.adapter.Direct(t.Context(), w.sim.Team(), w.ann.ID)
	if err != nil || first != second || first.Thread != "" || !strings.HasPrefix(first.Channel, "D") {
		t.Errorf("%+v, %+v, %v", first, second, err)
	}
	if _, err := w.adapter.Post(t.Context(), conversation.Outgoing{Ref: first, Place: conversation.PlaceDM, SendID: "s", Text: "the answer"}); err != nil {
		t.Fatal(err)
	}
	if own := w.own(first.Channel); len(own) != 1 || own[0].Plain != "the answer" {
		t.Errorf("the direct conversation holds %+v", own)
	}
	for _, nobody := range []string{"", "../x", "U0NOBODY"} {
		if _, err := w.adapter.Direct(t.Context(), w.sim.Team(), nobody); err == nil {
			t.Errorf("%q has a direct conversation", nobody)
		}
	}
}

func TestPrivateAnswerIsOneMessageAsLongAsSlackTakesIt(t *testing.T) {
	t.Parallel()
	w := connected(t)
	line := "- We agreed to paint the wall green. [1](https://team.slack.com/archives/C0123456789/p1575086231711814?thread_ts=1575086231.711814)\n"
	long := strings.TrimSpace(strings.Repeat(line, 75))
	texts, whole := w.adapter.SplitWhisper(long, 0)
	if len(texts) != 1 || !whole {
		t.Fatalf("%d characters are cut into %d messages, whole %t", len(long), len(texts), whole)
	}
	i := w.slash(t, "/parley summarize")
	m := w.awaitAsked(t, i)
	w.settled(t, i) // its acknowledgement stands before the answer
	if err := w.whisper(t, m, texts[0], m.Ref.Thread); err != nil {
		t.Fatal(err)
	}
	seen := w.sim.Ephemerals(w.ann.ID)
	last := seen[len(seen)-1]
	if strings.Count(last.Plain, "paint the wall") != 75 || len(w.sim.Buttons(w.channel.ID, last.TS)) != 1 {
		t.Errorf("Ann sees %d characters with the buttons %+v", len(last.Plain), w.sim.Buttons(w.channel.ID, last.TS))
	}
	texts, whole = w.adapter.SplitWhisper(strings.Repeat(line, 200), 80)
	if len(texts) != 1 || whole || len(texts[0]) > 11000-80 {
		t.Errorf("what is too long makes %d messages, whole %t", len(texts), whole)
	}
	if w.adapter.Replaces() {
		t.Error("Slack does not replace what it showed to a command")
	}
}

func TestButtonUnderADirectMessageBringsBackItsCommand(t *testing.T) {
	t.Parallel()
	w := connected(t)
	dm, err := w.adapter.Direct(t.Context(), w.sim.Team(), w.ann.ID)
	if err != nil {
		t.Fatal(err)
	}
	value := w.sim.Team() + "/" + w.channel.ID + "/command:1.2.abc"
	out := conversation.Outgoing{Ref: dm, Place: conversation.PlaceDM, SendID: "s", Text: "the answer", Final: true, Share: value}
	id, err := w.adapter.Post(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	pressed, err := w.sim.Click(w.ann.ID, dm.Channel, id, "share")
	if err != nil {
		t.Fatal(err)
	}
	if m := w.awaitAsked(t, pressed); m.Ask.Verb != conversation.VerbShare || m.Ask.Text != value || m.Ref.Channel != dm.Channel || m.Author.ID != w.ann.ID {
		t.Errorf("share %+v of %+v", *m.Ask, m)
	}
	out.Share = ""
	if err := w.adapter.Edit(t.Context(), id, out); err != nil {
		t.Fatal(err)
	}
	if b := w.sim.Buttons(dm.Channel, id); len(b) != 0 {
		t.Errorf("the button stays: %+v", b)
	}
}
