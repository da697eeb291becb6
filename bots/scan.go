package bots

import "strings"

// deepestLink bounds how far links and images may stand in each other's text.
const deepestLink = 8

// scan makes one stretch of inline Markdown inert.
type scan struct {
	src  string
	urls urlSet
	// code gives the end of the code span that begins at an index, 0 for a run of backticks that opens none.
	code map[int]int
	// close gives the bracket that closes the one at an index.
	close map[int]int
	// changed says that inline code was written; only then must stray backticks be escaped.
	changed, escape bool
	out             strings.Builder
}

func newScan(src string, urls urlSet) *scan {
	s := &scan{src: src, urls: urls}
	if strings.IndexByte(src, '`') >= 0 {
		s.findCode()
	}
	if strings.IndexByte(src, '[') >= 0 {
		s.findBrackets()
	}
	return s
}

// run is a run of backticks.
type run struct{ start, length, line int }

// findCode pairs runs of backticks of equal length within a line. CommonMark lets a span go on in the next line, not
// every platform does: such a span counts as text.
func (s *scan) findCode() {
	s.code = make(map[int]int)
	var runs []run
	line := 0
	for i := 0; i < len(s.src); i++ {
		switch s.src[i] {
		case '\n':
			line++
		case '`':
			r := run{start: i, line: line}
			for i < len(s.src) && s.src[i] == '`' {
				i++
			}
			r.length = i - r.start
			runs = append(runs, r)
			i--
		}
	}
	next := make([]int, len(runs)) // the next run of the same length in the same line, 0 for none
	last := make(map[[2]int]int)
	for i := len(runs) - 1; i >= 0; i-- {
		key := [2]int{runs[i].length, runs[i].line}
		next[i] = last[key]
		last[key] = i
	}
	for i := 0; i < len(runs); i++ {
		r := runs[i]
		if escaped(s.src, r.start) { // the first backtick stands for itself, the rest is a shorter run
			s.code[r.start] = 0
			r = run{r.start + 1, r.length - 1, r.line}
			if r.length == 0 {
				continue
			}
			next[i] = 0
			for j := i + 1; j < len(runs) && runs[j].line == r.line; j++ {
				if runs[j].length == r.length {
					next[i] = j
					break
				}
			}
		}
		s.code[r.start] = 0
		if j := next[i]; j > 0 {
			s.code[r.start] = runs[j].start + runs[j].length
			i = j
		}
	}
}

// escaped says whether an odd number of backslashes stands before i.
func escaped(s string, i int) bool {
	n := 0
	for n < i && s[i-n-1] == '\\' {
		n++
	}
	return n%2 == 1
}

// findBrackets pairs square brackets outside code.
func (s *scan) findBrackets() {
	s.close = make(map[int]int)
	var open []int
	for i := 0; i < len(s.src); i++ {
		switch s.src[i] {
		case '\\':
			i++
		case '`':
			if end := s.code[i]; end > 0 {
				i = end - 1
			}
		case '[':
			open = append(open, i)
		case ']':
			if n := len(open); n > 0 {
				s.close[open[n-1]] = i
				open = open[:n-1]
			}
		}
	}
}

// inert gives the stretch with everything live in it made text.
func (s *scan) inert() string {
	s.text(0, len(s.src), 0)
	if s.changed && !s.escape {
		for _, end := range s.code {
			if end == 0 { // a stray backtick could pair with one that was written
				s.escape = true
				s.out.Reset()
				s.text(0, len(s.src), 0)
				break
			}
		}
	}
	return s.out.String()
}

// text writes src[i:end].
func (s *scan) text(i, end, depth int) {
	for i < end {
		if n := s.token(i, end, depth); n > 0 {
			i += n
			continue
		}
		n := 1
		if word(s.src[i]) {
			for i+n < end && word(s.src[i+n]) {
				n++
			}
		}
		s.out.WriteString(s.src[i : i+n])
		i += n
	}
}

