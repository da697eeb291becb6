package slack

import (
	"net/url"
	"strings"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/util"
)

// inlines renders the inline content of a block.
func (w *writer) inlines(parent ast.Node) string {
	var b strings.Builder
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		b.WriteString(w.inline(n))
	}
	return b.String()
}

func (w *writer) inline(n ast.Node) string {
	switch n := n.(type) {
	case *ast.Text:
		s := escape.Replace(literal(n.Segment.Value(w.source)))
		if n.HardLineBreak() || n.SoftLineBreak() {
			s += "\n"
		}
		return s
	case *ast.String:
		return escape.Replace(string(n.Value))
	case *ast.CodeSpan:
		return "`" + escape.Replace(strings.ReplaceAll(string(plain(n, w.source)), "`", "'")) + "`"
	case *ast.Emphasis:
		if n.Level == 2 {
			return wrap("*", w.inlines(n))
		}
		return wrap("_", w.inlines(n))
	case *east.Strikethrough:
		return wrap("~", w.inlines(n))
	case *east.TaskCheckBox:
		if n.IsChecked {
			return "☑ "
		}
		return "☐ "
	case *ast.Link:
		return link(string(n.Destination), literal(plain(n, w.source)))
	case *ast.Image:
		return link(string(n.Destination), literal(plain(n, w.source)))
	case *ast.AutoLink:
		target := string(n.URL(w.source))
		if n.AutoLinkType == ast.AutoLinkEmail {
			return escape.Replace(target)
		}
		return link(target, "")
	case *ast.RawHTML:
		var b strings.Builder
		for i := range n.Segments.Len() {
			segment := n.Segments.At(i)
			b.Write(segment.Value(w.source))
		}
		return escape.Replace(b.String())
	}
	return w.inlines(n)
}

// wrap sets a delimiter around text; Slack knows none around nothing.
func wrap(mark, text string) string {
	if strings.TrimSpace(text) == "" || strings.Contains(text, "\n\n") {
		return text
	}
	return mark + text + mark
}

// link writes a link that acts, if it leads to the web; else its text.
func link(target, label string) string {
	target = string(util.URLEscape([]byte(literal([]byte(target))), false))
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || strings.ContainsAny(target, "|<> \n") {
		if label == "" {
			label = target
		}
		return escape.Replace(label)
	}
	label = strings.Join(strings.Fields(label), " ")
	if label == "" || label == target {
		return "<" + escape.Replace(target) + ">"
	}
	return "<" + escape.Replace(target) + "|" + escape.Replace(label) + ">"
}

// literal resolves CommonMark's backslashes and entities.
func literal(raw []byte) string {
	return string(util.UnescapePunctuations(util.ResolveNumericReferences(util.ResolveEntityNames(raw))))
}
