package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/conversation"
	"parley/store"
	"parley/store/storetest"
)

// spender reserves for each turn as an engine does, and is answered only while the budget lasts.
type spender struct {
	store   *store.Store
	shared  *spendings
	mostUSD float64
	most    int
}

// spendings are what spenders of several processes have done.
type spendings struct {
	asked, refused, allowed atomic.Int64
	enough                  chan struct{} // closed when so many have asked that all that can run at once do

	mu     sync.Mutex
	usd    float64
	tokens map[string]int
}

// spends is what a turn really uses: between a half and all of what it has reserved.
func (f *spender) spends(t conversation.Turn) (usd float64, tokens int) {
	part := 0.5 + 0.1*float64(t.ID%6)
	return f.mostUSD * part, int(float64(f.most) * part)
}

func (f *spender) RunTurn(ctx context.Context, t conversation.Turn) (conversation.Outcome, error) {
	err := f.store.Reserve(ctx, t, f.mostUSD, f.most)
	if f.shared.asked.Add(1) == 30 {
		close(f.shared.enough)
	}
	if errors.Is(err, conversation.ErrBudget) {
		f.shared.refused.Add(1)
		return conversation.Outcome{Kind: conversation.Refused, Reason: conversation.CodeBudget}, nil
	}
	if err != nil {
		return conversation.Outcome{}, err
	}
	f.shared.allowed.Add(1)
	select {
	case <-f.shared.enough:
	case <-ctx.Done():
		return conversation.Outcome{}, ctx.Err()
	}
	usd, tokens := f.spends(t)
	f.shared.mu.Lock()
	defer f.shared.mu.Unlock()
	f.shared.usd += usd
	f.shared.tokens[t.Last().Message.Author.ID] += tokens
	return conversation.Outcome{Kind: conversation.Answered, Model: "m", CostUSD: usd, Usage: conversation.Usage{Input: tokens - 1, Output: 1}}, nil
}

// 50 questions reach three processes at once at the edge of a budget. What is spent ends at or below it.
func TestProcessesTogetherDoNotPassABudget(t *testing.T) {
	t.Parallel()
	for name, budget := range map[string]store.Budget{
		"dollars of all together": {DailyUSD: 0.0105},
		"tokens of each person":   {UserDailyTokens: 2500},
		"both":                    {DailyUSD: 0.0105, UserDailyTokens: 2500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database, c := storetest.New(t), newClock()
			shared := &spendings{enough: make(chan struct{}), tokens: map[string]int{}}
			var stores []*store.Store
			for range 3 {
				stores = append(stores, storetest.OpenURL(t, database, func(o *store.Options) { o.Clock, o.Budget = c.now, budget }))
			}
			for i := range 50 {
				accept(t, stores[0], posted(post(fmt.Sprintf("t%d", i), fmt.Sprintf("q%d", i), i, mention, root, by(fmt.Sprintf("user%d", i%5)))))
			}
			for _, s := range stores {
				work(t, s, &spender{store: s, shared: shared, mostUSD: 0.001, most: 1000})
			}
			answered(t, stores[0], 60*time.Second)
			eventually(t, 10*time.Second, "all turns ended", func() bool {
				return value[int](t, stores[0], `SELECT count(*)::int FROM turns WHERE finished_at IS NULL`) == 0
			})
			if budget.DailyUSD > 0 && shared.usd > budget.DailyUSD {
				t.Errorf("%f dollars are spent of %f", shared.usd, budget.DailyUSD)
			}
			for user, tokens := range shared.tokens {
				if budget.UserDailyTokens > 0 && tokens > budget.UserDailyTokens {
					t.Errorf("%s has used %d tokens of %d", user, tokens, budget.UserDailyTokens)
				}
			}
			if n := shared.allowed.Load(); n < 10 || n+shared.refused.Load() != 50 {
				t.Errorf("%d are answered and %d refused", n, shared.refused.Load())
			}
			counted := value[float64](t, stores[0], `SELECT usd::float8 FROM budgets WHERE author_id = ''`)
			turns := value[float64](t, stores[0], `SELECT sum(cost_usd)::float8 FROM turns`)
			if math.Abs(counted-shared.usd) > 1e-7 || math.Abs(turns-shared.usd) > 1e-7 {
				t.Errorf("spent are %f, the account says %f, the turns %f", shared.usd, counted, turns)
			}
			if n := value[int](t, stores[0], `SELECT count(*)::int FROM reservations`); n != 0 {
				t.Errorf("%d reservations are left", n)
			}
		})
	}
}

