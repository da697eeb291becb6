package bots

import "unicode/utf16"

// Units is the length of a text in UTF-16 code units: the largest of the ways in which the platforms may count
// characters, neither of which documents one.
func Units(s string) int {
	n := 0
	for _, r := range s {
		n += max(utf16.RuneLen(r), 1)
	}
	return n
}
