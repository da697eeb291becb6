package window

import (
	"cmp"
	"slices"
)

// Item is one thing that may go into a prompt.
type Item struct {
	// ID is what Answers of other items refer to; empty where none does.
	ID string
	// Answers is the ID of the item that this one answers. It is kept only together with that one; where the whole history
	// was walked and the question is not in it, it stands for itself. It is for the assistant's own answers: of a chain of
	// replies none would be kept without the first.
	Answers string
	// Tokens is the item's whole cost, label and line end included.
	Tokens int
	// Short is the cost when the item is shortened; 0, or as much as Tokens, for an item that cannot be.
	Short int
	// Pinned items are kept before any other. Only Pack looks at it; a Packer has Pin.
	Pinned bool
}

// least is the smallest cost of the item.
func (i Item) least() int {
	if i.Short > 0 && i.Short < i.Tokens {
		return i.Short
	}
	return max(i.Tokens, 0)
}

// Packer packs a history that is walked from its newest item back, and tells as soon as nothing more fits, so that no more of
// it is read than that. The zero Packer has no budget; make one with New.
type Packer struct {
	budget int
	used   int // of all that is taken, at its least
	full   bool
	calls  int
	met    int // pins that the walk has met: two calls, one item

	taken   []taken
	pins    map[string]int   // ID of a pin that the walk has not met, and its place in taken
	has     map[string]bool  // IDs that were taken
	lost    map[string]bool  // IDs of pins that did not fit
	waiting map[string][]int // places in taken of answers, by the ID of the question that was not met yet
}

type taken struct {
	item   Item
	index  int
	pinned bool // and not met by the walk
}

// New makes a packer of so many tokens.
func New(budget int) *Packer {
	return &Packer{budget: max(budget, 0), pins: map[string]int{}, has: map[string]bool{}, lost: map[string]bool{}, waiting: map[string][]int{}}
}

// Pin takes an item before the walk, whole or short, whatever its place in the history. Of pins that do not all fit the first are
// taken; false where this one is not. A pin with an ID may be met again by the walk, and then has its place there.
func (p *Packer) Pin(i Item) bool {
	at := p.calls
	p.calls++
	if p.used+i.least() > p.budget {
		p.lost[i.ID] = true
		return false
	}
	i.Answers = "" // it stands for itself
	p.take(i, at, true)
	if i.ID != "" {
		p.pins[i.ID] = len(p.taken) - 1
	}
	return true
}

// Add takes the next older item, if it fits. It returns false once an item did not fit: nothing older is taken then, so that what is
// kept has no holes but those that pins make.
func (p *Packer) Add(i Item) (more bool) {
	at := p.calls
	p.calls++
	if place, pinned := p.pins[i.ID]; pinned && i.ID != "" {
		p.taken[place].index, p.taken[place].pinned = at, false
		delete(p.pins, i.ID)
		p.met++
		return !p.full
	}
	if p.full || p.used+i.least() > p.budget {
		p.full = true
		return false
	}
	p.take(i, at, false)
	if i.Answers != "" && !p.has[i.Answers] {
		p.waiting[i.Answers] = append(p.waiting[i.Answers], len(p.taken)-1)
	}
	return true
}

func (p *Packer) take(i Item, index int, pinned bool) {
	p.used += i.least()
	p.taken = append(p.taken, taken{item: i, index: index, pinned: pinned})
	if i.ID != "" {
		p.has[i.ID] = true
		delete(p.waiting, i.ID)
	}
}

// Room is how many tokens are left when everything taken so far is shortened as far as it can be.
func (p *Packer) Room() int { return p.budget - p.used }

// Kept is an item that fits.
type Kept struct {
	// Index counts the calls of Pin and Add, from 0. An item that was pinned and then met by the walk has the index of
	// its Add.
	Index int
	// Short says that the item must be shortened to its short cost.
	Short bool
}

// Packed is what fits.
type Packed struct {
	// Keep is in the order of the walk, newest first; pins that the walk did not meet come last.
	Keep []Kept
	// Shrunk counts the items of Keep that are shortened, Dropped the items that were offered and are not kept.
	Shrunk, Dropped int
	// Used is the cost of what is kept, at most the budget.
	Used int
}

// Pack ends the walk. Items are shortened before others fall out, and the tokens that are left then go to the newest of them: those
// stay whole. Answers whose question did not fit fall out with it; with whole history walked (Add never said false) there
// are none.
func (p *Packer) Pack() Packed {
	kept := p.whole()
	slices.SortStableFunc(kept, func(a, b taken) int {
		switch {
		case a.pinned == b.pinned:
			return cmp.Compare(a.index, b.index)
		case a.pinned:
			return 1
		}
		return -1
	})
	var out Packed
	for _, t := range kept {
		out.Used += t.item.least()
	}
	for _, t := range kept {
		one := Kept{Index: t.index}
		if more := max(t.item.Tokens, 0) - t.item.least(); out.Used+more <= p.budget {
			out.Used += more
		} else {
			one.Short = true
			out.Shrunk++
		}
		out.Keep = append(out.Keep, one)
	}
	out.Dropped = p.calls - p.met - len(kept)
	return out
}

// whole is what was taken, without answers whose question did not fit.
func (p *Packer) whole() []taken {
	missing := map[string]bool{}
	for question := range p.waiting {
		if p.full || p.lost[question] {
			missing[question] = true
		}
	}
	if len(missing) == 0 {
		return slices.Clone(p.taken)
	}
	var kept []taken
	for i := len(p.taken) - 1; i >= 0; i-- { // from the oldest: what falls out may itself be a question
		t := p.taken[i]
		if missing[t.item.Answers] && t.item.Answers != "" && !t.pinned {
			missing[t.item.ID] = true
			continue
		}
		kept = append(kept, t)
	}
	return kept
}