// whileAnswering runs fn within a turn of the person, of which the outcome is what fn gives.
func whileAnswering(t *testing.T, s *store.Store, id, author string, fn func(context.Context, conversation.Turn) conversation.Outcome) {
	t.Helper()
	accept(t, s, posted(post(id, id, 1, mention, root, by(author))))
	w, err := s.Work(t.Context(), turnFunc(fn))
	if err != nil {
		t.Fatal(err)
	}
	answered(t, s, 10*time.Second)
	if err := w.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

type turnFunc func(context.Context, conversation.Turn) conversation.Outcome

func (f turnFunc) RunTurn(ctx context.Context, t conversation.Turn) (conversation.Outcome, error) {
	return f(ctx, t), nil
}

func spent(usd float64, tokens int) conversation.Outcome {
	return conversation.Outcome{Kind: conversation.Answered, CostUSD: usd, Usage: conversation.Usage{Input: tokens}}
}

func TestReservation(t *testing.T) {
	t.Parallel()
	open := func(t *testing.T, b store.Budget, change ...func(*store.Options)) (*store.Store, *clock) {
		c := newClock()
		return storetest.Open(t, append(change, func(o *store.Options) { o.Clock, o.Budget = c.now, b })...), c
	}
	reserve := func(t *testing.T, s *store.Store, turn conversation.Turn, usd float64, tokens int, want error) {
		t.Helper()
		if err := s.Reserve(t.Context(), turn, usd, tokens); !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("%f dollars, %d tokens: %v, want %v", usd, tokens, err, want)
		}
	}
	counted := func(t *testing.T, s *store.Store, author string, usd float64, tokens int) {
		t.Helper()
		got := value[string](t, s, `SELECT coalesce(string_agg(usd::float8 || ' ' || tokens, ', ' ORDER BY day), '') FROM budgets WHERE author_id = $1`, author)
		if want := fmt.Sprintf("%g %d", usd, tokens); got != want {
			t.Errorf("the account of %q is %s, want %s", author, got, want)
		}
	}

	t.Run("a new one of a turn takes the place of its last", func(t *testing.T) {
		t.Parallel()
		s, _ := open(t, store.Budget{DailyUSD: 1, UserDailyTokens: 1000})
		whileAnswering(t, s, "t1", "alice", func(_ context.Context, turn conversation.Turn) conversation.Outcome {
			reserve(t, s, turn, 0.75, 700, nil)
			reserve(t, s, turn, 1, 1000, nil)
			counted(t, s, "alice", 1, 1000)
			return spent(0.25, 300)
		})
		counted(t, s, "", 0.25, 300)
		counted(t, s, "alice", 0.25, 300)
	})
	t.Run("a refusal leaves the one before", func(t *testing.T) {
		t.Parallel()
		s, _ := open(t, store.Budget{DailyUSD: 1, UserDailyTokens: 1000})
		whileAnswering(t, s, "t1", "alice", func(_ context.Context, turn conversation.Turn) conversation.Outcome {
			reserve(t, s, turn, 0.5, 500, nil)
			reserve(t, s, turn, 1.5, 500, conversation.ErrBudget)
			reserve(t, s, turn, 0.5, 1001, conversation.ErrUserBudget)
			counted(t, s, "", 0.5, 500)
			return spent(0.5, 400)
		})
		counted(t, s, "", 0.5, 400)
	})
	t.Run("it is given back by a turn that has used nothing", func(t *testing.T) {
		t.Parallel()
		s, _ := open(t, store.Budget{DailyUSD: 1})
		whileAnswering(t, s, "t1", "alice", func(_ context.Context, turn conversation.Turn) conversation.Outcome {
			reserve(t, s, turn, 1, 1, nil)
			return conversation.Outcome{Kind: conversation.Failed, Reason: conversation.CodeModelUnavailable}
		})
		counted(t, s, "", 0, 0)
	})
	t.Run("a dead attempt has none", func(t *testing.T) {
		t.Parallel()
		s, _ := open(t, store.Budget{DailyUSD: 1})
		whileAnswering(t, s, "t1", "alice", func(_ context.Context, turn conversation.Turn) conversation.Outcome {
			old := turn
			old.Lease--
			reserve(t, s, old, 0.1, 1, conversation.ErrFenced)
			return spent(0, 0)
		})
	})
	t.Run("a new attempt takes the place of one that was cut off", func(t *testing.T) {
		t.Parallel()
		s, _ := open(t, store.Budget{DailyUSD: 1, UserDailyTokens: 1000})
		accept(t, s, posted(post("t1", "q1", 1, mention, root)))
		f := &turner{before: func(ctx context.Context, turn conversation.Turn) error {
			if err := s.Reserve(ctx, turn, 0.9, 900); err != nil || turn.Attempt > 1 {
				return err
			}
			return errors.New("the platform is away")
		}}
		work(t, s, f)
		answered(t, s, 20*time.Second)
		if turns := f.seen(); len(turns) != 2 {
			t.Errorf("it took %d attempts", len(turns))
		}
		counted(t, s, "", 0.00012, 15)
	})
	t.Run("one person's tokens are not another's", func(t *testing.T) {
		t.Parallel()
		s, _ := open(t, store.Budget{UserDailyTokens: 1000})
		whileAnswering(t, s, "t1", "alice", func(_ context.Context, turn conversation.Turn) conversation.Outcome {
			reserve(t, s, turn, 50, 1000, nil)
			return spent(50, 900)
		})
		whileAnswering(t, s, "t2", "bob", func(ctx context.Context, turn conversation.Turn) conversation.Outcome {
			if used, err := s.BudgetUsed(ctx, turn); used != 0 || err != nil {
				t.Errorf("bob has used %f, %v", used, err)
			}
			reserve(t, s, turn, 50, 1000, nil)
			return spent(0, 0)
		})
		whileAnswering(t, s, "t3", "alice", func(ctx context.Context, turn conversation.Turn) conversation.Outcome {
			if used, err := s.BudgetUsed(ctx, turn); used != 0.9 || err != nil {
				t.Errorf("alice has used %f, %v", used, err)
			}
			reserve(t, s, turn, 0, 101, conversation.ErrUserBudget)
			return spent(0, 0)
		})
	})
	t.Run("a day is one of UTC, and a turn across midnight counts where it reserved last", func(t *testing.T) {
		t.Parallel()
		s, c := open(t, store.Budget{DailyUSD: 1, UserDailyTokens: 1000})
		c.advance(14*time.Hour + 40*time.Minute) // 23:50
		whileAnswering(t, s, "t1", "alice", func(_ context.Context, turn conversation.Turn) conversation.Outcome {
			reserve(t, s, turn, 1, 1000, nil)
			c.advance(20 * time.Minute)
			reserve(t, s, turn, 1, 1000, nil)
			return spent(0.5, 500)
		})
		if got := value[string](t, s, `SELECT string_agg(to_char(day AT TIME ZONE 'UTC', 'DD HH24:MI ') || tokens, ', ' ORDER BY day) FROM budgets WHERE author_id = ''`); got != "02 00:00 0, 03 00:00 500" {
			t.Errorf("the accounts are %s", got)
		}
	})
	t.Run("what was spent before the budget was set counts", func(t *testing.T) {
		t.Parallel()
		s, c := open(t, store.Budget{})
		whileAnswering(t, s, "t1", "alice", func(context.Context, conversation.Turn) conversation.Outcome { return spent(0.9, 900) })
		if n := value[int](t, s, `SELECT count(*)::int FROM budgets`); n != 0 {
			t.Errorf("%d accounts without a budget", n)
		}
		limited := storetest.OpenURL(t, s.Pool().Config().ConnString(), func(o *store.Options) {
			o.Clock, o.Budget = c.now, store.Budget{DailyUSD: 1, UserDailyTokens: 1000}
		})
		whileAnswering(t, limited, "t2", "alice", func(_ context.Context, turn conversation.Turn) conversation.Outcome {
			reserve(t, limited, turn, 0.2, 10, conversation.ErrBudget)
			reserve(t, limited, turn, 0.05, 101, conversation.ErrUserBudget)
			reserve(t, limited, turn, 0.05, 100, nil)
			return spent(0, 0)
		})
	})
	t.Run("the operator is warned once a day, at 80 percent", func(t *testing.T) {
		t.Parallel()
		var said lockedBuffer
		s, _ := open(t, store.Budget{DailyUSD: 1}, func(o *store.Options) { o.Logger = slog.New(slog.NewTextHandler(&said, nil)) })
		for i, want := range []int{0, 1, 1} {
			whileAnswering(t, s, fmt.Sprintf("t%d", i), "alice", func(_ context.Context, turn conversation.Turn) conversation.Outcome {
				reserve(t, s, turn, 0.3+0.5*float64(min(i, 1)), 1, nil)
				return spent(0.1, 1)
			})
			if n := strings.Count(said.String(), "BUDGET_DAILY_USD"); n != want {
				t.Errorf("after turn %d it was said %d times", i, n)
			}
		}
	})
	t.Run("forgetting a person deletes the account", func(t *testing.T) {
		t.Parallel()
		s, _ := open(t, store.Budget{DailyUSD: 1, UserDailyTokens: 1000})
		whileAnswering(t, s, "t1", "alice", func(_ context.Context, turn conversation.Turn) conversation.Outcome {
			reserve(t, s, turn, 0.5, 500, nil)
			return spent(0.5, 500)
		})
		if _, err := s.Forget(t.Context(), conversation.Slack, "alice"); err != nil {
			t.Fatal(err)
		}
		if got := value[string](t, s, `SELECT string_agg(author_id || tokens, ' ') FROM budgets`); got != "500" {
			t.Errorf("left is %s", got)
		}
	})
}

// lockedBuffer is a log that is read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
