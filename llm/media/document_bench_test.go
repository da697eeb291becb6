package media_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"parley/llm/media"
)

// BenchmarkPieces decodes and cuts ten minutes of a voice message.
func BenchmarkPieces(b *testing.B) {
	benchmarkPieces(b, "600")
}

// BenchmarkPiecesHour shows that memory does not grow with the length.
func BenchmarkPiecesHour(b *testing.B) {
	benchmarkPieces(b, "3600")
}

func benchmarkPieces(b *testing.B, seconds string) {
	path := filepath.Join(b.TempDir(), "voice.ogg")
	// A voice that comes and goes every four seconds.
	source := "aevalsrc='0.4*sin(2*PI*220*t)*gt(mod(t,4),0.5)':s=16000:d=" + seconds
	args := []string{"-nostdin", "-v", "error", "-f", "lavfi", "-i", source, "-c:a", "libopus", "-b:a", "32k", path}
	if out, err := exec.CommandContext(b.Context(), needFFmpeg(b), args...).CombinedOutput(); err != nil {
		b.Skipf("make recording: %s", out)
	}
	box := newBox(b)
	file, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	f, err := box.Load(b.Context(), file, "voice.ogg")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for p, err := range f.Pieces(b.Context()) {
			if err != nil {
				b.Fatal(err)
			}
			n += len(p.WAV)
		}
		if n == 0 {
			b.Fatal("no sound")
		}
	}
}

// BenchmarkPDF reads the text of 500 pages.
func BenchmarkPDF(b *testing.B) {
	page := strings.Repeat("Some ninety characters of text stand on each line of this page, as they do in many a report.\n", 50)
	var texts []string
	for range 500 {
		texts = append(texts, page)
	}
	f := load(b, pdfBox(b), textPDF("", texts...), "report.pdf")
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for _, err := range f.Pages(b.Context(), media.ImageRule{}, 0) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != 500 {
			b.Fatalf("%d pages", n)
		}
	}
}
