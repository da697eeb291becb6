package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"parley/conversation"
	"parley/store"
	"parley/store/storetest"
)

// The process that runs a turn learns within a second that another process has taken in an edit of its question.
func TestEditInterruptsTheTurn(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"through this process", "through another"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			url := storetest.New(t)
			s := storetest.OpenURL(t, url)
			intake := s
			if mode == "through another" {
				intake = storetest.OpenURL(t, url)
			}
			began, causes := make(chan struct{}), make(chan error, 1)
			f := &turner{before: func(ctx context.Context, turn conversation.Turn) error {
				if turn.Attempt > 1 {
					return nil
				}
				close(began)
				<-ctx.Done()
				causes <- context.Cause(ctx)
				return errors.New("hides the cause")
			}}
			work(t, s, f)
			m := post("t1", "a", 1, mention, root)
			accept(t, intake, posted(m))
			<-began
			begun := time.Now()
			accept(t, intake, edited(m, "better", 10))
			if cause := <-causes; !errors.Is(cause, conversation.ErrStale) {
				t.Errorf("cause %v", cause)
			}
			answered(t, s, 5*time.Second)
			t.Logf("answered anew %s after the edit", time.Since(begun))
			if took := time.Since(begun); took > 2*time.Second {
				t.Errorf("took %s", took)
			}
			turns := f.seen()
			if len(turns) != 2 || turns[1].Last().Message.Text != "better" {
				t.Errorf("turns %+v", turns)
			}
			if n := value[int](t, s, `SELECT count(*)::int FROM river_job`); n != 1 {
				t.Errorf("%d jobs", n)
			}
		})
	}
}

// An unfinished answer to a deleted question is taken away, whatever happened to the process in between.
func TestDeleteBetweenAttempts(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"job waits", "job is lost"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			s := storetest.Open(t)
			failed := make(chan struct{})
			w, err := s.Work(t.Context(), &turner{before: func(ctx context.Context, turn conversation.Turn) error {
				defer close(failed)
				_, err := s.Intend(ctx, turn, 0)
				return errors.Join(errors.New("cut off"), err)
			}})
			if err != nil {
				t.Fatal(err)
			}
			accept(t, s, posted(post("t1", "a", 1, mention, root)))
			<-failed
			if err := w.Stop(t.Context()); err != nil {
				t.Fatal(err)
			}
			accept(t, s, deleted("a"))
			if mode == "job is lost" {
				if _, err := s.Pool().Exec(t.Context(), `DELETE FROM river_job`); err != nil {
					t.Fatal(err)
				}
			}
			f := &turner{}
			work(t, s, f)
			eventually(t, 6*time.Second, "turn is finished", func() bool {
				return value[int](t, s, `SELECT count(*)::int FROM turns WHERE outcome = 'withdrawn' AND finished_at IS NOT NULL`) == 1
			})
			turns := f.seen()
			if len(turns) != 1 || !turns[0].Withdrawn || len(turns[0].Parts) != 1 {
				t.Errorf("turns %+v", turns)
			}
			if got := value[string](t, s, `SELECT outcome FROM items`); got != "withdrawn" {
				t.Errorf("outcome %q", got)
			}
		})
	}
}

