package media_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/llm/media"
)

// makePDF writes a PDF of the objects, numbered from 1; the first is the catalogue.
func makePDF(trailer string, objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	var at []int
	for i, o := range objects {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, o := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, trailer, start)
	return b.Bytes()
}

func stream(dict string, data []byte) string {
	return fmt.Sprintf("<< /Length %d %s >>\nstream\n%s\nendstream", len(data), dict, data)
}

// textPDF has one page for each text.
func textPDF(trailer string, pages ...string) []byte {
	objects := []string{"<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"}
	var kids strings.Builder
	for _, text := range pages {
		n := len(objects)
		fmt.Fprintf(&kids, "%d 0 R ", n+1)
		var content strings.Builder
		content.WriteString("BT /F1 11 Tf 14 TL 50 780 Td\n")
		for line := range strings.Lines(text) {
			fmt.Fprintf(&content, "(%s) Tj T*\n", strings.TrimSuffix(line, "\n"))
		}
		content.WriteString("ET")
		objects = append(objects,
			fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents %d 0 R >>", n+2),
			stream("", []byte(content.String())))
	}
	objects[1] = fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %d >>", kids.String(), len(pages))
	return makePDF(trailer, objects...)
}

// scanPDF has one page with a photograph of text and nothing else.
func scanPDF(t testing.TB) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 1240, 1754))
	for y := range 1754 {
		for x := range 1240 {
			c := color.Gray{Y: 250}
			if y/20%2 == 0 && x/7%3 == 0 {
				c.Y = 20
			}
			m.SetGray(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return makePDF("",
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R 6 0 R] /Count 2 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /XObject << /I 4 0 R >> >> /Contents 5 0 R >>",
		stream("/Type /XObject /Subtype /Image /Width 1240 /Height 1754 /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode", b.Bytes()),
		stream("", []byte("q 595 0 0 842 0 0 cm /I Do Q")),
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
	)
}

// compiled has the engine compiled into the cache, once for all tests: under the race detector that takes half a minute.
var compiled = sync.OnceValue(func() error {
	dir, err := os.MkdirTemp(cache, "first-")
	if err != nil {
		return err
	}
	box, err := media.New(media.Options{Dir: dir, Cache: cache, Self: []string{os.Args[0], "media-worker"}})
	if err != nil {
		return err
	}
	f, err := box.Load(context.Background(), bytes.NewReader(textPDF("", "A first page")), "first.pdf")
	if err != nil {
		return err
	}
	for _, err = range f.Pages(context.Background(), media.ImageRule{}, 0) {
		if err != nil {
			return err
		}
	}
	return box.Close()
})

// pdfBox makes a box whose PDF engine is compiled.
func pdfBox(t testing.TB) *media.Box {
	t.Helper()
	if err := compiled(); err != nil {
		t.Fatal(err)
	}
	return newBox(t)
}

var gemma = media.ImageRule{Sizes: []int{256, 512, 768}, Tiles: true}

func pages(t testing.TB, ctx context.Context, f *media.File, most int) ([]media.Page, error) {
	t.Helper()
	var list []media.Page
	for p, err := range f.Pages(ctx, gemma, most) {
		if err != nil {
			return list, err
		}
		list = append(list, p)
	}
	return list, nil
}

func TestPDF(t *testing.T) {
	t.Parallel()
	box := pdfBox(t)
	t.Run("text by page", func(t *testing.T) {
		t.Parallel()
		list, err := pages(t, t.Context(), load(t, box, textPDF("", "First page, hello\nsecond line", "The second page has words"), "a.pdf"), 3)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) != 2 || list[0].Mark != "page 1" || list[1].Mark != "page 2" ||
			list[0].Text != "First page, hello\nsecond line" || list[1].Text != "The second page has words" || list[0].Scan {
			t.Errorf("got %+v", list)
		}
	})
	t.Run("a scan as pictures, an empty page as nothing", func(t *testing.T) {
		t.Parallel()
		list, err := pages(t, t.Context(), load(t, box, scanPDF(t), "scan.pdf"), 5)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) != 2 || !list[0].Scan || len(list[0].Pictures) < 2 || list[1].Scan || list[1].Text != "" {
			t.Fatalf("got %d pages", len(list))
		}
		for _, p := range list[0].Pictures {
			if p.Width != 768 || p.Height != 768 {
				t.Errorf("%s is %d × %d", p.Note, p.Width, p.Height)
			}
			m, _, err := image.Decode(bytes.NewReader(p.Bytes))
			if err != nil {
				t.Fatal(err)
			}
			if dark(m) < 0.05 {
				t.Errorf("%s shows nothing", p.Note)
			}
		}
	})
	t.Run("a scan without pictures is marked", func(t *testing.T) {
		t.Parallel()
		list, err := pages(t, t.Context(), load(t, box, scanPDF(t), "scan.pdf"), 0)
		if err != nil || len(list) != 2 || !list[0].Scan || list[0].Pictures != nil {
			t.Errorf("got %+v, %v", list, err)
		}
	})
}

func dark(m image.Image) float64 {
	n, b := 0, m.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if r, _, _, _ := m.At(x, y).RGBA(); r < 0x8000 {
				n++
			}
		}
	}
	return float64(n) / float64(b.Dx()*b.Dy())
}

