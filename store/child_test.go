package store_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"parley/conversation"
	"parley/store"
)

// childEnv makes the test binary a process of its own that works on the database childURL, until it is killed.
const (
	childEnv = "STORE_TEST_CHILD"
	childURL = "STORE_TEST_URL"
)

// hanging is a Turner that says when it began, and never answers.
type hanging struct{}

func (hanging) RunTurn(ctx context.Context, t conversation.Turn) (conversation.Outcome, error) {
	fmt.Println("began", t.ID)
	<-ctx.Done()
	fmt.Println("cancelled", t.ID)
	return conversation.Outcome{}, ctx.Err()
}

// writing is a Turner that writes to the platform all the time, as long as it may. It takes no notice of its context.
type writing struct{ store *store.Store }

func (w writing) RunTurn(_ context.Context, t conversation.Turn) (conversation.Outcome, error) {
	fmt.Println("began", t.ID)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for range tick.C {
		if err := w.store.Holds(t); err != nil {
			fmt.Println("ended", errors.Is(err, conversation.ErrFenced))
			return conversation.Outcome{}, err
		}
		fmt.Println("wrote", time.Now().UnixNano())
	}
	return conversation.Outcome{}, nil
}

func child(role string) int {
	ctx := context.Background()
	s, err := store.Open(ctx, store.Options{DatabaseURL: os.Getenv(childURL), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		fmt.Println("failed", err)
		return 1
	}
	if role == "lease" {
		return leaseChild(ctx, s)
	}
	var turner store.Turner = hanging{}
	if role == "write" {
		turner = writing{s}
	}
	if _, err := s.Work(ctx, turner); err != nil {
		fmt.Println("failed", err)
		return 1
	}
	fmt.Println("ready")
	select {}
}
