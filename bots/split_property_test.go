package bots_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"parley/bots"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"pgregory.net/rapid"
)

// writer makes Markdown in which every word is unique.
type writer struct {
	t *rapid.T
	n int
}

func (w *writer) word(prefix string) string {
	w.n++
	return fmt.Sprintf("%s%d", prefix, w.n)
}

func (w *writer) int(low, high int, label string) int {
	return rapid.IntRange(low, high).Draw(w.t, label)
}

// words gives a line of text with sentences, and now and then emphasis, code or a link.
func (w *writer) words(n int) string {
	var s []string
	for range n {
		word := w.word("w")
		switch w.int(0, 19, "inline") {
		case 0:
			word = "**" + word + "**"
		case 1:
			word = "`" + word + "`"
		case 2:
			word = "[" + word + "](https://example.org/)"
		case 3, 4:
			word += ". Then"
		case 5:
			word += " 👩‍👩‍👧 é"
		}
		s = append(s, word)
	}
	return strings.Join(s, " ")
}

func (w *writer) fence(indent string) string {
	marker := rapid.SampledFrom([]string{"```", "~~~", "````"}).Draw(w.t, "marker")
	info := rapid.SampledFrom([]string{"", "go", "text title=\"a b\""}).Draw(w.t, "info")
	var b strings.Builder
	b.WriteString(indent + marker + info + "\n")
	for range w.int(0, 30, "lines") {
		switch w.int(0, 7, "line") {
		case 0:
			b.WriteString("\n")
		case 1:
			b.WriteString(indent + "    " + w.word("c") + "\n")
		case 2:
			b.WriteString(indent + "# " + w.word("c") + " | - " + w.word("c") + "\n")
		default:
			b.WriteString(indent + w.word("c") + " " + w.word("c") + "()\n")
		}
	}
	return b.String() + indent + marker + "\n"
}

func (w *writer) table(indent string) string {
	var b strings.Builder
	b.WriteString(indent + "| " + w.word("h") + " | " + w.word("h") + " |\n" + indent + "|---|:-:|\n")
	for range w.int(1, 30, "rows") {
		b.WriteString(indent + "| " + w.word("r") + " | " + w.word("r") + " |\n")
	}
	return b.String()
}

func (w *writer) list(indent string, depth int) string {
	marker := rapid.SampledFrom([]string{"- ", "* ", "1. "}).Draw(w.t, "list marker")
	inner := indent + strings.Repeat(" ", len(marker))
	var b strings.Builder
	for range w.int(1, 8, "items") {
		b.WriteString(indent + marker + w.words(w.int(1, 20, "words")) + "\n")
		switch w.int(0, 9, "in item") {
		case 0:
			b.WriteString("\n" + w.fence(inner) + "\n")
		case 1:
			b.WriteString("\n" + inner + w.words(w.int(1, 40, "words")) + "\n\n")
		case 2, 3:
			if depth < 3 {
				b.WriteString(w.list(inner, depth+1))
			}
		}
	}
	return b.String()
}

func (w *writer) block() string {
	switch w.int(0, 9, "block") {
	case 0:
		return "## " + w.words(3) + "\n"
	case 1, 2:
		return w.fence("")
	case 3:
		return w.table("")
	case 4, 5:
		return w.list("", 0)
	case 6:
		return "> " + w.words(w.int(1, 60, "words")) + "\n> " + w.words(5) + "\n"
	case 7:
		return w.words(w.int(1, 30, "words")) + "\n" + w.words(w.int(1, 30, "words")) + "\n"
	default:
		return w.words(w.int(1, 120, "words")) + "\n"
	}
}

func (w *writer) document(blocks int) string {
	var b strings.Builder
	for range w.int(1, blocks, "blocks") {
		b.WriteString(w.block() + "\n")
	}
	doc := b.String()
	if w.int(0, 4, "CRLF") == 0 {
		doc = strings.ReplaceAll(doc, "\n", "\r\n")
	}
	return doc
}

var token = regexp.MustCompile(`\b[wchr][0-9]+\b`)

// occurrence is a word and what it stands in.
type occurrence struct{ word, within string }

// occurrences lists the words of a text in order.
func occurrences(markdown string) []occurrence {
	src := []byte(markdown)
	var list []occurrence
	within := ""
	_ = ast.Walk(goldmark.New(goldmark.WithExtensions(extension.Table)).Parser().Parse(text.NewReader(src)),
		func(n ast.Node, entering bool) (ast.WalkStatus, error) {
			switch n := n.(type) {
			case *ast.FencedCodeBlock:
				if entering {
					info := ""
					if n.Info != nil {
						info = string(n.Info.Segment.Value(src))
					}
					for i := range n.Lines().Len() {
						line := n.Lines().At(i)
						for _, w := range token.FindAllString(string(line.Value(src)), -1) {
							indent := len(line.Value(src)) - len(strings.TrimLeft(string(line.Value(src)), " "))
							list = append(list, occurrence{w, fmt.Sprintf("code %q indented %d", info, indent)})
						}
					}
				}
			case *ast.CodeBlock:
				if entering {
					for i := range n.Lines().Len() {
						line := n.Lines().At(i)
						for _, w := range token.FindAllString(string(line.Value(src)), -1) {
							list = append(list, occurrence{w, "indented code"})
						}
					}
				}
			case *extast.Table:
				within = ""
				if entering {
					within = "table"
				}
			case *ast.Text:
				if entering {
					for _, w := range token.FindAllString(string(n.Value(src)), -1) {
						list = append(list, occurrence{w, within})
					}
				}
			}
			return ast.WalkContinue, nil
		})
	return list
}

