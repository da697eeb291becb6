package summary

import (
	"cmp"
	"hash/fnv"
	"slices"
	"strings"
	"time"
)

const (
	// threadsMost is the most threads that are told apart.
	threadsMost = 5000
	// peopleInThread is the most people that are counted of one thread.
	peopleInThread = 1000
	// titleRunes is the most that is quoted of a message as the name of its thread.
	titleRunes = 80
)

// Threads counts what the threads of a channel hold, while its messages are read. It keeps the latest 5,000 threads, and
// messages that may begin one; of older ones only the sums, so that its memory is bounded. The zero value is ready.
type Threads struct {
	entries map[string]*entry
	seen    int
	// gone counts the threads that are kept no longer, and their messages.
	gone, goneMessages int
	// alone are people who wrote messages outside of threads that are kept no longer.
	alone map[uint64]bool
}

// entry is a thread, or a message that nobody has answered in a thread yet.
type entry struct {
	key         string
	first       Ref
	begun       bool // the first message that was read is the one that began the thread
	thread      bool
	n, from, to int
	people      []uint64
}

// Thread is a thread in a recap.
type Thread struct {
	// Key names it, as Message.Thread does.
	Key string
	// First is the first of its messages that was read. Begun says that it is the one that began the thread.
	First Ref
	Begun bool
	// Root is the id of the message that its link leads to, and Title what it is called, one line of plain text. Both are
	// filled in by whoever knows the messages.
	Root, Title string
	// Messages and People count what was read of it; of people at most 1,000.
	Messages, People int
}

// Recap says how what is told of a channel is grouped.
type Recap struct {
	// Threads are those that something may be told of, in the order in which they began.
	Threads []Thread
	// Place gives, by the id of a message that is cited, the key of its thread.
	Place map[string]string
	// All counts the threads that were read, AllMessages what stands in them.
	All, AllMessages int
	// OutsideMessages and OutsidePeople count what was said outside of threads.
	OutsideMessages, OutsidePeople int
}

// Add counts a message; what Coverage does not count is no part of any thread.
func (t *Threads) Add(m Message) {
	if m.Deleted || m.Speaker == Self || m.Thread == "" {
		return
	}
	if t.entries == nil {
		t.entries, t.alone = map[string]*entry{}, map[uint64]bool{}
	}
	t.seen++
	e, known := t.entries[m.Thread]
	if !known {
		if len(t.entries) == threadsMost {
			t.shrink()
		}
		key := strings.Clone(m.Thread)
		e = &entry{key: key, first: Ref{ID: strings.Clone(m.ID), At: m.At}, begun: m.ID == m.Thread, from: t.seen}
		t.entries[key] = e
	}
	e.n, e.to = e.n+1, t.seen
	e.thread = e.thread || m.Reply || e.n > 1
	if m.Speaker == Person && len(e.people) < peopleInThread {
		if who := person(m); !slices.Contains(e.people, who) {
			e.people = append(e.people, who)
		}
	}
}

// Known reports whether key names a thread, and not a message that stands by itself.
func (t *Threads) Known(key string) bool {
	e, known := t.entries[key]
	return known && e.thread
}

// person stands for who wrote a message.
func person(m Message) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(cmp.Or(m.AuthorID, m.Author)))
	return h.Sum64()
}

// shrink forgets half of what is kept: the messages that are alone for the longest time and, where those are not enough,
// the threads of which nothing was read for the longest time.
func (t *Threads) shrink() {
	list := make([]*entry, 0, len(t.entries))
	for _, e := range t.entries {
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b *entry) int {
		switch {
		case a.thread != b.thread && b.thread:
			return -1
		case a.thread != b.thread:
			return 1
		}
		return a.to - b.to
	})
	for _, e := range list[:len(list)/2] {
		delete(t.entries, e.key)
		if e.thread {
			t.gone++
			t.goneMessages += e.n
			continue
		}
		for _, who := range e.people {
			if len(t.alone) < peopleMost {
				t.alone[who] = true
			}
		}
	}
}

// Recap gives what was counted, with those threads in which a cited message stands: place gives their keys by message.
// total is Coverage.Total. It is nil where there are no threads.
func (t *Threads) Recap(place map[string]string, total int) *Recap {
	told := map[string]bool{}
	for _, key := range place {
		told[key] = true
	}
	r := &Recap{Place: place, All: t.gone, AllMessages: t.goneMessages}
	outside := map[uint64]bool{}
	for who := range t.alone {
		outside[who] = true
	}
	var list []*entry
	for _, e := range t.entries {
		switch {
		case !e.thread:
			for _, who := range e.people {
				outside[who] = true
			}
			continue
		case told[e.key]:
			list = append(list, e)
		}
		r.All++
		r.AllMessages += e.n
	}
	if r.All == 0 {
		return nil
	}
	slices.SortFunc(list, func(a, b *entry) int { return a.from - b.from })
	for _, e := range list {
		r.Threads = append(r.Threads, Thread{Key: e.key, First: e.first, Begun: e.begun, Messages: e.n, People: len(e.people)})
	}
	r.OutsideMessages, r.OutsidePeople = total-r.AllMessages, len(outside)
	return r
}

// Named is a thread's own name as a title, empty where it has none.
func Named(name string) string {
	return clip(plain(strings.Join(strings.Fields(name), " ")), titleRunes)
}

// Title is what a thread is called by one of its messages: who wrote it, and its first words. Where it is not the
// message that began the thread, the words begin with an ellipsis.
func Title(m Message, begun bool) string {
	line := func(text string) string { return plain(strings.Join(strings.Fields(text), " ")) }
	author, text := line(m.Author), clip(line(m.Text), titleRunes)
	switch {
	case text == "":
		return author
	case !begun:
		text = "…" + text
	}
	return author + ": “" + text + "”"
}

// TitleAt is what a thread is called whose messages are gone: when its first one was written.
func TitleAt(at time.Time, language string) string {
	if at.IsZero() {
		return "…"
	}
	return calendarIn(language).moment(at, false)
}