func TestWaitingQuestionKeepsTheAnswerBefore(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	m := post("t1", "a", 1, mention, root)
	f := &turner{before: sends(s)}
	w, err := s.Work(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	accept(t, s, posted(m))
	answered(t, s, 5*time.Second)
	if err := w.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	accept(t, s, posted(post("t1", "early", 0, mention, by("bob"))))
	accept(t, s, edited(m, "better", 10))
	if n := value[int](t, s, `SELECT count(*)::int FROM items WHERE outcome IS NULL`); n != 1 {
		t.Errorf("%d items are open, want the waiting one", n)
	}
}

// Tokens and cost of the answers to one question add up, and never overflow their columns.
func TestCostsOfAnsweringAnewAddUp(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	m := post("t1", "a", 1, mention, root)
	work(t, s, &turner{before: sends(s)})
	accept(t, s, posted(m))
	answered(t, s, 5*time.Second)
	accept(t, s, edited(m, "better", 10))
	answered(t, s, 5*time.Second)
	if got := value[string](t, s, `SELECT attempt || ' ' || input_tokens || ' ' || output_tokens || ' ' || cost_usd FROM turns`); got != "2 20 10 0.00024000" {
		t.Errorf("recorded %s", got)
	}
	if _, err := s.Pool().Exec(t.Context(), `UPDATE turns SET input_tokens = 2147483647, cost_usd = 999999`); err != nil {
		t.Fatal(err)
	}
	accept(t, s, edited(m, "better still", 20))
	answered(t, s, 5*time.Second)
}

// A part that the new answer does not need is erased with its text.
func TestPartsThatAreNotNeededAreErased(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	m := post("t1", "a", 1, mention, root)
	work(t, s, parted{s})
	accept(t, s, posted(m))
	answered(t, s, 5*time.Second)
	accept(t, s, edited(m, "shorter please", 10))
	answered(t, s, 5*time.Second)
	if got := texts(t, s, "t1"); got != "a=shorter please; part-0=attempt 2" {
		t.Errorf("stored %s", got)
	}
	if got := value[string](t, s, `SELECT text FROM messages WHERE message_id = 'part-1'`); got != "" {
		t.Errorf("the text of a part that is gone is kept: %q", got)
	}
}

// parted answers in two parts first, then in one.
type parted struct{ store *store.Store }

func (p parted) RunTurn(ctx context.Context, t conversation.Turn) (conversation.Outcome, error) {
	o := conversation.Outcome{Kind: conversation.Answered}
	for n := range 2 {
		id := fmt.Sprint("part-", n)
		if n > 0 && t.Attempt > 1 {
			return o, p.store.Removed(ctx, t, n)
		}
		_, err := p.store.Intend(ctx, t, n)
		if err := errors.Join(err, p.store.Sent(ctx, t, n, id)); err != nil {
			return o, err
		}
		o.Parts = append(o.Parts, conversation.SentPart{MessageID: id, Text: fmt.Sprint("attempt ", t.Attempt), SentAt: base().Add(time.Duration(n+2) * time.Second)})
	}
	return o, nil
}

// A process works only on the turns of the platforms that it is on, and on no more of them at once than it may.
func TestQueuePerPlatform(t *testing.T) {
	t.Parallel()
	url := storetest.New(t)
	slack := storetest.OpenURL(t, url, func(o *store.Options) { o.Platforms = []conversation.Platform{conversation.Slack} })
	onDiscord := func(m *conversation.Message) { m.Ref.Platform, m.Ref.Workspace = conversation.Discord, "G1" }
	f := &turner{}
	work(t, slack, f)
	for i := range 4 {
		accept(t, slack, posted(post(fmt.Sprint("d", i), fmt.Sprint("d", i), i, mention, root, onDiscord)))
		accept(t, slack, posted(post(fmt.Sprint("s", i), fmt.Sprint("s", i), i, mention, root)))
	}
	eventually(t, 5*time.Second, "Slack's turns are done", func() bool { return len(f.seen()) == 4 })
	for _, turn := range f.seen() {
		if turn.Ref.Platform != conversation.Slack {
			t.Errorf("turn of %s", turn.Ref.Platform)
		}
	}
	if n, err := slack.QueueDepth(t.Context()); n != 4 || err != nil {
		t.Errorf("queue depth %d %v", n, err)
	}
	var now, most atomic.Int32
	both := storetest.OpenURL(t, url, func(o *store.Options) { o.MaxConcurrentTurns = 2 })
	work(t, both, &turner{before: func(context.Context, conversation.Turn) error {
		most.Store(max(most.Load(), now.Add(1)))
		defer now.Add(-1)
		<-time.After(20 * time.Millisecond)
		return nil
	}})
	for i := range 10 {
		accept(t, both, posted(post(fmt.Sprint("e", i), fmt.Sprint("e", i), i, mention, root, onDiscord)))
	}
	answered(t, both, 10*time.Second)
	if most.Load() > 2 {
		t.Errorf("%d turns at once", most.Load())
	}
}

// Turns that wait for a slot when the process stops are left to others, untouched.
func TestStopLeavesWaitingTurns(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, func(o *store.Options) { o.MaxConcurrentTurns = 1 })
	began, goOn := make(chan struct{}, 9), make(chan struct{})
	f := &turner{before: func(context.Context, conversation.Turn) error {
		began <- struct{}{}
		<-goOn
		return nil
	}}
	w, err := s.Work(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	accept(t, s, posted(post("s", "s", 1, mention, root)))
	<-began
	accept(t, s, posted(post("d", "d", 1, mention, root, func(m *conversation.Message) { m.Ref.Platform = conversation.Discord })))
	eventually(t, 5*time.Second, "the other turn waits for a slot", func() bool {
		return value[int](t, s, `SELECT count(*)::int FROM river_job WHERE state = 'running'`) == 2
	})
	stopped := make(chan error, 1)
	go func() { stopped <- w.Stop(context.Background()) }()
	eventually(t, 5*time.Second, "the waiting one is left", func() bool {
		return value[int](t, s, `SELECT count(*)::int FROM river_job WHERE state = 'available' AND attempt = 0`) == 1
	})
	close(goOn)
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if n := len(f.seen()); n != 1 {
		t.Errorf("%d turns ran", n)
	}
}
