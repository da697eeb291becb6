package store_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/conversation"
	"parley/store"
	"parley/store/storetest"
)

func TestAcceptDecides(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	if a := accept(t, s, posted(post("t1", "a", 1, mention, root))); !a.Decision.Respond || a.ConversationID == 0 || a.Seq != 1 {
		t.Errorf("mention: %+v", a)
	}
	if a := accept(t, s, posted(post("t1", "b", 2))); a.Decision.Reason != conversation.ReasonFollowUp || a.Seq != 2 {
		t.Errorf("follow-up: %+v", a)
	}
	if a := accept(t, s, posted(post("t1", "c", 3, func(m *conversation.Message) {
		m.Mentions = []conversation.Mention{{Kind: conversation.MentionUser, ID: "bob"}}
	}))); a.Decision.Respond || a.ConversationID == 0 {
		t.Errorf("to somebody else: %+v", a)
	}
	if a := accept(t, s, posted(post("t1", "early", 0))); a.Decision.Addressed {
		t.Errorf("said before the first mention, delivered late: %+v", a)
	}
	if n, err := s.Unanswered(t.Context()); n != 2 || err != nil {
		t.Errorf("unanswered %d %v", n, err)
	}
}

func TestUnrelatedMessagesLeaveNoText(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	m := post("x", "a", 1)
	if a := accept(t, s, posted(m)); a.ConversationID != 0 || a.Decision.Addressed {
		t.Errorf("accepted %+v", a)
	}
	accept(t, s, conversation.Edited{Message: m})
	if n := value[int](t, s, `SELECT count(*)::int FROM messages`); n != 0 {
		t.Errorf("%d messages stored", n)
	}
	if id := value[string](t, s, `SELECT message_id FROM watermarks`); id != "a" {
		t.Errorf("watermark at %q", id)
	}
	// A person whom the operator denied does not make a conversation ours.
	accept(t, s, posted(post("y", "b", 2, mention, root, by("mallory"))))
	if a := accept(t, s, posted(post("y", "c", 3))); a.Decision.Addressed {
		t.Errorf("follow-up to a refused mention: %+v", a)
	}
	if n := value[int](t, s, `SELECT count(*)::int FROM messages`); n != 1 {
		t.Errorf("%d messages stored", n)
	}
}

func TestRefusalsAreToldOnceAnHour(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	first := accept(t, s, posted(post("t1", "a", 1, mention, root, by("mallory"))))
	second := accept(t, s, posted(post("t1", "b", 2, mention, by("mallory"))))
	if !first.Decision.Respond || second.Decision.Respond || second.Decision.Refuse != conversation.CodeDenied {
		t.Errorf("first %+v second %+v", first.Decision, second.Decision)
	}
	if got := value[string](t, s, `SELECT outcome || ' ' || outcome_reason FROM items WHERE message_id = 'b'`); got != "refused denied" {
		t.Errorf("second refusal is %q", got)
	}
}

func TestRateLooksAtTheLastMinute(t *testing.T) {
	t.Parallel()
	now := base()
	s := storetest.Open(t, func(o *store.Options) { o.Clock = func() time.Time { return now } })
	decide := conversation.Policy{TurnsPerMinute: 2}.Decide
	var got []conversation.Code
	for i := range 4 {
		if i == 3 {
			now = now.Add(2 * time.Minute)
		}
		a, err := s.Accept(t.Context(), posted(post(fmt.Sprint(i), fmt.Sprint("m", i), i, mention, root)), decide)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, a.Decision.Refuse)
	}
	if want := "[  rate ]"; fmt.Sprint(got) != want {
		t.Errorf("refusals %q, want %q", fmt.Sprint(got), want)
	}
}

func TestRepliesToOurMessages(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	work(t, s, &turner{})
	first := post("t1", "a", 1, mention, root)
	accept(t, s, posted(first))
	answered(t, s, 5*time.Second)
	own := value[string](t, s, `SELECT message_id FROM messages WHERE author_kind = 'self'`)
	a := accept(t, s, posted(post("t1", "b", 5, func(m *conversation.Message) { m.ReplyTo, m.Place = own, conversation.PlaceChannel })))
	if a.Decision.Reason != conversation.ReasonReply {
		t.Errorf("reply: %+v", a)
	}
	if thread, ok, err := s.ThreadOf(t.Context(), first.Ref, own); thread != "t1" || !ok || err != nil {
		t.Errorf("thread of our message: %q %v %v", thread, ok, err)
	}
	if _, ok, err := s.ThreadOf(t.Context(), first.Ref, "unknown"); ok || err != nil {
		t.Errorf("thread of an unknown message: %v %v", ok, err)
	}
}