// TestBrokenPage holds that a page which breaks the sandbox costs that page, and that more pages are read than fit at once.
func TestBrokenPage(t *testing.T) {
	t.Parallel()
	objects := []string{"<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
		stream("/Type /XObject /Subtype /Form /BBox [0 0 100 100] /Resources << /XObject << /F 4 0 R >> >>", []byte("/F Do /F Do"))}
	kids := ""
	const count = 80
	for i := range count {
		kids += fmt.Sprintf("%d 0 R ", len(objects)+1)
		content := fmt.Sprintf("BT /F1 11 Tf 50 700 Td (This is the text of page %d) Tj ET", i+1)
		if i == 40 {
			content = "/F Do"
		}
		objects = append(objects,
			fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> /XObject << /F 4 0 R >> >> /Contents %d 0 R >>", len(objects)+2),
			stream("", []byte(content)))
	}
	objects[1] = fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %d >>", kids, count)
	list, err := pages(t, t.Context(), load(t, pdfBox(t), makePDF("", objects...), "a.pdf"), 2)
	var verdict *media.Error
	if !errors.As(err, &verdict) || !strings.HasPrefix(verdict.Safe, "Page 41 of this PDF ") {
		t.Errorf("got %v", err)
	}
	if len(list) != count-1 {
		t.Fatalf("%d pages", len(list))
	}
	for i, p := range list {
		n := i + 1
		if i >= 40 {
			n++
		}
		if want := fmt.Sprintf("This is the text of page %d", n); p.Text != want || p.N != n || p.Mark != fmt.Sprintf("page %d", n) {
			t.Errorf("page %d: %+v", n, p)
		}
	}
}

// TestPDFEnds holds that a page which takes long ends with the context, at once.
func TestPDFEnds(t *testing.T) {
	t.Parallel()
	form := strings.Repeat("/F Do ", 40)
	var objects []string
	objects = append(objects, "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Resources << /XObject << /F 5 0 R >> >> /Contents 4 0 R >>",
		stream("", []byte(form)))
	for i := range 8 { // 40 to the power of 8 forms
		objects = append(objects, stream(fmt.Sprintf("/Type /XObject /Subtype /Form /BBox [0 0 100 100] /Resources << /XObject << /F %d 0 R >> >>", i+6), []byte(form)))
	}
	objects = append(objects, stream("/Type /XObject /Subtype /Form /BBox [0 0 100 100]", []byte("0 0 9 9 re f")))
	f := load(t, pdfBox(t), makePDF("", objects...), "slow.pdf")
	stop := errors.New("stopped")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 500*time.Millisecond, stop)
	defer cancel()
	start := time.Now()
	_, err := pages(t, ctx, f, 1)
	t.Logf("%v after %v", err, time.Since(start))
	if !errors.Is(err, stop) && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if d := time.Since(start); d > 15*time.Second {
		t.Errorf("ended after %v", d)
	}
}

// TestHostilePDF holds that each has its verdict, within seconds, and that the box still reads a good one afterwards.
func TestHostilePDF(t *testing.T) {
	t.Parallel()
	box := pdfBox(t)
	good := textPDF("", "A page of text that is long enough to count")
	deep := strings.Repeat("[", 200_000) + strings.Repeat("]", 200_000)
	cases := map[string]struct {
		data []byte
		kind media.ErrorKind // empty: some pages, no error
	}{
		"locked": {textPDF("/ID [<00><00>] /Encrypt << /Filter /Standard /V 2 /R 3 /Length 128 /P -4 /O <"+strings.Repeat("ab", 32)+
			"> /U <"+strings.Repeat("cd", 32)+"> >>", "secret"), media.Unreadable},
		"cut off after the header": {good[:40], media.Unreadable},
		"garbage":                  {append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte("\x93\x01garbage"), 5000)...), media.Unreadable},
		"no pages":                 {makePDF("", "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [] /Count 0 >>"), media.Unreadable},
		"deeply nested": {makePDF("", "<< /Type /Catalog /Pages 2 0 R /Deep "+deep+" >>",
			"<< /Type /Pages /Kids [] /Count 0 >>"), media.Unreadable},
		"a page tree that holds itself": {makePDF("", "<< /Type /Catalog /Pages 2 0 R >>",
			"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"), ""},
		"a page of a million miles": {makePDF("", "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
			"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99999999 1] /Contents 4 0 R >>", stream("", []byte("0 0 99 99 re f"))), ""},
		"an image of 60000 by 60000": {makePDF("", "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
			"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Resources << /XObject << /I 4 0 R >> >> /Contents 5 0 R >>",
			stream("/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /ColorSpace /DeviceRGB /BitsPerComponent 8", []byte("x")),
			stream("", []byte("q 100 0 0 100 0 0 cm /I Do Q"))), ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			list, err := pages(t, t.Context(), load(t, box, c.data, "x.pdf"), 3)
			t.Logf("%d pages, %v, %v", len(list), err, time.Since(start))
			var verdict *media.Error
			if c.kind != "" && (!errors.As(err, &verdict) || verdict.Kind != c.kind) {
				t.Errorf("got %v, want %s", err, c.kind)
			}
			if c.kind == "" && err != nil && !errors.As(err, &verdict) {
				t.Errorf("got %v, want pages or a verdict", err)
			}
			if list, err = pages(t, t.Context(), load(t, box, good, "good.pdf"), 0); err != nil || len(list) != 1 {
				t.Errorf("a good document afterwards: %d pages, %v", len(list), err)
			}
		})
	}
	t.Run("cut off anywhere", func(t *testing.T) {
		t.Parallel()
		for at := 100; at < len(good); at += 61 {
			_, err := pages(t, t.Context(), load(t, box, good[:at], "cut.pdf"), 1)
			var verdict *media.Error
			if err != nil && !errors.As(err, &verdict) {
				t.Errorf("cut at %d: %v", at, err)
			}
		}
	})
}
