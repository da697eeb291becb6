package bots_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"parley/bots"

	"github.com/rivo/uniseg"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// words gives n numbered words, so that each can be found again.
func words(prefix string, n int) string {
	w := make([]string, n)
	for i := range w {
		w[i] = fmt.Sprintf("%s%d", prefix, i)
	}
	return strings.Join(w, " ")
}

func lines(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format+"\n", i)
	}
	return b.String()
}

// check holds what is true of every split, and gives the texts.
func check(t interface {
	Helper()
	Fatalf(string, ...any)
}, src string, o bots.SplitOptions) []string {
	t.Helper()
	measure := o.Measure
	if measure == nil {
		measure = utf8.RuneCountInString
	}
	parts := bots.SplitParts(src, o)
	if got := bots.Join(parts); len(parts) > 0 && got != src {
		t.Fatalf("joined parts differ from the source:\n%q\nsource:\n%q", got, src)
	}
	if (len(parts) == 0) != (strings.TrimSpace(src) == "") {
		t.Fatalf("%d parts for %q", len(parts), src)
	}
	var texts []string
	for i, p := range parts {
		if cost := measure(p.Text); cost > max(o.Limit, bots.MinLimit) {
			t.Fatalf("part %d costs %d of %d:\n%s", i, cost, o.Limit, p.Text)
		}
		if strings.TrimSpace(p.Text) == "" {
			t.Fatalf("part %d is blank: %q", i, p.Text)
		}
		texts = append(texts, p.Text)
	}
	return texts
}

// closed says whether a paragraph after the text would not become part of a code block.
func closed(markdown string) bool {
	src := []byte(markdown + "\n\n\nsentinel")
	last := goldmark.DefaultParser().Parse(text.NewReader(src)).LastChild()
	for last.LastChild() != nil && last.LastChild().Type() == ast.TypeBlock {
		last = last.LastChild()
	}
	return last.Kind() != ast.KindFencedCodeBlock
}