// word says whether c may stand in a scheme or a domain.
func word(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '.' || c == '-'
}

// token writes what begins at i if it is more than plain text, and gives its length, else 0.
func (s *scan) token(i, end, depth int) int {
	switch c := s.src[i]; {
	case c == '\\':
		if i+1 < end && s.src[i+1] < 0x80 && !word(s.src[i+1]) && s.src[i+1] != '`' {
			s.out.WriteString(s.src[i : i+2])
			return 2
		}
	case c == '`':
		return s.backticks(i, end)
	case c == '!' && i+1 < end && s.src[i+1] == '[':
		return s.link(i, i+1, end, depth)
	case c == '[':
		if head := strings.TrimRight(s.src[:i], "> \t"); head == "" || head[len(head)-1] == '\n' {
			if m := definition.FindStringSubmatch(s.src[i:end]); m != nil && !s.urls.has(m[1]) {
				s.out.WriteString(`\[`)
				return 1
			}
		}
		return s.link(i, i, end, depth)
	case c == '<':
		return s.autolink(s.src[i:end])
	case c == '@':
		if m := crowd.FindString(s.src[i:end]); m != "" && !address(s.src, i, i+len(m)) {
			s.out.WriteString("@" + joiner + m[1:])
			return len(m)
		}
	case word(c):
		return s.bare(s.src[i:end])
	}
	return 0
}

// address says whether src[at:end], which begins with @, stands within an e-mail address.
func address(src string, at, end int) bool {
	return at > 0 && word(src[at-1]) && end+1 < len(src) && src[end] == '.' && word(src[end+1])
}

func (s *scan) backticks(i, end int) int {
	if stop := s.code[i]; stop > 0 && stop <= end {
		if s.changed {
			s.apart()
		}
		s.out.WriteString(s.src[i:stop])
		return stop - i
	}
	n := 1
	for i+n < end && s.src[i+n] == '`' {
		n++
	}
	if !s.escape {
		s.out.WriteString(s.src[i : i+n])
		return n
	}
	if escaped(s.src, i) {
		s.out.WriteByte('`')
		return 1
	}
	s.out.WriteString(strings.Repeat("\\`", n))
	return n
}

// codeSpan writes inline code.
func (s *scan) codeSpan(text string) {
	s.apart()
	s.changed = true
	s.out.WriteString("`" + strings.ReplaceAll(text, "`", "%60") + "`")
}

// apart keeps what is written next from joining a run of backticks.
func (s *scan) apart() {
	if strings.HasSuffix(s.out.String(), "`") {
		s.out.WriteByte(' ')
	}
}

// bare writes a bare URL.
func (s *scan) bare(src string) int {
	n := strings.IndexFunc(src, func(r rune) bool { return r >= 0x80 || !word(byte(r)) })
	if n < 0 || n == len(src) || strings.IndexByte(`:\&/`, src[n]) < 0 && !strings.EqualFold(src[:min(4, n)], "www.") {
		return 0
	}
	url := trimURL(bareURL.FindString(src))
	switch {
	case url == "":
		return 0
	case s.urls.has(url):
		s.out.WriteString(url)
	default:
		s.codeSpan(url)
	}
	return len(url)
}

// labelMarks takes from a label what could act.
var labelMarks = strings.NewReplacer("`", "'", "://", ":"+joiner+"//", "[", "(", "]", ")")

func (s *scan) autolink(src string) int {
	m := autolink.FindStringSubmatch(src)
	if m == nil || strings.HasPrefix(strings.ToLower(m[1]), "mailto:") {
		return 0
	}
	switch url, label := m[1], m[2]; {
	case !s.urls.has(url):
		if label != "" && label != url {
			s.out.WriteString(labelMarks.Replace(label) + " ")
		}
		s.codeSpan(url)
	case label != "":
		s.out.WriteString("[" + labelMarks.Replace(label) + "](" + url + ")")
	default:
		s.out.WriteString(m[0])
	}
	return len(m[0])
}
