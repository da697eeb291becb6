package conversation

import (
	"strings"
	"unicode"
)

// The joiners of Unicode: without them Persian is misspelt, Indic letters take other forms, and an emoji falls into its parts.
const (
	nonJoiner = '\u200c'
	joiner    = '\u200d'
)

// Label makes of foreign text, such as a person's or a file's name, what may stand within a line of Parley's own: one line,
// without control characters, and without format characters (Unicode's category Cf), which are not seen and may turn the
// direction of what stands around them (unicode.org/reports/tr9, "Explicit Directional Formatting Characters"). Joiners
// stay between letters that may need them and within an emoji. It may be empty.
func Label(s string) string {
	var b strings.Builder
	var last, pending rune
	for _, r := range s {
		switch {
		case blank(r):
			r = ' '
		case r == joiner || r == nonJoiner:
			if joins(last) {
				pending = r
			}
			continue
		case unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r):
			continue
		}
		if pending != 0 && joins(r) {
			b.WriteRune(pending)
		}
		last, pending = r, 0
		b.WriteRune(r)
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// blank reports whether nothing is seen of a character that is no format character.
func blank(r rune) bool {
	switch r {
	case '\u2028', '\u2029', '\u115f', '\u1160', '\u3164', '\uffa0', '\u2800': // separators, fillers of Hangul, and Braille without a dot
		return true
	}
	return unicode.IsControl(r)
}

// joins reports whether a character may be joined with another: no Latin letter is.
func joins(r rune) bool {
	return r > '\u02ff' && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsSymbol(r))
}
