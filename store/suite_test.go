package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/conversation"
	"parley/conversation/conversationtest"
	"parley/store"
	"parley/store/storetest"
)

// subject is a store with the worker's side of it: answerAll runs the turns that are owed in a conversation.
type subject struct {
	conversation.Store
	conversation.Watermarks
	*clock
	answerAll func(t *testing.T, f *turner, ref conversation.ThreadRef)
}

// clock is a clock that a test can put forward. It begins ten minutes after base.
type clock struct {
	begun time.Time
	ahead atomic.Int64
}

func newClock() *clock { return &clock{begun: time.Now()} }

func (c *clock) now() time.Time {
	return base().Add(10*time.Minute + time.Since(c.begun) + time.Duration(c.ahead.Load()))
}

func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

func inPostgres(t *testing.T) subject {
	c := newClock()
	s := storetest.Open(t, func(o *store.Options) { o.Clock = c.now })
	var once sync.Once
	return subject{Store: s, Watermarks: s, clock: c, answerAll: func(t *testing.T, f *turner, _ conversation.ThreadRef) {
		once.Do(func() { work(t, s, f) })
		eventually(t, 10*time.Second, "all turns ended", func() bool {
			return value[int](t, s, `SELECT (SELECT count(*) FROM items WHERE outcome IS NULL)::int + (SELECT count(*) FROM turns WHERE finished_at IS NULL)::int`) == 0
		})
	}}
}

func inMemory(*testing.T) subject {
	c := newClock()
	s := conversationtest.NewStore()
	s.Clock = c.now
	return subject{Store: s, Watermarks: s, clock: c, answerAll: func(t *testing.T, f *turner, _ conversation.ThreadRef) {
		for owed := s.Owed(); len(owed) > 0; owed = s.Owed() {
			if _, err := s.Work(t.Context(), f, owed[0]); err != nil {
				t.Log("turn is tried again:", err)
			}
		}
	}}
}

// TestStoresBehaveAlike holds the store in memory, on which the engine is tested, to what Postgres does.
func TestStoresBehaveAlike(t *testing.T) {
	t.Parallel()
	for name, rule := range map[string]func(*testing.T, subject, *turner){
		"decisions":  ruleDecisions,
		"duplicates": ruleDuplicates,
		"deletes":    ruleDeletes,
		"edits":      ruleEdits,
		"batches":    ruleBatches,
		"history":    ruleHistory,
		"parts":      ruleParts,
		"overtaken":  ruleOvertaken,
		"newest":     ruleNewest,
		"removed":    ruleRemoved,
		"rate":       ruleRateIsToldEachMinute,

		"edited while answered":       ruleEditedWhileAnswered,
		"deleted while answered":      ruleDeletedWhileAnswered,
		"edited after its answer":     ruleEditedAfterItsAnswer,
		"not the last word":           ruleNotTheLastWord,
		"edit without a mention":      ruleEditWithoutMention,
		"missed":                      ruleMissed,
		"missed long ago":             ruleMissedLongAgo,
		"missed before the first":     ruleMissedBeforeTheFirst,
		"edited while we were away":   ruleEditedWhileAway,
		"history after an absence":    ruleHistoryAfterAbsence,
		"no absence, no second look":  ruleNoAbsence,
		"marks":                       ruleMarks,
		"platforms never seen online": ruleNoMarks,
	} {
		t.Run(name+" in Postgres", func(t *testing.T) {
			t.Parallel()
			rule(t, inPostgres(t), &turner{})
		})
		t.Run(name+" in memory", func(t *testing.T) {
			t.Parallel()
			rule(t, inMemory(t), &turner{})
		})
	}
}

