package media

import (
	"archive/zip"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

const (
	docxDirectory = 1 << 20  // bytes read to find out what is in the archive
	docxPart      = 32 << 20 // bytes that one part may unfold to; a novel has 5 MB
	docxStyles    = 1 << 20  // bytes of the styles that are read
)

// docxBeside are the parts that are read behind the main one, under the names that Word and LibreOffice give them.
var docxBeside = []string{
	"footnotes.xml", "endnotes.xml", "comments.xml", "header1.xml", "header2.xml", "header3.xml", "footer1.xml", "footer2.xml", "footer3.xml",
}

// readDocx hands the text of a Word document to emit: headings and lists marked as in Markdown, tables row by row, notes, comments,
// headers and footers at the end; no deleted text, no field codes. It reads element by element and builds no tree.
func readDocx(ctx context.Context, r io.ReaderAt, size int64, emit func(Page) bool) error {
	metered := &meteredReader{ctx: ctx, r: r, left: docxDirectory}
	archive, err := zip.NewReader(metered, size)
	if err != nil {
		return docxVerdict(ctx, err)
	}
	metered.left = size * 2
	main := docxMain(archive)
	if main == nil {
		return docxVerdict(ctx, errors.New("no main part"))
	}
	d := docxReader{pager: pager{emit: emit}, headings: docxHeadings(archive, main.Name)}
	if err := d.readPart(main); err != nil {
		return docxVerdict(ctx, err)
	}
	for _, name := range docxBeside {
		part := docxFile(archive, path.Join(path.Dir(main.Name), name))
		if part == nil {
			continue
		}
		if err := d.readPart(part); err != nil {
			return docxVerdict(ctx, err)
		}
	}
	if d.n == 0 {
		return &Error{Kind: Unreadable, Safe: "This Word document has no text."}
	}
	return nil
}

func docxVerdict(ctx context.Context, err error) error {
	var verdict *Error
	switch {
	case errors.Is(err, errEnough), errors.As(err, &verdict):
		return err
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	return &Error{Kind: Unreadable, Safe: "This Word document is damaged or locked with a password.", Err: err}
}

// meteredReader bounds what is read of an archive: its directory may be as long as the file, a part may be listed often.
type meteredReader struct {
	ctx  context.Context
	r    io.ReaderAt
	left int64
}

func (m *meteredReader) ReadAt(b []byte, at int64) (int, error) {
	if err := m.ctx.Err(); err != nil {
		return 0, err
	}
	if m.left -= int64(len(b)); m.left < 0 {
		return 0, errors.New("directory of archive is too long")
	}
	return m.r.ReadAt(b, at)
}

func docxFile(archive *zip.Reader, name string) *zip.File {
	for _, f := range archive.File {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// docxMain finds the main part, which is not always word/document.xml, through the package's relations (ECMA-376 part 2).
func docxMain(archive *zip.Reader) *zip.File {
	if rels := docxFile(archive, "_rels/.rels"); rels != nil {
		name := ""
		_ = readXML(rels, docxStyles, func(token xml.Token) error {
			start, ok := token.(xml.StartElement)
			if ok && start.Name.Local == "Relationship" && strings.HasSuffix(attr(start, "Type"), "/officeDocument") {
				name = strings.TrimPrefix(attr(start, "Target"), "/")
			}
			return nil
		})
		if f := docxFile(archive, name); f != nil {
			return f
		}
	}
	return docxFile(archive, "word/document.xml")
}

// docxHeadings maps the ids of styles to the level of heading that they stand for: ids are in the language of the writer
// ("berschrift1"), names are not.
func docxHeadings(archive *zip.Reader, main string) map[string]int {
	levels := map[string]int{}
	styles := docxFile(archive, path.Join(path.Dir(main), "styles.xml"))
	if styles == nil {
		return levels
	}
	id := ""
	// What was read before a fault still serves.
	_ = readXML(styles, docxStyles, func(token xml.Token) error {
		start, ok := token.(xml.StartElement)
		switch {
		case !ok || len(levels) > 1000:
		case start.Name.Local == "style":
			id = attr(start, "styleId")
		case start.Name.Local == "name":
			if level := headingLevel(attr(start, "val")); level > 0 {
				levels[id] = level
			}
		}
		return nil
	})
	return levels
}

// headingLevel reads the level from a style's name, "heading 2"; 0 for any other style.
func headingLevel(name string) int {
	name = strings.ToLower(name)
	if name == "title" {
		return 1
	}
	rest, ok := strings.CutPrefix(name, "heading")
	rest = strings.TrimSpace(rest)
	if !ok || len(rest) != 1 || rest[0] < '1' || rest[0] > '9' {
		return 0
	}
	return min(int(rest[0]-'0'), 6)
}

// readXML hands each element of a part to take. The decoder keeps no stack of open elements, so that depth costs nothing.
func readXML(f *zip.File, most int64, take func(xml.Token) error) error {
	part, err := f.Open()
	if err != nil {
		return fmt.Errorf("open %s: %w", path.Base(f.Name), err)
	}
	defer part.Close()
	limited := &io.LimitedReader{R: part, N: most}
	d := xml.NewDecoder(limited)
	d.Strict = false
	d.CharsetReader = func(string, io.Reader) (io.Reader, error) { return nil, errors.New("not UTF-8") }
	for {
		token, err := d.RawToken()
		if limited.N <= 0 {
			return &Error{Kind: TooLarge, Safe: fmt.Sprintf("This document unfolds to more than %s; I read what stands before that.", megabytes(most))}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", path.Base(f.Name), err)
		}
		if err := take(token); err != nil {
			return err
		}
	}
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
