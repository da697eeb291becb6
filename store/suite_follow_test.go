package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/conversation"
)

// sends makes a turner send its answer as one part.
func sends(s conversation.Store) func(context.Context, conversation.Turn) error {
	return func(ctx context.Context, turn conversation.Turn) error {
		if turn.Withdrawn {
			return nil
		}
		_, err := s.Intend(ctx, turn, 0)
		return errors.Join(err, s.Sent(ctx, turn, 0, fmt.Sprint("answer-", turn.ID)))
	}
}

func edited(m conversation.Message, text string, second int) conversation.Edited {
	m.Text, m.EditedAt = text, base().Add(time.Duration(second)*time.Second)
	return conversation.Edited{Message: m}
}

func deleted(ids ...string) conversation.Deleted {
	return conversation.Deleted{Ref: post("", "", 0).Ref, MessageIDs: ids}
}

func caughtUp(m conversation.Message) conversation.Posted {
	return conversation.Posted{Message: m, Delivery: conversation.Delivery{CaughtUp: true}}
}

// texts are the present messages of a thread, oldest first.
func texts(t *testing.T, s conversation.Store, thread string) string {
	t.Helper()
	list, err := s.History(t.Context(), conversation.HistoryQuery{Ref: post(thread, "", 0).Ref, Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for i := len(list) - 1; i >= 0; i-- {
		out = append(out, list[i].ID+"="+list[i].Text)
	}
	return strings.Join(out, "; ")
}

func ruleNewest(t *testing.T, s subject, _ *turner) {
	take(t, s, posted(post("t1", "a", 1, mention, root)))
	take(t, s, posted(post("t1", "b", 2)))
	if got := texts(t, s, "t1"); got != "a=text of a; b=text of b" {
		t.Errorf("without a position: %s", got)
	}
}

func ruleRemoved(t *testing.T, s subject, f *turner) {
	take(t, s, posted(post("t1", "a", 1, mention, root)))
	var first, second conversation.Part
	f.before = func(ctx context.Context, turn conversation.Turn) (err error) {
		if turn.Attempt == 1 {
			if first, err = s.Intend(ctx, turn, 0); err != nil {
				return err
			}
			err = s.Sent(ctx, turn, 0, "p0")
			recorded(t, s, turn.Ref, "p0", true)
			recorded(t, s, turn.Ref, "a", false)
			return errors.Join(err, s.Removed(ctx, turn, 0), s.Removed(ctx, turn, 0), errors.New("cut off"))
		}
		if len(turn.Parts) != 0 {
			t.Errorf("a part that was removed is known: %+v", turn.Parts)
		}
		second, err = s.Intend(ctx, turn, 0)
		return err
	}
	run(t, s, f, "t1")
	recorded(t, s, post("t1", "a", 1).Ref, "p0", false)
	if first.SendID == second.SendID || second.MessageID != "" {
		t.Errorf("first %+v, second %+v", first, second)
	}
}

// recorded asks whether a message is known as a part of an answer, whatever the thread.
func recorded(t *testing.T, s subject, ref conversation.ThreadRef, id string, want bool) {
	t.Helper()
	ref.Thread = "another"
	if got, err := s.Recorded(t.Context(), ref, id); got != want || err != nil {
		t.Errorf("message %s recorded: %v, %v", id, got, err)
	}
}

func ruleEditedWhileAnswered(t *testing.T, s subject, f *turner) {
	m := post("t1", "a", 1, mention, root)
	take(t, s, posted(m))
	f.before = func(_ context.Context, turn conversation.Turn) error {
		if turn.Attempt == 1 {
			take(t, s, edited(m, "better", 30))
		}
		return nil
	}
	turns := run(t, s, f, "t1")
	if len(turns) != 2 || turns[1].ID != turns[0].ID || turns[1].Attempt != 2 || turns[1].Last().Message.Text != "better" {
		t.Errorf("turns %+v", turns)
	}
	if got := texts(t, s, "t1"); got != fmt.Sprintf("a=better; answer-%d=an answer", turns[0].ID) {
		t.Errorf("stored %s", got)
	}
}

func ruleDeletedWhileAnswered(t *testing.T, s subject, f *turner) {
	take(t, s, posted(post("t1", "a", 1, mention, root)))
	take(t, s, posted(post("t1", "b", 2)))
	f.before = func(ctx context.Context, turn conversation.Turn) error {
		switch {
		case turn.Withdrawn:
			return nil
		case turn.Attempt == 1:
			if err := sends(s)(ctx, turn); err != nil {
				return err
			}
			take(t, s, deleted("a"))
		case turn.Attempt == 2:
			if len(turn.Items) != 1 || turn.Last().Message.ID != "b" {
				t.Errorf("after the first delete: %+v", turn)
			}
			take(t, s, deleted("b"))
		}
		return nil
	}
	turns := run(t, s, f, "t1")
	if len(turns) != 3 {
		t.Fatalf("turns %+v", turns)
	}
	if last := turns[2]; !last.Withdrawn || len(last.Items) != 0 || len(last.Parts) != 1 || last.Parts[0].MessageID == "" || last.Place != conversation.PlaceChannel {
		t.Errorf("withdrawn turn %+v", last)
	}
	if got := texts(t, s, "t1"); got != "" {
		t.Errorf("stored %s", got)
	}
	if a := take(t, s, posted(post("t1", "c", 3))); !a.Decision.Respond {
		t.Errorf("the conversation is not ours any more: %+v", a)
	}
	if turns := run(t, s, f, "t1"); len(turns) != 4 || turns[3].Last().Message.ID != "c" {
		t.Errorf("turns %+v", turns)
	}
}

func ruleEditedAfterItsAnswer(t *testing.T, s subject, f *turner) {
	f.before = sends(s)
	a, b := post("t1", "a", 1, mention, root), post("t1", "b", 2)
	take(t, s, posted(a))
	take(t, s, posted(b))
	first := run(t, s, f, "t1")
	if len(first) != 1 || len(first[0].Items) != 2 {
		t.Fatalf("turns %+v", first)
	}
	take(t, s, posted(post("t1", fmt.Sprint("answer-", first[0].ID), 3, func(m *conversation.Message) { m.Author.Kind = conversation.Self })))
	take(t, s, edited(a, a.Text, 40)) // a preview, or the same text again
	if turns := run(t, s, f, "t1"); len(turns) != 1 {
		t.Fatalf("an edit that changes nothing is answered: %+v", turns)
	}
	take(t, s, edited(a, "better", 50))
	turns := run(t, s, f, "t1")
	if len(turns) != 2 {
		t.Fatalf("turns %+v", turns)
	}
	again := turns[1]
	if again.ID != first[0].ID || again.Attempt != 2 || len(again.Items) != 2 || len(again.Parts) != 1 || again.Items[0].Message.Text != "better" {
		t.Errorf("again %+v", again)
	}
	if got, want := texts(t, s, "t1"), fmt.Sprintf("a=better; b=text of b; answer-%d=an answer", again.ID); got != want {
		t.Errorf("stored %s, want %s", got, want)
	}
	s.advance(2 * time.Hour)
	take(t, s, edited(a, "too late", 60))
	if turns := run(t, s, f, "t1"); len(turns) != 2 {
		t.Errorf("an edit after hours is answered: %+v", turns)
	}
}

func ruleNotTheLastWord(t *testing.T, s subject, f *turner) {
	f.before = sends(s)
	for name, then := range map[string]func(conversation.Message, int64){
		"somebody has spoken since": func(m conversation.Message, _ int64) {
			take(t, s, posted(post(m.Ref.Thread, m.ID+"-later", 5, by("bob"), func(m *conversation.Message) {
				m.Mentions = []conversation.Mention{{Kind: conversation.MentionUser, ID: "carol"}}
			})))
		},
		"the answer was deleted": func(_ conversation.Message, turn int64) { take(t, s, deleted(fmt.Sprint("answer-", turn))) },
	} {
		m := post(name, name, 1, mention, root)
		take(t, s, posted(m))
		turns := run(t, s, f, name)
		id := turns[len(turns)-1].ID
		then(m, id)
		take(t, s, edited(m, "better", 50))
		for _, turn := range run(t, s, f, name)[len(turns):] {
			if turn.ID == id {
				t.Errorf("%s, and the edited question is answered anew", name)
			}
		}
	}
	denied := post("denied", "denied", 1, mention, root, by("mallory"))
	take(t, s, posted(denied))
	before := len(run(t, s, f, "denied"))
	take(t, s, edited(denied, "please", 50))
	if n := len(run(t, s, f, "denied")); n != before {
		t.Error("a refused message that is edited is refused again")
	}
}

func ruleEditWithoutMention(t *testing.T, s subject, f *turner) {
	take(t, s, posted(post("t1", "a", 1, mention, root)))
	run(t, s, f, "t1")
	early := post("t1", "early", 0)
	other := post("t1", "other", 3, func(m *conversation.Message) {
		m.Mentions = []conversation.Mention{{Kind: conversation.MentionUser, ID: "bob"}}
	})
	for _, m := range []conversation.Message{early, other} {
		if a := take(t, s, posted(m)); a.Decision.Addressed {
			t.Errorf("%s: %+v", m.ID, a)
		}
		m.Mentions = nil
		if a := take(t, s, edited(m, "changed", 20)); a.Decision.Addressed {
			t.Errorf("an edit of %s that names nobody is a question: %+v", m.ID, a)
		}
		mention(&m)
		if a := take(t, s, edited(m, "for you", 30)); !a.Decision.Respond {
			t.Errorf("a mention added to %s is none: %+v", m.ID, a)
		}
	}
}
