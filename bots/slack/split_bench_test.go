package slack

import (
	"strings"
	"testing"
)

// BenchmarkSplit splits an answer of 3,000 tokens, as each interim edit does.
func BenchmarkSplit(b *testing.B) {
	text := strings.Repeat("A sentence with **emphasis**, `code` and [a link](https://example.com/page) & more.\n\n", 140)
	a := Adapter{}
	for b.Loop() {
		a.Split(text, 80)
	}
}
