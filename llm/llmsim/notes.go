package llmsim

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// offlineTopic is the title under which the offline model puts what it picked: the only place in notes where it can say what
// it is, because every other line must stand on a message.
const offlineTopic = "Picked word for word by the offline demo model (no AI)"

const (
	mostNotes  = 12 // where the prompt does not say
	mostOfKind = 4  // notes of one kind besides facts
	perTopic   = 4  // facts under one title
)

var wantedNotes = regexp.MustCompile(`At most (\d{1,3}) notes`)

// notesAnswer answers the prompts for notes in lines "D [numbers] text". It picks sentences of the messages and changes nothing of
// them, so that each line is what its message says. is is false for every other prompt.
func notesAnswer(messages []Message) (answer string, is bool) {
	if len(messages) == 0 {
		return "", false
	}
	asks := messages[len(messages)-1].Text
	lead, all := strings.Contains(asks, "\nS [numbers]"), strings.Contains(asks, "\nD [numbers]")
	if !strings.HasPrefix(asks, "You ") || !lead && !all {
		return "", false
	}
	var t transcript
	t.readLines(asks)
	n := notesOf(t)
	if len(n) == 0 {
		return "NONE", true
	}
	most := mostNotes
	if m := wantedNotes.FindStringSubmatch(asks); m != nil {
		most, _ = strconv.Atoi(m[1])
	}
	var lines []string
	if lead {
		lines = append(lines, n.lead()...)
	}
	if all {
		kinds := n.kinds(most)
		lines = append(lines, kinds...)
		most -= len(kinds)
	} else {
		most = perTopic
	}
	if facts := n.facts(max(most, 1)); len(facts) > 0 {
		lines = append(lines, "T "+offlineTopic)
		lines = append(lines, facts...)
	}
	return strings.Join(lines, "\n"), true
}

// note is a sentence that may be told.
type note struct {
	sentence
	number int
	kind   byte
	owner  string
	due    string
}

func (n note) line(kind byte) string {
	text := n.text
	if kind == 'A' {
		if n.owner != "" {
			text = "@" + n.owner + ": " + text
		}
		if n.due != "" {
			text += " (due " + n.due + ")"
		}
	}
	return fmt.Sprintf("%c [%d] %s", kind, n.number, text)
}

type notes []note // in the order of the messages

var (
	decides = regexp.MustCompile(`(?i)\b(decided|decision|agreed|let'?s go with|let us|we('| wi)ll go with|settled|final(ly)? it is|beschlossen|entschieden|einigen uns|décidé|decidido|deciso)\b`)
	intends = regexp.MustCompile(`(?i)^(ok,? |okay,? |sure,? |yes,? )?(i('ll| will|'m going to| am going to| can (do|take|send|write|fix|book|look))|ich (werde|mache|kümmere)|je vais|voy a)\b`)
	asksTo  = regexp.MustCompile(`(?i)^@?([\p{L}\p{N}_-]{2,40})[,:]? (can|could|will|would|please)\b`)
	address = regexp.MustCompile(`https?://\S+`)
	dueBy   = regexp.MustCompile(`(?i)\b(?:by|until|before|due|bis) ((?:next |this |am )?(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|tomorrow|tonight|noon|montag|dienstag|mittwoch|donnerstag|freitag|morgen|end of (?:day|week|month)|\d{1,2}(?::\d\d)? ?(?:am|pm)|\d{4}-\d\d-\d\d))\b`)
)

func notesOf(t transcript) notes {
	frequency := map[string]int{}
	all := sentencesOf(t)
	for _, s := range all {
		for _, w := range s.words {
			frequency[w]++
		}
	}
	names := map[string]string{}
	for _, line := range t.lines {
		names[strings.ToLower(line.name)] = line.name
	}
	var out notes
	for _, s := range all {
		number := t.lines[s.line].number
		if s.words = contentWords(address.ReplaceAllString(s.text, " ")); number == 0 || len(s.words) < 2 {
			continue
		}
		s.text = harmless.Replace(s.text)
		n := note{sentence: s, number: number, kind: 'F'}
		for _, w := range s.words {
			n.score += float64(frequency[w])
		}
		n.score /= float64(len(s.words)) + 3
		if m := dueBy.FindStringSubmatch(s.text); m != nil {
			n.due = m[1]
		}
		asked := asksTo.FindStringSubmatch(s.text)
		switch {
		case intends.MatchString(s.text):
			n.kind, n.owner = 'A', s.name
		case asked != nil && names[strings.ToLower(asked[1])] != "":
			n.kind, n.owner = 'A', names[strings.ToLower(asked[1])]
		case strings.HasSuffix(s.text, "?") || strings.HasSuffix(s.text, "？"):
			n.kind = 'Q'
		case decides.MatchString(s.text):
			n.kind = 'D'
		}
		if n.kind != 'F' {
			n.score += 2
		}
		out = append(out, n)
	}
	return slices.DeleteFunc(out, func(n note) bool { return n.kind == 'Q' && answered(n, all) })
}

// harmless keeps what a message says from being read as a citation.
var harmless = strings.NewReplacer("[", "(", "]", ")")

// answered tells that a later statement took a third of a question's words up.
func answered(q note, all []sentence) bool {
	for _, s := range all {
		if s.line <= q.sentence.line || strings.HasSuffix(s.text, "?") {
			continue
		}
		same := 0
		for _, w := range distinct(q.words) {
			if slices.Contains(s.words, w) {
				same++
			}
		}
		if 3*same >= len(distinct(q.words)) {
			return true
		}
	}
	return false
}

// best are the weightiest notes that choose accepts, in the order of the messages.
func (n notes) best(most int, choose func(note) bool) notes {
	var found notes
	for _, one := range n {
		if choose(one) {
			found = append(found, one)
		}
	}
	slices.SortStableFunc(found, func(a, b note) int { return cmp.Compare(b.score, a.score) })
	found = found[:min(len(found), most)]
	slices.SortStableFunc(found, func(a, b note) int { return cmp.Compare(a.number, b.number) })
	return found
}

// lead is the two lines that stand above all: decisions before anything else.
func (n notes) lead() (lines []string) {
	found := n.best(2, func(one note) bool { return one.kind == 'D' })
	if len(found) < 2 {
		found = append(found, n.best(2-len(found), func(one note) bool { return one.kind == 'F' || one.kind == 'A' })...)
	}
	for _, one := range found {
		lines = append(lines, one.line('S'))
	}
	return lines
}

// kinds are decisions, tasks and open questions, of at most half of the notes.
func (n notes) kinds(most int) (lines []string) {
	for _, kind := range []byte{'D', 'A', 'Q'} {
		for _, one := range n.best(min(mostOfKind, max(most/6, 1)), func(one note) bool { return one.kind == kind }) {
			lines = append(lines, one.line(kind))
		}
	}
	return lines
}

// facts are the weightiest of the other sentences, as many from the beginning, the middle and the end.
func (n notes) facts(most int) (lines []string) {
	third := func(i int) notes { return n[i*len(n)/3 : (i+1)*len(n)/3] }
	for i := range 3 {
		for _, one := range third(i).best((most+2-i)/3, func(one note) bool { return one.kind == 'F' }) {
			lines = append(lines, one.line('F'))
		}
	}
	return lines
}
