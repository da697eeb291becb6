package conversation

import (
	"context"
	"slices"
	"sync"

	"parley/llm"
)

// Named is an optional capability of a Model or a Transcriber: its name as the server knows it, under which its cost is
// recorded.
type Named interface{ Model() string }

// nameOf is the name of a model that is not the one that answers.
func nameOf(model any, otherwise string) string {
	if named, can := model.(Named); can {
		return named.Model()
	}
	return otherwise
}

// ByModel is what the turn used, by model.
func (o Outcome) ByModel() []Spend {
	if len(o.Spent) > 0 || o.Model == "" {
		return o.Spent
	}
	return []Spend{{Model: o.Model, Usage: o.Usage, CostUSD: o.CostUSD}}
}

// spend adds to what the turn has used.
func (o *Outcome) spend(s Spend) {
	o.Usage, o.CostUSD = o.Usage.plus(s.Usage), o.CostUSD+s.CostUSD
	i := slices.IndexFunc(o.Spent, func(known Spend) bool { return known.Model == s.Model })
	if i < 0 {
		o.Spent = append(o.Spent, s)
		return
	}
	sum := &o.Spent[i]
	sum.Usage, sum.Heard, sum.CostUSD = sum.Usage.plus(s.Usage), sum.Heard+s.Heard, sum.CostUSD+s.CostUSD
}

// spending counts what requests that run side by side use, and asks the budget before each.
type spending struct {
	run *run

	mu     sync.Mutex
	used   Outcome // what the turn has used with them
	onWay  int     // requests that are not answered yet
	asked  int     // tokens that they may use
	askUSD float64 // and dollars
}

func (r *run) spending() *spending {
	return &spending{run: r, used: Outcome{Usage: r.out.Usage, CostUSD: r.out.CostUSD, Spent: slices.Clone(r.out.Spent)}}
}

// ask reserves what the request may use beside all that was used and all that is on its way. What it gives puts in the
// place of that reserve what the request has really used; it must be called, and counts once.
func (s *spending) ask(ctx context.Context, request llm.Request) (account func(Spend), err error) {
	if err := s.run.Store.Holds(s.run.t); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	tokens, usd := 0, 0.0
	if s.run.Budget != nil {
		// The estimate may learn while the request is on its way: what is given back is what was reserved.
		tokens, usd = s.run.atMost(s.run.Model, request)
		if err := s.run.reserve(ctx, s.used.Usage.tokens()+s.asked+tokens, s.used.CostUSD+s.askUSD+usd); err != nil {
			return nil, err
		}
	}
	s.onWay, s.asked, s.askUSD = s.onWay+1, s.asked+tokens, s.askUSD+usd
	var once sync.Once
	return func(used Spend) { once.Do(func() { s.account(used, tokens, usd) }) }, nil
}

// account puts what a request really used in the place of what was reserved for it.
func (s *spending) account(used Spend, tokens int, usd float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if used != (Spend{Model: used.Model}) { // one that failed costs nothing
		s.used.spend(used)
		s.used.Model = used.Model
	}
	s.onWay, s.asked, s.askUSD = s.onWay-1, s.asked-tokens, s.askUSD-usd
	if s.onWay == 0 {
		s.askUSD = 0 // and not what adding and taking away leaves of a fraction
	}
}

// record makes it the turn's.
func (s *spending) record(r *run) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.out.Usage, r.out.CostUSD, r.out.Spent = s.used.Usage, s.used.CostUSD, s.used.Spent
	if s.used.Model != "" {
		r.out.Model = s.used.Model
	}
}
