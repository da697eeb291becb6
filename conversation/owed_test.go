package conversation_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	c "parley/conversation"
	"parley/conversation/conversationtest"
)

// counted counts what reaches the store, and fails the first times.
type counted struct {
	*conversationtest.Store
	accepts, failures int
}

func (s *counted) Accept(ctx context.Context, e c.Event, decide c.DecideFunc) (c.Accepted, error) {
	s.accepts++
	if s.failures > 0 {
		s.failures--
		return c.Accepted{}, errors.New("the database is away")
	}
	return s.Store.Accept(ctx, e, decide)
}

func TestSameMessageInAnotherEvent(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		text     string
		failures int
		want     int // of three events, how many reach the store
	}{
		{"a message with its line in the ledger does not go to the store again", "@Parley hello", 0, 1},
		{"what was not stored goes there again", "@Parley hello", 2, 3},
		{"what concerned nobody may concern somebody when it comes again", "hello", 0, 3},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			store := &counted{Store: conversationtest.NewStore(), failures: tc.failures}
			h := newHouse(t)
			engine, err := c.New(c.Options{Store: store, Model: h.model, ModelName: "m", Messengers: map[c.Platform]c.Messenger{c.Slack: h.chat}, Logger: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			for _, id := range []string{"Ev1", "Ev2", "Ev3"} {
				_ = engine.Ingest(context.Background(), c.Posted{Delivery: c.Delivery{ID: id}, Message: h.message(1, "Ana", tc.text)})
			}
			if store.accepts != tc.want {
				t.Errorf("%d of 3 events reach the store, want %d", store.accepts, tc.want)
			}
		})
	}
}
