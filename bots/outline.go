package bots

import (
	"sort"
	"strings"
	"sync"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// rank says how good a place for a cut is; higher is better.
type rank uint8

const (
	rankNever    rank = iota // only where nothing else is left
	rankGrapheme             // between two user-perceived characters
	rankBreak                // where Unicode allows a line break
	rankRough                // at white space within code, a table row, a link or emphasis
	rankSpace                // at other white space
	rankSentence             // between sentences
	rankLine                 // between lines of a paragraph or of code, between table rows
	rankGap                  // at a blank line within code
	rankInner                // between blocks within a list item or a quotation
	rankItem                 // between list items; nested ones count as rankInner
	rankBlock                // between blocks
)

// line is a line of the source, its end included, and what the block structure says of it.
type line struct {
	start, end int
	// rank of a cut before the line.
	rank rank
	// known says that a block covers the line; blank lines and fence markers are not covered.
	known bool
	// begins says that a block begins in the line.
	begins bool
	// container is the width of the list indentation that the line stands in, 0 in quotations.
	container int
	quoted    bool
	fence     *fence
	table     *table
}

// fence is a fenced code block, by line numbers.
type fence struct {
	open, first, last int
	// marker is the run of backticks or tildes; prefix is what stands before it, list markers made spaces.
	prefix, marker, info string
	// closed says that line last+1 closes it.
	closed bool
}

// table is a table, by line numbers; its delimiter row is header+1. prefix is what stands before the header row, list
// markers made spaces.
type table struct {
	header, last int
	prefix       string
}

// longestMarker bounds what stands in the opening line of a fence that can be reopened; a longer one is text.
const longestMarker = 40

// outline is the block structure of a text, line by line.
type outline struct {
	src    string
	lines  []line
	fences []*fence
}

// blockParser parses blocks only: inline syntax does not matter to an outline. It is made once: that costs more than to
// parse an answer.
var blockParser = sync.OnceValue(func() parser.Parser {
	return parser.NewParser(
		parser.WithBlockParsers(
			util.Prioritized(parser.NewSetextHeadingParser(), 100),
			util.Prioritized(parser.NewThematicBreakParser(), 200),
			util.Prioritized(parser.NewListParser(), 300),
			util.Prioritized(parser.NewListItemParser(), 400),
			util.Prioritized(parser.NewCodeBlockParser(), 500),
			util.Prioritized(parser.NewATXHeadingParser(), 600),
			util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
			util.Prioritized(parser.NewBlockquoteParser(), 800),
			util.Prioritized(parser.NewHTMLBlockParser(), 900),
			util.Prioritized(parser.NewParagraphParser(), 1000)),
		parser.WithParagraphTransformers(util.Prioritized(extension.NewTableParagraphTransformer(), 200)),
	)
})

// newOutline looks at the blocks of a text.
func newOutline(src string) outline {
	o := outline{src: src}
	for start := 0; start < len(src); {
		end := len(src)
		if i := strings.IndexByte(src[start:], '\n'); i >= 0 {
			end = start + i + 1
		}
		o.lines = append(o.lines, line{start: start, end: end, rank: rankLine})
		start = end
	}
	o.blocks(blockParser().Parse(text.NewReader(o.shallow())), place{})
	o.finishFences()
	o.glue()
	return o
}

// deepest bounds how many containers may begin in one line; the parser's time grows with the square of it.
const deepest = 60

// shallow is the source with containers beyond the deepest made plain text.
func (o *outline) shallow() []byte {
	src := []byte(o.src)
	for _, l := range o.lines {
		markers := 0
		for i := l.start; i < l.end; i++ {
			switch c := src[i]; {
			case strings.IndexByte(">-+*.)", c) >= 0:
				if markers++; markers > deepest {
					src[i] = 'x'
				}
			case c != ' ' && c != '\t' && (c < '0' || c > '9'):
				i = l.end
			}
		}
	}
	return src
}

// place is where a block stands.
type place struct {
	items, container int
	quoted           bool
}

// blocks notes the children of parent.
func (o *outline) blocks(parent ast.Node, at place) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.List:
			o.list(n, at)
		case *ast.Blockquote:
			o.begin(n.Pos(), o.blockRank(at), at)
			inner := at
			inner.quoted, inner.container, inner.items = true, 0, at.items+1
			o.blocks(n, inner)
		case *ast.FencedCodeBlock:
			o.fenced(n, at)
		case *extast.Table:
			o.tabled(n, at)
		case *ast.ThematicBreak:
			o.begin(n.Pos(), o.blockRank(at), at)
		default:
			o.leaf(n, at)
		}
	}
}

