package bots

import "strings"

// part is a part that begins at start and whose end is still to be chosen.
type part struct {
	s     *splitter
	start int
	// head is what is repeated before the source: the opening line of a fence, the header of a table, or the marker of
	// a quotation.
	head string
	// dedent is by how many columns the lines of a list are moved to the left, because the items that they are
	// nested in stand in an earlier part.
	dedent int
}

// at begins a part.
func (s *splitter) at(start int) *part {
	p := &part{s: s, start: start}
	if start == 0 {
		return p
	}
	i := s.lineAt(start)
	l := s.lines[i]
	p.dedent = l.container
	switch f := s.fenceAt(start); {
	case f != nil:
		p.dedent = 0
		if !strings.Contains(f.prefix, ">") {
			p.dedent = columns(f.prefix)
		}
		p.setHead(dedent(f.prefix, p.dedent) + f.marker + f.info + "\n")
		if p.head == "" { // a long info string is not worth repeating
			p.head = dedent(f.prefix, p.dedent) + f.marker + "\n"
		}
	case l.table != nil && s.lineStart(start) && i > l.table.header+1:
		header, delimiter := s.lines[l.table.header], s.lines[l.table.header+1]
		p.setHead(dedent(l.table.prefix+s.src[header.start+len(l.table.prefix):header.end], p.dedent) +
			dedent(s.src[delimiter.start:delimiter.end], p.dedent))
	case l.quoted && !s.lineStart(start):
		text := s.src[l.start:start]
		p.setHead(text[:len(text)-len(strings.TrimLeft(text, "> \t"))])
	}
	return p
}

// setHead sets what the part repeats, unless it would take more than a third of the part.
func (p *part) setHead(head string) {
	if len(head) <= 4*p.s.limit && p.s.measure(head) <= p.s.limit/3 {
		p.head = head
	}
}

// text is the part as it is sent if it ends at end.
func (p *part) text(end int) string {
	body, left := p.s.src[p.start:end], p.dedent
	if p.dedent > 0 {
		body, left = p.moved(end)
	}
	body = strings.TrimRight(body, " \t\r\n")
	if p.head == "" {
		body = trimBlankLines(body)
	}
	f := p.s.fenceAt(end)
	if f == nil {
		return p.head + body
	}
	last := strings.TrimLeft(body[strings.LastIndexByte(body, '\n')+1:], "> \t")
	if n := len(last); n > 0 && n < len(f.marker) && strings.Trim(last, f.marker[:1]) == "" && !p.s.lineStart(end) {
		return p.head + body + f.marker[n:] // the closing line has begun to arrive
	}
	tail := dedent(f.prefix, left) + f.marker
	if body != "" {
		tail = "\n" + tail
	}
	return p.head + body + tail
}

// moved is the source up to end, moved to the left, and by how much its last line was moved. A line that is
// indented less belongs to an outer item: from there on, everything moves by no more than that.
func (p *part) moved(end int) (string, int) {
	var b strings.Builder
	left := p.dedent
	for pos := p.start; pos < end; {
		i := p.s.lineAt(pos)
		l := p.s.lines[i]
		stop := min(l.end, end)
		text := p.s.src[pos:stop]
		if pos == l.start {
			if (l.fence == nil || l.fence.open == i) && !p.s.blank(i) {
				left = min(left, columns(text))
			}
			text = dedent(text, left)
		}
		b.WriteString(text)
		pos = stop
	}
	return b.String(), left
}

// columns is the width of a line's indentation; a tab goes on to the next multiple of four.
func columns(line string) int {
	width := 0
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case ' ':
			width++
		case '\t':
			width += 4 - width%4
		default:
			return width
		}
	}
	return width
}

// dedent takes up to n columns of indentation from a line.
func dedent(line string, n int) string {
	width, i := 0, 0
	for i < len(line) && width < n {
		switch line[i] {
		case ' ':
			width++
		case '\t':
			width += 4 - width%4
		default:
			return line[i:]
		}
		i++
	}
	return strings.Repeat(" ", max(width-n, 0)) + line[i:]
}

// trimBlankLines takes blank lines from the beginning; the indentation of the first line of text stays.
func trimBlankLines(s string) string {
	text := strings.TrimLeft(s, " \t\r\n")
	return s[strings.LastIndexByte(s[:len(s)-len(text)], '\n')+1:]
}
