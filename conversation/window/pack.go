// Package window decides what goes into a model's window. It is pure: it knows tokens, order, pins and what belongs together,
// and neither messages nor models.
//
// Nothing ever exceeds its budget and the order is kept. What is pinned is kept as long as the pins alone fit, the oldest gives
// way first, long items are shortened before whole ones fall out, and an answer is not kept without its question.
package window

import "slices"

// Plan is what fits.
type Plan struct {
	// Keep holds the indexes of the items that fit, ascending; Shrunk those of them that must be shortened.
	Keep, Shrunk []int
	// Dropped counts the items that do not fit.
	Dropped int
	// Used is the cost of what is kept, at most the budget.
	Used int
}

// Pack chooses from items, oldest first, what fits into budget tokens: first the pinned ones from the newest back,
// then the others from the newest back until one does not fit, see [Packer]. A budget of 0 or less keeps nothing.
func Pack(items []Item, budget int) Plan {
	if budget <= 0 {
		return Plan{Dropped: len(items)}
	}
	p := New(budget)
	var at []int // index of the item of each call
	for i, item := range slices.Backward(items) {
		if item.Pinned {
			p.Pin(item)
			at = append(at, i)
		}
	}
	for i, item := range slices.Backward(items) {
		if item.Pinned {
			continue
		}
		at = append(at, i)
		if !p.Add(item) {
			break
		}
	}
	packed := p.Pack()
	plan := Plan{Used: packed.Used, Dropped: len(items) - len(packed.Keep)}
	for _, k := range packed.Keep {
		plan.Keep = append(plan.Keep, at[k.Index])
		if k.Short {
			plan.Shrunk = append(plan.Shrunk, at[k.Index])
		}
	}
	slices.Sort(plan.Keep)
	slices.Sort(plan.Shrunk)
	return plan
}
