package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/conversation"
	"parley/store/internal/dbsqlc"
)

// warnAt is the part of a budget from which on it is said in the log that it runs out.
const warnAt = 0.8

// Budget is what may be used in a day of UTC, all processes on the database together. 0 sets no limit.
type Budget struct {
	// DailyUSD is for everybody together, in US dollars.
	DailyUSD float64
	// UserDailyTokens is for each person on each platform: tokens read and written.
	UserDailyTokens int
}

// Set reports whether there is any limit.
func (b Budget) Set() bool { return b.DailyUSD > 0 || b.UserDailyTokens > 0 }

// account is one row of the budgets of a day: of a person, or of everybody.
type account struct {
	day              time.Time
	platform, author string
}

// accounts are those that a turn is counted in. That of everybody is always locked before a person's.
func accounts(day time.Time, platform, author string) []account {
	all := []account{{day: day}}
	if author != "" {
		all = append(all, account{day: day, platform: platform, author: author})
	}
	return all
}

func (s *Store) today() time.Time { return s.now().UTC().Truncate(24 * time.Hour) }

// share is the used part of the limit that an account is held to; 0 without one.
func (b Budget) share(author string, usd float64, tokens int64) float64 {
	switch {
	case author == "" && b.DailyUSD > 0:
		return usd / b.DailyUSD
	case author != "" && b.UserDailyTokens > 0:
		return float64(tokens) / float64(b.UserDailyTokens)
	}
	return 0
}

// payer is whose budget a turn is counted in; empty for a digest, which is for everybody.
func payer(t conversation.Turn) string {
	if len(t.Items) == 0 {
		return ""
	}
	return t.Last().Message.Author.ID
}

// BudgetUsed implements conversation.Budget.
func (s *Store) BudgetUsed(ctx context.Context, t conversation.Turn) (float64, error) {
	rows, err := s.q.ReadBudgets(ctx, s.pool, dbsqlc.ReadBudgetsParams{
		Day: s.today(), Platform: string(t.Ref.Platform), AuthorID: payer(t),
	})
	if err != nil {
		return 0, fault("read budget", err)
	}
	used := 0.0
	for _, r := range rows {
		used = max(used, s.opts.Budget.share(r.AuthorID, r.Usd, r.Tokens))
	}
	return used, nil
}

// Reserve implements conversation.Budget. The accounts' locks make it one at a time, whichever process asks.
func (s *Store) Reserve(ctx context.Context, t conversation.Turn, usd float64, tokens int) error {
	r := reserving{
		Store: s, turn: t, accounts: accounts(s.today(), string(t.Ref.Platform), payer(t)),
		usd: math.Ceil(dollars(usd)*1e8) / 1e8, tokens: count(tokens),
	}
	if err := s.inTx(ctx, "reserve budget", func(tx pgx.Tx) error { return r.in(ctx, tx) }); err != nil {
		return err
	}
	for _, a := range r.warn {
		if a.author == "" {
			s.log.WarnContext(ctx, "most of today's budget is used", "variable", "BUDGET_DAILY_USD", "usd", s.opts.Budget.DailyUSD)
		} else {
			s.log.WarnContext(ctx, "most of a person's budget of today is used", "variable", "BUDGET_USER_DAILY_TOKENS",
				"platform", a.platform, slog.String("user", a.author), "tokens", s.opts.Budget.UserDailyTokens)
		}
	}
	return r.refused
}

// reserving is one call of Reserve.
type reserving struct {
	*Store
	turn     conversation.Turn
	accounts []account
	usd      float64
	tokens   int64

	refused error
	warn    []account
}

// in does the work in a transaction. A refusal changes nothing but who was warned: what the turn had reserved before, it
// may have used by now.
func (r *reserving) in(ctx context.Context, tx pgx.Tx) error {
	r.refused, r.warn = nil, nil
	if _, err := r.holdLease(ctx, tx, r.turn); err != nil {
		return err
	}
	before, err := r.q.Reservation(ctx, tx, r.turn.ID)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("read reservation: %w", err)
	}
	for _, a := range r.accounts {
		if err := r.ask(ctx, tx, a, before); err != nil {
			return err
		}
	}
	if r.refused != nil {
		return nil
	}
	for _, a := range r.accounts {
		if err := r.add(ctx, tx, a, r.usd, r.tokens); err != nil {
			return err
		}
	}
	if !before.Day.IsZero() {
		for _, a := range accounts(before.Day, before.Platform, before.AuthorID) {
			if err := r.add(ctx, tx, a, -before.Usd, -before.Tokens); err != nil {
				return err
			}
		}
	}
	err = r.q.SetReservation(ctx, tx, dbsqlc.SetReservationParams{TurnID: r.turn.ID, Day: r.accounts[0].day, Usd: r.usd, Tokens: r.tokens})
	if err != nil {
		return fmt.Errorf("set reservation: %w", err)
	}
	return nil
}

// ask locks an account and sees whether it has enough left.
func (r *reserving) ask(ctx context.Context, tx pgx.Tx, a account, before dbsqlc.ReservationRow) error {
	key := dbsqlc.LockBudgetParams{Day: a.day, Platform: a.platform, AuthorID: a.author}
	row, err := r.q.LockBudget(ctx, tx, key)
	if errors.Is(err, pgx.ErrNoRows) {
		if err = r.q.SeedBudget(ctx, tx, dbsqlc.SeedBudgetParams(key)); err == nil {
			row, err = r.q.LockBudget(ctx, tx, key)
		}
	}
	if err != nil {
		return fmt.Errorf("lock budget: %w", err)
	}
	if before.Day.Equal(a.day) {
		row.Usd, row.Tokens = row.Usd-before.Usd, row.Tokens-before.Tokens
	}
	const rounding = 1e-12 // of sums of floating point, far below the columns' precision
	used := r.opts.Budget.share(a.author, row.Usd+r.usd, row.Tokens+r.tokens)
	if used > 1+rounding && r.refused == nil {
		r.refused = conversation.ErrBudget
		if a.author != "" {
			r.refused = conversation.ErrUserBudget
		}
	}
	if used < warnAt || row.Warned {
		return nil
	}
	r.warn = append(r.warn, a)
	if err := r.q.WarnedOfBudget(ctx, tx, dbsqlc.WarnedOfBudgetParams(key)); err != nil {
		return fmt.Errorf("note warning: %w", err)
	}
	return nil
}

func (s *Store) add(ctx context.Context, tx pgx.Tx, a account, usd float64, tokens int64) error {
	err := s.q.AddToBudget(ctx, tx, dbsqlc.AddToBudgetParams{Day: a.day, Platform: a.platform, AuthorID: a.author, Usd: usd, Tokens: tokens})
	if err != nil {
		return fmt.Errorf("add to budget: %w", err)
	}
	return nil
}

// settle puts what a turn has used in the place of what it had reserved, which may be nothing.
func (s *Store) settle(ctx context.Context, tx pgx.Tx, turnID int64, o conversation.Outcome) error {
	if !s.opts.Budget.Set() {
		return nil
	}
	r, err := s.q.Reservation(ctx, tx, turnID)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read reservation: %w", err)
	}
	if err := s.q.DeleteReservation(ctx, tx, turnID); err != nil {
		return fmt.Errorf("delete reservation: %w", err)
	}
	tokens := count(o.Usage.Input) + count(o.Usage.Output)
	for _, a := range accounts(r.Day, r.Platform, r.AuthorID) {
		if err := s.add(ctx, tx, a, dollars(o.CostUSD)-r.Usd, tokens-r.Tokens); err != nil {
			return err
		}
	}
	return nil
}