// blockRank is the rank of a cut before a block that stands at.
func (o *outline) blockRank(at place) rank {
	if at.items == 0 {
		return rankBlock
	}
	return rankInner
}

// begin notes that a block begins in the line that holds pos; the outermost block of a line decides its rank.
func (o *outline) begin(pos int, r rank, at place) *line {
	if pos < 0 || len(o.lines) == 0 {
		return nil
	}
	l := &o.lines[o.lineAt(min(pos, len(o.src)-1))]
	if !l.known {
		l.known, l.rank, l.begins = true, r, r >= rankInner
		if !at.quoted {
			l.container = at.container
		}
	}
	l.quoted = l.quoted || at.quoted
	return l
}

func (o *outline) list(list *ast.List, at place) {
	for n := list.FirstChild(); n != nil; n = n.NextSibling() {
		item, ok := n.(*ast.ListItem)
		if !ok {
			continue
		}
		r := rankInner
		if at.items == 0 {
			r = rankItem
			if item.PreviousSibling() == nil {
				r = rankBlock
			}
		}
		o.begin(item.Pos(), r, at)
		inner := at
		inner.items++
		inner.container += item.Offset
		o.blocks(item, inner)
	}
}

// leaf notes a paragraph, heading, indented code or HTML block.
func (o *outline) leaf(n ast.Node, at place) {
	segments := n.Lines()
	for i := range segments.Len() {
		r := rankLine
		if i == 0 {
			r = o.blockRank(at)
		}
		o.begin(segments.At(i).Start, r, at)
	}
	if segments.Len() == 0 {
		o.begin(n.Pos(), o.blockRank(at), at)
		return
	}
	heading, ok := n.(*ast.Heading)
	if !ok {
		return
	}
	last := o.lineAt(segments.At(segments.Len() - 1).Start)
	if heading.Level <= 2 && last+1 < len(o.lines) && !o.lines[last+1].known {
		if under := strings.Trim(o.src[o.lines[last+1].start:o.lines[last+1].end], "> \t\r\n"); under != "" &&
			strings.Trim(under, under[:1]) == "" && strings.Contains("=-", under[:1]) && !strings.HasPrefix(o.content(last), "#") {
			o.begin(o.lines[last+1].start, rankNever, at) // the underline that makes the heading
		}
	}
}

func (o *outline) fenced(n *ast.FencedCodeBlock, at place) {
	if o.begin(n.Pos(), o.blockRank(at), at) == nil {
		return
	}
	open := o.lineAt(n.Pos())
	f := &fence{open: open, first: open + 1, last: open}
	opener := strings.TrimRight(o.src[n.Pos():o.lines[open].end], " \t\r\n")
	if opener == "" {
		return
	}
	f.info = strings.TrimLeft(opener, opener[:1])
	f.marker, f.info = opener[:len(opener)-len(f.info)], strings.TrimSpace(f.info)
	f.prefix = blankMarkers(o.src[o.lines[open].start:n.Pos()])
	if len(f.marker) > longestMarker || len(f.prefix) > longestMarker {
		return
	}
	for i := range n.Lines().Len() {
		l := o.begin(min(n.Lines().At(i).Start, len(o.src)-1), rankLine, at)
		f.last = max(f.last, o.lineAt(min(n.Lines().At(i).Start, len(o.src)-1)))
		if i == 0 {
			l.rank = rankNever
		} else if o.blank(f.last - 1) {
			l.rank = rankGap
		}
	}
	o.fences = append(o.fences, f)
}

