package conversation

import (
	"context"
	"sync"

	"parley/llm"
)

// spending counts what requests that run side by side use, and asks the budget before each.
type spending struct {
	run *run

	mu     sync.Mutex
	used   Usage
	usd    float64
	asked  int     // tokens that requests on their way may use
	askUSD float64 // and dollars
}

func (r *run) spending() *spending {
	return &spending{run: r, used: r.out.Usage, usd: r.out.CostUSD}
}

// ask reserves what the request may use beside all that was used and all that is on its way.
func (s *spending) ask(ctx context.Context, request llm.Request) error {
	if err := s.run.Store.Holds(s.run.t); err != nil {
		return err
	}
	if s.run.Budget == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	tokens, usd := s.run.atMost(s.run.Model, request)
	spent := s.used
	spent.Input += s.asked
	if err := s.run.askBudget(ctx, s.run.Model, request, spent, s.usd+s.askUSD); err != nil {
		return err
	}
	s.asked, s.askUSD = s.asked+tokens, s.askUSD+usd
	return nil
}

// account puts what a request really used in the place of what it might have.
func (s *spending) account(request llm.Request, used Usage, usd float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used, s.usd = s.used.plus(used), s.usd+usd
	tokens, most := s.run.atMost(s.run.Model, request)
	s.asked, s.askUSD = max(s.asked-tokens, 0), max(s.askUSD-most, 0)
}

// record makes it the turn's.
func (s *spending) record(r *run) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.out.Usage, r.out.CostUSD = s.used, s.usd
	if s.used != (Usage{}) {
		r.out.Model = r.ModelName
	}
}
