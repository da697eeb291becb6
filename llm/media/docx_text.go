package media

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"strings"
)

// docxReader gathers the paragraphs of WordprocessingML (ECMA-376 part 1, chapter 17).
type docxReader struct {
	pager
	headings map[string]int

	paragraphs int
	page       int // pages that Word has shown before here; 0 where it has not told
	text       strings.Builder
	start      string // mark of the heading or the list
	rows       int    // rows open: more than one for a table inside a table
	skip       string // element whose content is left out
	depth      int    // of elements of that name
	inText     bool
}

// readPart reads the main part or the footnotes to the end.
func (d *docxReader) readPart(f *zip.File) error {
	err := readXML(f, docxPart, d.take)
	if errors.Is(err, errEnough) {
		return err
	}
	if perr := d.paragraph(); perr != nil {
		return perr
	}
	if perr := d.flush(); perr != nil {
		return perr
	}
	d.skip, d.rows, d.inText = "", 0, false
	return err
}

func (d *docxReader) take(token xml.Token) error {
	switch t := token.(type) {
	case xml.StartElement:
		return d.open(t)
	case xml.EndElement:
		return d.close(t.Name.Local)
	case xml.CharData:
		if d.inText && d.skip == "" {
			d.text.Write(t)
			if d.text.Len() > lineBytes {
				return d.paragraph()
			}
		}
	}
	return nil
}

func (d *docxReader) open(e xml.StartElement) error {
	name := e.Name.Local
	if d.skip != "" {
		if name == d.skip {
			d.depth++
		}
		return nil
	}
	switch name {
	case "del", "moveFrom", "Fallback", "rt":
		// Deleted text; a second copy for old programs; the reading aid above a character.
		d.skip, d.depth = name, 1
	case "t":
		d.inText = true
	case "tab":
		d.text.WriteByte('\t')
	case "noBreakHyphen":
		d.text.WriteByte('-')
	case "br", "cr":
		if attr(e, "type") == "page" {
			return d.nextPage()
		}
		d.text.WriteByte('\n')
	case "lastRenderedPageBreak":
		return d.nextPage()
	case "pStyle":
		if level := d.headings[attr(e, "val")]; level > 0 && d.rows == 0 {
			d.start = strings.Repeat("#", level) + " "
		}
	case "ilvl":
		if d.start == "" && d.rows == 0 {
			level := attr(e, "val")
			if len(level) == 1 && level[0] >= '0' && level[0] <= '8' {
				d.start = strings.Repeat("  ", int(level[0]-'0')) + "- "
			}
		}
	case "tr":
		if d.rows++; d.rows == 1 {
			return d.paragraph()
		}
	case "tc":
		if d.rows == 1 {
			d.text.WriteString("| ")
		}
	case "docPr":
		if alt := attr(e, "descr"); alt != "" {
			d.text.WriteString("[image: " + alt + "]")
		}
	case "footnote":
		if attr(e, "type") == "" {
			d.text.WriteString("[" + attr(e, "id") + "] ")
		}
	case "footnoteReference":
		d.text.WriteString("[" + attr(e, "id") + "]")
	case "endnote", "comment":
		if attr(e, "type") == "" {
			d.text.WriteString("[" + name + " " + attr(e, "id") + "] ")
		}
	case "endnoteReference", "commentReference":
		d.text.WriteString("[" + strings.TrimSuffix(name, "Reference") + " " + attr(e, "id") + "]")
	case "hdr":
		d.text.WriteString("[header] ")
	case "ftr":
		d.text.WriteString("[footer] ")
	}
	return nil
}

func (d *docxReader) close(name string) error {
	if d.skip != "" {
		if name == d.skip {
			if d.depth--; d.depth == 0 {
				d.skip = ""
			}
		}
		return nil
	}
	switch name {
	case "t":
		d.inText = false
	case "p":
		if d.rows > 0 {
			d.text.WriteByte(' ')
			return nil
		}
		return d.paragraph()
	case "tr":
		if d.rows = max(0, d.rows-1); d.rows == 0 {
			d.text.WriteByte('|')
			return d.paragraph()
		}
	}
	return nil
}

// nextPage counts a page and has the next mark begin there.
func (d *docxReader) nextPage() error {
	d.page = max(d.page, 1) + 1
	return d.flush()
}

// paragraph ends the paragraph.
func (d *docxReader) paragraph() error {
	text := strings.TrimRight(d.text.String(), " \n\t")
	d.text.Reset()
	start := d.start
	d.start = ""
	if strings.Trim(text, "| \t\n") == "" {
		return nil
	}
	d.paragraphs++
	mark := fmt.Sprintf("paragraph %d", d.paragraphs)
	if d.page > 0 {
		mark = fmt.Sprintf("page %d, %s", d.page, mark)
	}
	return d.add(start+text+"\n", mark)
}
