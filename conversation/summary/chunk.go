package summary

import (
	"crypto/sha256"
	"encoding/hex"
	"hash/fnv"
	"iter"
	"slices"
	"strconv"
	"time"
)

// Sizes bounds chunks, in tokens.
type Sizes struct {
	// Most is the most of a chunk's own messages.
	Most int
	// Overlap and OverlapMessages bound what a chunk repeats of the one before, so that an answer is not parted from its
	// question.
	Overlap, OverlapMessages int
	// Paste is the most of one message.
	Paste int
}

// SizesFor derives sizes from a model's window. Chunks stay well under it, because small models lose the middle of a long
// prompt; 8,192 tokens are some 300 messages.
func SizesFor(window int) Sizes {
	most := min(max(window/4, 256), 8192)
	return Sizes{Most: most, Overlap: most / 10, OverlapMessages: 8, Paste: min(400, most/3)}
}

// Chunk is a piece of the conversation: Overlap messages of the piece before it, then its own.
type Chunk struct {
	Messages []Message
	Overlap  int
	// Tokens is the cost of all Messages.
	Tokens int
}

// Own gives the messages that are in no chunk before.
func (c Chunk) Own() []Message { return c.Messages[c.Overlap:] }

// Hash names what the chunk holds together with what it is read with, such as prompt and model. It does not depend on
// the messages' numbers.
func (c Chunk) Hash(with ...string) string {
	h := sha256.New()
	add := func(s string) {
		_, _ = h.Write([]byte(strconv.Itoa(len(s)) + ":" + s))
	}
	for _, s := range with {
		add(s)
	}
	for _, m := range c.Messages {
		add(m.ID)
		add(m.AuthorID)
		add(m.Author)
		add(m.Text)
		add(m.day())
	}
	if Threaded(c.Messages) {
		for _, r := range Rows(c.Messages) { // the order in which they are read
			add(r.Mark)
			add(r.ID)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Half parts a chunk that turned out too large in two, at the best gap of its middle. ok is false when it has only one message of its own.
func (c Chunk) Half() (first, second Chunk, ok bool) {
	own := c.Own()
	if len(own) < 2 {
		return c, Chunk{}, false
	}
	cut := c.Overlap + middle(own)
	return Chunk{Messages: c.Messages[:cut], Overlap: c.Overlap}, Chunk{Messages: c.Messages[cut:]}, true
}

// pending is a message that belongs to no chunk yet.
type pending struct {
	m    Message
	cost int
	gap  gap
}

// gap says how good it is to cut before a message.
type gap struct {
	strength int
	// chance chooses among equals; it comes from the message, so that the choice does not depend on what stands before.
	chance uint64
}

func (g gap) better(h gap) bool {
	if g.strength != h.strength {
		return g.strength > h.strength
	}
	return g.chance > h.chance
}

func gapBefore(before, m Message) gap {
	h := fnv.New64a()
	_, _ = h.Write([]byte(m.ID))
	g := gap{chance: h.Sum64()}
	silence := time.Duration(0)
	if !before.At.IsZero() && !m.At.IsZero() {
		silence = m.At.Sub(before.At)
	}
	switch {
	case silence > 2*time.Hour || Day(before, m) != "":
		g.strength = 4
	case silence > 30*time.Minute:
		g.strength = 3
	case m.Root:
		g.strength = 2
	case silence > 5*time.Minute:
		g.strength = 1
	}
	return g
}

// grain is what costs are rounded up to: a small edit then moves no boundary.
const grain = 8

// Chunks cuts messages, oldest first and cleaned by a Normaliser, into chunks. Each chunk ends at the best gap in the last
// two fifths of what it may hold: the longest silence, a new day, the begin of a thread. After an edit the boundaries
// meet again at the next strong gap. It holds no more than two chunks in memory. An error of messages is passed on and
// ends it.
func Chunks(messages iter.Seq2[Message, error], s Sizes, cost func(string) int) iter.Seq2[Chunk, error] {
	return func(yield func(Chunk, error) bool) {
		var open []pending
		var context []pending
		used := 0
		emit := func(n int) bool {
			c := Chunk{Overlap: len(context)}
			for _, p := range slices.Concat(context, open[:n]) {
				c.Messages = append(c.Messages, p.m)
				c.Tokens += p.cost
			}
			context = tail(open[:n], s)
			open = slices.Clone(open[n:])
			used = 0
			for _, p := range open {
				used += p.cost
			}
			return yield(c, nil)
		}
		var before Message
		for m, err := range messages {
			if err != nil {
				yield(Chunk{}, err)
				return
			}
			p := pending{m: m, cost: (cost(m.Line(100)) + grain) / grain * grain, gap: gapBefore(before, m)}
			if Day(before, m) != "" {
				p.cost += 2 * grain
			}
			if turns(before, m) { // the mark, and that of a thread's first message
				p.cost += 2 * grain
			}
			before = m
			open = append(open, p)
			used += p.cost
			for used > s.Most && len(open) > 1 {
				if !emit(cutAt(open, s.Most)) {
					return
				}
			}
		}
		if len(open) > 0 {
			emit(len(open))
		}
	}
}

// cutAt is how many of open make the next chunk: the best gap in the last two fifths, else as many as fit.
func cutAt(open []pending, most int) int {
	best, fit, used := 0, 1, open[0].cost
	for i := 1; i < len(open) && used <= most; i++ {
		fit = i
		if used*5 > most*3 && (best == 0 || open[i].gap.better(open[best].gap)) {
			best = i
		}
		used += open[i].cost
	}
	if best == 0 {
		return fit
	}
	return best
}

// tail is what the next chunk repeats.
func tail(done []pending, s Sizes) []pending {
	start, used := len(done), 0
	for start > 0 && len(done)-start < s.OverlapMessages && used+done[start-1].cost <= s.Overlap {
		start--
		used += done[start].cost
	}
	return slices.Clone(done[start:])
}
