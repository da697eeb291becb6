package media

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Joiner puts the transcripts of a recording's pieces together, in order. Where two pieces overlap, the words that both
// heard are written once, also where the cut left half a word on either side; where a pause parts them nothing is
// compared, so that a repeated word stays repeated. The zero Joiner is ready.
type Joiner struct {
	text []byte
	last []word // the end of what is written, for the comparison
}

// joinWords bounds what half a second can hold: words of scripts with spaces, characters of those without.
const joinWords = 12

// Add appends the transcript of the next piece; overlap is its [Piece.Overlap].
func (j *Joiner) Add(text string, overlap time.Duration) {
	text = strings.ToValidUTF8(strings.TrimSpace(text), "\uFFFD")
	words := splitWords(text)
	from, twice := 0, false
	if overlap > 0 {
		if n := heardTwice(j.last, words); n > 0 {
			twice = true
			tail := j.last[len(j.last)-1]
			j.text, from = j.text[:tail.end], words[n-1].end
			if tail.text != words[n-1].text && strings.HasPrefix(words[n-1].text, tail.text) {
				j.text, from = j.text[:tail.start], words[n-1].start // half a word: the whole one takes its place
				j.last, n = j.last[:len(j.last)-1], n-1
			}
			words = words[n:]
		}
	}
	rest := text[from:]
	if !twice && j.needsSpace(words, rest) {
		j.text = append(j.text, ' ')
	}
	moved := len(j.text) - from
	j.text = append(j.text, rest...)
	for _, w := range words {
		w.start, w.end = w.start+moved, w.end+moved
		j.last = append(j.last, w)
	}
	j.last = j.last[max(0, len(j.last)-joinWords):]
}

// String gives all that was joined so far.
func (j *Joiner) String() string { return string(j.text) }

// needsSpace reports whether a space goes between what is written and what follows.
func (j *Joiner) needsSpace(next []word, rest string) bool {
	if len(j.text) == 0 || rest == "" {
		return false
	}
	return !(len(j.last) > 0 && j.last[len(j.last)-1].dense && len(next) > 0 && next[0].dense)
}

// word is a run of letters and digits, or one character of a script that is written without spaces.
type word struct {
	text       string // lower case
	start, end int    // its bytes in the text
	dense      bool   // of a script without spaces
}

// splitWords finds the words of a text. Apostrophes and hyphens between letters belong to the word, marks to their letter.
func splitWords(text string) []word {
	var words []word
	start, end := -1, 0
	flush := func() {
		if start >= 0 {
			words = append(words, word{text: strings.ToLower(text[start:end]), start: start, end: end})
			start = -1
		}
	}
	for at, r := range text {
		after := at + utf8.RuneLen(r)
		switch {
		case isDense(r):
			flush()
			words = append(words, word{text: string(r), start: at, end: after, dense: true})
		case unicode.IsMark(r) && start < 0 && len(words) > 0 && words[len(words)-1].end == at:
			last := &words[len(words)-1]
			last.text, last.end = last.text+string(r), after
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
			if start < 0 {
				start = at
			}
			end = after
		case start >= 0 && end == at && (r == '\'' || r == '’' || r == '-'):
			// Part of the word if a letter follows.
		case start >= 0 && end < at:
			flush()
		default:
			flush()
		}
	}
	flush()
	return words
}

// isDense reports whether a rune belongs to a script that puts no spaces between words.
func isDense(r rune) bool {
	return r >= 0x0e00 && unicode.IsLetter(r) && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana,
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// heardTwice gives the number of words at the start of next that repeat the end of last: the longest run that matches.
func heardTwice(last, next []word) int {
	for n := min(len(last), len(next), joinWords); n > 0; n-- {
		if sameRun(last[len(last)-n:], next[:n]) {
			return n
		}
	}
	return 0
}

// sameRun compares two runs of words of equal length. The first of b may be the tail of its partner, and the last of a the
// head of its partner; a single letter is too little to tell that from, two different words.
func sameRun(a, b []word) bool {
	for i := range a {
		x, y := a[i].text, b[i].text
		head := i == len(a)-1 && strings.HasPrefix(y, x) && (i > 0 || utf8.RuneCountInString(x) > 2)
		tail := i == 0 && strings.HasSuffix(x, y) && (len(a) > 1 || utf8.RuneCountInString(y) > 1)
		if x != y && !head && !tail {
			return false
		}
	}
	return true
}
