package bots

import (
	"strings"
	"unicode/utf8"
)

// MinLimit is the smallest limit that Split honours; a smaller one counts as MinLimit. Below it the markers of a
// reopened fence would leave no room for text.
const MinLimit = 200

// SplitOptions says how large a part may be.
type SplitOptions struct {
	// Limit is the most that one part may cost, in the units of Measure. At least MinLimit.
	Limit int
	// Measure gives a part's cost as the platform counts it, after rendering and escaping; nil counts runes.
	// It must be a pure function, should not shrink when text is appended, and must give a single rune no more
	// than a twentieth of the limit: such a rune could not be sent at all and would be let through.
	Measure func(string) int
}

// Part is one message's worth of a text.
type Part struct {
	// Text is what to send. It is never blank, and it is complete Markdown in itself: an open fence is closed and
	// opened again in the next part, a cut table repeats its header, a nested list item that begins a part is
	// moved to the left.
	Text string
	// Source is the piece of the original text that Text stands for. The sources of all parts, joined, are the
	// original, byte for byte.
	Source string
}

// Join gives back the text that SplitParts was given, except where that was blank and gave no parts.
func Join(parts []Part) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p.Source)
	}
	return b.String()
}

// Split cuts Markdown into texts that each fit one message. It is SplitParts without the sources.
func Split(markdown string, o SplitOptions) []string {
	parts := SplitParts(markdown, o)
	if len(parts) == 0 {
		return nil
	}
	texts := make([]string, len(parts))
	for i, p := range parts {
		texts[i] = p.Text
	}
	return texts
}

// SplitParts cuts Markdown into parts that each cost at most o.Limit. A text that fits is one part; a blank text is
// none. A cut is made between blocks if that leaves the part reasonably full, else between list items, lines of
// code or table rows, then between sentences, words, and at last between user-perceived characters.
//
// A fence that is open at the end of the text, as happens while a model streams, is closed in the part.
//
// The cuts depend only on the text before them, so that parts which have a successor stay as they are when text
// is appended. Exceptions: a line of which fewer than twelve characters lie within the part may turn out to be
// something else (a table's header once its delimiter row arrives, a paragraph that a row of dashes makes a
// heading, a list marker that was none), and a Measure that shrinks as text is appended.
//
// The time is linear in the text, apart from the calls of Measure, of which there are about ten for each part, each
// with a text of about a part's length.
func SplitParts(markdown string, o SplitOptions) []Part {
	if strings.TrimSpace(markdown) == "" {
		return nil
	}
	s := splitter{outline: newOutline(markdown), limit: max(o.Limit, MinLimit), measure: o.Measure}
	if s.measure == nil {
		s.measure = utf8.RuneCountInString
	}
	var parts []Part
	blank := "" // source of which nothing is visible, to go with the first part that has text
	for pos := 0; pos < len(markdown); {
		p := s.at(pos)
		end := p.window()
		if end < len(markdown) {
			end = p.choose(end)
		}
		next := s.swallow(end)
		source, text := markdown[pos:next], p.text(end)
		pos = next
		switch {
		case strings.TrimSpace(source) != "" && strings.TrimSpace(text) != "":
			parts = append(parts, Part{Text: text, Source: blank + source})
			blank = ""
		case len(parts) > 0:
			parts[len(parts)-1].Source += source
		default:
			blank += source
		}
	}
	return parts
}

// splitter cuts one text.
type splitter struct {
	outline
	limit   int
	measure func(string) int
}

// fits says whether a part that ends at end is within the limit.
func (p *part) fits(end int) bool {
	return p.s.measure(p.text(end)) <= p.s.limit
}

// window finds how far a part may reach: the largest end, between two graphemes, that still fits. It gallops from a
// first guess and then closes in by interpolation, since a cost is nearly proportional to length.
func (p *part) window() int {
	src := p.s.src
	lo, loCost := p.start, 0 // fits
	var hi, hiCost int       // does not
	for step := p.s.limit; ; step *= 2 {
		try := runeStart(src, min(p.start+step, len(src)))
		cost := p.s.measure(p.text(try))
		if cost > p.s.limit {
			hi, hiCost = try, cost
			break
		}
		if try == len(src) {
			return try
		}
		lo, loCost = try, cost
	}
	for round := 0; ; round++ {
		try := lo + (hi-lo)/2
		if round%3 != 2 && hiCost > loCost { // every third step halves, so that a strange Measure costs little
			try = lo + int(int64(hi-lo)*int64(p.s.limit-loCost)/int64(hiCost-loCost))
		}
		_, first := utf8.DecodeRuneInString(src[lo:])
		_, last := utf8.DecodeLastRuneInString(src[:hi])
		if lo+first >= hi {
			return p.s.graphemeStart(p.start, lo)
		}
		try = runeStart(src, min(max(try, lo+first), hi-last))
		if cost := p.s.measure(p.text(try)); cost > p.s.limit {
			hi, hiCost = try, cost
		} else {
			lo, loCost = try, cost
		}
	}
}

// runeStart moves i back to where a rune starts. Bytes that are no UTF-8 stand for themselves.
func runeStart(s string, i int) int {
	for j := i - 1; j >= 0 && j > i-utf8.UTFMax && i < len(s); j-- {
		if utf8.RuneStart(s[j]) {
			if _, n := utf8.DecodeRuneInString(s[j:]); n > i-j {
				return j
			}
			break
		}
	}
	return i
}

// swallow moves a cut over what the next part need not repeat: blank lines, spaces within a line of text, and the
// closing line of a fence that the part has closed already.
func (s *splitter) swallow(end int) int {
	f := s.fenceAt(end)
	if !s.lineStart(end) {
		rest := s.src[end:s.lines[s.lineAt(end)].end]
		if trimmed := strings.TrimLeft(rest, " \t\r\n"); f == nil || trimmed == "" {
			end += len(rest) - len(trimmed)
		}
	}
	for end < len(s.src) && s.lineStart(end) {
		line := s.lineAt(end)
		if !s.blank(line) && (f == nil || !f.closed || line != f.last+1) {
			break
		}
		end = s.lines[line].end
	}
	return end
}
