package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"parley/conversation"
	"parley/store"
	"parley/store/storetest"
)

// inTurn runs fn once inside a turn of the conversation that m begins.
func inTurn(t *testing.T, s *store.Store, m conversation.Message, fn func(conversation.Turn) error) {
	t.Helper()
	f := &turner{}
	done := false
	f.before = func(_ contextT, turn conversation.Turn) error {
		if done {
			return nil
		}
		done = true
		return fn(turn)
	}
	w, err := s.Work(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	accept(t, s, posted(m))
	answered(t, s, 10*time.Second)
	if err := w.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestHistoryPages(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	for i := range 25 {
		accept(t, s, posted(post("t1", fmt.Sprintf("m%02d", i), i/2, mention))) // two share a second: the id decides
	}
	var before conversation.Position
	var got []string
	for {
		list, err := s.History(t.Context(), conversation.HistoryQuery{Ref: post("t1", "", 0).Ref, Before: before, Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 0 {
			break
		}
		for _, m := range list {
			got = append(got, m.ID)
		}
		before = list[len(list)-1].Position()
	}
	if len(got) != 25 {
		t.Fatalf("%d messages: %v", len(got), got)
	}
	for i, id := range got {
		if want := fmt.Sprintf("m%02d", 24-i); id != want {
			t.Errorf("message %d is %s, want %s", i, id, want)
		}
	}
}

func TestSaveHistory(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	trigger := post("t1", "m", 50, mention)
	inTurn(t, s, trigger, func(turn conversation.Turn) error {
		if turn.HistoryKnown {
			t.Error("history of a thread that was joined is known")
		}
		channel := post("", "top", 5)
		channel.Ref.Thread = ""
		pages := []conversation.Message{
			trigger,
			post("t1", "before", 10, by("bob")),
			post("t1", "after", 60, by("bob")),
			post("t1", "robot", 61, func(m *conversation.Message) { m.Author.Kind = conversation.Bot }),
			channel,
		}
		err := s.SaveHistory(t.Context(), turn, conversation.HistoryPage{Messages: pages}, policy())
		return errors.Join(err, s.SaveHistory(t.Context(), turn, conversation.HistoryPage{Messages: pages}, policy()), s.HistoryDone(t.Context(), turn))
	})
	if !value[bool](t, s, `SELECT history_known FROM conversations`) {
		t.Error("history is not known")
	}
	if got := value[string](t, s, `SELECT string_agg(message_id || ':' || reason, ' ' ORDER BY sent_at) FROM items`); got != "m:mention after:follow_up" {
		t.Errorf("ledger %q", got)
	}
	list, err := s.History(t.Context(), conversation.HistoryQuery{Ref: trigger.Ref, Before: trigger.Position(), Limit: 10})
	if err != nil || len(list) != 1 || list[0].ID != "before" {
		t.Errorf("before the mention: %+v %v", list, err)
	}
	around, err := s.ChannelBefore(t.Context(), conversation.HistoryQuery{Ref: trigger.Ref, Before: trigger.Position(), Limit: 10})
	if err != nil || len(around) != 2 || around[0].ID != "before" || around[1].ID != "top" {
		t.Errorf("in the channel: %+v %v", around, err)
	}
	if _, ok, err := s.ThreadOf(t.Context(), trigger.Ref, "top"); ok || err != nil {
		t.Errorf("a message of the channel has a thread: %v %v", ok, err)
	}

	t.Run("a mention that was stored as history is still answered when its event comes", func(t *testing.T) {
		if a := accept(t, s, posted(post("t1", "before", 10, by("bob"), mention))); a.Duplicate || !a.Decision.Respond {
			t.Errorf("accepted %+v", a)
		}
		top := post("top", "top", 5, mention, root)
		if a := accept(t, s, posted(top)); a.Duplicate || !a.Decision.Respond {
			t.Errorf("accepted %+v", a)
		}
	})
}

func TestFence(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	var stale conversation.Turn
	inTurn(t, s, post("t1", "a", 1, mention), func(turn conversation.Turn) error {
		stale = turn
		return errors.New("cut off")
	})
	writes := map[string]func() error{
		"Intend":      func() error { _, err := s.Intend(t.Context(), stale, 0); return err },
		"Sent":        func() error { return s.Sent(t.Context(), stale, 0, "x") },
		"HistoryDone": func() error { return s.HistoryDone(t.Context(), stale) },
		"SaveHistory": func() error {
			return s.SaveHistory(t.Context(), stale, conversation.HistoryPage{Messages: []conversation.Message{post("t1", "z", 9)}}, policy())
		},
	}
	for name, write := range writes {
		if err := write(); !errors.Is(err, conversation.ErrFenced) {
			t.Errorf("%s with a stale lease: %v", name, err)
		}
	}
	if n := value[int](t, s, `SELECT count(*)::int FROM sends`); n != 0 {
		t.Errorf("%d parts were written", n)
	}
	if n := value[int](t, s, `SELECT count(*)::int FROM messages WHERE message_id = 'z'`); n != 0 {
		t.Error("history was written")
	}
}