func take(t *testing.T, s subject, e conversation.Event) conversation.Accepted {
	t.Helper()
	a, err := s.Accept(t.Context(), e, policy())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// run gives the turns that answer everything owed in the thread.
func run(t *testing.T, s subject, f *turner, thread string) []conversation.Turn {
	t.Helper()
	s.answerAll(t, f, post(thread, "", 0).Ref)
	return f.seen()
}

func ruleDecisions(t *testing.T, s subject, _ *turner) {
	var got []conversation.Reason
	for _, m := range []conversation.Message{
		post("t1", "unrelated", 1),
		post("t2", "mention", 2, mention, root),
		post("t2", "follow", 3),
		post("t2", "denied", 4, by("mallory")),
		post("", "dm", 5, dm),
		post("t2", "self", 6, func(m *conversation.Message) { m.Author.Kind = conversation.Self }),
	} {
		got = append(got, take(t, s, posted(m)).Decision.Reason)
	}
	if want := "[not_addressed mention follow_up denied_user dm own_message]"; fmt.Sprint(got) != want {
		t.Errorf("reasons %v, want %s", got, want)
	}
}

func ruleDuplicates(t *testing.T, s subject, _ *turner) {
	m := post("t1", "a", 1, mention, root)
	first := take(t, s, conversation.Posted{Delivery: conversation.Delivery{ID: "E1"}, Message: m})
	sameEvent := take(t, s, conversation.Posted{Delivery: conversation.Delivery{ID: "E1"}, Message: post("t1", "b", 2)})
	sameMessage := take(t, s, conversation.Posted{Delivery: conversation.Delivery{ID: "E2"}, Message: m})
	if first.Duplicate || !sameEvent.Duplicate || !sameMessage.Duplicate {
		t.Errorf("first %+v, same event %+v, same message %+v", first, sameEvent, sameMessage)
	}
}

func ruleDeletes(t *testing.T, s subject, f *turner) {
	take(t, s, posted(post("t1", "a", 1, mention, root)))
	take(t, s, posted(post("t1", "b", 2)))
	take(t, s, conversation.Deleted{Ref: post("", "", 0).Ref, MessageIDs: []string{"a"}, At: base()})
	turns := run(t, s, f, "t1")
	if len(turns) != 1 || len(turns[0].Items) != 1 || turns[0].Last().Message.ID != "b" {
		t.Errorf("turns %+v", turns)
	}
	if a := take(t, s, posted(post("t1", "a", 1, mention, root))); !a.Duplicate {
		t.Errorf("a deleted message came back: %+v", a)
	}
}

func ruleEdits(t *testing.T, s subject, f *turner) {
	m := post("t1", "a", 1, mention, root)
	take(t, s, posted(m))
	m.Text, m.EditedAt = "newer", base().Add(time.Minute)
	take(t, s, conversation.Edited{Message: m})
	m.Text, m.EditedAt = "older", base().Add(time.Second)
	take(t, s, conversation.Edited{Message: m})
	turns := run(t, s, f, "t1")
	if len(turns) != 1 || turns[0].Last().Message.Text != "newer" || turns[0].Last().Message.Revision != 1 {
		t.Errorf("turns %+v", turns)
	}
}

func ruleBatches(t *testing.T, s subject, f *turner) {
	for i, m := range []conversation.Message{
		post("t1", "a", 1, mention, root), post("t1", "c", 3), post("t1", "b", 2), post("t1", "d", 4, by("bob")), post("t1", "e", 5),
	} {
		if a := take(t, s, posted(m)); a.Seq != int64(i+1) {
			t.Errorf("seq %d of message %d", a.Seq, i)
		}
	}
	var got []string
	for _, turn := range run(t, s, f, "t1") {
		ids := ""
		for _, item := range turn.Items {
			ids += item.Message.ID
		}
		got = append(got, ids)
	}
	if want := "[abc d e]"; fmt.Sprint(got) != want {
		t.Errorf("turns %v, want %s", got, want)
	}
}

func ruleHistory(t *testing.T, s subject, f *turner) {
	trigger := post("t1", "m", 50, mention)
	take(t, s, posted(trigger))
	done := false
	f.before = func(ctx context.Context, turn conversation.Turn) error {
		if done {
			return nil
		}
		done = true
		return errors.Join(
			s.SaveHistory(ctx, turn, conversation.HistoryPage{Messages: []conversation.Message{trigger, post("t1", "old", 10), post("t1", "new", 60)}}, policy()),
			s.HistoryDone(ctx, turn))
	}
	turns := run(t, s, f, "t1")
	if len(turns) != 2 || turns[0].HistoryKnown || !turns[1].HistoryKnown || turns[1].Last().Message.ID != "new" {
		t.Errorf("turns %+v", turns)
	}
	list, err := s.History(t.Context(), conversation.HistoryQuery{Ref: trigger.Ref, Before: trigger.Position(), Limit: 5})
	if err != nil || len(list) != 1 || list[0].ID != "old" {
		t.Errorf("history %+v %v", list, err)
	}
	if thread, ok, err := s.ThreadOf(t.Context(), trigger.Ref, "old"); thread != "t1" || !ok || err != nil {
		t.Errorf("thread %q %v %v", thread, ok, err)
	}
}

func ruleParts(t *testing.T, s subject, f *turner) {
	take(t, s, posted(post("t1", "a", 1, mention, root)))
	var sendID string
	f.before = func(ctx context.Context, turn conversation.Turn) error {
		part, err := s.Intend(ctx, turn, 0)
		if err != nil {
			return err
		}
		if turn.Attempt == 1 {
			sendID = part.SendID
			return errors.Join(errors.New("cut off"), s.Sent(ctx, turn, 0, "p0"))
		}
		if part.SendID != sendID || len(turn.Parts) != 1 || turn.Parts[0].MessageID != "p0" {
			t.Errorf("part %+v of %+v", part, turn.Parts)
		}
		return nil
	}
	turns := run(t, s, f, "t1")
	if len(turns) != 2 || turns[0].ID != turns[1].ID {
		t.Fatalf("turns %+v", turns)
	}
	if _, err := s.Intend(t.Context(), turns[0], 1); !errors.Is(err, conversation.ErrFenced) {
		t.Errorf("the first attempt still writes: %v", err)
	}
}

func ruleOvertaken(t *testing.T, s subject, f *turner) {
	take(t, s, posted(post("t1", "b", 2)))
	take(t, s, posted(post("t1", "a", 1, mention, root)))
	take(t, s, posted(post("t2", "c", 3, mention))) // of a thread in which nothing overtook it
	run(t, s, f, "t1")
	turns := run(t, s, f, "t2")
	for _, turn := range turns {
		if turn.HistoryKnown || turn.Overtaken != (turn.Ref.Thread == "t1") {
			t.Errorf("turn %+v", turn)
		}
	}
	if len(turns) != 2 {
		t.Errorf("%d turns", len(turns))
	}
}