func TestSplit(t *testing.T) {
	t.Parallel()
	const limit = 200

	t.Run("a text that fits is one part", func(t *testing.T) {
		t.Parallel()
		src := "# Title\n\n- a\n- b\n\n```go\nx := 1\n```"
		if got := check(t, src, bots.SplitOptions{Limit: limit}); len(got) != 1 || got[0] != src {
			t.Fatalf("got %q", got)
		}
	})

	t.Run("no text gives no part", func(t *testing.T) {
		t.Parallel()
		for _, src := range []string{"", " \n\t\r\n", strings.Repeat("\n", 5000)} {
			if got := bots.Split(src, bots.SplitOptions{Limit: limit}); got != nil {
				t.Fatalf("%q gave %q", src, got)
			}
		}
	})

	t.Run("paragraphs are cut between them", func(t *testing.T) {
		t.Parallel()
		a, b, c := words("a", 40), words("b", 40), words("c", 40)
		got := check(t, a+"\n\n"+b+"\n\n"+c+"\n", bots.SplitOptions{Limit: limit})
		if len(got) != 3 || got[0] != a || got[1] != b || got[2] != c {
			t.Fatalf("got %q", got)
		}
	})

	t.Run("a long paragraph is cut between sentences", func(t *testing.T) {
		t.Parallel()
		src := strings.TrimSpace(strings.Repeat("This sentence, e.g. like others, has a few words in it. ", 12))
		for i, part := range check(t, src, bots.SplitOptions{Limit: limit}) {
			if !strings.HasPrefix(part, "This") || !strings.HasSuffix(part, "it.") {
				t.Fatalf("part %d: %q", i, part)
			}
		}
	})

	t.Run("a link is not cut", func(t *testing.T) {
		t.Parallel()
		src := words("a", 40) + " [some text with spaces](https://example.org/path) " + words("b", 30)
		for _, part := range check(t, src, bots.SplitOptions{Limit: limit}) {
			if strings.Contains(part, "[some") != strings.Contains(part, "/path)") {
				t.Fatalf("cut within the link: %q", part)
			}
		}
	})

	t.Run("a fence is closed and opened again with its info", func(t *testing.T) {
		t.Parallel()
		for _, marker := range []string{"```", "~~~~", "`````"} {
			src := "Look:\n\n" + marker + "go title=x\n" + lines("line%d()", 60) + marker + "\n\nafter"
			got := check(t, src, bots.SplitOptions{Limit: limit})
			if len(got) < 3 {
				t.Fatalf("only %d parts", len(got))
			}
			for i, part := range got {
				if !closed(part) {
					t.Fatalf("part %d leaves its fence open:\n%s", i, part)
				}
				if i > 0 && !strings.HasPrefix(part, marker+"go title=x\nline") {
					t.Fatalf("part %d does not open its fence:\n%s", i, part)
				}
			}
			if !strings.HasSuffix(got[len(got)-1], "\n"+marker+"\n\nafter") {
				t.Fatalf("last part: %q", got[len(got)-1])
			}
		}
	})

	t.Run("a fence open at the end is closed", func(t *testing.T) {
		t.Parallel()
		for src, want := range map[string]string{
			"```go\nx := 1":         "```go\nx := 1\n```",
			"```go\nx := 1\n":       "```go\nx := 1\n```",
			"```go\nx := 1\n``":     "```go\nx := 1\n```",
			"```go\nx := 1\n```":    "```go\nx := 1\n```",
			"```go":                 "```go\n```",
			"> ```\n> x":            "> ```\n> x\n> ```",
			"1. a\n\n   ```\n   x":  "1. a\n\n   ```\n   x\n   ```",
			"~~~~\n~~~\n```\nx":     "~~~~\n~~~\n```\nx\n~~~~",
			"- ```sh\n  ls":         "- ```sh\n  ls\n  ```",
			"````md\n```go\nx\n```": "````md\n```go\nx\n````", // three of the four backticks of its end
		} {
			if got := check(t, src, bots.SplitOptions{Limit: limit}); len(got) != 1 || got[0] != want {
				t.Errorf("%q gave %q, want %q", src, got, want)
			}
		}
	})

	t.Run("a table repeats its header", func(t *testing.T) {
		t.Parallel()
		src := "| Name | Value |\n|------|------:|\n" + lines("| row%d | 12345 |", 40)
		for i, part := range check(t, src, bots.SplitOptions{Limit: limit}) {
			if !strings.HasPrefix(part, "| Name | Value |\n|------|------:|\n| row") || !strings.HasSuffix(part, "|") {
				t.Fatalf("part %d:\n%s", i, part)
			}
		}
	})

	t.Run("a list is cut between items", func(t *testing.T) {
		t.Parallel()
		src := lines("- item%d and some more words", 30)
		for i, part := range check(t, src, bots.SplitOptions{Limit: limit}) {
			if !strings.HasPrefix(part, "- item") || !strings.HasSuffix(part, "more words") {
				t.Fatalf("part %d:\n%s", i, part)
			}
		}
	})

	t.Run("nested items that begin a part are moved to the left", func(t *testing.T) {
		t.Parallel()
		src := "1. outer one\n" + lines("   - inner%d some words here\n     - innermost", 12) + "2. outer two\n   - inner"
		got := check(t, src, bots.SplitOptions{Limit: limit})
		for i, part := range got {
			if strings.HasPrefix(part, " ") {
				t.Fatalf("part %d is indented:\n%s", i, part)
			}
		}
		if last := got[len(got)-1]; !strings.HasSuffix(last, "\n2. outer two\n   - inner") {
			t.Fatalf("outer items were moved:\n%s", last)
		}
	})

	t.Run("a fence in a list item keeps its code", func(t *testing.T) {
		t.Parallel()
		src := "- see\n  - this\n\n    ```py\n" + lines("    if x%d:\n        pass", 30) + "    ```\n- next"
		got := check(t, src, bots.SplitOptions{Limit: limit})
		for i, part := range got[1:] {
			if !strings.HasPrefix(part, "```py\nif x") && !strings.HasPrefix(part, "```py\n    pass") {
				t.Fatalf("part %d:\n%s", i+1, part)
			}
			if !closed(part) {
				t.Fatalf("part %d leaves its fence open:\n%s", i+1, part)
			}
		}
		if last := got[len(got)-1]; !strings.HasSuffix(last, "\n```\n- next") {
			t.Fatalf("last part:\n%s", last)
		}
	})

	t.Run("a long quotation stays one", func(t *testing.T) {
		t.Parallel()
		parts := check(t, "> > "+words("a", 300)+"\n\n"+words("b", 40), bots.SplitOptions{Limit: limit})
		for i, part := range parts[:len(parts)-1] {
			if !strings.HasPrefix(part, "> > a") {
				t.Fatalf("part %d is no quotation:\n%s", i, part)
			}
		}
	})

	t.Run("a heading stays with what follows", func(t *testing.T) {
		t.Parallel()
		for n := 10; n < 40; n++ {
			src := words("a", n) + "\n\n## Heading\n\n" + words("b", 40)
			for i, part := range check(t, src, bots.SplitOptions{Limit: limit}) {
				if strings.HasSuffix(part, "## Heading") {
					t.Fatalf("n=%d: part %d ends with the heading:\n%s", n, i, part)
				}
			}
		}
	})

	t.Run("graphemes stay whole", func(t *testing.T) {
		t.Parallel()
		for name, g := range map[string]string{
			"family": "👩‍👩‍👧‍👦", "flag": "🇩🇪", "combining": "e\u0301\u0323", "hangul": "각", "CRLF text": "x\r\n",
		} {
			n := 0
			for _, part := range check(t, strings.Repeat(g, 700), bots.SplitOptions{Limit: limit}) {
				n += uniseg.GraphemeClusterCount(strings.TrimSpace(part))
			}
			want := 700
			if name == "CRLF text" {
				continue
			}
			if n != want {
				t.Errorf("%s: %d graphemes after the split, want %d", name, n, want)
			}
		}
	})

	t.Run("hostile texts end", func(t *testing.T) {
		t.Parallel()
		const n = 100_000
		for name, src := range map[string]string{
			"one word":         strings.Repeat("a", n),
			"zalgo":            "a" + strings.Repeat("\u0301", n/2),
			"quotes":           strings.Repeat(">", n),
			"quote lines":      strings.Repeat(strings.Repeat(">", 300)+"\n", n/300),
			"list markers":     strings.Repeat("- ", n/2),
			"numbers":          strings.Repeat("1. ", n/3),
			"backticks":        strings.Repeat("`", n),
			"fences":           strings.Repeat("```\n", n/4),
			"fences unclosed":  strings.Repeat("```a\n", n/5),
			"tildes":           strings.Repeat("~~~\n", n/4),
			"mixed fences":     strings.Repeat("```\n~~~\n", n/8),
			"long info":        "```" + strings.Repeat("x", n) + "\ncode",
			"brackets":         strings.Repeat("[", n),
			"stars":            strings.Repeat("*a **b", n/6),
			"pipes":            strings.Repeat("|a", n/2) + "\n" + strings.Repeat("|-", n/2),
			"tables":           strings.Repeat("|a|\n|-|\n|b|\n\n", n/14),
			"table rows":       "|a|\n|-|\n" + strings.Repeat("|b|\n", n/4),
			"invalid":          strings.Repeat("\xff\xfe\x80", n/3),
			"nul":              strings.Repeat("\x00", n),
			"no-break spaces":  strings.Repeat("\u00a0", n/2),
			"line separators":  strings.Repeat("\u2028", n/3),
			"CR":               strings.Repeat("a\r", n/2),
			"tabs":             strings.Repeat("\t- a\n", n/5),
			"deep list":        deepList(300),
			"html":             strings.Repeat("<div>\n", n/6),
			"blank in fence":   "```\n" + strings.Repeat("\n", n) + "x",
			"setext":           strings.Repeat("a\n-\n", n/4),
			"delimiter rows":   strings.Repeat("|-|\n", n/4),
			"quoted fence":     strings.Repeat("> ```\n> x\n", n/10),
			"spaces":           strings.Repeat("a"+strings.Repeat(" ", 999), n/1000),
			"shortest lines":   strings.Repeat("a\n", n/2),
			"emoji":            strings.Repeat("👩‍👩‍👧‍👦", n/25),
			"quotes and lists": strings.Repeat("> - ", n/4),
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				check(t, src, bots.SplitOptions{Limit: 2000})
				check(t, src, bots.SplitOptions{Limit: limit, Measure: func(s string) int { return len(s) }})
			})
		}
	})
}

// deepList is a list in which each item is nested in the one before.
func deepList(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat("  ", i) + "- a\n")
	}
	return b.String()
}
