package store_test

import (
	"math"
	"testing"
	"time"

	"parley/conversation"
	"parley/store"
	"parley/store/storetest"
)

// costly answers as three models together.
func costly(_ conversation.Turn, o conversation.Outcome) conversation.Outcome {
	o.Usage, o.CostUSD = conversation.Usage{Input: 300, Cached: 7, Output: 30}, 0.5
	o.Spent = []conversation.Spend{
		{Model: "m", Usage: conversation.Usage{Input: 200, Cached: 7, Output: 20}, CostUSD: 0.25},
		{Model: "eyes", Usage: conversation.Usage{Input: 100, Output: 10}, CostUSD: 0.125},
		{Model: "ears", Heard: 90 * time.Second, CostUSD: 0.125},
	}
	return o
}

func TestCostsStandUnderTheModelThatMadeThem(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	m := post("t1", "a", 1, mention, root)
	work(t, s, &turner{before: sends(s), outcome: costly})
	accept(t, s, posted(m))
	answered(t, s, 5*time.Second)
	accept(t, s, edited(m, "better", 10)) // what is answered anew adds up
	answered(t, s, 5*time.Second)
	rows, err := s.Spending(t.Context(), time.Unix(0, 0), store.ByModel)
	if err != nil {
		t.Fatal(err)
	}
	want := []store.Spending{
		{Model: "ears", Heard: 3 * time.Minute, CostUSD: 0.25}, {Model: "eyes", Input: 200, Output: 20, CostUSD: 0.25},
		{Model: "m", Turns: 1, Input: 400, Cached: 14, Output: 40, CostUSD: 0.5},
	}
	if len(rows) != len(want) {
		t.Fatalf("by model: %+v", rows)
	}
	for i := range want {
		if rows[i] != want[i] {
			t.Errorf("by model: %+v, want %+v", rows[i], want[i])
		}
	}
	for _, by := range store.SpendingGroups() {
		rows, err := s.Spending(t.Context(), time.Unix(0, 0), by)
		if err != nil {
			t.Fatal(err)
		}
		var sum store.Spending
		for _, r := range rows {
			sum.Turns, sum.Input, sum.Output, sum.CostUSD, sum.Heard = sum.Turns+r.Turns, sum.Input+r.Input, sum.Output+r.Output, sum.CostUSD+r.CostUSD, sum.Heard+r.Heard
		}
		if (sum != store.Spending{Turns: 1, Input: 600, Output: 60, CostUSD: 1, Heard: 3 * time.Minute}) {
			t.Errorf("by %s the sum is %+v", by, sum)
		}
	}
}

func TestStrangeCostsAreRecordedAllTheSame(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	work(t, s, &turner{before: sends(s), outcome: func(_ conversation.Turn, o conversation.Outcome) conversation.Outcome {
		o.Spent = []conversation.Spend{{Model: "odd\x00", CostUSD: math.Inf(1), Heard: math.MaxInt64, Usage: conversation.Usage{Input: math.MaxInt, Output: -1}}}
		return o
	}})
	accept(t, s, posted(post("t1", "a", 1, mention, root)))
	answered(t, s, 5*time.Second)
	if got := value[int](t, s, `SELECT count(*)::int FROM turn_costs WHERE input_tokens = 2147483647 AND output_tokens = 0`); got != 1 {
		t.Errorf("%d rows of costs", got)
	}
}
