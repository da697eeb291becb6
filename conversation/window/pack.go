// Package window decides what goes into a model's window. It is pure: it knows tokens, order and pins, and neither
// messages nor models.
//
// Pack never exceeds the budget, keeps the order, keeps what is pinned as long as the pins alone fit, and lets the
// oldest give way first.
package window

// Item is one thing that may go into a prompt, in the order in which it would stand there.
type Item struct {
	// Tokens is the item's whole cost, label and line end included.
	Tokens int
	// Pinned items are kept before any other.
	Pinned bool
}

// Plan is what fits.
type Plan struct {
	// Keep holds the indexes of the items that fit, ascending.
	Keep []int
	// Dropped counts the items that do not.
	Dropped int
	// Used is the cost of what is kept, at most the budget.
	Used int
}

// Pack chooses from items, oldest first, what fits into budget tokens: first the pinned ones from the newest back,
// then the others from the newest back until one does not fit, so that what is kept has no holes but those that pins
// make. A budget of 0 or less keeps nothing.
func Pack(items []Item, budget int) Plan {
	keep := make([]bool, len(items))
	var plan Plan
	take := func(i int) bool {
		if plan.Used+items[i].Tokens > budget {
			return false
		}
		keep[i] = true
		plan.Used += items[i].Tokens
		return true
	}
	for i := len(items) - 1; i >= 0; i-- {
		if items[i].Pinned && budget > 0 {
			take(i)
		}
	}
	for i := len(items) - 1; i >= 0 && budget > 0; i-- {
		if !items[i].Pinned && !take(i) {
			break
		}
	}
	for i, kept := range keep {
		if kept {
			plan.Keep = append(plan.Keep, i)
		} else {
			plan.Dropped++
		}
	}
	return plan
}
