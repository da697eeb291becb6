package bots

import "strings"

// link writes the link or image that begins at start, with its bracket at open, and gives its length, 0 if there is
// none.
func (s *scan) link(start, open, end, depth int) int {
	label, ok := s.close[open]
	if !ok || label+1 >= end || s.src[label+1] != '(' || depth >= deepestLink {
		return 0
	}
	dest, n := destination(s.src[label+1 : end])
	if n == 0 {
		return 0
	}
	image, stop := start < open, label+1+n
	text := s.src[open+1 : label]
	switch {
	case s.urls.has(dest):
		s.out.WriteByte('[')
		if image && strings.TrimSpace(text) == "" {
			s.out.WriteString("image")
		}
		s.text(open+1, label, depth+1)
		s.out.WriteString("]" + s.src[label+1:stop])
	case dest == "" || dest[0] == '#':
		s.text(open+1, label, depth+1)
	case strings.TrimSpace(text) == "" || strings.TrimSpace(text) == dest:
		s.codeSpan(dest)
	default:
		s.text(open+1, label, depth+1)
		s.out.WriteString(" (")
		s.codeSpan(dest)
		s.out.WriteByte(')')
	}
	return stop - start
}

// longestDestination bounds the search for the end of a destination; what is longer is text.
const longestDestination = 4096

// destination reads "(dest "title")" and gives its length, 0 if it is something else.
func destination(src string) (dest string, n int) {
	i := 1 + space(src[1:])
	switch {
	case i >= len(src):
		return "", 0
	case src[i] == '<':
		stop := strings.IndexAny(src[i:], ">\n")
		if stop < 0 || src[i+stop] != '>' {
			return "", 0
		}
		dest = src[i+1 : i+stop]
		i += stop + 1
	default:
		from, depth := i, 0
	loop:
		for ; i < len(src); i++ {
			switch c := src[i]; {
			case c == '\\' && i+1 < len(src) && src[i+1] > ' ':
				i++
			case c == ' ' || c == '\t' || c == '\n' || c == '\r':
				break loop
			case i-from > longestDestination:
				return "", 0
			case c == '(':
				depth++
			case c == ')':
				if depth == 0 {
					break loop
				}
				depth--
			}
		}
		dest = src[from:min(i, len(src))]
	}
	i += space(src[min(i, len(src)):])
	if i < len(src) && strings.IndexByte(`"'(`, src[i]) >= 0 {
		quote := src[i]
		if quote == '(' {
			quote = ')'
		}
		stop := strings.IndexByte(src[i+1:], quote)
		if stop < 0 {
			return "", 0
		}
		i += stop + 2
		i += space(src[i:])
	}
	if i >= len(src) || src[i] != ')' {
		return "", 0
	}
	return dest, i + 1
}

// space is the length of the white space that s begins with.
func space(s string) int {
	return len(s) - len(strings.TrimLeft(s, " \t\r\n"))
}
