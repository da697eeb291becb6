package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"parley/conversation"
	"parley/store"
	"parley/store/storetest"
)

const day = 24 * time.Hour

// at gives a store whose clock stands so long after base.
func at(t *testing.T, url string, later time.Duration) *store.Store {
	t.Helper()
	return storetest.OpenURL(t, url, func(o *store.Options) { o.Clock = func() time.Time { return base().Add(later) } })
}

func sweep(t *testing.T, s *store.Store, keep time.Duration) store.Swept {
	t.Helper()
	swept, err := s.Sweep(t.Context(), keep)
	if err != nil {
		t.Fatal(err)
	}
	return swept
}

// later moves a message by days.
func later(days int) func(*conversation.Message) {
	return func(m *conversation.Message) { m.SentAt = m.SentAt.Add(time.Duration(days) * day) }
}

// answerAll answers what is open.
func answerAll(t *testing.T, s *store.Store) {
	t.Helper()
	w, err := s.Work(t.Context(), &turner{})
	if err != nil {
		t.Fatal(err)
	}
	answered(t, s, 10*time.Second)
	if err := w.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestOldConversationIsDeleted(t *testing.T) {
	t.Parallel()
	url := storetest.New(t)
	s := at(t, url, 0)
	accept(t, s, posted(post("t1", "a", 1, mention, root)))
	answerAll(t, s)
	s = at(t, url, 100*day)
	accept(t, s, posted(post("t2", "b", 2, mention, root, later(100))))
	if swept := sweep(t, s, 101*day); swept != (store.Swept{}) {
		t.Errorf("what is young enough was swept: %+v", swept)
	}
	if swept := sweep(t, s, 90*day); swept != (store.Swept{Messages: 2, Turns: 1, Conversations: 1}) {
		t.Errorf("swept %+v", swept)
	}
	for table, want := range map[string]int{"messages": 1, "items": 1, "conversations": 1, "sends": 0, "turns": 1} {
		if n := value[int](t, s, `SELECT count(*)::int FROM `+table); n != want {
			t.Errorf("%d rows are left in %s, want %d", n, table, want)
		}
	}
	if left := value[string](t, s, `SELECT author_id || detail || '/' || input_tokens FROM turns`); left != "/10" {
		t.Errorf("the turn keeps %q", left)
	}
	if swept := sweep(t, s, 90*day); swept != (store.Swept{}) {
		t.Errorf("the second sweep did %+v", swept)
	}
}

// A channel in which nothing was said since is read again from a little before its watermark: what stands there must
// be known, although nothing of it is left.
func TestNewestOldMessageIsKnownWithoutItsText(t *testing.T) {
	t.Parallel()
	url := storetest.New(t)
	m := post("t1", "a", 1, mention, root)
	m.Attachments = []conversation.Attachment{{ID: "f", Name: "face.png", Kind: conversation.AttachmentImage}}
	s := at(t, url, 0)
	accept(t, s, posted(m))
	answerAll(t, s)
	s = at(t, url, 100*day)
	if swept := sweep(t, s, 90*day); swept != (store.Swept{Messages: 2, Turns: 1, Conversations: 1}) {
		t.Errorf("swept %+v", swept)
	}
	left := value[string](t, s, `SELECT string_agg(m.text || m.author_id || m.author_name || m.mentions::text || m.attachments::text
		|| coalesce(i.author_id || i.outcome, ''), ' ' ORDER BY m.message_id) FROM messages m LEFT JOIN items i USING (message_id)`)
	if left != "[][]answered [][]" {
		t.Errorf("left is %q", left)
	}
	if a := accept(t, s, posted(m)); !a.Duplicate {
		t.Errorf("the redelivery is taken for new: %+v", a)
	}
	if swept := sweep(t, s, 90*day); swept != (store.Swept{}) {
		t.Errorf("the second sweep did %+v", swept)
	}
	accept(t, s, posted(post("t9", "z", 1, mention, root, later(100))))
	if swept := sweep(t, s, 90*day); swept.Messages != 2 {
		t.Errorf("when the channel has moved on, the row stays: %+v", swept)
	}
}

func TestWhatIsOwedAnAnswerIsKept(t *testing.T) {
	t.Parallel()
	url := storetest.New(t)
	s := at(t, url, 0)
	accept(t, s, posted(post("t1", "a", 1, mention, root)))
	accept(t, s, posted(post("t1", "b", 2, by("bob"))))
	accept(t, s, posted(post("t2", "c", 3, mention, root, later(100))))
	s = at(t, url, 100*day)
	if swept := sweep(t, s, 90*day); swept != (store.Swept{}) {
		t.Errorf("swept %+v", swept)
	}
	answerAll(t, s)
	if swept := sweep(t, s, 90*day); swept.Messages < 2 {
		t.Errorf("after the answer only %+v", swept)
	}
}

func TestOldPartOfALivingConversationIsDeleted(t *testing.T) {
	t.Parallel()
	url := storetest.New(t)
	s := at(t, url, 0)
	accept(t, s, posted(post("t1", "a", 1, root, mention, by("mallory"))))
	answerAll(t, s) // by a refusal
	accept(t, s, posted(post("t1", "b", 2, mention, later(99))))
	answerAll(t, s)
	s = at(t, url, 100*day)
	if swept := sweep(t, s, 90*day); swept.Messages != 2 || swept.Conversations != 0 {
		t.Errorf("swept %+v", swept)
	}
	if ids := value[string](t, s, `SELECT string_agg(message_id, ' ' ORDER BY sent_at) FROM messages`); ids != "b answer-2" {
		t.Errorf("left are %s", ids)
	}
}

// Many rows, two replicas that sweep, and messages that arrive meanwhile.
func TestSweepsRunSideBySideWithIntake(t *testing.T) {
	t.Parallel()
	url := storetest.New(t)
	s := at(t, url, 100*day)
	_, err := s.Pool().Exec(t.Context(), `INSERT INTO messages (platform, workspace, channel, message_id, thread, place, author_id,
			author_name, author_kind, text, sent_at, stored_at)
		SELECT 'slack', 'T1', 'C' || i % 5, 'm' || i, '', 'thread', 'a', 'a', 'person', 'x', $1::timestamptz + i * interval '1 ms', $1
		FROM generate_series(1, 2600) i`, base())
	if err != nil {
		t.Fatal(err)
	}
	var swept [2]store.Swept
	var both sync.WaitGroup
	for i := range swept {
		other := at(t, url, 100*day)
		both.Go(func() {
			for range 20 { // the one that finds the other sweeping ends at once
				more, err := other.Sweep(t.Context(), 90*day)
				if err != nil {
					t.Error(err)
				}
				swept[i].Messages += more.Messages
			}
		})
	}
	for i := range 50 {
		accept(t, s, posted(post(fmt.Sprint("t", i), fmt.Sprint("new", i), i, mention, root, later(100))))
	}
	both.Wait()
	if n := swept[0].Messages + swept[1].Messages; n != 2600 {
		t.Errorf("%d messages swept of 2600", n)
	}
	if n := value[int](t, s, `SELECT count(*)::int FROM messages`); n != 50 {
		t.Errorf("%d messages left of the 50 new ones", n)
	}
}
