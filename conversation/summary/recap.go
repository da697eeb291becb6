package summary

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// pointers is the most decisions, and the most tasks and questions, that a thread of a recap points to: links are long.
const pointers = 3

// finder gives the place in Threads of the thread that an item stands in: the one of most of its citations, of the first
// of them among equals. It is -1 for what stands outside of threads, or in one that is counted no longer.
func (r *Recap) finder() func(Item) int {
	at := make(map[string]int, len(r.Threads))
	for k, t := range r.Threads {
		at[t.Key] = k
	}
	in := func(ref Ref) int {
		if k, known := at[r.Place[ref.ID]]; known {
			return k
		}
		return -1
	}
	return func(i Item) int {
		best, most := -1, 0
		for k, ref := range i.Refs {
			thread, n := in(ref), 0
			for _, other := range i.Refs[k:] {
				if in(other) == thread {
					n++
				}
			}
			if n > most {
				best, most = thread, n
			}
		}
		return best
	}
}

// Finder gives a function that tells the thread of an item; its ok is false for what stands in none.
func (r *Recap) Finder() func(Item) (t Thread, ok bool) {
	find := r.finder()
	return func(i Item) (Thread, bool) {
		if k := find(i); k >= 0 {
			return r.Threads[k], true
		}
		return Thread{}, false
	}
}

// byThread puts what belongs to one thread together, and what stands outside of threads last.
func (r *Recap) byThread(items []Item) []Item {
	if r == nil {
		return items
	}
	find := r.finder()
	groups := make([][]Item, len(r.Threads)+1)
	for _, i := range items {
		k := find(i)
		if k < 0 {
			k = len(r.Threads)
		}
		groups[k] = append(groups[k], i)
	}
	return slices.Concat(groups...)
}

// group is what is told of one thread, or of what stands outside of them.
type group struct {
	thread *Thread // nil: outside
	facts  []Item
	kept   int            // of the facts, as many as are told
	others map[Kind][]Ref // what the sections above tell of it
}

// told reports whether there is a line to tell.
func (g group) told() bool { return g.kept > 0 || len(g.others) > 0 }

// groups parts what is told by thread: what stands outside of them comes last.
func (r *Recap) groups(facts, others []Item) []group {
	find := r.finder()
	list := make([]group, len(r.Threads)+1)
	for k := range r.Threads {
		list[k].thread = &r.Threads[k]
	}
	at := func(i Item) *group {
		if k := find(i); k >= 0 {
			return &list[k]
		}
		return &list[len(r.Threads)]
	}
	for _, i := range facts {
		g := at(i)
		g.facts = append(g.facts, i)
	}
	for _, i := range others {
		g := at(i)
		if g.others == nil {
			g.others = map[Kind][]Ref{}
		}
		g.others[i.Kind] = append(g.others[i.Kind], i.Refs[:min(len(i.Refs), 1)]...)
	}
	return list
}

// shareLines allots at most most lines to the facts of groups in turn, so that a busy thread does not silence the others; 0 is
// no bound. It gives how many facts are left out.
func shareLines(groups []group, most int) (left int) {
	for _, g := range groups {
		left += len(g.facts)
	}
	if most <= 0 {
		most = left
	}
	for most = min(most, left); most > 0; {
		for k := range groups {
			if g := &groups[k]; most > 0 && g.kept < len(g.facts) {
				g.kept++
				most, left = most-1, left-1
			}
		}
	}
	return left
}

// shown keeps the groups that have something to tell, at most most: those in which most was said. The others are counted
// where they are.
func shown(groups []group, most int) (out []group, left int) {
	for _, g := range groups {
		if g.told() {
			out = append(out, g)
		}
	}
	if most <= 0 || len(out) <= most {
		return out, 0
	}
	sizes := make([]int, len(out))
	for k, g := range out {
		if sizes[k] = 1 << 30; g.thread != nil {
			sizes[k] = g.thread.Messages
		}
	}
	ordered := slices.SortedFunc(slices.Values(sizes), func(a, b int) int { return cmp.Compare(b, a) })
	floor, atFloor := ordered[most-1], 0
	for _, n := range ordered[:most] {
		if n == floor {
			atFloor++
		}
	}
	kept := out[:0:0]
	for k, g := range out {
		switch {
		case sizes[k] == floor && atFloor > 0:
			atFloor--
			kept = append(kept, g)
		case sizes[k] > floor:
			kept = append(kept, g)
		default:
			left += g.kept
		}
	}
	return kept, left
}

// recap tells a channel thread by thread: what each is called, how much was said in it, what was found there, and where
// the sections above tell of it. Threads of which nothing is told are counted.
func (r *renderer) recap(h Headings, recap *Recap, facts, others []Item) {
	groups := recap.groups(facts, others)
	left := shareLines(groups, r.layout.Most)
	groups, dropped := shown(groups, r.layout.Most)
	left += dropped
	r.left += left
	words := countsIn(r.layout.Language)
	var blocks []string
	threads, messages, outside := recap.All, recap.AllMessages, recap.OutsideMessages
	for _, g := range groups {
		if g.thread == nil {
			outside = 0
		} else {
			threads, messages = threads-1, messages-g.thread.Messages
		}
		blocks = append(blocks, r.group(h, words, recap, g))
	}
	if left > 0 {
		blocks = append(blocks, "*"+words.say(words.more, left)+"*")
	}
	if threads > 0 && !r.layout.Growing {
		blocks = append(blocks, "*"+fmt.Sprintf(words.with, words.say(words.threads, threads), words.say(words.messages, messages))+"*")
	}
	if outside > 0 && !r.layout.Growing {
		blocks = append(blocks, "*"+fmt.Sprintf(words.of, h.Outside, words.say(words.messages, outside))+"*")
	}
	if len(blocks) > 0 {
		r.parts = append(r.parts, r.heading(h.Threads)+"\n\n"+strings.Join(blocks, "\n\n"))
	}
}

// group is one thread of a recap.
func (r *renderer) group(h Headings, words counts, recap *Recap, g group) string {
	title, messages, people := "**"+escape(h.Outside)+"**", recap.OutsideMessages, recap.OutsidePeople
	if t := g.thread; t != nil {
		title, messages, people = "**"+escape(t.Title)+"**"+r.links([]Ref{{ID: t.Root}}), t.Messages, t.People
	}
	count := words.say(words.messages, messages)
	if people > 0 {
		count += words.list + words.say(words.people, people)
	}
	parts := []string{fmt.Sprintf(words.counted, title, count)}
	for _, s := range []struct {
		kind  Kind
		title string
	}{{Decision, h.Decisions}, {Action, h.Actions}, {Question, h.Questions}} {
		refs := g.others[s.kind]
		if len(refs) == 0 {
			continue
		}
		links := r.links(refs[:min(len(refs), pointers)])
		switch {
		case links == "":
			links = " " + words.number(len(refs))
		case len(refs) > pointers:
			links += " …"
		}
		parts = append(parts, "*"+s.title+"*"+links)
	}
	head := strings.Join(parts, " · ")
	if g.kept == 0 {
		return head
	}
	return head + "\n\n" + strings.Join(r.titled(g.facts[:g.kept]), "\n")
}