func TestDuplicates(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	m := post("t1", "a", 1, mention, root)
	delivery := func(id string) conversation.Delivery { return conversation.Delivery{ID: id} }
	if a := accept(t, s, conversation.Posted{Delivery: delivery("E1"), Message: m}); a.Duplicate {
		t.Error("first delivery is a duplicate")
	}
	for _, id := range []string{"E1", "E2", ""} {
		if a := accept(t, s, conversation.Posted{Delivery: delivery(id), Message: m}); !a.Duplicate {
			t.Errorf("delivery %q is none", id)
		}
	}
	other := post("t1", "b", 2)
	if a := accept(t, s, conversation.Posted{Delivery: delivery("E1"), Message: other}); !a.Duplicate {
		t.Error("an event id that was seen is no duplicate")
	}
	if n := value[int64](t, s, `SELECT last_seq FROM conversations`); n != 1 {
		t.Errorf("duplicates took seqs: %d", n)
	}
	var group sync.WaitGroup
	fresh := make(chan bool, 8)
	for i := range 8 {
		group.Go(func() {
			a, err := s.Accept(context.Background(), conversation.Posted{Delivery: delivery(fmt.Sprint("D", i)), Message: post("t9", "z", 9, mention, root)}, policy())
			if err != nil {
				t.Error(err)
			}
			fresh <- !a.Duplicate
		})
	}
	group.Wait()
	close(fresh)
	n := 0
	for f := range fresh {
		if f {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d of 8 deliveries at once counted", n)
	}
}

func TestEdits(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	edit := func(m conversation.Message, text string, second int) conversation.Edited {
		m.Text, m.EditedAt = text, base().Add(time.Duration(second)*time.Second)
		return conversation.Edited{Message: m}
	}
	text := func(id string) string {
		return value[string](t, s, `SELECT text || '|' || revision FROM messages WHERE message_id = $1`, id)
	}
	first := post("t1", "a", 1, mention, root)
	accept(t, s, posted(first))
	accept(t, s, edit(first, "newer", 20))
	if a := accept(t, s, edit(first, "older", 10)); !a.Duplicate {
		t.Errorf("an older edit: %+v", a)
	}
	if got := text("a"); got != "newer|1" {
		t.Errorf("stored %q", got)
	}
	accept(t, s, edit(first, "newer, in the same second", 20))
	if got := text("a"); got != "newer, in the same second|2" {
		t.Errorf("stored %q", got)
	}
	accept(t, s, edit(first, "newer", 20))
	accept(t, s, edit(first, "newer", 30))
	if got := text("a"); got != "newer|3" {
		t.Errorf("an edit that changes nothing made it %q", got)
	}

	t.Run("before its message", func(t *testing.T) {
		m := post("t1", "b", 2)
		accept(t, s, edit(m, "second version", 40))
		if a := accept(t, s, posted(m)); !a.Duplicate {
			t.Errorf("the late original: %+v", a)
		}
		if got := text("b"); got != "second version|0" {
			t.Errorf("stored %q", got)
		}
	})
	t.Run("adds a mention", func(t *testing.T) {
		m := post("t1", "c", 3, func(m *conversation.Message) {
			m.Mentions = []conversation.Mention{{Kind: conversation.MentionUser, ID: "bob"}}
		})
		if a := accept(t, s, posted(m)); a.Decision.Addressed {
			t.Fatalf("accepted %+v", a)
		}
		mention(&m)
		if a := accept(t, s, edit(m, "with mention", 50)); a.Decision.Reason != conversation.ReasonMention {
			t.Errorf("edited: %+v", a)
		}
		if n := value[int](t, s, `SELECT count(*)::int FROM items WHERE message_id = 'c' AND outcome IS NULL`); n != 1 {
			t.Errorf("%d items", n)
		}
	})
	t.Run("adds a mention where nothing was stored", func(t *testing.T) {
		m := post("t2", "d", 4)
		accept(t, s, posted(m))
		mention(&m)
		if a := accept(t, s, edit(m, "now for you", 60)); !a.Decision.Respond {
			t.Errorf("edited: %+v", a)
		}
	})
}

func TestDeletes(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	channel := post("", "", 0).Ref
	remove := func(ids ...string) conversation.Deleted {
		return conversation.Deleted{Ref: channel, MessageIDs: ids, At: base().Add(time.Hour)}
	}
	accept(t, s, posted(post("t1", "a", 1, mention, root)))
	accept(t, s, posted(post("t1", "b", 2)))
	accept(t, s, remove("a"))
	if got := value[string](t, s, `SELECT text || author_name || mentions::text FROM messages WHERE message_id = 'a'`); got != "[]" {
		t.Errorf("left of the message: %q", got)
	}
	if got := value[string](t, s, `SELECT outcome FROM items WHERE message_id = 'a'`); got != "withdrawn" {
		t.Errorf("outcome %q", got)
	}
	list, err := s.History(t.Context(), conversation.HistoryQuery{Ref: post("t1", "", 0).Ref, Limit: 10})
	if err != nil || len(list) != 1 || list[0].ID != "b" {
		t.Errorf("history %+v %v", list, err)
	}
	if a := accept(t, s, posted(post("t1", "a", 1, mention, root))); !a.Duplicate {
		t.Errorf("a deleted message came back: %+v", a)
	}
	if a := accept(t, s, conversation.Edited{Message: post("t1", "a", 1, mention)}); !a.Duplicate {
		t.Errorf("a deleted message was edited: %+v", a)
	}

	t.Run("before its message", func(t *testing.T) {
		accept(t, s, remove("x", "y"))
		if a := accept(t, s, posted(post("t1", "x", 7, mention))); !a.Duplicate {
			t.Errorf("accepted %+v", a)
		}
		if _, ok, err := s.ThreadOf(t.Context(), channel, "x"); ok || err != nil {
			t.Errorf("thread of what was never stored: %v %v", ok, err)
		}
	})
	t.Run("while its turn runs", func(t *testing.T) {
		began, goOn := make(chan struct{}), make(chan struct{})
		work(t, s, &turner{before: func(_ context.Context, turn conversation.Turn) error {
			if turn.Last().Message.ID == "b" {
				close(began)
				<-goOn
			}
			return nil
		}})
		<-began
		accept(t, s, remove("b"))
		close(goOn)
		eventually(t, 5*time.Second, "turn is finished", func() bool {
			return value[int](t, s, `SELECT count(*)::int FROM turns WHERE finished_at IS NOT NULL`) == 1
		})
		if got := value[string](t, s, `SELECT outcome FROM items WHERE message_id = 'b'`); got != "withdrawn" {
			t.Errorf("outcome %q", got)
		}
	})
}

func TestOvertakenMention(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	if a := accept(t, s, posted(post("t1", "b", 2))); a.ConversationID != 0 {
		t.Fatalf("follow-up without a mention: %+v", a)
	}
	accept(t, s, posted(post("t1", "a", 1, mention, root)))
	accept(t, s, posted(post("t2", "c", 3, mention, root)))
	accept(t, s, posted(post("t3", "d", 4, mention)))
	for thread, known := range map[string]bool{"t1": false, "t2": true, "t3": false} {
		if got := value[bool](t, s, `SELECT history_known FROM conversations WHERE thread = $1`, thread); got != known {
			t.Errorf("history of %s known: %v", thread, got)
		}
	}
}

// A mention and the follow-up that overtakes it may be accepted at the same moment: one of them must see the other.
func TestOvertakenMentionAtTheSameMoment(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, func(o *store.Options) { o.MaxConns = 16 })
	var group sync.WaitGroup
	for i := range 60 {
		thread := fmt.Sprint("t", i)
		for _, m := range []conversation.Message{post(thread, thread+"a", 1, mention, root), post(thread, thread+"b", 2)} {
			group.Go(func() {
				if _, err := s.Accept(context.Background(), posted(m), policy()); err != nil {
					t.Error(err)
				}
			})
		}
	}
	group.Wait()
	missed := value[int](t, s, `SELECT count(*)::int FROM conversations c WHERE history_known
		AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.thread = c.thread AND m.message_id = c.thread || 'b')`)
	if missed != 0 {
		t.Errorf("%d follow-ups are lost: their conversations believe to know everything", missed)
	}
}

