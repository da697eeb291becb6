package media

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"
)

// htmlToken is the longest tag or text that is held; a page with a longer one is read up to it.
const htmlToken = 1 << 20

// readHTML hands the text of a web page to emit, as its readers see it: no scripts, styles, or hidden parts. It reads tag by
// tag and builds no tree, so that depth and size cost nothing.
func readHTML(r io.Reader, emit func(Page) bool) error {
	decoded, err := charset.NewReader(r, "")
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read web page: %w", err)
	}
	if err != nil {
		return nil
	}
	z := html.NewTokenizer(decoded)
	z.SetMaxBuf(htmlToken)
	h := htmlReader{pager: pager{emit: emit}}
	for {
		switch z.Next() {
		case html.ErrorToken:
			return h.end(z.Err())
		case html.TextToken:
			err = h.write(string(z.Text()))
		case html.StartTagToken, html.SelfClosingTagToken:
			err = h.open(z.Token())
		case html.EndTagToken:
			err = h.close(z.Token())
		}
		if err != nil {
			return err
		}
	}
}

// htmlReader gathers paragraphs.
type htmlReader struct {
	pager  pager
	parts  int
	text   strings.Builder // of the paragraph
	skip   atom.Atom       // the element whose content is left out
	depth  int             // elements of that name open inside it
	pre    int             // pre elements open
	cell   bool            // in a cell of a table
	blanks bool            // white space to come before the next word
}

// leftOut are elements whose content no reader sees as text.
func leftOut(t html.Token) bool {
	switch t.DataAtom {
	case atom.Script, atom.Style, atom.Noscript, atom.Template, atom.Svg, atom.Math, atom.Iframe, atom.Object, atom.Select, atom.Noembed, atom.Noframes:
		return true
	case atom.Div, atom.Span, atom.Section, atom.Article, atom.Aside, atom.Nav, atom.Ul, atom.Ol, atom.Table, atom.A, atom.Form:
		for _, a := range t.Attr {
			style := strings.ReplaceAll(strings.ToLower(a.Val), " ", "")
			if a.Key == "hidden" || a.Key == "style" && (strings.Contains(style, "display:none") || strings.Contains(style, "visibility:hidden")) {
				return true
			}
		}
	}
	return false
}

func (h *htmlReader) open(t html.Token) error {
	if h.skip != 0 {
		if t.DataAtom == h.skip && t.Type == html.StartTagToken {
			h.depth++
		}
		return nil
	}
	if t.Type == html.StartTagToken && leftOut(t) {
		h.skip, h.depth = t.DataAtom, 1
		return nil
	}
	switch t.DataAtom {
	case atom.Br:
		h.text.WriteByte('\n')
		h.blanks = false
	case atom.Img:
		for _, a := range t.Attr {
			if a.Key == "alt" && strings.TrimSpace(a.Val) != "" {
				return h.write("[image: " + a.Val + "]")
			}
		}
	case atom.Td, atom.Th:
		h.text.WriteString("| ")
		h.blanks, h.cell = false, true
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return h.paragraph(strings.Repeat("#", int(t.Data[1]-'0')) + " ")
	case atom.Li:
		return h.paragraph("- ")
	case atom.Pre:
		h.pre++
		return h.paragraph("")
	default:
		switch {
		case !isBlock(t.DataAtom):
		case h.cell && t.DataAtom != atom.Tr && t.DataAtom != atom.Table:
			h.breakCell()
		case strings.Trim(h.text.String(), "#- ") != "":
			return h.paragraph("")
		}
	}
	return nil
}

// breakCell parts two paragraphs in a cell: by a space, so that a row stays one line, but by a line break in the long cells of a
// table that only serves the layout.
func (h *htmlReader) breakCell() {
	if h.text.Len() < 300 {
		h.blanks = true
		return
	}
	h.text.WriteByte('\n')
	h.blanks = false
}

func (h *htmlReader) close(t html.Token) error {
	if h.skip != 0 {
		if t.DataAtom == h.skip {
			if h.depth--; h.depth == 0 {
				h.skip = 0
			}
		}
		return nil
	}
	switch t.DataAtom {
	case atom.Pre:
		h.pre = max(0, h.pre-1)
	case atom.Td, atom.Th:
		h.text.WriteByte(' ')
		h.blanks, h.cell = false, false
		return nil
	case atom.Tr, atom.Table:
		h.cell = false
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Li:
	default:
		if !isBlock(t.DataAtom) {
			return nil
		}
		if h.cell {
			h.breakCell()
			return nil
		}
	}
	return h.paragraph("")
}

func isBlock(a atom.Atom) bool {
	switch a {
	case atom.P, atom.Div, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Main, atom.Nav, atom.Aside, atom.Ul, atom.Ol,
		atom.Dl, atom.Dt, atom.Dd, atom.Table, atom.Tr, atom.Thead, atom.Tbody, atom.Caption, atom.Blockquote, atom.Hr, atom.Form, atom.Title,
		atom.Figure, atom.Figcaption, atom.Body, atom.Head, atom.Html, atom.Option, atom.Address, atom.Details, atom.Summary, atom.Fieldset:
		return true
	}
	return false
}

// write adds text to the paragraph, with runs of white space made one space outside pre.
func (h *htmlReader) write(text string) error {
	if h.skip != 0 {
		return nil
	}
	if h.text.Len() > lineBytes {
		if err := h.paragraph(""); err != nil {
			return err
		}
	}
	if h.pre > 0 {
		h.text.WriteString(text)
		return nil
	}
	for i, w := range strings.Fields(text) {
		if i > 0 || h.blanks || strings.TrimLeft(text, " \t\r\n\f") != text {
			if s := h.text.String(); s != "" && !strings.HasSuffix(s, " ") && !strings.HasSuffix(s, "\n") {
				h.text.WriteByte(' ')
			}
		}
		h.text.WriteString(w)
		h.blanks = false
	}
	h.blanks = h.blanks || strings.TrimRight(text, " \t\r\n\f") != text
	return nil
}

// paragraph ends the paragraph and begins the next with start.
func (h *htmlReader) paragraph(start string) error {
	text := h.text.String()
	h.text.Reset()
	h.blanks = false
	h.text.WriteString(start)
	if strings.Trim(text, "#-| \t\n") == "" {
		return nil
	}
	h.parts++
	return h.pager.add(strings.TrimRight(text, " \n")+"\n", fmt.Sprintf("paragraph %d", h.parts))
}

func (h *htmlReader) end(err error) error {
	if perr := h.paragraph(""); perr != nil {
		return perr
	}
	if perr := h.pager.flush(); perr != nil {
		return perr
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	if errors.Is(err, html.ErrBufferExceeded) {
		return &Error{Kind: TooLarge, Safe: "One element of this web page is larger than 1 MB; I read what stands before it.", Err: err}
	}
	return fmt.Errorf("read web page: %w", err)
}
