package media_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// encodePicture makes a picture of detail and noise with ffmpeg, whose filters a decoder has to undo.
func encodePicture(t *testing.T, w, h int, ext, format string, encoder ...string) []byte {
	t.Helper()
	needFFmpeg(t)
	path := filepath.Join(t.TempDir(), "picture."+ext)
	source := fmt.Sprintf("testsrc=size=320x240,noise=alls=30:allf=t,scale=%d:%d,format=%s", w, h, strings.TrimSuffix(format, "+alpha"))
	args := []string{"-v", "error", "-f", "lavfi", "-i", source, "-frames:v", "1"}
	if strings.HasSuffix(format, "+alpha") {
		args = append(args, "-filter_complex", "[0:v]split[a][b];[b]format=gray,geq=lum='mod(X,256)'[c]", "-map", "[a]", "-map", "[c]")
	}
	args = append(append(args, encoder...), path)
	if out, err := exec.CommandContext(t.Context(), "ffmpeg", args...).CombinedOutput(); err != nil {
		t.Skipf("this ffmpeg cannot make %s: %s", ext, out)
	}
	data, err := os.ReadFile(path)
	must(t, err)
	return data
}

func TestEncodersPicturesOfEverySizeAreReadInLessThan300MB(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	thorough := []string{"-c:v", "libaom-av1", "-still-picture", "1", "-cpu-used", "4"}
	quick := []string{"-c:v", "libaom-av1", "-still-picture", "1", "-cpu-used", "8", "-row-mt", "1"}
	webp, lossless := []string{"-c:v", "libwebp"}, []string{"-c:v", "libwebp", "-lossless", "1", "-compression_level", "1"}
	for _, c := range []struct {
		w, h        int
		ext, format string
		encoder     []string
	}{
		{16, 16, "avif", "yuv420p", thorough},
		{33, 17, "avif", "yuv420p", thorough},
		{33, 17, "avif", "yuv444p10le", thorough},
		{64, 64, "avif", "yuv420p+alpha", thorough},
		{320, 200, "avif", "yuv420p", thorough},
		{500, 400, "avif", "yuv420p", thorough},
		{640, 400, "avif", "yuv420p", thorough},
		{640, 400, "avif", "yuv420p10le", thorough},
		{640, 400, "avif", "yuv444p10le", thorough},
		{641, 479, "avif", "yuv420p+alpha", thorough},
		{801, 601, "avif", "yuv444p", thorough},
		{1024, 768, "avif", "yuv420p", thorough},
		{1280, 720, "avif", "yuv420p", thorough},
		{1401, 899, "avif", "yuv420p", quick},
		{1600, 1000, "avif", "yuv420p10le", quick},
		{1920, 1080, "avif", "yuv420p+alpha", quick},
		{1920, 1080, "avif", "yuv444p10le", quick},
		{4000, 3000, "avif", "yuv420p", quick},
		{16, 16, "webp", "yuv420p", webp},
		{33, 17, "webp", "bgra", lossless},
		{641, 479, "webp", "bgra", lossless},
		{1280, 720, "webp", "yuva420p", webp},
		{4000, 3000, "webp", "yuv420p", webp},
		{4000, 3000, "webp", "bgra", lossless},
	} {
		t.Run(fmt.Sprintf("%s of %d by %d as %s", c.ext, c.w, c.h, c.format), func(t *testing.T) {
			data := encodePicture(t, c.w, c.h, c.ext, c.format, c.encoder...)
			peak, err := workerPeak(t, data)
			must(t, err)
			t.Logf("%d MB", peak/1e6)
			if peak == 0 || peak > worstWorker {
				t.Errorf("the worker took %d bytes", peak)
			}
		})
	}
}
