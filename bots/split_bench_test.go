package bots_test

import (
	"fmt"
	"strings"
	"testing"

	"parley/bots"
)

// answer is a text such as models write, of about n bytes.
func answer(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "## Part %d\n\n%s\n\n", i, strings.Repeat("A sentence with **bold** words and `code` in it, and a [link](https://example.org/). ", 6))
		b.WriteString("- an item\n  - an inner item\n- another item with some more words\n\n")
		b.WriteString("```go\n" + strings.Repeat("\tif err != nil {\n\t\treturn err\n\t}\n", 8) + "```\n\n")
		b.WriteString("| a | b |\n|---|---|\n" + strings.Repeat("| one | two |\n", 6) + "\n")
	}
	return b.String()
}

func BenchmarkSplit(b *testing.B) {
	escaping := func(s string) int { return len([]rune(bots.Inert(s, nil))) }
	for _, size := range []int{2_000, 10_000, 100_000} {
		src := answer(size)
		for _, limit := range []int{2000, 12000} {
			b.Run(fmt.Sprintf("%dB/limit%d/runes", size, limit), func(b *testing.B) {
				b.SetBytes(int64(len(src)))
				for b.Loop() {
					bots.Split(src, bots.SplitOptions{Limit: limit})
				}
			})
			b.Run(fmt.Sprintf("%dB/limit%d/inert", size, limit), func(b *testing.B) {
				b.SetBytes(int64(len(src)))
				for b.Loop() {
					bots.Split(src, bots.SplitOptions{Limit: limit, Measure: escaping})
				}
			})
		}
	}
}

func BenchmarkInert(b *testing.B) {
	src := answer(4_000)
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		bots.Inert(src, nil)
	}
}
