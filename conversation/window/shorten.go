package window

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Shorten cuts text in the middle until it costs at most limit tokens by the given count, and marks the place with
// how many characters are left out, so that neither the model nor a reader takes the rest for the whole. It never
// cuts a rune. count must not grow when text is taken away. A limit too small for the mark alone gives "".
func Shorten(text string, limit int, count func(string) int) string {
	if count(text) <= limit {
		return text
	}
	runes := utf8.RuneCountInString(text)
	low, high := 0, runes // the most runes that may stay: low fits or is 0, high does not
	best := ""
	for low < high {
		keep := (low + high + 1) / 2
		short := cut(text, runes, keep)
		if keep < runes && count(short) <= limit {
			low, best = keep, short
		} else {
			high = keep - 1
		}
	}
	if best == "" {
		if short := cut(text, runes, 0); count(short) <= limit {
			return short
		}
	}
	return best
}

// cut keeps two thirds of keep runes from the beginning and one third from the end.
func cut(text string, runes, keep int) string {
	head := keep * 2 / 3
	tail := keep - head
	mark := fmt.Sprintf("[… %d characters left out …]", runes-keep)
	return strings.TrimSpace(firstRunes(text, head) + "\n" + mark + "\n" + lastRunes(text, tail))
}

func firstRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

func lastRunes(s string, n int) string {
	i := len(s)
	for ; n > 0 && i > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(s[:i])
		i -= size
	}
	return s[i:]
}
