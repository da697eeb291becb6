package conversation

import (
	"context"
	"log/slog"
	"time"

	"parley/llm"
)

// Account is what a turn spends on requests that run side by side.
type Account struct{ s *spending }

// NewAccount begins one on a model and a budget.
func NewAccount(store Store, model Model, budget Budget) Account {
	e := &Engine{Options: Options{Store: store, Model: model, Budget: budget, ModelName: "m", Logger: slog.New(slog.DiscardHandler), Clock: time.Now}}
	r := &run{Engine: e}
	return Account{r.spending()}
}

// Ask is what a request is asked for.
func (a Account) Ask(ctx context.Context, r llm.Request) (func(Spend), error) { return a.s.ask(ctx, r) }

// Reserved is what requests that are on their way may use.
func (a Account) Reserved() (tokens int, usd float64) { return a.s.asked, a.s.askUSD }

// Used is what was used.
func (a Account) Used() (Usage, float64, []Spend) {
	return a.s.used.Usage, a.s.used.CostUSD, a.s.used.Spent
}
