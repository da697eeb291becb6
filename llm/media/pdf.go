package media

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"strings"
	"unicode"

	pdferrors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
)

const (
	pdfPages     = 5000   // pages read of one document
	pdfPageRunes = 65_536 // characters read of one page
	pdfScanText  = 12     // letters and digits below which a page that has something on it counts as scanned
	pdfScanEdge  = 1600   // longer edge of a scanned page in pixels: text of 10 points stays readable
)

// readPDF hands the pages to emit.
func (f *File) readPDF(ctx context.Context, rule ImageRule, most int, emit func(Page) bool) error {
	return f.box.pdf.read(ctx, f.path, most > 0, func(p Page, scan image.Image) (bool, error) {
		if scan != nil {
			var err error
			if p.Pictures, err = picture(scan, 1, rule, most); err != nil {
				return false, err
			}
		}
		return emit(p), nil
	})
}

// read hands each page of the document at path to emit, with its picture where it has no text and scans are wanted. The
// picture lies in the memory of the sandbox and is gone when emit returns. read returns errEnough when emit wants no more.
func (e *pdfEngine) read(ctx context.Context, path string, scans bool, emit func(Page, image.Image) (more bool, err error)) error {
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
		return box.verdict(ctx, err, "")
	}
	count, err := box.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: opened.Document})
	if err != nil {
		return box.verdict(ctx, err, "")
	}
	if count.PageCount == 0 {
		return &Error{Kind: Unreadable, Safe: "This PDF has no pages that can be read."}
	}
	for i := range min(count.PageCount, pdfPages) {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		box.step()
		more, err := box.page(opened.Document, i, scans, emit)
		if err != nil {
			return box.verdict(ctx, err, fmt.Sprintf(" from page %d on", i+1))
		}
		if !more {
			return errEnough
		}
	}
	if count.PageCount > pdfPages {
		return &Error{Kind: TooLarge, Safe: fmt.Sprintf("This PDF has %d pages; I read the first %d.", count.PageCount, pdfPages)}
	}
	return nil
}

// page reads one page. A page that PDFium cannot load is passed over as empty, since the next one may be whole.
func (s *pdfSandbox) page(doc references.FPDF_DOCUMENT, index int, scans bool, emit func(Page, image.Image) (bool, error)) (more bool, err error) {
	loaded, err := s.FPDF_LoadPage(&requests.FPDF_LoadPage{Document: doc, Index: index})
	if err != nil {
		if s.over() || !isPDFVerdict(err) {
			return false, err
		}
		return emit(Page{N: index + 1, Mark: fmt.Sprintf("page %d", index+1)}, nil)
	}
	page := requests.Page{ByReference: &loaded.Page}
	text, err := s.text(page)
	if err != nil {
		return false, err
	}
	out := Page{N: index + 1, Mark: fmt.Sprintf("page %d", index+1), Text: text}
	var scan image.Image
	if countLetters(text) < pdfScanText {
		objects, err := s.FPDFPage_CountObjects(&requests.FPDFPage_CountObjects{Page: page})
		if err != nil {
			return false, err
		}
		out.Scan = objects.Count > 0
		if out.Scan && scans {
			render, err := s.render(page)
			if err != nil {
				return false, err
			}
			defer render.cleanup()
			scan = render.image
		}
	}
	if more, err = emit(out, scan); err != nil || !more {
		return more, err
	}
	_, err = s.FPDF_ClosePage(&requests.FPDF_ClosePage{Page: loaded.Page})
	return true, err
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

// rendered is a picture in the sandbox; cleanup frees it.
type rendered struct {
	image   image.Image
	cleanup func()
}

func (s *pdfSandbox) render(page requests.Page) (rendered, error) {
	r, err := s.RenderPageInPixels(&requests.RenderPageInPixels{Page: page, Width: pdfScanEdge, Height: pdfScanEdge})
	if err != nil {
		return rendered{}, err
	}
	return rendered{image: r.Result.RenderedImage, cleanup: r.Cleanup}, nil
}

// verdict turns an error of PDFium into what is wrong with the document.
func (s *pdfSandbox) verdict(ctx context.Context, err error, where string) error {
	var verdict *Error
	switch {
	case errors.As(err, &verdict):
		return err
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case s.over():
		return &Error{Kind: TooLarge, Safe: "Reading this PDF takes too long" + where + ".", Err: err}
	case errors.Is(err, pdferrors.ErrPassword), errors.Is(err, pdferrors.ErrSecurity):
		return &Error{Kind: Unreadable, Safe: "This PDF is locked with a password. Remove the password and send it again.", Err: err}
	}
	return &Error{Kind: Unreadable, Safe: "This PDF is damaged and cannot be read" + where + ".", Err: err}
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
