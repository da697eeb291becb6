package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"parley/conversation"
	"parley/store"
	"parley/store/storetest"
)

// platform is what the platform itself holds of each thread; turns read it where the store does not know the history.
type platform struct {
	store *store.Store
	holds map[string][]conversation.Message

	mu    sync.Mutex
	given map[string]int
}

func (p *platform) RunTurn(ctx context.Context, t conversation.Turn) (conversation.Outcome, error) {
	if !t.HistoryKnown {
		if err := p.store.SaveHistory(ctx, t, conversation.HistoryPage{Messages: p.holds[t.Ref.Thread]}, policy()); err != nil {
			return conversation.Outcome{}, err
		}
		if err := p.store.HistoryDone(ctx, t); err != nil {
			return conversation.Outcome{}, err
		}
	}
	p.mu.Lock()
	for _, item := range t.Items {
		p.given[item.Message.ID]++
	}
	p.mu.Unlock()
	return answer(t), nil
}

// Every event comes up to five times, in any order, on eight connections at once. Each thread begins with a mention
// and goes on with follow-ups, all of which are owed an answer: each is given to exactly one turn.
func TestReorderedAndRepeatedDeliveries(t *testing.T) {
	t.Parallel()
	const threads, length = 40, 12
	s := storetest.Open(t, func(o *store.Options) { o.MaxConns = 24 })
	p := &platform{store: s, holds: make(map[string][]conversation.Message), given: make(map[string]int)}
	var events []conversation.Posted
	for i := range threads {
		thread := fmt.Sprint("t", i)
		for k := range length {
			m := post(thread, fmt.Sprintf("%s-%02d", thread, k), 100*i+k)
			if k == 0 {
				mention(&m)
				root(&m)
			}
			p.holds[thread] = append(p.holds[thread], m)
			e := conversation.Posted{Message: m, Delivery: conversation.Delivery{ID: "E" + m.ID}}
			for range 1 + rand.N(5) {
				events = append(events, e)
			}
		}
	}
	rand.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
	work(t, s, p)
	var group sync.WaitGroup
	for lane := range 8 {
		group.Go(func() {
			for i := lane; i < len(events); i += 8 {
				if _, err := s.Accept(context.Background(), events[i], policy()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	answered(t, s, time.Minute)
	if n := value[int](t, s, `SELECT count(*)::int FROM items WHERE outcome = 'answered'`); n != threads*length {
		t.Errorf("%d of %d messages answered", n, threads*length)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, n := range p.given {
		if n != 1 {
			t.Errorf("message %s was given to %d turns", id, n)
		}
	}
}
