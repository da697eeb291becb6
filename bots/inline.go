package bots

import "strings"

// inline follows inline Markdown far enough to say whether a place lies within a code span, a link or strong
// emphasis. It errs to either side in odd texts: it only makes one cut better than another.
type inline struct {
	ticks   int // length of the run that opened a code span
	run     int // backticks just read
	label   int // depth of [
	target  bool
	escaped bool
	marks   map[string]bool
	last    string
}

// feed takes the next grapheme.
func (s *inline) feed(cluster string) {
	if cluster == "`" && !s.escaped {
		s.run++
		s.last = cluster
		return
	}
	if s.run > 0 {
		switch s.ticks {
		case 0:
			s.ticks = s.run
		case s.run:
			s.ticks = 0
		}
		s.run = 0
	}
	last := s.last
	s.last = cluster
	switch {
	case s.ticks > 0:
	case s.escaped:
		s.escaped = false
		s.last = ""
	case cluster == `\`:
		s.escaped = true
	case cluster == "[":
		s.label++
	case cluster == "]" && s.label > 0:
		s.label--
	case cluster == "(" && last == "]":
		s.target = true
	case cluster == ")":
		s.target = false
	case len(cluster) == 1 && strings.Contains("*_~|", cluster) && last == cluster:
		if s.marks == nil {
			s.marks = make(map[string]bool)
		}
		if s.marks[cluster] {
			delete(s.marks, cluster)
		} else {
			s.marks[cluster] = true
		}
		s.last = ""
	}
}

// open says whether a cut here would part a span.
func (s *inline) open() bool {
	return s.ticks > 0 || s.run > 0 || s.label > 0 || s.target || len(s.marks) > 0
}
