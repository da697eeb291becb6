package media

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

const (
	pageBytes = 4 << 10  // a page of a text is full at the end of the line that passes this
	lineBytes = 16 << 10 // a longer line is broken, at a space where there is one
)

// readText hands a text to emit, a few dozen lines at a time, each page with the number of its first line.
func readText(r io.Reader, emit func(Page) bool) error {
	lines := newLines(r)
	p := pager{emit: emit}
	for {
		line, number, err := lines.next()
		if errors.Is(err, io.EOF) {
			return p.flush()
		}
		if err != nil {
			return err
		}
		if err := p.add(line, "line "+number); err != nil {
			return err
		}
	}
}

// readTable hands comma or tab separated values to emit. Each page repeats the row of headings and bears the number of its
// first row; a quoted cell may hold line breaks.
func readTable(r io.Reader, emit func(Page) bool) error {
	lines := newLines(r)
	p := pager{emit: emit}
	row, quotes, n := "", 0, 0
	end := func() error {
		n++
		if n == 1 && len(row) < pageBytes/4 {
			p.head = row
		}
		err := p.add(row, fmt.Sprintf("row %d", n))
		row, quotes = "", 0
		return err
	}
	for {
		line, _, err := lines.next()
		if errors.Is(err, io.EOF) {
			if row != "" {
				if err := end(); err != nil {
					return err
				}
			}
			return p.flush()
		}
		if err != nil {
			return err
		}
		row += line
		quotes += strings.Count(line, `"`)
		// A quote that nobody closes would swallow the rest of the table.
		if quotes%2 == 0 || len(row) > lineBytes {
			if err := end(); err != nil {
				return err
			}
		}
	}
}

// pager gathers lines to pages.
type pager struct {
	emit func(Page) bool
	head string // repeated on each page but the first
	n    int
	mark string
	text strings.Builder
}

// add appends a line or paragraph; mark is its place, taken for the page that it begins. It returns errEnough when emit wants
// no more.
func (p *pager) add(text, mark string) error {
	for len(text) > lineBytes {
		at := breakLine([]byte(text[:lineBytes]))
		if err := p.add(text[:at], mark); err != nil {
			return err
		}
		text = text[at:]
	}
	if p.text.Len() > 0 && p.text.Len()+len(text) > lineBytes {
		if err := p.flush(); err != nil {
			return err
		}
	}
	if p.text.Len() == 0 {
		p.mark = mark
		if p.n > 0 {
			p.text.WriteString(p.head)
		}
	}
	p.text.WriteString(text)
	if p.text.Len() >= pageBytes {
		return p.flush()
	}
	return nil
}

// flush hands over what was gathered.
func (p *pager) flush() error {
	text := cleanText(p.text.String())
	p.text.Reset()
	if strings.TrimSpace(text) == "" {
		return nil
	}
	p.n++
	if !p.emit(Page{N: p.n, Mark: p.mark, Text: text}) {
		return errEnough
	}
	return nil
}

// lines gives the lines of a text of any encoding, in UTF-8, each with its number and its line break.
type lines struct {
	r      *bufio.Reader
	line   int
	column int // characters of this line given already
}

func newLines(r io.Reader) *lines {
	return &lines{r: bufio.NewReaderSize(decodeText(r), 4*lineBytes), line: 1}
}

// next gives a line, or of a line that is too long the next part; number is "12", or "12, character 4001".
func (l *lines) next() (text, number string, err error) {
	part, err := l.r.Peek(lineBytes)
	if len(part) == 0 || err != nil && !errors.Is(err, io.EOF) {
		return "", "", err
	}
	if end := bytes.IndexByte(part, '\n'); end >= 0 {
		part = part[:end+1]
	} else if err == nil {
		part = part[:breakLine(part)]
	}
	text = string(part)
	if _, err := l.r.Discard(len(part)); err != nil {
		return "", "", err
	}
	number = fmt.Sprint(l.line)
	if l.column > 0 {
		number = fmt.Sprintf("%d, character %d", l.line, l.column+1)
	}
	l.column += utf8.RuneCountInString(text)
	if strings.HasSuffix(text, "\n") {
		l.line, l.column = l.line+1, 0
	}
	return text, number, nil
}

// breakLine gives where to break a line that is too long: after a space, else between two characters.
func breakLine(part []byte) int {
	if at := bytes.LastIndexByte(part, ' ') + 1; at > len(part)/2 {
		return at
	}
	for at := len(part) - 1; at > len(part)-utf8.UTFMax; at-- {
		if utf8.RuneStart(part[at]) {
			return at
		}
	}
	return len(part)
}

// decodeText makes UTF-8 of a text: by its byte order mark; as UTF-16 where every other byte is zero; as it is where its
// beginning is UTF-8; else as Windows-1252, which Latin-1 is a part of.
func decodeText(r io.Reader) io.Reader {
	b := bufio.NewReaderSize(r, 64<<10)
	head, _ := b.Peek(64 << 10)
	var from encoding.Encoding
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		from = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case zeros(head, 1):
		from = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case zeros(head, 0):
		from = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	case validStart(head):
		from = unicode.UTF8BOM
	default:
		from = charmap.Windows1252
	}
	return transform.NewReader(b, from.NewDecoder())
}

// zeros reports whether most bytes at even (0) or odd (1) places are zero and most others are not.
func zeros(head []byte, odd int) bool {
	count := [2]int{}
	for i, c := range head {
		if c == 0 {
			count[i%2]++
		}
	}
	return len(head) >= 8 && count[odd] > len(head)/3 && count[1-odd] < len(head)/20
}

// validStart reports whether a text begins as UTF-8; the end of head may cut a character.
func validStart(head []byte) bool {
	for cut := 0; cut < utf8.UTFMax && cut <= len(head); cut++ {
		if utf8.Valid(head[:len(head)-cut]) {
			return true
		}
	}
	return false
}

// cleanText makes text of any source safe to handle on: valid UTF-8, line breaks as \n, no other control characters, no
// trailing space.
func cleanText(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\r\n", "\n")
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case r == '\r', r == '\v', r == '\f', r == 0x85, r == 0x2028, r == 0x2029:
			return '\n'
		case r == 0x00a0:
			return ' '
		case r < 0x20, r >= 0x7f && r < 0xa0, r == 0xfeff, r >= 0xfff0 && r < 0xfffc, r == 0xfffe, r == 0xffff:
			return -1
		}
		return r
	}, text)
	return strings.TrimRight(text, " \t\n")
}
