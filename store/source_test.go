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

// Whichever comes first, the outcome of a summary or the delete of a message that it was made of: the text of the answer
// is not stored afterwards, and both sides get through.
func TestOutcomesRaceWithChangesOfTheirSources(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	var group sync.WaitGroup
	f := &turner{outcome: func(turn conversation.Turn, o conversation.Outcome) conversation.Outcome {
		source := c2("")
		source.Channel = "source-of-" + turn.Ref.Thread
		o.Source = &conversation.Source{Ref: source, From: read("m1", 1).Position(), Through: read("m9", 9).Position()}
		group.Go(func() {
			_, err := s.Accept(t.Context(), conversation.Deleted{Ref: source, MessageIDs: []string{"m5"}, At: base()}, policy())
			if err != nil {
				t.Error(err)
			}
		})
		return o
	}}
	work(t, s, f)
	for i := range 40 {
		accept(t, s, posted(post(fmt.Sprint("t", i), fmt.Sprint("q", i), i, mention, root)))
	}
	answered(t, s, 20*time.Second)
	group.Wait()
	if n := value[int](t, s, `SELECT count(*)::int FROM messages WHERE author_kind = 'self'`); n != 40 {
		t.Errorf("%d of 40 answers are stored", n)
	}
	if n := value[int](t, s, `SELECT count(*)::int FROM messages WHERE author_kind = 'self' AND text <> ''`); n != 0 {
		t.Errorf("the text of %d answers is left", n)
	}
}

// What an answer was derived from is forgotten when it is old.
func TestSourcesAreSwept(t *testing.T) {
	t.Parallel()
	url := storetest.New(t)
	s := at(t, url, 0)
	f := &turner{}
	span(f, "asking", conversation.Source{Ref: c2(""), From: read("m1", 1).Position(), Through: read("m9", 9).Position()})
	haveAnswered(t, s, f, asking("asking"))
	if n := value[int](t, s, `SELECT count(*)::int FROM sources`); n != 1 {
		t.Fatalf("%d sources", n)
	}
	sweep(t, at(t, url, 100*day), 90*day)
	if n := value[int](t, s, `SELECT count(*)::int FROM sources`); n != 0 {
		t.Errorf("%d sources are left", n)
	}
}

// haveAnswered has a question answered.
func haveAnswered(t *testing.T, s *store.Store, f *turner, question conversation.Message) {
	t.Helper()
	w, err := s.Work(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	accept(t, s, posted(question))
	answered(t, s, 10*time.Second)
	if err := w.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}
