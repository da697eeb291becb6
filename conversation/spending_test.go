package conversation_test

import (
	"context"
	"testing"

	"pgregory.net/rapid"

	c "parley/conversation"
	"parley/conversation/conversationtest"
	"parley/llm"
)

// learning is a model whose estimate changes.
type learning struct {
	*conversationtest.Model
	price float64
}

func (m *learning) ProfileIn(string) llm.Profile {
	p := m.Profile()
	p.InputPrice, p.OutputPrice = m.price, 2*m.price
	p.Density = m.price
	return p
}

// holding is a store in which the turn is always ours.
type holding struct{ c.Store }

func (holding) Holds(c.Turn) error { return nil }

// ledger takes note of the last sum that was asked for, and refuses every one above its limit.
type ledger struct {
	limit, usd float64
	tokens     int
}

func (l *ledger) BudgetUsed(context.Context, c.Turn) (float64, error) { return 0, nil }

func (l *ledger) Reserve(_ context.Context, _ c.Turn, usd float64, tokens int) error {
	if usd > l.limit {
		return c.ErrBudget
	}
	l.usd, l.tokens = usd, tokens
	return nil
}

// TestSumsOfRequestsSideBySideComeOutEven: whatever the estimate learns while requests are on their way, what is reserved is
// what was used and what each of them was let pass with, and nothing is left of it when all have ended.
func TestSumsOfRequestsSideBySideComeOutEven(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		model, book := &learning{Model: &conversationtest.Model{}, price: 1}, &ledger{limit: rapid.Float64Range(0.001, 1).Draw(t, "limit")}
		account := c.NewAccount(holding{}, model, book)
		type flight struct {
			settle func(c.Spend)
			tokens int
			usd    float64
		}
		var flying []flight
		tokens, usd := 0, 0.0 // used
		check := func() {
			asked, askedUSD := 0, 0.0
			for _, f := range flying {
				asked, askedUSD = asked+f.tokens, askedUSD+f.usd
			}
			gotTokens, gotUSD := account.Reserved()
			used, usedUSD, _ := account.Used()
			if gotTokens != asked || !same(gotUSD, askedUSD) || used.Input+used.Output != tokens || !same(usedUSD, usd) {
				t.Fatalf("reserved %d and $%g, want %d and $%g; used %+v and $%g, want %d and $%g", gotTokens, gotUSD, asked, askedUSD, used, usedUSD, tokens, usd)
			}
		}
		land := func(i int) {
			spend := c.Spend{Model: rapid.SampledFrom([]string{"m", "spare"}).Draw(t, "model"), Usage: c.Usage{Input: rapid.IntRange(0, 5000).Draw(t, "input"), Output: 7}, CostUSD: rapid.Float64Range(0, 0.01).Draw(t, "usd")}
			if rapid.Bool().Draw(t, "failed") {
				spend = c.Spend{Model: "m"}
			}
			flying[i].settle(spend)
			flying[i].settle(spend) // counts once
			tokens, usd = tokens+spend.Usage.Input+spend.Usage.Output, usd+spend.CostUSD
			flying = append(flying[:i], flying[i+1:]...)
		}
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			model.price = rapid.Float64Range(0.5, 3).Draw(t, "price")
			if len(flying) > 0 && rapid.Bool().Draw(t, "answered") {
				land(rapid.IntRange(0, len(flying)-1).Draw(t, "which"))
				check()
				continue
			}
			request := llm.Request{Messages: []llm.Message{llm.TextMessage(llm.RoleUser, rapid.StringN(1, 400, -1).Draw(t, "prompt"))}, MaxOutput: rapid.IntRange(1, 2000).Draw(t, "output")}
			before, beforeUSD := account.Reserved()
			settle, err := account.Ask(context.Background(), request)
			if err == nil {
				after, afterUSD := account.Reserved()
				flying = append(flying, flight{settle, after - before, afterUSD - beforeUSD})
				if most, mostUSD := c.AtMost(model.ProfileIn(""), request); after-before != most || !same(afterUSD-beforeUSD, mostUSD) || book.tokens != tokens+after || !same(book.usd, usd+afterUSD) {
					t.Fatalf("%d tokens reserved of %d, $%g of $%g, for a request of %d and $%g", after-before, book.tokens, afterUSD-beforeUSD, book.usd, most, mostUSD)
				}
			}
			check()
		}
		for len(flying) > 0 {
			land(0)
			check()
		}
		if left, leftUSD := account.Reserved(); left != 0 || leftUSD != 0 {
			t.Fatalf("%d tokens and $%g stay reserved for nothing", left, leftUSD)
		}
		if _, all, each := account.Used(); len(each) > 2 {
			t.Fatalf("%d models", len(each))
		} else {
			for _, s := range each {
				all -= s.CostUSD
			}
			if !same(all, 0) {
				t.Fatalf("the models' costs are $%g away from the whole", all)
			}
		}
	})
}
