package bots

import "strings"

// Printable takes out of foreign text, such as a model's, the characters that people do not see and that steer what shows
// them: the control characters of C0 and C1 and DEL, with which a text drives a terminal or hides a sign from a check, and those
// that turn the direction of the text around them, embeddings, overrides and isolates, with which a link, a name or a line
// of code reads as something else than what it is (trojansource.codes). Line ends and tabs stay; each kind of line end
// becomes "\n". Printable(Printable(s)) is Printable(s), and Printable is never longer than s, in bytes, but for bytes that are
// no UTF-8.
func Printable(s string) string {
	if !strings.ContainsFunc(s, steers) {
		return s
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case steers(r):
			return -1
		}
		return r
	}, s)
}

func steers(r rune) bool {
	return r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}
