package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"parley/conversation"
	"parley/store"
	"parley/store/storetest"
)

// quoting answers with the question's text, in one part, and takes the part away when the question is gone.
type quoting struct {
	store *store.Store
	mu    sync.Mutex
	shown map[string]string // what people see, by thread
}

func (q *quoting) RunTurn(ctx context.Context, t conversation.Turn) (conversation.Outcome, error) {
	if t.Withdrawn {
		q.show(t.Ref.Thread, "")
		return conversation.Outcome{Kind: conversation.Withdrawn}, q.store.Removed(ctx, t, 0)
	}
	id, text := "answer-"+t.Ref.Thread, "you said: "+t.Last().Message.Text
	_, err := q.store.Intend(ctx, t, 0)
	if err := errors.Join(err, q.store.Sent(ctx, t, 0, id)); err != nil {
		return conversation.Outcome{}, err
	}
	select { // people read, and change their minds
	case <-ctx.Done():
		return conversation.Outcome{}, ctx.Err()
	case <-time.After(time.Duration(rand.N(8)) * time.Millisecond):
	}
	if err := q.store.Holds(t); err != nil {
		return conversation.Outcome{}, err
	}
	q.show(t.Ref.Thread, text)
	return conversation.Outcome{Kind: conversation.Answered, Parts: []conversation.SentPart{{MessageID: id, Text: text, SentAt: t.Last().Message.SentAt.Add(time.Millisecond)}}}, nil
}

func (q *quoting) show(thread, text string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.shown[thread] = text
}

// Questions are edited and deleted at any moment of their turns, through two processes. In the end each answer fits the
// last text of its question, on the platform and in the store, and nothing is left to do.
func TestEditsAndDeletesAtAnyMoment(t *testing.T) {
	t.Parallel()
	const threads = 40
	url := storetest.New(t)
	stores := []*store.Store{storetest.OpenURL(t, url), storetest.OpenURL(t, url)}
	s := stores[0]
	q := &quoting{store: s, shown: make(map[string]string)}
	work(t, s, q)
	last := make([]string, threads) // empty: deleted
	var group sync.WaitGroup
	for i := range threads {
		group.Go(func() {
			name := fmt.Sprint("m", i)
			m := post(name, name, i, mention, root)
			take := func(e conversation.Event) {
				if _, err := stores[rand.N(2)].Accept(context.Background(), e, policy()); err != nil {
					t.Error(err)
				}
			}
			take(posted(m))
			last[i] = m.Text
			for n := range 1 + rand.N(6) {
				<-time.After(time.Duration(rand.N(15)) * time.Millisecond)
				last[i] = fmt.Sprint("version ", n)
				take(edited(m, last[i], 100+n))
			}
			if rand.N(3) == 0 {
				take(deleted(name))
				last[i] = ""
			}
		})
	}
	group.Wait()
	eventually(t, 20*time.Second, "everything is done", func() bool {
		return value[int](t, s, `SELECT (SELECT count(*) FROM items WHERE outcome IS NULL)::int + (SELECT count(*) FROM turns WHERE finished_at IS NULL)::int`) == 0
	})
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := range threads {
		name := fmt.Sprint("m", i)
		outcome := value[string](t, s, `SELECT outcome FROM items WHERE message_id = $1`, name)
		stored := value[string](t, s, `SELECT coalesce(max(text), '') FROM messages WHERE message_id = 'answer-' || $1`, name)
		switch {
		case last[i] != "" && (outcome != "answered" || stored != "you said: "+last[i] || q.shown[name] != stored):
			t.Errorf("%s ends as %s with %q stored and %q shown, for %q", name, outcome, stored, q.shown[name], last[i])
		case last[i] == "" && outcome == "withdrawn" && (stored != "" || q.shown[name] != ""):
			t.Errorf("%s is withdrawn, and %q is stored, %q shown", name, stored, q.shown[name])
		}
	}
}