func options(t *rapid.T) bots.SplitOptions {
	o := bots.SplitOptions{Limit: rapid.IntRange(300, 1200).Draw(t, "limit")}
	switch rapid.IntRange(0, 3).Draw(t, "measure") {
	case 3: // a renderer that pads tables
		o.Measure = func(s string) int { return len([]rune(s)) + 3*strings.Count(s, "|") }
	case 1:
		o.Measure = func(s string) int { return len(s) }
	case 2: // an escaper that makes some texts longer
		o.Measure = func(s string) int { return len([]rune(s)) + 4*strings.Count(s, "w1") + strings.Count(s, "\n") }
	}
	return o
}

// Every word is in the parts once and in order, and stands in what it stood in: code of the same language with the
// same indentation, a table with its header, or neither.
func TestSplitKeepsStructure(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := writer{t: t}
		src := w.document(8)
		want := occurrences(src)
		within := make(map[string]string)
		for _, o := range want {
			within[o.word] = o.within
		}
		seen := make(map[string]bool)
		var got []string
		for i, part := range check(t, src, options(t)) {
			if !closed(part) {
				t.Fatalf("part %d leaves a fence open:\n%s", i, part)
			}
			for _, o := range occurrences(part) {
				if o.within != within[o.word] {
					t.Fatalf("%s stands in %q, stood in %q; part %d:\n%s\nsource:\n%s", o.word, o.within, within[o.word], i, part, src)
				}
				if o.word[0] == 'h' && seen[o.word] {
					continue
				}
				seen[o.word] = true
				got = append(got, o.word)
			}
		}
		for i := range max(len(got), len(want)) {
			if i >= len(got) || i >= len(want) || got[i] != want[i].word {
				t.Fatalf("words differ at %d: %v, want %v\nsource:\n%s", i, got[min(i, len(got)):], want[min(i, len(want)):], src)
			}
		}
	})
}

// A part that has a successor stays as it is while text is appended.
func TestSplitIsStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := writer{t: t}
		src := []rune(w.document(4))
		o := options(t)
		var before []string
		step := w.int(4, 80, "step")
		for end := step; end < len(src)+step; end += step {
			text := string(src[:min(end, len(src))])
			now := bots.Split(text, o)
			if len(now) < len(before) {
				t.Fatalf("%d parts became %d:\n%q\n%q\n%q", len(before), len(now), before, now, text)
			}
			for i := range len(before) - 1 {
				if now[i] != before[i] {
					t.Fatalf("part %d changed from\n%s\n---- to\n%s\n---- text\n%s", i, before[i], now[i], text)
				}
			}
			before = now
		}
	})
}

// Any bytes are split within the limit, and joined again.
func TestSplitAnything(t *testing.T) {
	t.Parallel()
	piece := rapid.SampledFrom([]string{
		"\n", "\n\n", "\r\n", " ", "    ", "\t", "a", "word ", "```", "~~~", "````", "`", "- ", "1. ", "> ", "# ", "|", "|-|-|", "| a | b |",
		"---", "===", "*", "**", "_", "[", "](", ")", "<", "</div>", "<!--", "\\", "&amp;", "👩‍👩‍👧‍👦", "e\u0301", "\u200d", "\xff", "\x00", "。", "漢字",
		strings.Repeat("x", 150), strings.Repeat("y ", 100), strings.Repeat("\n", 30), "go\n", "\u00a0",
	})
	rapid.Check(t, func(t *rapid.T) {
		src := strings.Join(rapid.SliceOfN(piece, 80, 300).Draw(t, "pieces"), "")
		o := bots.SplitOptions{Limit: rapid.IntRange(200, 400).Draw(t, "limit")}
		if rapid.Bool().Draw(t, "bytes") {
			o.Measure = func(s string) int { return len(s) }
		}
		check(t, src, o)
	})
}

func FuzzSplit(f *testing.F) {
	for _, s := range []string{"", "a", "```go\nx\n```\n", "- a\n  - b\n", "| a |\n|---|\n| b |\n", "> ```\n> x\n", "1. ```\n   x\n   ```\n"} {
		f.Add(strings.Repeat(s, 200))
	}
	f.Fuzz(func(t *testing.T, s string) { check(t, s, bots.SplitOptions{Limit: 200}) })
}
