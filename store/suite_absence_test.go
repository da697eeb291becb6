package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"parley/conversation"
)

func ruleMissed(t *testing.T, s subject, f *turner) {
	direct := post("", "dm", 6, dm)
	for _, m := range []conversation.Message{post("t1", "mention", 2, mention, root), post("t1", "follow", 3), direct} {
		if a := take(t, s, caughtUp(m)); !a.Decision.Respond || a.Decision.Refuse != "" {
			t.Errorf("%s: %+v", m.ID, a)
		}
	}
	turns := run(t, s, f, "t1")
	s.answerAll(t, f, direct.Ref)
	for _, m := range []conversation.Message{post("t1", "mention", 2, mention, root), post("t1", "follow", 3), direct} {
		if a := take(t, s, caughtUp(m)); !a.Duplicate {
			t.Errorf("%s is read again: %+v", m.ID, a)
		}
	}
	if again := run(t, s, f, "t1"); len(again) < len(turns) || len(again) > 2 {
		t.Errorf("turns %+v", again)
	}
	take(t, s, deleted("gone"))
	if a := take(t, s, caughtUp(post("t1", "gone", 9, mention))); !a.Duplicate {
		t.Errorf("a message that was deleted: %+v", a)
	}
}

func ruleMissedLongAgo(t *testing.T, s subject, _ *turner) {
	decide := conversation.Policy{FollowUps: conversation.FollowUpsThread, CatchUpMaxAge: time.Hour}.Decide
	s.advance(3 * time.Hour)
	var got []string
	for _, m := range []conversation.Message{
		post("t1", "a", 1, mention, root), post("t1", "b", 2), post("t1", "c", 3, by("bob")), post("t2", "d", 4, mention, root),
	} {
		a, err := s.Accept(t.Context(), caughtUp(m), decide)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(a.Decision.Refuse, a.Decision.Respond))
	}
	if want := "[missedtrue missedfalse missedfalse missedtrue]"; fmt.Sprint(got) != want {
		t.Errorf("decisions %v, want %s", got, want)
	}
	// Whoever asks again where the bot said that it was away need not mention it.
	if a := take(t, s, posted(post("t1", "again", 9))); a.Decision.Reason != conversation.ReasonFollowUp {
		t.Errorf("asked again: %+v", a)
	}
}

func ruleMissedBeforeTheFirst(t *testing.T, s subject, _ *turner) {
	take(t, s, posted(post("t1", "live", 50, mention)))
	if a := take(t, s, caughtUp(post("t1", "chat", 10))); a.Decision.Addressed || a.ConversationID == 0 {
		t.Errorf("what was said before the first mention: %+v", a)
	}
	if a := take(t, s, caughtUp(post("t1", "asked", 20, mention, by("bob")))); !a.Decision.Respond {
		t.Errorf("a mention that was missed: %+v", a)
	}
}

func ruleEditedWhileAway(t *testing.T, s subject, f *turner) {
	f.before = sends(s)
	m := post("t1", "a", 1, mention, root)
	take(t, s, posted(m))
	run(t, s, f, "t1")
	now := edited(m, "better", 30).Message
	if a := take(t, s, caughtUp(now)); a.Duplicate {
		t.Errorf("the newer version: %+v", a)
	}
	if turns := run(t, s, f, "t1"); len(turns) != 2 || turns[1].ID != turns[0].ID || turns[1].Last().Message.Text != "better" {
		t.Errorf("turns %+v", turns)
	}
	if a := take(t, s, caughtUp(now)); !a.Duplicate {
		t.Errorf("the same version again: %+v", a)
	}
	if a := take(t, s, caughtUp(m)); !a.Duplicate {
		t.Errorf("an older version: %+v", a)
	}
}

