package media

import (
	"context"
	"fmt"
	"iter"
	"os"
)

// Page is a part of a document, with the mark by which a reader finds it again.
type Page struct {
	N int // 1 for the first
	// Mark tells where it stands: "page 3" of a PDF, "line 120" of a text, "row 50" of a table, "paragraph 12" of a web
	// page or a Word document, "page 2, paragraph 31" where Word has noted its pages.
	Mark string
	// Text is plain text, headings and tables marked as in Markdown where the document has them; at most 16 kB except in a PDF,
	// where it is the page, at most 256 kB. It is valid UTF-8 without control characters but line breaks and tabs.
	Text string
	// Scan is set for a page of a PDF that shows something but has no text; Pictures hold it then.
	Scan     bool
	Pictures []Picture
}

// Pages reads a document page by page; one page is held in memory at a time. An error ends the sequence; the pages before it
// are good. It is an *Error when the file is at fault: Unreadable when damaged or locked with a password, TooLarge when it
// unfolds to more than can be read, Unsupported for a file that is no document.
//
// A scanned page is given as pictures by rule, at most most of them: the whole, and where the rule allows it tiles, without
// which small print is lost. With most 0 it is only marked as a scan.
func (f *File) Pages(ctx context.Context, rule ImageRule, most int) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		if rule.MaxImages > 0 {
			most = min(most, rule.MaxImages)
		}
		err := f.readPages(ctx, rule, most, func(p Page) bool { return yield(p, nil) })
		if err != nil && err != errEnough {
			yield(Page{}, err)
		}
	}
}

// readPages picks the reader by the type. It returns errEnough when emit wants no more.
func (f *File) readPages(ctx context.Context, rule ImageRule, most int, emit func(Page) bool) error {
	if f.Kind != KindDocument {
		return &Error{Kind: Unsupported, Safe: "This file is no document."}
	}
	file, err := os.Open(f.path)
	if err != nil {
		return fmt.Errorf("open document: %w", err)
	}
	defer file.Close()
	r := contextReader{ctx, file}
	switch f.MIME {
	case "application/pdf":
		return f.readPDF(ctx, rule, most, emit)
	case "application/vnd.openxmlformats-officedocument.wordprocessingml.document":
		return readDocx(ctx, file, f.Size, emit)
	case "text/html", "application/xhtml+xml":
		return readHTML(r, emit)
	case "text/csv", "text/tab-separated-values":
		return readTable(r, emit)
	}
	return readText(r, emit)
}
