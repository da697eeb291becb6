package media_test

import (
	"bytes"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"parley/llm/media"
)

// photo is a JPEG file of w by h like one of a camera: shapes, shades and some noise.
func photo(t testing.TB, w, h int) []byte {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	grain := noise(256, 256)
	for y := range h {
		for x := range w {
			g := grain.Pix[(y%256*256+x%256)*4:]
			p := m.Pix[m.PixOffset(x, y):]
			p[0] = uint8(x*200/w) + g[0]/12
			p[1] = uint8(y*200/h) + g[1]/12
			p[2] = uint8((x/97+y/61)%8*24) + g[2]/12
			p[3] = 255
		}
	}
	return jpegFile(t, m, 6)
}

// BenchmarkTwelveMegapixels prepares a camera's picture for a square of 768, beside what libvips takes for the same.
func BenchmarkTwelveMegapixels(b *testing.B) {
	data := photo(b, 4000, 3000)
	path := filepath.Join(b.TempDir(), "photo.jpg")
	must(b, os.WriteFile(path, data, 0o600))
	for _, c := range []struct {
		name string
		self []string
	}{{"in process", nil}, {"in a worker", []string{os.Args[0], "media-worker"}}} {
		b.Run(c.name, func(b *testing.B) {
			f, err := boxWith(b, func(o *media.Options) { o.Self = c.self }).Load(b.Context(), bytes.NewReader(data), "photo.jpg")
			must(b, err)
			resetPeak(b)
			b.ReportAllocs()
			for b.Loop() {
				_, err := f.Images(b.Context(), squares, 1)
				must(b, err)
			}
			b.ReportMetric(float64(peak(b))/1e6, "peak-MB")
			var children syscall.Rusage
			must(b, syscall.Getrusage(syscall.RUSAGE_CHILDREN, &children))
			b.ReportMetric(float64(children.Maxrss)/1e3, "worker-peak-MB")
		})
	}
	b.Run("vipsthumbnail", func(b *testing.B) {
		vips, err := exec.LookPath("vipsthumbnail")
		if err != nil {
			b.Skip("vipsthumbnail is not installed")
		}
		out := filepath.Join(b.TempDir(), "small.jpg")
		var most int64
		for b.Loop() {
			cmd := exec.Command(vips, path, "--size", "768x768", "-o", out+"[Q=80,strip]")
			must(b, cmd.Run())
			if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
				most = max(most, u.Maxrss)
			}
		}
		b.ReportMetric(float64(most)/1e3, "peak-MB")
	})
}

// resetPeak makes Linux forget the largest resident size of this process.
func resetPeak(t testing.TB) {
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o600); err != nil {
		t.Log("peak memory is that of the whole run:", err)
	}
}

// peak gives the largest resident size in bytes; 0 where the system does not tell.
func peak(t testing.TB) int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	line, _, _ := strings.Cut(rest, "kB")
	n, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
	must(t, err)
	return n * 1024
}
