package media

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"unicode"

	pdferrors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
)

const (
	pdfPages     = 5000    // pages read of one document
	pdfBroken    = 3       // pages that may break the sandbox before the rest is given up
	pdfAhead     = 4 << 20 // bytes of text and pictures that are read ahead
	pdfPageRunes = 65_536  // characters read of one page
	pdfScanText  = 12      // letters and digits below which a page that has something on it counts as scanned
	pdfScanEdge  = 1600    // longer edge of a scanned page in pixels: text of 10 points stays readable
)

// readPDF hands the pages to emit. It reads some pages ahead and then gives the sandbox back, because whoever takes the pages
// may show each to a model before the next. Where a page breaks the sandbox, reading goes on after it in a new one.
func (f *File) readPDF(ctx context.Context, rule ImageRule, most int, emit func(Page) bool) error {
	var fault error
	broken := 0
	for next, count := 0, 1; next < count; {
		b := pdfBatch{rule: rule, most: most, first: next}
		err := f.box.pdf.read(ctx, f.path, &b)
		for _, p := range b.pages {
			if !emit(p) {
				return errEnough
			}
		}
		next += len(b.pages)
		if b.count > 0 {
			count = min(b.count, pdfPages)
		}
		if b.count > pdfPages {
			fault = &Error{Kind: TooLarge, Safe: fmt.Sprintf("This PDF has %d pages; I read the first %d.", b.count, pdfPages)}
		}
		var verdict *Error
		switch {
		case err == nil:
		case !errors.As(err, &verdict) || b.count == 0:
			return err
		default:
			fault = err
			next++
			if broken++; broken == pdfBroken {
				return err
			}
		}
	}
	return fault
}

// pdfBatch is a part of a document that is read in one sandbox.
type pdfBatch struct {
	rule  ImageRule
	most  int // pictures of each scan
	first int // page to begin with, from 0

	count int // pages of the whole document, once known
	pages []Page
	bytes int
}

// full reports whether the pages so far are enough to be handed on.
func (b *pdfBatch) full() bool { return len(b.pages) >= 32 || b.bytes >= pdfAhead }

// read fills a batch from the document at path. The pages before an error are good.
func (e *pdfEngine) read(ctx context.Context, path string, b *pdfBatch) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open document: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("open document: %w", err)
	}
	box, err := e.sandbox(ctx)
	if err != nil {
		return err
	}
	defer box.end()
	opened, err := box.OpenDocument(&requests.OpenDocument{FileReader: file, FileReaderSize: info.Size()})
	if err != nil {
		return box.verdict(ctx, err, 0)
	}
	count, err := box.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: opened.Document})
	if err != nil {
		return box.verdict(ctx, err, 0)
	}
	if count.PageCount <= 0 {
		return &Error{Kind: Unreadable, Safe: "This PDF has no pages that can be read."}
	}
	b.count = count.PageCount
	for i := b.first; i < min(b.count, pdfPages) && !b.full(); i++ {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		box.step()
		p, err := box.page(opened.Document, i, b.rule, b.most)
		if err != nil {
			return box.verdict(ctx, err, i+1)
		}
		b.pages = append(b.pages, p)
		b.bytes += len(p.Text)
		for _, shown := range p.Pictures {
			b.bytes += len(shown.Bytes)
		}
	}
	return nil
}

// page reads one page. A page that PDFium cannot load is passed over as empty, since the next one may be whole.
func (s *pdfSandbox) page(doc references.FPDF_DOCUMENT, index int, rule ImageRule, most int) (Page, error) {
	p := Page{N: index + 1, Mark: fmt.Sprintf("page %d", index+1)}
	loaded, err := s.FPDF_LoadPage(&requests.FPDF_LoadPage{Document: doc, Index: index})
	if err != nil {
		if s.over() || !isPDFVerdict(err) {
			return p, err
		}
		return p, nil
	}
	page := requests.Page{ByReference: &loaded.Page}
	if p.Text, err = s.text(page); err != nil {
		return p, err
	}
	if countLetters(p.Text) < pdfScanText {
		objects, err := s.FPDFPage_CountObjects(&requests.FPDFPage_CountObjects{Page: page})
		if err != nil {
			return p, err
		}
		p.Scan = objects.Count > 0
	}
	if p.Scan && most > 0 {
		if p.Pictures, err = s.render(page, rule, most); err != nil {
			return p, err
		}
	}
	_, err = s.FPDF_ClosePage(&requests.FPDF_ClosePage{Page: loaded.Page})
	return p, err
}

func (s *pdfSandbox) text(page requests.Page) (string, error) {
	loaded, err := s.FPDFText_LoadPage(&requests.FPDFText_LoadPage{Page: page})
	if err != nil {
		if s.over() || !isPDFVerdict(err) {
			return "", err
		}
		return "", nil // its picture may still be readable
	}
	count, err := s.FPDFText_CountChars(&requests.FPDFText_CountChars{TextPage: loaded.TextPage})
	if err != nil {
		return "", err
	}
	got := ""
	if count.Count > 0 {
		text, err := s.FPDFText_GetText(&requests.FPDFText_GetText{TextPage: loaded.TextPage, Count: min(count.Count, pdfPageRunes)})
		if err != nil {
			return "", err
		}
		got = text.Text
	}
	_, err = s.FPDFText_ClosePage(&requests.FPDFText_ClosePage{TextPage: loaded.TextPage})
	return cleanText(strings.ReplaceAll(got, "\r\n", "\n")), err
}

// render draws a page in the sandbox and prepares the picture.
func (s *pdfSandbox) render(page requests.Page, rule ImageRule, most int) ([]Picture, error) {
	r, err := s.RenderPageInPixels(&requests.RenderPageInPixels{Page: page, Width: pdfScanEdge, Height: pdfScanEdge})
	if err != nil {
		return nil, err
	}
	defer r.Cleanup()
	return picture(r.Result.RenderedImage, 1, rule, most)
}

// verdict turns an error of PDFium into what is wrong with the document, or with its page where that is not 0.
func (s *pdfSandbox) verdict(ctx context.Context, err error, page int) error {
	what := "This PDF"
	if page > 0 {
		what = fmt.Sprintf("Page %d of this PDF", page)
	}
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case s.over():
		return &Error{Kind: TooLarge, Safe: what + " takes too long to read.", Err: err}
	case errors.Is(err, pdferrors.ErrPassword), errors.Is(err, pdferrors.ErrSecurity):
		return &Error{Kind: Unreadable, Safe: "This PDF is locked with a password. Remove the password and send it again.", Err: err}
	}
	return &Error{Kind: Unreadable, Safe: what + " is damaged or too large to read.", Err: err}
}

// isPDFVerdict reports whether PDFium itself refused something; any other error means that the sandbox broke.
func isPDFVerdict(err error) bool {
	return errors.Is(err, pdferrors.ErrFormat) || errors.Is(err, pdferrors.ErrPage) || errors.Is(err, pdferrors.ErrUnknown) ||
		errors.Is(err, pdferrors.ErrFile) || errors.Is(err, pdferrors.ErrSuccess)
}

func countLetters(text string) int {
	n := 0
	for _, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			n++
		}
	}
	return n
}
