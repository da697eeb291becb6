package summary

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// leadLines is the length of the TL;DR.
const leadLines = 2

// Summary is what is told of a conversation. All items have passed a Checker.
type Summary struct {
	// Items are of any kind but Topic, those of one kind in the order in which they are told.
	Items    []Item
	Coverage Coverage
}

// Links gives the address of a message by its id, "" where there is none. What it gives is trusted. An address without
// "://", such as the number of a line in a log, is shown as it is.
type Links func(id string) string

// Layout says how a summary is rendered.
type Layout struct {
	// Language is that of the headings; English where it is not known.
	Language string
	// Link gives the addresses; nil: lines carry none.
	Link Links
	// Most is the most lines of one section; 0: all. What is left out is said.
	Most int
	// Recap groups what is told by the threads of a channel; nil: it is one conversation.
	Recap *Recap
	// Growing says that the summary is not whole yet: the coverage line is left out.
	Growing bool
}

// Markdown renders CommonMark: TL;DR, decisions, action items, open questions, topics (of a channel: what its threads
// hold, one after the other), and the coverage line. Empty sections are left out. Text of items is escaped so that it makes no link, picture or HTML of its own; mentions are left
// to whoever posts it.
func (s Summary) Markdown(l Layout) string {
	h := HeadingsIn(l.Language)
	r := &renderer{layout: l, numbers: map[string]int{}}
	lead := distinct(s.of(Lead))
	decisions, actions, questions := l.Recap.byThread(s.of(Decision)), l.Recap.byThread(s.of(Action)), l.Recap.byThread(s.of(Question))
	questions = slices.DeleteFunc(questions, func(i Item) bool { return !i.Open() })
	r.section(h.Lead, lead[:min(len(lead), leadLines)])
	r.decisions(h, decisions)
	r.list(h.Actions, actions, func(i Item) string {
		text := escape(i.Text)
		if i.Owner != "" {
			text = "**" + escape(i.Owner) + "**: " + text
		}
		if i.Due != "" {
			text += fmt.Sprintf(" (%s %s)", h.Due, escape(i.Due))
		}
		return text
	})
	r.list(h.Questions, questions, func(i Item) string { return escape(i.Text) })
	facts := s.of(Fact)
	if len(r.parts) == 0 && len(facts) == 0 && !l.Growing {
		r.parts = append(r.parts, h.Nothing)
	}
	if l.Recap != nil {
		r.recap(h, l.Recap, facts, slices.Concat(decisions, actions, questions))
	} else {
		r.topics(h, facts)
	}
	if !l.Growing {
		s.Coverage.Left += r.left
		r.parts = append(r.parts, "*"+s.Coverage.In(l.Language)+"*")
	}
	return strings.Join(r.parts, "\n\n")
}

// of gives the items of a kind.
func (s Summary) of(k Kind) []Item {
	var out []Item
	for _, i := range s.Items {
		if i.Kind == k {
			out = append(out, i)
		}
	}
	return out
}

// distinct drops what says the same as something before it.
func distinct(items []Item) []Item {
	var out []Item
	for _, i := range items {
		w := words(i.Text)
		if !slices.ContainsFunc(out, func(o Item) bool { return o.Text == i.Text || len(w) > 0 && alike(w, words(o.Text), true) }) {
			out = append(out, i)
		}
	}
	return out
}

type renderer struct {
	layout  Layout
	numbers map[string]int // of messages, in the order in which they are cited
	parts   []string
	left    int
}

func (r *renderer) heading(title string) string { return "**" + title + "**" }

// section is a heading with plain lines.
func (r *renderer) section(title string, items []Item) {
	if len(items) == 0 {
		return
	}
	lines := make([]string, len(items))
	for k, i := range items {
		lines[k] = escape(i.Text) + r.links(i.Refs)
	}
	r.parts = append(r.parts, r.heading(title)+"\n\n"+strings.Join(lines, "\n\n"))
}

// bound leaves out what is too much, from the middle, so that begin and end are told.
func (r *renderer) bound(items []Item) []Item {
	most := r.layout.Most
	if most <= 0 || len(items) <= most {
		return items
	}
	r.left += len(items) - most
	return slices.Concat(items[:most-most/2], items[len(items)-most/2:])
}

func (r *renderer) list(title string, items []Item, text func(Item) string) {
	if len(items) == 0 {
		return
	}
	bounded := r.bound(items)
	lines := make([]string, 0, len(bounded)+1)
	for _, i := range bounded {
		lines = append(lines, "- "+text(i)+r.links(i.Refs))
	}
	lines = append(lines, r.more(len(items)-len(bounded))...)
	r.parts = append(r.parts, r.heading(title)+"\n\n"+strings.Join(lines, "\n"))
}

// decisions tells those that hold, and strikes out those that were taken back.
func (r *renderer) decisions(h Headings, items []Item) {
	r.list(h.Decisions, items, func(i Item) string {
		if i.Reversed.N == 0 {
			return escape(i.Text)
		}
		return "~~" + escape(i.Text) + "~~ (" + h.Reversed + r.links([]Ref{i.Reversed}) + ")"
	})
}

// topics tells the facts, those of one topic together.
func (r *renderer) topics(h Headings, items []Item) {
	bounded := r.bound(items)
	lines := append(r.titled(bounded), r.more(len(items)-len(bounded))...)
	if len(lines) > 0 {
		r.parts = append(r.parts, r.heading(h.Topics)+"\n\n"+strings.Join(lines, "\n"))
	}
}

// titled gives a line for each topic, and one for each fact without.
func (r *renderer) titled(items []Item) []string {
	var lines []string
	at := map[string]int{} // the line of a topic
	for _, i := range items {
		text := escape(i.Text) + r.links(i.Refs)
		k, begun := at[i.Topic]
		switch {
		case i.Topic == "":
			lines = append(lines, "- "+text)
		case begun:
			lines[k] += " " + text
		default:
			at[i.Topic] = len(lines)
			lines = append(lines, "- **"+escape(i.Topic)+"**: "+text)
		}
	}
	return lines
}

// more says how many lines are left out.
func (r *renderer) more(n int) []string {
	if n <= 0 {
		return nil
	}
	words := countsIn(r.layout.Language)
	return []string{"- *" + words.say(words.more, n) + "*"}
}

// links are the citations of a line: each message has one number throughout the summary.
func (r *renderer) links(refs []Ref) string {
	if r.layout.Link == nil {
		return ""
	}
	var b strings.Builder
	for _, ref := range refs {
		address := r.layout.Link(ref.ID)
		switch {
		case address == "":
		case !strings.Contains(address, "://"):
			fmt.Fprintf(&b, " \\[%s\\]", escape(address))
		default:
			n, known := r.numbers[ref.ID]
			if !known {
				n = len(r.numbers) + 1
				r.numbers[ref.ID] = n
			}
			b.WriteString(" [" + strconv.Itoa(n) + "](" + address + ")")
		}
	}
	return b.String()
}

var escapes = strings.NewReplacer("\\", "\\\\", "[", "\\[", "]", "\\]", "<", "\\<", "~~", "\\~\\~")

// escape keeps a line of foreign text from making links, pictures, HTML or blocks.
func escape(text string) string {
	text = escapes.Replace(strings.Join(strings.Fields(text), " "))
	if strings.Count(text, "`")%2 == 1 {
		text = strings.ReplaceAll(text, "`", "'")
	}
	for _, sign := range []string{"*", "_"} {
		if strings.Count(text, sign)%2 == 1 {
			text = strings.ReplaceAll(text, sign, "\\"+sign)
		}
	}
	return text
}
