package bots

import (
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// tier is a rank of cut that is good enough when it leaves the part at least fill percent full.
type tier struct {
	rank rank
	fill int
}

// tiers are tried in this order.
var tiers = [...]tier{
	{rankBlock, 40}, {rankItem, 50}, {rankInner, 50}, {rankGap, 50}, {rankLine, 50}, {rankSentence, 50}, {rankLine, 25},
	{rankSpace, 50}, {rankRough, 25}, {rankBreak, 10}, {rankRough, 0}, {rankGrapheme, 0},
}

// spot is a place for a cut.
type spot struct {
	pos  int
	rank rank
}

// choose finds the best end for a part that can reach to window and not to the end of the text.
func (p *part) choose(window int) int {
	if window <= p.start { // not even one rune fits: let it through rather than never end
		_, n := utf8.DecodeRuneInString(p.s.src[p.start:])
		return p.start + n
	}
	tried := make(map[int]bool)
	spots, inner := p.lineSpots(window), false
	for _, t := range tiers {
		if t.rank < rankLine && !inner {
			spots, inner = merge(spots, p.innerSpots(window)), true
		}
		least := p.start + (window-p.start)*t.fill/100
		for i := len(spots) - 1; i >= 0 && spots[i].pos >= least; i-- {
			if at := spots[i].pos; spots[i].rank >= t.rank && !tried[at] {
				if p.fits(at) {
					return at
				}
				tried[at] = true
			}
		}
	}
	// Only a marker that closes a fence, or a strange Measure, leads here.
	for end := window; end > p.start; end = p.start + (end-p.start)/2 {
		if at := p.s.graphemeStart(p.start, runeStart(p.s.src, end)); p.fits(at) {
			return at
		}
	}
	_, n := utf8.DecodeRuneInString(p.s.src[p.start:])
	return p.start + n
}

// certain is how many characters of a line must be in the window before it is believed what the line is.
const certain = 12

// lineSpots are the line starts within the window, in order.
func (p *part) lineSpots(window int) []spot {
	var spots []spot
	s := p.s
	text := false // whether there is any text before the cut
	for i := s.lineAt(p.start); i < len(s.lines) && s.lines[i].start < window; i++ {
		l := s.lines[i]
		if text && l.start > p.start && !s.blank(i) {
			seen := strings.TrimLeft(s.src[l.start:min(l.end, window)], " \t")
			if l.end <= window || len(seen) >= certain ||
				seen != "" && s.blank(i-1) && !strings.ContainsAny(seen[:1], "-+*0123456789`~|<>#=_") {
				spots = append(spots, spot{l.start, l.rank})
			}
		}
		text = text || !s.blank(i)
	}
	return spots
}

// innerSpots are places within lines, in order, and the window's end.
func (p *part) innerSpots(window int) []spot {
	s := p.s
	var spots []spot
	var span inline
	pos, state := p.start, -1
	rest := s.src[p.start:window]
	i := s.lineAt(p.start)
	text, code := false, s.dense(i)
	for rest != "" {
		var cluster string
		var bounds int
		cluster, rest, bounds, state = uniseg.StepString(rest, state)
		pos += len(cluster)
		span.feed(cluster)
		text = text || strings.TrimSpace(cluster) != ""
		if pos >= s.lines[i].end {
			i++
			if i < len(s.lines) && (s.lines[i].rank >= rankInner || s.blank(i)) {
				span = inline{}
			}
			code = i < len(s.lines) && s.dense(i)
			continue
		}
		if !text || rest == "" || rest[0] == '\n' || rest[0] == '\r' {
			continue
		}
		r := rankGrapheme
		switch space := cluster == " " || cluster == "\t"; {
		case space && (code || span.open()):
			r = rankRough
		case space && bounds&uniseg.MaskSentence != 0:
			r = rankSentence
		case space:
			r = rankSpace
		case bounds&uniseg.MaskSentence != 0 && !span.open():
			r = rankSentence
		case bounds&uniseg.MaskLine == uniseg.LineCanBreak && !span.open():
			r = rankBreak
		}
		if r > rankGrapheme || len(rest) < certain { // only the last graphemes matter
			spots = append(spots, spot{pos, r})
		}
	}
	return append(spots, spot{window, rankGrapheme})
}

// dense says whether line i is of a kind in which white space is no good place for a cut: code, or a row of a table,
// also of one whose delimiter row has not arrived yet.
func (o *outline) dense(i int) bool {
	return o.lines[i].fence != nil || o.lines[i].table != nil || strings.HasPrefix(o.content(i), "|")
}

// merge puts two ordered lists into one.
func merge(a, b []spot) []spot {
	all := make([]spot, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0].pos <= b[0].pos {
			all, a = append(all, a[0]), a[1:]
		} else {
			all, b = append(all, b[0]), b[1:]
		}
	}
	return append(append(all, a...), b...)
}

// graphemeStart moves pos back to where a grapheme begins. A cluster that fills the whole part is cut between runes.
func (s *splitter) graphemeStart(start, pos int) int {
	if pos >= len(s.src) || pos <= start {
		return pos
	}
	from := max(start, s.lines[s.lineAt(pos)].start)
	if from == pos && from > start {
		return pos
	}
	rest := s.src[from:min(len(s.src), pos+256)]
	for at, state := from, -1; rest != ""; {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if at+len(cluster) > pos {
			if at == start {
				return pos
			}
			return at
		}
		at += len(cluster)
	}
	return pos
}
