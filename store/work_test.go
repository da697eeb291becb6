package store_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	"parley/conversation"
	"parley/store"
	"parley/store/storetest"
)

func TestMessagesAcceptedAtOnceAreAllAnswered(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, func(o *store.Options) { o.MaxConns = 24 })
	f := &turner{}
	work(t, s, f)
	const conversations, messages = 20, 100
	var group sync.WaitGroup
	for c := range conversations {
		for lane := range 5 {
			group.Go(func() {
				for i := lane; i < messages; i += 5 {
					m := post(fmt.Sprintf("t%d", c), fmt.Sprintf("m%d-%d", c, i), i, mention)
					if _, err := s.Accept(context.Background(), posted(m), policy()); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	group.Wait()
	answered(t, s, 60*time.Second)
	if n := value[int](t, s, `SELECT count(*)::int FROM items WHERE outcome = 'answered'`); n != conversations*messages {
		t.Errorf("%d items answered", n)
	}
	times := make(map[string]int)
	for _, turn := range f.seen() {
		for _, item := range turn.Items {
			times[item.Message.ID]++
		}
	}
	for id, n := range times {
		if n != 1 {
			t.Errorf("message %s was given to %d turns", id, n)
		}
	}
	if len(times) != conversations*messages {
		t.Errorf("%d messages were given to turns", len(times))
	}
	t.Logf("%d turns", len(f.seen()))
}

func TestMessageDuringATurnIsAnsweredAfterIt(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	began, goOn := make(chan struct{}, 2), make(chan struct{})
	f := &turner{before: func(context.Context, conversation.Turn) error {
		began <- struct{}{}
		<-goOn
		return nil
	}}
	work(t, s, f)
	accept(t, s, posted(post("t1", "a", 1, mention, root)))
	<-began
	accept(t, s, posted(post("t1", "b", 2)))
	accept(t, s, posted(post("t1", "c", 3)))
	accept(t, s, posted(post("t1", "d", 4, by("bob"))))
	close(goOn)
	answered(t, s, 10*time.Second)
	var got []string
	for _, turn := range f.seen() {
		ids := ""
		for _, item := range turn.Items {
			ids += item.Message.ID
		}
		got = append(got, ids)
	}
	if want := "[a bc d]"; fmt.Sprint(got) != want {
		t.Errorf("turns %v, want %s", got, want)
	}
}

func TestInfrastructureErrorIsTriedAgain(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	var once sync.Once
	f := &turner{before: func(context.Context, conversation.Turn) (err error) {
		once.Do(func() { err = errors.New("disk on fire") })
		return err
	}}
	work(t, s, f)
	accept(t, s, posted(post("t1", "a", 1, mention, root)))
	answered(t, s, 6*time.Second)
	turns := f.seen()
	if len(turns) != 2 || turns[0].ID != turns[1].ID || turns[1].Attempt != 2 || turns[1].Lease <= turns[0].Lease {
		t.Errorf("turns %+v", turns)
	}
}

func TestTurnThatAlwaysPanicsEnds(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	f := &turner{before: func(context.Context, conversation.Turn) error { panic("always") }}
	work(t, s, f)
	accept(t, s, posted(post("t1", "a", 1, mention, root)))
	answered(t, s, 15*time.Second)
	if got := value[string](t, s, `SELECT outcome || ' ' || outcome_reason FROM items`); got != "failed internal" {
		t.Errorf("outcome %q after %d attempts", got, len(f.seen()))
	}
}

func TestStrangeNumbersAreRecorded(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	work(t, s, strange{})
	accept(t, s, posted(post("t1", "a", 1, mention, root)))
	answered(t, s, 5*time.Second)
}

type strange struct{}

func (strange) RunTurn(context.Context, conversation.Turn) (conversation.Outcome, error) {
	return conversation.Outcome{
		Kind: conversation.Answered, CostUSD: math.Inf(1), Usage: conversation.Usage{Input: math.MaxInt, Output: -1},
		Detail: "a\x00\xffb",
	}, nil
}

func TestPartsSurviveAnAttempt(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	var first conversation.Part
	f := &turner{}
	f.before = func(ctx context.Context, turn conversation.Turn) error {
		part, err := s.Intend(ctx, turn, 0)
		if err != nil {
			return err
		}
		if turn.Attempt == 1 {
			first = part
			return errors.Join(errors.New("cut off"), s.Sent(ctx, turn, 0, "posted-1"))
		}
		if part.SendID != first.SendID || len(turn.Parts) != 1 || turn.Parts[0].MessageID != "posted-1" {
			t.Errorf("first %+v, now %+v of %+v", first, part, turn.Parts)
		}
		return nil
	}
	work(t, s, f)
	accept(t, s, posted(post("t1", "a", 1, mention, root)))
	answered(t, s, 6*time.Second)
	if n := len(first.SendID); n == 0 || n > 25 {
		t.Errorf("send id %q", first.SendID)
	}
	thread, ok, err := s.ThreadOf(t.Context(), post("", "", 0).Ref, "posted-1")
	if thread != "t1" || !ok || err != nil {
		t.Errorf("thread of a part: %q %v %v", thread, ok, err)
	}
}

func TestJobsThatVanishComeBack(t *testing.T) {
	t.Parallel()
	for name, statement := range map[string]string{
		"deleted by hand": `DELETE FROM river_job`,
		"discarded":       `UPDATE river_job SET state = 'discarded', finalized_at = now()`,
		"cancelled":       `UPDATE river_job SET state = 'cancelled', finalized_at = now()`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := storetest.Open(t)
			accept(t, s, posted(post("t1", "a", 1, mention, root)))
			if _, err := s.Pool().Exec(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
			work(t, s, &turner{})
			answered(t, s, 5*time.Second)
		})
	}
}

func TestDrain(t *testing.T) {
	t.Parallel()
	t.Run("a running turn may finish", func(t *testing.T) {
		t.Parallel()
		s := storetest.Open(t)
		began, goOn := make(chan struct{}), make(chan struct{})
		w, err := s.Work(t.Context(), &turner{before: func(context.Context, conversation.Turn) error {
			close(began)
			<-goOn
			return nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		accept(t, s, posted(post("t1", "a", 1, mention, root)))
		<-began
		time.AfterFunc(100*time.Millisecond, func() { close(goOn) })
		if err := w.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n, err := s.Unanswered(t.Context()); n != 0 || err != nil {
			t.Errorf("unanswered %d %v", n, err)
		}
	})
	t.Run("one that does not is cancelled, and its job costs no attempt", func(t *testing.T) {
		t.Parallel()
		s := storetest.Open(t, func(o *store.Options) { o.DrainTimeout = 50 * time.Millisecond })
		began := make(chan struct{})
		w, err := s.Work(t.Context(), &turner{before: func(ctx context.Context, _ conversation.Turn) error {
			close(began)
			<-ctx.Done()
			return errors.New("hides the cause")
		}})
		if err != nil {
			t.Fatal(err)
		}
		accept(t, s, posted(post("t1", "a", 1, mention, root)))
		<-began
		if err := w.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := value[string](t, s, `SELECT state::text || ' ' || attempt FROM river_job`); got != "available 0" {
			t.Errorf("job is %s", got)
		}
		work(t, s, &turner{})
		answered(t, s, 5*time.Second)
	})
}

func TestQuietWorkspaceGoesFirst(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, func(o *store.Options) { o.MaxConcurrentTurns = 1 })
	for i := range 30 {
		accept(t, s, posted(post(fmt.Sprintf("t%d", i), fmt.Sprintf("m%d", i), i, mention, root)))
	}
	accept(t, s, posted(post("q", "quiet", 100, mention, root, func(m *conversation.Message) { m.Ref.Workspace = "T2" })))
	if n, err := s.QueueDepth(t.Context()); n != 31 || err != nil {
		t.Errorf("queue depth %d %v", n, err)
	}
	f := &turner{}
	work(t, s, f)
	answered(t, s, 20*time.Second)
	for i, turn := range f.seen() {
		if turn.Ref.Workspace == "T2" && i > 5 {
			t.Errorf("the quiet workspace came as number %d", i+1)
		}
	}
}

func TestJobOfAnErasedConversationEnds(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	accept(t, s, posted(post("t1", "a", 1, mention, root)))
	if _, err := s.Pool().Exec(t.Context(), `DELETE FROM items; DELETE FROM messages; DELETE FROM conversations`); err != nil {
		t.Fatal(err)
	}
	f := &turner{}
	work(t, s, f)
	eventually(t, 5*time.Second, "job is completed", func() bool {
		return value[string](t, s, `SELECT state::text FROM river_job`) == "completed"
	})
	if n := len(f.seen()); n != 0 {
		t.Errorf("%d turns ran", n)
	}
}
