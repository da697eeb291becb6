package store_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"parley/conversation"
	"parley/store"
	"parley/store/storetest"
)

// inTurns gives the ids of the messages of each turn, in the order in which they ran.
func inTurns(f *turner) (turns [][]string) {
	for _, t := range f.seen() {
		var ids []string
		for _, item := range t.Items {
			ids = append(ids, item.Message.ID)
		}
		turns = append(turns, ids)
	}
	return turns
}

// Two messages that a person writes at once may come over the sockets of two replicas, the later one first.
func TestQuestionsAreTakenInTheOrderInWhichTheyWereWritten(t *testing.T) {
	t.Parallel()
	first := post("t", "1", 1, mention, root)
	second := post("t", "2", 2, mention)
	third := post("t", "3", 3, mention, by("bob"))
	equal := func(t *testing.T, f *turner, want ...[]string) {
		t.Helper()
		if got := inTurns(f); !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("turns of %q, want %q", got, want)
		}
	}

	t.Run("what was delivered when a turn begins", func(t *testing.T) {
		t.Parallel()
		s, f := storetest.Open(t), &turner{}
		for _, m := range []conversation.Message{third, second, first} {
			accept(t, s, posted(m))
		}
		work(t, s, f)
		answered(t, s, 20*time.Second)
		equal(t, f, []string{"1", "2"}, []string{"3"})
	})

	t.Run("what is delivered while a later one is answered comes next", func(t *testing.T) {
		t.Parallel()
		url := storetest.New(t)
		s, other := storetest.OpenURL(t, url), storetest.OpenURL(t, url)
		begun, goOn := make(chan struct{}, 4), make(chan struct{})
		f := &turner{before: func(ctx context.Context, _ conversation.Turn) error {
			begun <- struct{}{}
			select {
			case <-goOn:
			case <-ctx.Done():
			}
			return ctx.Err()
		}}
		work(t, s, f)
		accept(t, s, posted(second))
		<-begun
		for _, replica := range []*store.Store{other, other, s} { // and again, as of a platform that saw no acknowledgement
			accept(t, replica, posted(third))
			accept(t, replica, posted(first))
		}
		close(goOn)
		answered(t, s, 20*time.Second)
		equal(t, f, []string{"2"}, []string{"1"}, []string{"3"})
	})
}
