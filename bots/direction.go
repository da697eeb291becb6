package bots

import "strings"

// undirected takes out the characters that turn the direction of the text around them: embeddings, overrides and isolates.
// With them a link, a name or a line of code reads as something else than what it is (trojansource.codes).
func undirected(s string) string {
	if !strings.ContainsAny(s, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069") {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' {
			return -1
		}
		return r
	}, s)
}
