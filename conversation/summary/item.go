package summary

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Kind is what an item tells. Its letter begins the item's line.
type Kind byte

// The kinds. Lead is a line of the TL;DR; Topic is a title, to which the facts after it belong.
const (
	Lead     Kind = 'S'
	Decision Kind = 'D'
	Action   Kind = 'A'
	Question Kind = 'Q'
	Fact     Kind = 'F'
	Topic    Kind = 'T'
)

// Name is the kind in a word, such as "decision".
func (k Kind) Name() string {
	switch k {
	case Lead:
		return "lead"
	case Decision:
		return "decision"
	case Action:
		return "action"
	case Question:
		return "question"
	case Fact:
		return "fact"
	case Topic:
		return "topic"
	}
	return "unknown"
}

// Ref is a message that an item cites. ID and At are unknown to the parser and are filled in by whoever knows the
// messages.
type Ref struct {
	N  int
	ID string
	At time.Time
}

// Item is one line of a summary.
type Item struct {
	Kind Kind
	// Refs are the messages that it stands on, ascending, each once.
	Refs []Ref
	// Owner is who does it (Action), Due until when, as it was said; both may be empty.
	Owner, Due string
	// Text is one line of plain text.
	Text string
	// Topic is the title that it stands under, or empty.
	Topic string
	// Answered is the message that answers a Question, Reversed the one that takes a Decision back; N is 0 for none.
	Answered, Reversed Ref

	// bare says that the owner was written without the sign, so that it may be something else.
	bare bool
}

// Open reports whether the item still holds: a question that was not answered, a decision that was not taken back.
func (i Item) Open() bool { return i.Answered.N == 0 && i.Reversed.N == 0 }

// String is the item in the line protocol: "A [31] @Ana: sends the report (due Friday)".
func (i Item) String() string {
	var b strings.Builder
	b.WriteByte(byte(i.Kind))
	if len(i.Refs) > 0 {
		numbers := make([]string, len(i.Refs))
		for k, r := range i.Refs {
			numbers[k] = strconv.Itoa(r.N)
		}
		b.WriteString(" [" + strings.Join(numbers, ",") + "]")
	}
	b.WriteString(" " + i.Plain())
	return b.String()
}

// Plain is the item without its letter and citations.
func (i Item) Plain() string {
	text := i.Text
	if i.Owner != "" {
		text = "@" + i.Owner + ": " + text
	}
	if i.Due != "" {
		text += fmt.Sprintf(" (due %s)", i.Due)
	}
	return text
}

// gone is the line behind an item that no longer stands: "X [40]". Models are not told of it.
const gone = "X"

// Lines writes items in the line protocol, with their topics; "NONE" where there are none. Behind a question that was
// answered, or a decision that was taken back, stands "X [number]" of the message that did it.
func Lines(items []Item) string {
	if len(items) == 0 {
		return "NONE"
	}
	var b strings.Builder
	topic := ""
	for _, i := range items {
		if i.Topic != topic && i.Topic != "" {
			b.WriteString("T " + i.Topic + "\n")
			topic = i.Topic
		}
		b.WriteString(i.String() + "\n")
		if n := max(i.Answered.N, i.Reversed.N); n > 0 {
			b.WriteString(gone + " [" + strconv.Itoa(n) + "]\n")
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// numbers of the messages that are cited.
func (i Item) numbers() []int {
	out := make([]int, len(i.Refs))
	for k, r := range i.Refs {
		out[k] = r.N
	}
	return out
}

// last is the number of the newest message that is cited, 0 for none.
func (i Item) last() int {
	if len(i.Refs) == 0 {
		return 0
	}
	return i.Refs[len(i.Refs)-1].N
}

// refs orders numbers and drops doubles.
func refs(numbers []int) []Ref {
	numbers = slices.Clone(numbers)
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	out := make([]Ref, len(numbers))
	for i, n := range numbers {
		out[i].N = n
	}
	return out
}