func ruleHistoryAfterAbsence(t *testing.T, s subject, f *turner) {
	online(t, s)
	a := post("t1", "a", 1, mention, root)
	changed := post("t1", "changed", 3, by("bob"), elsewhere)
	for _, m := range []conversation.Message{a, post("t1", "gone", 2, by("bob"), elsewhere), changed, post("t1", "kept", 4, by("bob"), elsewhere)} {
		take(t, s, posted(m))
	}
	run(t, s, f, "t1")
	s.advance(30 * time.Minute)
	online(t, s)
	s.advance(2 * time.Minute) // not yet told to be online again
	question := post("t1", "b", 5)
	take(t, s, posted(question))
	f.before = func(ctx context.Context, turn conversation.Turn) error {
		if turn.HistoryKnown {
			return nil
		}
		page := conversation.HistoryPage{Messages: []conversation.Message{a, edited(changed, "new words", 9).Message, post("t1", "kept", 4, by("bob"), elsewhere), question}}
		err := s.SaveHistory(ctx, turn, page, policy())
		if got := texts(t, s, "t1"); got != "a=text of a; answer-1=an answer; gone=text of gone; changed=new words; kept=text of kept; b=text of b" {
			t.Errorf("after a page that is not whole: %s", got)
		}
		page.Messages = append(page.Messages, post("t1", "answer-1", 1, func(m *conversation.Message) { m.Author.Kind = conversation.Self }))
		page.Whole = true
		return errors.Join(err, s.SaveHistory(ctx, turn, page, policy()), s.HistoryDone(ctx, turn))
	}
	turns := run(t, s, f, "t1")
	if last := turns[len(turns)-1]; last.HistoryKnown || !turns[0].HistoryKnown {
		t.Errorf("turns %+v", turns)
	}
	if got, want := texts(t, s, "t1"), "a=text of a; answer-1=an answer; changed=new words; kept=text of kept; b=text of b; answer-2=an answer"; got != want {
		t.Errorf("stored %s, want %s", got, want)
	}
	take(t, s, posted(post("t1", "c", 6)))
	turns = run(t, s, f, "t1")
	if last := turns[len(turns)-1]; !last.HistoryKnown {
		t.Error("history is read once more")
	}
}

func ruleNoAbsence(t *testing.T, s subject, f *turner) {
	online(t, s)
	take(t, s, posted(post("t1", "a", 1, mention, root)))
	run(t, s, f, "t1")
	for range 3 {
		s.advance(30 * time.Second)
		online(t, s)
	}
	take(t, s, posted(post("t1", "b", 2)))
	if turns := run(t, s, f, "t1"); !turns[len(turns)-1].HistoryKnown {
		t.Error("history is read again without an absence")
	}
}

func ruleMarks(t *testing.T, s subject, _ *turner) {
	at := base().Add(20 * time.Second)
	for _, when := range []time.Time{at, at.Add(-time.Hour)} { // it never goes back
		if err := s.Online(t.Context(), conversation.Slack, when); err != nil {
			t.Fatal(err)
		}
	}
	take(t, s, posted(post("old", "a", 1, mention, root)))
	take(t, s, posted(post("unrelated", "x", 2, func(m *conversation.Message) { m.Ref.Channel = "C2" })))
	take(t, s, posted(post("new", "b", 10, mention, root)))
	take(t, s, posted(post("", "after", 30, dm))) // live, after the absence has begun
	got, err := s.Marks(t.Context(), conversation.Slack)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Online.Equal(at) {
		t.Errorf("online at %s", got.Online)
	}
	text := func(list []conversation.Mark) (out string) {
		for _, m := range list {
			out += fmt.Sprintf("%s/%s %s %d %s; ", m.Ref.Channel, m.Ref.Thread, m.Place, int(m.Newest.SentAt.Sub(base()).Seconds()), m.Newest.MessageID)
		}
		return out
	}
	if got, want := text(got.Channels), "C1/ channel 10 b; C2/ thread 2 x; D1/ dm 20 ; "; got != want {
		t.Errorf("channels %s, want %s", got, want)
	}
	if got, want := text(got.Threads), "D1/ dm 20 ; C1/new channel 10 b; C1/old channel 1 a; "; got != want {
		t.Errorf("threads %s, want %s", got, want)
	}
	s.advance(31 * 24 * time.Hour)
	if err := s.Online(t.Context(), conversation.Slack, s.now()); err != nil {
		t.Fatal(err)
	}
	later, err := s.Marks(t.Context(), conversation.Slack)
	if err != nil || len(later.Threads) != 0 || len(later.Channels) != 3 {
		t.Errorf("after a month %+v %v", later, err)
	}
}

func ruleNoMarks(t *testing.T, s subject, f *turner) {
	take(t, s, posted(post("t1", "a", 1, mention, root)))
	if got, err := s.Marks(t.Context(), conversation.Slack); err != nil || !got.Online.IsZero() || len(got.Channels)+len(got.Threads) != 0 {
		t.Errorf("marks %+v %v", got, err)
	}
	s.advance(time.Hour)
	if turns := run(t, s, f, "t1"); !turns[0].HistoryKnown {
		t.Error("history of a conversation that began with its root is not known")
	}
}

// online notes that Slack is connected now.
func online(t *testing.T, s subject) {
	t.Helper()
	if err := s.Online(t.Context(), conversation.Slack, s.now()); err != nil {
		t.Fatal(err)
	}
}

// elsewhere turns a message to somebody else.
func elsewhere(m *conversation.Message) {
	m.Mentions = []conversation.Mention{{Kind: conversation.MentionUser, ID: "carol", Name: "Carol"}}
}
