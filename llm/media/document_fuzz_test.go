package media_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"parley/llm/media"
)

// fuzzPages holds that a document of any bytes ends in pages that keep their promises, or in a verdict.
func fuzzPages(f *testing.F, name string, build func(testing.TB, []byte) []byte) {
	box := newBox(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := box.Load(t.Context(), bytes.NewReader(build(t, data)), name)
		var verdict *media.Error
		if errors.As(err, &verdict) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if file.Kind != media.KindDocument {
			return
		}
		n := 0
		for p, err := range file.Pages(t.Context(), media.ImageRule{}, 0) {
			if err != nil {
				if !errors.As(err, &verdict) {
					t.Fatalf("neither a page nor a verdict: %v", err)
				}
				continue
			}
			n++
			if p.N != n || p.Mark == "" || !utf8.ValidString(p.Text) || strings.ContainsAny(p.Text, "\x00\x1b\r") || len(p.Text) > 40<<10 {
				t.Fatalf("page %d: %+v", n, p)
			}
		}
	})
}

func FuzzHTML(f *testing.F) {
	for _, s := range []string{"<p>a<b>c</b>", "<div hidden><div></div>x", "<table><tr><td><p>a<td>b", "<pre>\n a", "<h1><li></h1>", "&#0;&#x1b;&nbsp;", "<script><!--<script></script>"} {
		f.Add([]byte(s))
	}
	fuzzPages(f, "a.html", func(_ testing.TB, data []byte) []byte { return append([]byte("<!DOCTYPE html>"), data...) })
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"a\nb", "\xff\xfea\x00", "a,b\n\"c\n", strings.Repeat("ü", 9000), "\xe9t\xe9", "\ufeff{}"} {
		f.Add([]byte(s))
	}
	fuzzPages(f, "a.txt", func(_ testing.TB, data []byte) []byte { return data })
}

func FuzzTable(f *testing.F) {
	f.Add([]byte("\"d\n,e\",f\n"))
	fuzzPages(f, "a.csv", func(_ testing.TB, data []byte) []byte { return append([]byte("a,b,c\n1,2,3\n4,5,6\n7,8,9\n"), data...) })
}

// FuzzDocx fuzzes the XML inside a whole archive.
func FuzzDocx(f *testing.F) {
	for _, s := range []string{
		"<w:p><w:r><w:t>a</w:t></w:r></w:p>", "<w:tbl><w:tr><w:tc>", "</w:tr></w:tc></w:p>", "<w:del><w:t>x</w:del>",
		`<w:ilvl w:val="9"/>`, `<w:br w:type="page"/>`, "<![CDATA[", "<!DOCTYPE a [<!ENTITY b 'c'>]>&b;", "<w:t>&#27;&#13;</w:t>",
	} {
		f.Add([]byte(s))
	}
	fuzzPages(f, "a.docx", func(t testing.TB, data []byte) []byte { return docx(t, office(string(data))) })
}

// FuzzDocxArchive fuzzes the archive.
func FuzzDocxArchive(f *testing.F) {
	f.Add(docx(f, office("<w:p><w:r><w:t>a</w:t></w:r></w:p>")))
	fuzzPages(f, "a.docx", func(_ testing.TB, data []byte) []byte { return data })
}

// FuzzJoiner holds that nothing is lost where nothing overlaps, and that what is joined never grows beyond its parts.
func FuzzJoiner(f *testing.F) {
	f.Add("the quick brown f", "brown fox jumps.", true)
	f.Add("今日は天気が", "天気がいい", true)
	f.Add("no.", "No, no", false)
	f.Add("e\u0301", "\u0301e", true)
	f.Fuzz(func(t *testing.T, a, b string, overlap bool) {
		var j media.Joiner
		j.Add(a, 0)
		d := time.Duration(0)
		if overlap {
			d = time.Second / 2
		}
		j.Add(b, d)
		j.Add("", d)
		got := j.String()
		if !utf8.ValidString(got) {
			t.Fatalf("%q is not UTF-8", got)
		}
		a, b = strings.TrimSpace(strings.ToValidUTF8(a, "\uFFFD")), strings.TrimSpace(strings.ToValidUTF8(b, "\uFFFD"))
		if len(got) > len(a)+len(b)+1 {
			t.Fatalf("%q and %q give %q", a, b, got)
		}
		if !overlap && strings.Replace(got, " ", "", -1) != strings.Replace(a+b, " ", "", -1) {
			t.Fatalf("%q and %q give %q", a, b, got)
		}
	})
}

// FuzzWAV holds that a header never gives a length that the file cannot have.
func FuzzWAV(f *testing.F) {
	r := &recording{}
	r.pause(time.Second / 100)
	f.Add(r.wav())
	f.Add([]byte("RIFF\x04\x00\x00\x00WAVELIST\x00\x00\x00\x00"))
	box, err := media.New(media.Options{Dir: f.TempDir(), FFmpeg: "no such program", FFprobe: "no such program"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := box.Load(t.Context(), bytes.NewReader(data), "a.wav")
		if err != nil {
			return
		}
		defer file.Close()
		if file.MIME != "audio/wav" {
			return
		}
		sound, err := file.Sound(t.Context())
		var verdict *media.Error
		if err != nil && !errors.As(err, &verdict) {
			t.Fatal(err)
		}
		if bytesASecond := binary.LittleEndian.Uint32(append(bytes.Clone(data), make([]byte, 64)...)[28:]); sound.Duration < 0 ||
			string(data[12:16]) == "fmt " && bytesASecond > 0 && sound.Duration > time.Duration(float64(len(data)+1)/float64(bytesASecond)*1e9)+1 {
			t.Fatalf("%d bytes are %v", len(data), sound.Duration)
		}
	})
}
