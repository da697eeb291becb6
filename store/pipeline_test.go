package store_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"parley/store"
	"parley/store/storetest"
)

// The first line is how sqlc marks a statement without a result.
const (
	insertStray = "-- name: Insert :exec\nINSERT INTO strays VALUES ('p', 'w', 'c', $1, now())"
	brokenExec  = "-- name: Broken :exec\nSELECT 1 / $1::int"
	countStrays = "SELECT count(*) FROM strays"
)

func strays(t *testing.T, s *store.Store) (n int) {
	t.Helper()
	if err := s.Pool().QueryRow(context.Background(), countStrays).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTransactionsSpareRoundTrips(t *testing.T) {
	t.Parallel()
	ctx := context.Background()

	t.Run("what waits is seen by the next statement and committed", func(t *testing.T) {
		t.Parallel()
		s := storetest.Open(t)
		err := s.InTx(ctx, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, insertStray, "a"); err != nil {
				return err
			}
			var n int
			if err := tx.QueryRow(ctx, countStrays).Scan(&n); err != nil || n != 1 {
				t.Errorf("the next statement sees %d rows, %v; want 1", n, err)
			}
			_, err := tx.Exec(ctx, insertStray, "b")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := strays(t, s); n != 2 {
			t.Errorf("%d rows are committed, want 2", n)
		}
	})

	t.Run("an error of what waits comes with the next statement", func(t *testing.T) {
		t.Parallel()
		s := storetest.Open(t)
		err := s.InTx(ctx, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, insertStray, "a"); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, brokenExec, 0); err != nil {
				t.Errorf("it was not to be sent yet: %v", err)
			}
			var n int
			err := tx.QueryRow(ctx, countStrays).Scan(&n)
			if err == nil {
				t.Error("the next statement succeeds")
			}
			return err
		})
		if err == nil {
			t.Error("the transaction succeeds")
		}
		if n := strays(t, s); n != 0 {
			t.Errorf("%d rows are committed, want none", n)
		}
	})

	t.Run("an error of what waits fails the commit", func(t *testing.T) {
		t.Parallel()
		s := storetest.Open(t)
		err := s.InTx(ctx, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, insertStray, "a")
			_, _ = tx.Exec(ctx, brokenExec, 0)
			return err
		})
		if err == nil {
			t.Error("the commit succeeds")
		}
		if n := strays(t, s); n != 0 {
			t.Errorf("%d rows are committed, want none", n)
		}
	})

	t.Run("a swallowed error does not pass for a commit", func(t *testing.T) {
		t.Parallel()
		s := storetest.Open(t)
		err := s.InTx(ctx, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, insertStray, "a")
			_, _ = tx.Exec(ctx, "SELECT 1 / $1::int", 0)
			return err
		})
		if !errors.Is(err, pgx.ErrTxCommitRollback) {
			t.Errorf("commit gives %v", err)
		}
		if n := strays(t, s); n != 0 {
			t.Errorf("%d rows are committed, want none", n)
		}
	})

	t.Run("the connection is good for the next after an error", func(t *testing.T) {
		t.Parallel()
		s := storetest.Open(t)
		total := s.Pool().Stat().NewConnsCount()
		for range 20 {
			if err := s.InTx(ctx, func(tx pgx.Tx) error {
				_, _ = tx.Exec(ctx, insertStray, "a")
				_, err := tx.Exec(ctx, "SELECT 1 / $1::int", 0)
				return err
			}); err == nil {
				t.Fatal("the transaction succeeds")
			}
		}
		if opened := s.Pool().Stat().NewConnsCount() - total; opened > 2 {
			t.Errorf("%d connections were opened for 20 failing transactions", opened)
		}
		if n := strays(t, s); n != 0 {
			t.Errorf("%d rows are committed, want none", n)
		}
	})

	t.Run("nothing is sent for nothing", func(t *testing.T) {
		t.Parallel()
		s := storetest.Open(t)
		if err := s.InTx(ctx, func(pgx.Tx) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if err := s.InTx(ctx, func(pgx.Tx) error { return context.Canceled }); !errors.Is(err, context.Canceled) {
			t.Errorf("the function's error is lost: %v", err)
		}
	})
}
