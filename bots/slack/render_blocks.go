package slack

import (
	"bytes"
	"strconv"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	gtext "github.com/yuin/goldmark/text"
)

// markdownParser is made once: that costs more than to parse an answer.
var markdownParser = sync.OnceValue(func() parser.Parser {
	return goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.TaskList)).Parser()
})

// toMrkdwn renders CommonMark with GitHub's tables and strike-through as Slack's mrkdwn. Text is escaped, so that
// only the links of the Markdown act. mrkdwn has no headings, tables or nested quotes: headings become bold, tables
// monospaced, images links.
func toMrkdwn(markdown string) string {
	source := []byte(markdown)
	w := writer{source: source}
	w.blocks(markdownParser().Parse(gtext.NewReader(source)), "")
	return strings.TrimSpace(w.out.String())
}

// writer writes one document.
type writer struct {
	source []byte
	out    strings.Builder
	// marked says that a list marker has just been written: the next line needs no indent.
	marked bool
}

// blocks writes the blocks in parent, each on lines of its own. indent stands before every line.
func (w *writer) blocks(parent ast.Node, indent string) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		if n.PreviousSibling() != nil {
			w.next(indent, tight(n))
		}
		w.block(n, indent)
	}
}

// tight reports whether no empty line stands before n: it is a list within a list's item.
func tight(n ast.Node) bool {
	return n.Kind() == ast.KindList && n.Parent().Kind() == ast.KindListItem
}

// next ends a line, and leaves an empty one where what follows is not tight.
func (w *writer) next(indent string, tight bool) {
	w.marked = false
	w.out.WriteByte('\n')
	if !tight {
		w.out.WriteString(strings.TrimRight(indent, " ") + "\n")
	}
}

func (w *writer) block(n ast.Node, indent string) {
	switch n := n.(type) {
	case *ast.Heading:
		w.line(indent, "*"+strings.ReplaceAll(w.inlines(n), "*", "")+"*")
	case *ast.FencedCodeBlock:
		w.code(indent, lineText(n, w.source))
	case *ast.CodeBlock:
		w.code(indent, lineText(n, w.source))
	case *ast.HTMLBlock:
		w.line(indent, escape.Replace(strings.TrimRight(lineText(n, w.source), "\n")))
	case *ast.Blockquote:
		w.blocks(n, indent+"> ")
	case *ast.List:
		w.list(n, indent)
	case *ast.ThematicBreak:
		w.line(indent, "———")
	case *east.Table:
		w.code(indent, w.table(n))
	default:
		if n.Type() == ast.TypeBlock && n.HasChildren() && n.FirstChild().Type() == ast.TypeBlock {
			w.blocks(n, indent)
			return
		}
		w.line(indent, w.inlines(n))
	}
}

// line writes text at indent.
func (w *writer) line(indent, text string) {
	if !w.marked {
		w.out.WriteString(indent)
	}
	w.marked = false
	w.out.WriteString(strings.ReplaceAll(text, "\n", "\n"+indent))
}

func (w *writer) code(indent, text string) {
	text = strings.ReplaceAll(strings.Trim(text, "\n"), "```", "'''")
	w.line(indent, "```\n"+escape.Replace(text)+"\n```")
}

func (w *writer) list(l *ast.List, indent string) {
	number := l.Start
	for item := l.FirstChild(); item != nil; item = item.NextSibling() {
		if item.PreviousSibling() != nil {
			w.next(indent, l.IsTight)
		}
		marker := "•"
		if l.IsOrdered() {
			marker = strconv.Itoa(number) + "."
			number++
		}
		w.line(indent, marker+" ")
		w.marked = true
		w.blocks(item, indent+"    ")
	}
}

func (w *writer) table(t *east.Table) string {
	var rows []string
	for row := t.FirstChild(); row != nil; row = row.NextSibling() {
		var cells []string
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			cells = append(cells, string(plain(cell, w.source)))
		}
		rows = append(rows, strings.Join(cells, " | "))
	}
	return strings.Join(rows, "\n")
}

// plain is the text below n without any mark-up.
func plain(n ast.Node, source []byte) []byte {
	var b bytes.Buffer
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			b.Write(n.Segment.Value(source))
			if n.SoftLineBreak() || n.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(n.Value)
		case *ast.AutoLink:
			b.Write(n.URL(source))
		}
		return ast.WalkContinue, nil
	})
	return b.Bytes()
}

func lineText(n ast.Node, source []byte) string {
	var b strings.Builder
	lines := n.Lines()
	for i := range lines.Len() {
		segment := lines.At(i)
		b.Write(segment.Value(source))
	}
	return b.String()
}
