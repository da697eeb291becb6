package media_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"parley/llm/media"
)

func text(list []media.Page) string {
	var all []string
	for _, p := range list {
		all = append(all, p.Text)
	}
	return strings.Join(all, "\n")
}

// mustPages reads all pages and holds them to the promises of Page.
func mustPages(t testing.TB, f *media.File) []media.Page {
	t.Helper()
	list, err := pages(t, t.Context(), f, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range list {
		if p.N != i+1 || p.Mark == "" || p.Text == "" || len(p.Text) > 16<<10+4<<10 || !utf8.ValidString(p.Text) {
			t.Errorf("page %d: %d, %q, %d bytes", i+1, p.N, p.Mark, len(p.Text))
		}
	}
	return list
}

func TestTextEncodings(t *testing.T) {
	t.Parallel()
	const want = "Grüße aus Köln – „heute“ für 5 €.\nZweite Zeile, naïve façade."
	units := utf16.Encode([]rune(want))
	utf16With := func(order binary.AppendByteOrder, bom bool) []byte {
		var b []byte
		if bom {
			b = order.AppendUint16(b, 0xfeff)
		}
		for _, u := range units {
			b = order.AppendUint16(b, u)
		}
		return b
	}
	windows := strings.NewReplacer("ü", "\xfc", "ß", "\xdf", "ö", "\xf6", "–", "\x96", "„", "\x84", "“", "\x93", "€", "\x80", "ï", "\xef", "ç", "\xe7").Replace(want)
	box := newBox(t)
	for name, data := range map[string][]byte{
		"UTF-8":                   []byte(want),
		"UTF-8 with mark":         []byte("\ufeff" + want),
		"UTF-16 little endian":    utf16With(binary.LittleEndian, true),
		"UTF-16 big endian":       utf16With(binary.BigEndian, true),
		"Windows-1252":            []byte(windows),
		"Windows line breaks":     []byte(strings.ReplaceAll(want, "\n", "\r\n")),
		"with control characters": []byte(strings.ReplaceAll(want, "\n", "\x1b\n")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := text(mustPages(t, load(t, box, data, "a.txt"))); got != want {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestMarksOfLines(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&b, "line number %d of the log\n", i+1)
	}
	list := mustPages(t, load(t, newBox(t), []byte(b.String()), "x.log"))
	if len(list) < 5 {
		t.Fatalf("%d pages", len(list))
	}
	for _, p := range list {
		var line int
		if _, err := fmt.Sscanf(p.Mark, "line %d", &line); err != nil || !strings.HasPrefix(p.Text, fmt.Sprintf("line number %d ", line)) {
			t.Errorf("page %d is marked %q and begins %.30q", p.N, p.Mark, p.Text)
		}
	}
	if got := text(list) + "\n"; got != b.String() {
		t.Errorf("%d of %d bytes", len(got), b.Len())
	}
}

func TestOneLongLine(t *testing.T) {
	t.Parallel()
	data := "[" + strings.Repeat(`"日本語",`, 50_000) + `""]`
	list := mustPages(t, load(t, newBox(t), []byte(data), "x.json"))
	var all strings.Builder
	for _, p := range list {
		all.WriteString(p.Text)
	}
	if all.String() != data {
		t.Errorf("%d of %d bytes", all.Len(), len(data))
	}
	if mark := list[1].Mark; !strings.HasPrefix(mark, "line 1, character ") {
		t.Errorf("second page is marked %q", mark)
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("id,name,note\n")
	for i := 2; i <= 1500; i++ {
		fmt.Fprintf(&b, "%d,\"person, %d\",\"first\nsecond\"\n", i, i)
	}
	list := mustPages(t, load(t, newBox(t), []byte(b.String()), "x.csv"))
	if len(list) < 3 {
		t.Fatalf("%d pages", len(list))
	}
	for _, p := range list[1:] {
		var row int
		if _, err := fmt.Sscanf(p.Mark, "row %d", &row); err != nil || !strings.HasPrefix(p.Text, fmt.Sprintf("id,name,note\n%d,\"person", row)) {
			t.Errorf("page %d is marked %q and begins %.50q", p.N, p.Mark, p.Text)
		}
	}
}

func TestWebPage(t *testing.T) {
	t.Parallel()
	const page = `<!DOCTYPE html><html><head><meta charset="iso-8859-1"><title>Opening hours</title><style>p{color:red}</style>
		<script>var secret = "</p>no</p>";</script></head><body><h1>Caf` + "\xe9" + ` <b>Roma</b></h1><p>Open   from
		<i>nine</i> to five.<br>Closed on <a href="x">Monday</a>.</p><div hidden>ignore <div>me</div> too</div><ul><li><p>Tea</p></li><li>Cake
		</li></ul><table><tr><th>Day</th><th>Hour</th></tr><tr><td><p>Tue</p></td><td>9&ndash;17</td></tr></table>
		<pre>a  b
  c</pre><img src="x" alt="a cup"><noscript>turn it on</noscript><!-- a remark --></body></html>`
	want := `Opening hours
# Café Roma
Open from nine to five.
Closed on Monday.
- Tea
- Cake
| Day | Hour
| Tue | 9–17
a  b
  c
[image: a cup]`
	got := text(mustPages(t, load(t, newBox(t), []byte(page), "x.html")))
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func docx(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range []string{"[Content_Types].xml", "_rels/.rels", "word/document.xml", "word/styles.xml", "word/footnotes.xml", "word/comments.xml", "word/header1.xml"} {
		if parts[name] == "" {
			continue
		}
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(parts[name])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// bomb is a document that unfolds to times the chunk.
func bomb(t testing.TB, before, chunk string, times int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	parts := office("")
	for _, name := range []string{"[Content_Types].xml", "_rels/.rels", "word/document.xml"} {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if name != "word/document.xml" {
			_, err = f.Write([]byte(parts[name]))
		} else {
			_, err = f.Write([]byte("<w:document><w:body>" + before))
			for i := 0; i < times && err == nil; i++ {
				_, err = f.Write([]byte(chunk))
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const word = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>%s</w:body></w:document>`

// office gives the parts of a document with this body.
func office(body string) map[string]string {
	return map[string]string{
		"[Content_Types].xml": `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"></Types>`,
		"_rels/.rels":         `<Relationships><Relationship Id="1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`,
		"word/document.xml":   fmt.Sprintf(word, body),
		"word/styles.xml":     `<w:styles><w:style w:styleId="berschrift2"><w:name w:val="heading 2"/></w:style></w:styles>`,
	}
}

func TestWordDocument(t *testing.T) {
	t.Parallel()
	parts := office(`<w:p><w:pPr><w:pStyle w:val="berschrift2"/></w:pPr><w:r><w:t>Minutes</w:t></w:r></w:p>
		<w:p><w:r><w:t xml:space="preserve">Ann &amp; </w:t></w:r><w:del><w:r><w:delText>Carl</w:delText><w:t>Carl</w:t></w:r></w:del><w:r><w:t>Bob came.</w:t><w:footnoteReference w:id="1"/></w:r></w:p>
		<w:p><w:pPr><w:numPr><w:ilvl w:val="1"/></w:numPr></w:pPr><w:r><w:t>buy</w:t><w:tab/><w:t>tea</w:t></w:r></w:p>
		<w:p><w:r><w:instrText>PAGE 7</w:instrText></w:r></w:p>
		<w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>b</w:t></w:r></w:p><w:p><w:r><w:t>c</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
		<w:p><w:r><w:lastRenderedPageBreak/><w:t>On the next page.</w:t></w:r></w:p>`)
	parts["word/footnotes.xml"] = `<w:footnotes><w:footnote w:type="separator" w:id="-1"><w:p/></w:footnote><w:footnote w:id="1"><w:p><w:r><w:t>By train.</w:t></w:r></w:p></w:footnote></w:footnotes>`
	parts["word/comments.xml"] = `<w:comments><w:comment w:id="4"><w:p><w:r><w:t>Sure?</w:t></w:r></w:p></w:comment></w:comments>`
	parts["word/header1.xml"] = `<w:hdr><w:p><w:r><w:t>Draft</w:t></w:r></w:p></w:hdr>`
	list := mustPages(t, load(t, newBox(t), docx(t, parts), "minutes.docx"))
	want := "## Minutes\nAnn & Bob came.[1]\n  - buy\ttea\n| a | b c |\nOn the next page.\n[1] By train.\n[comment 4] Sure?\n[header] Draft"
	if got := text(list); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if list[0].Mark != "paragraph 1" || list[1].Mark != "page 2, paragraph 5" {
		t.Errorf("marks %q, %q", list[0].Mark, list[1].Mark)
	}
}

func TestHostileWordDocument(t *testing.T) {
	t.Parallel()
	box := newBox(t)
	many := func() []byte {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for _, name := range []string{"[Content_Types].xml", "_rels/.rels", "word/document.xml"} {
			if _, err := w.Create(name); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 60_000 {
			if _, err := w.Create(fmt.Sprintf("word/%d", i)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}()
	good := docx(t, office("<w:p><w:r><w:t>text</w:t></w:r></w:p>"))
	for name, c := range map[string]struct {
		data []byte
		kind media.ErrorKind
	}{
		"unfolds to 40 MB":     {bomb(t, "", strings.Repeat("<w:p><w:r><w:t>bomb</w:t></w:r></w:p>", 6000), 180), media.TooLarge},
		"one text of 36 MB":    {bomb(t, "<w:p><w:r><w:t>", strings.Repeat("bomb ", 20_000), 360), media.TooLarge},
		"sixty thousand parts": {many, media.Unreadable},
		"no text":              {docx(t, office("")), media.Unreadable},
		"broken XML":           {docx(t, office("<w:p><w:r><w:t>a</w:t></w:r><!DOCTYPE")), media.Unreadable},
		"cut off":              {good[:len(good)-30], media.Unreadable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := load(t, box, c.data, "x.docx")
			_, err := pages(t, t.Context(), f, 0)
			var verdict *media.Error
			if !errors.As(err, &verdict) || verdict.Kind != c.kind {
				t.Errorf("got %v, want %s", err, c.kind)
			}
		})
	}
	t.Run("a million elements deep", func(t *testing.T) {
		t.Parallel()
		data := docx(t, office(strings.Repeat("<w:tbl><w:tr><w:tc>", 300_000)+"<w:p><w:r><w:t>deep</w:t></w:r></w:p>"))
		if got := text(mustPages(t, load(t, box, data, "x.docx"))); !strings.HasSuffix(got, "deep") {
			t.Errorf("got %.50q", got)
		}
	})
}

func TestPagesEndEarly(t *testing.T) {
	t.Parallel()
	box := pdfBox(t)
	for name, data := range map[string][]byte{
		"a.txt":  []byte(strings.Repeat("some words in a line\n", 5000)),
		"a.pdf":  textPDF("", "A first page of text", "A second page of text"),
		"a.html": []byte("<!DOCTYPE html><html>" + strings.Repeat("<p>some words in a line", 5000)),
		"a.docx": docx(t, office(strings.Repeat("<w:p><w:r><w:t>some words in a line</w:t></w:r></w:p>", 5000))),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := load(t, box, data, name)
			n := 0
			for _, err := range f.Pages(t.Context(), gemma, 0) {
				if err != nil {
					t.Fatal(err)
				}
				n++
				break
			}
			if n != 1 {
				t.Errorf("%d pages", n)
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := pages(t, ctx, f, 0); !errors.Is(err, context.Canceled) {
				t.Errorf("cancelled: %v", err)
			}
		})
	}
}
