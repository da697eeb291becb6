package store_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"

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
	if _, err := s.Work(ctx, hanging{}); err != nil {
		fmt.Println("failed", err)
		return 1
	}
	fmt.Println("ready")
	select {}
}