// finishFences finds the closing line of each fence, now that every block is known.
func (o *outline) finishFences() {
	for _, f := range o.fences {
		for i := f.open; i <= f.last; i++ {
			o.lines[i].fence = f
		}
		rest := f.last + 1
		for rest < len(o.lines) && o.blank(rest) {
			rest++
		}
		for ; rest == len(o.lines) && f.last+1 < rest; f.last++ { // blank lines at the end do not close it
			o.lines[f.last+1].known, o.lines[f.last+1].fence = true, f
		}
		if c := f.last + 1; c < len(o.lines) && !o.lines[c].known {
			run := strings.TrimRight(o.content(c), " \t\r\n")
			if len(run) >= len(f.marker) && strings.Trim(run, f.marker[:1]) == "" {
				f.closed = true
				o.lines[c].known, o.lines[c].rank, o.lines[c].fence = true, rankNever, f
				o.lines[c].container = o.lines[f.open].container
			}
		}
	}
}

func (o *outline) tabled(n *extast.Table, at place) {
	t := &table{header: -1}
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		if row.Pos() < 0 {
			continue
		}
		i := o.lineAt(row.Pos())
		if t.header < 0 {
			t.header = i
			t.prefix = blankMarkers(o.src[o.lines[i].start:row.Pos()])
			o.begin(row.Pos(), o.blockRank(at), at)
			if i+1 < len(o.lines) {
				o.begin(o.lines[i+1].start, rankNever, at)
				o.lines[i+1].table = t
			}
		} else if l := o.begin(row.Pos(), rankLine, at); i <= t.header+2 {
			l.rank = rankNever
		}
		o.lines[i].table = t
		t.last = i
	}
}

// glue lowers the rank of a cut that would part a heading, or a line that announces something, from what follows.
func (o *outline) glue() {
	prev := -1
	for i := range o.lines {
		if o.blank(i) {
			continue
		}
		if l := &o.lines[i]; prev >= 0 && l.rank >= rankInner && o.lines[prev].fence == nil {
			switch before := strings.TrimRight(o.content(prev), " \t\r\n"); {
			case strings.HasPrefix(before, "#"):
				l.rank = rankSpace
			case strings.HasSuffix(before, ":") && l.rank == rankBlock:
				l.rank = rankInner
			}
		}
		prev = i
	}
}

// lineAt is the number of the line that holds the byte at pos; the end of the text belongs to the last line.
func (o *outline) lineAt(pos int) int {
	return sort.Search(len(o.lines), func(i int) bool { return o.lines[i].start > pos }) - 1
}

// lineStart says whether a line starts at pos.
func (o *outline) lineStart(pos int) bool {
	return pos == 0 || o.src[pos-1] == '\n'
}

// blank says whether line i holds nothing but white space and quotation markers.
func (o *outline) blank(i int) bool {
	if f := o.lines[i].fence; f != nil && !strings.Contains(f.prefix, ">") {
		return strings.TrimSpace(o.src[o.lines[i].start:o.lines[i].end]) == ""
	}
	return strings.TrimSpace(o.content(i)) == ""
}

// content is line i without indentation and quotation markers.
func (o *outline) content(i int) string {
	return strings.TrimLeft(o.src[o.lines[i].start:o.lines[i].end], "> \t")
}

// fenceAt is the fence that a cut at pos would leave open, or nil.
func (o *outline) fenceAt(pos int) *fence {
	if len(o.lines) == 0 {
		return nil
	}
	i := o.lineAt(pos)
	f := o.lines[i].fence
	switch {
	case pos == len(o.src) && o.lineStart(pos):
		// After the last line: open if that line belongs to a fence and does not close it.
		if f == nil || f.closed && i == f.last+1 {
			return nil
		}
		return f
	case f == nil:
		return nil
	case i == f.open && pos < o.lines[i].start+len(f.prefix)+len(f.marker):
		return nil
	case i == f.last+1 && (pos == len(o.src) || len(strings.TrimLeft(o.src[o.lines[i].start:pos], "> \t")) >= len(f.marker)):
		return nil
	}
	return f
}

// blankMarkers makes list markers spaces and keeps quotation markers, so that a line can continue the containers
// that prefix opens.
func blankMarkers(prefix string) string {
	return strings.Map(func(r rune) rune {
		if r == '>' || r == '\t' {
			return r
		}
		return ' '
	}, prefix)
}