func TestLateMentionJudgesAgain(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	accept(t, s, posted(post("t1", "c", 30, mention)))
	if a := accept(t, s, posted(post("t1", "b", 20))); a.Decision.Addressed {
		t.Fatalf("said before the first mention: %+v", a)
	}
	accept(t, s, posted(post("t1", "a", 10, mention)))
	if got := value[string](t, s, `SELECT reason FROM items WHERE message_id = 'b'`); got != string(conversation.ReasonFollowUp) {
		t.Errorf("reason %q", got)
	}
}

func TestForeignText(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	evil := "a\x00b\xff🎙"
	m := post("", "evil", 1, dm, func(m *conversation.Message) {
		m.Text, m.Author.Name = evil, evil
		m.Mentions = []conversation.Mention{{Kind: conversation.MentionUser, Name: evil}}
		m.Attachments = []conversation.Attachment{{ID: "f", Name: evil, MIME: evil, Locator: "x", Kind: conversation.AttachmentAudio, Size: 7}}
	})
	if a := accept(t, s, posted(m)); !a.Decision.Respond {
		t.Fatalf("accepted %+v", a)
	}
	list, err := s.History(t.Context(), conversation.HistoryQuery{Ref: m.Ref, Limit: 10})
	if err != nil || len(list) != 1 {
		t.Fatalf("history %+v %v", list, err)
	}
	got := list[0]
	if want := "a\uFFFDb\uFFFD🎙"; got.Text != want || got.Author.Name != want || got.Mentions[0].Name != want || got.Attachments[0].Name != want {
		t.Errorf("stored %+v", got)
	}
	if a := got.Attachments[0]; a.Size != 7 || a.Kind != conversation.AttachmentAudio || a.Locator != "x" || a.ID != "f" {
		t.Errorf("attachment %+v", a)
	}
	long := post("", "long", 2, dm, func(m *conversation.Message) { m.Text = strings.Repeat("x", 1<<20) })
	accept(t, s, posted(long))
}
