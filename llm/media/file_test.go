package media_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/llm/media"
)

// zeros never ends.
type zeros struct{ read int64 }

func (z *zeros) Read(p []byte) (int, error) {
	clear(p)
	z.read += int64(len(p))
	return len(p), nil
}

func TestLoadKnowsFilesByTheirContent(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	for name, c := range map[string]struct {
		data []byte
		kind media.Kind
		mime string
	}{
		"a.txt":   {pngFile(t, sceneOf(4, 4), 0), media.KindImage, "image/png"},
		"b.png":   {jpegFile(t, sceneOf(4, 4), 0), media.KindImage, "image/jpeg"},
		"c.avif":  {avifFile(t, sceneOf(16, 16)), media.KindImage, "image/avif"},
		"d.heic":  {heicFile(t), media.KindImage, "image/heic"},
		"e":       {animatedWebP(t), media.KindImage, "image/webp"},
		"f.go":    {[]byte("package main\n\nfunc main() {}\n"), media.KindDocument, "text/plain"},
		"g.csv":   {[]byte("a,b\n1,2\n3,4\n"), media.KindDocument, "text/csv"},
		"h.json":  {[]byte(`{"a": [1, 2]}`), media.KindDocument, "application/json"},
		"i.pdf":   {[]byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), media.KindDocument, "application/pdf"},
		"j.html":  {[]byte("<!DOCTYPE html><title>x</title>"), media.KindDocument, "text/html"},
		"k.ogg":   {[]byte("OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x01\x02\x03\x04\x00\x00\x00\x00\x05\x06\x07\x08\x01\x13OpusHead\x01\x01"), media.KindAudio, ""},
		"l.wav":   {[]byte("RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00"), media.KindAudio, "audio/wav"},
		"m.mp4":   {[]byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00isommp42"), media.KindVideo, "video/mp4"},
		"n.m4a":   {[]byte("\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00isomM4A "), media.KindAudio, ""},
		"p.py":    {[]byte("BM is how this text begins\n"), media.KindDocument, "text/plain"},
		"q.webm":  {[]byte("\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84webm"), media.KindVideo, "video/webm"},
		"r.emoji": {[]byte("日本語のテキスト 🙂\n"), media.KindDocument, "text/plain"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := b.Load(t.Context(), bytes.NewReader(c.data), name)
			must(t, err)
			sum := sha256.Sum256(c.data)
			if f.Kind != c.kind || c.mime != "" && f.MIME != c.mime || f.Size != int64(len(c.data)) || f.SHA256 != hex.EncodeToString(sum[:]) || f.Name != name {
				t.Errorf("%+v", f)
			}
			must(t, f.Close())
			must(t, f.Close())
		})
	}
}

func TestLoadStopsAtTheLimit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b, err := media.New(media.Options{Dir: dir, MaxFile: 1 << 20})
	must(t, err)
	var endless zeros
	_, err = b.Load(t.Context(), &endless, "a.png")
	if verdict(t, err) != media.TooLarge || !strings.Contains(err.Error(), "1 MB") {
		t.Error(err)
	}
	if endless.read > 1<<20+64<<10 {
		t.Errorf("%d bytes were read", endless.read)
	}
	exact, err := b.Load(t.Context(), io.LimitReader(strings.NewReader(strings.Repeat("text ", 1<<20)), 1<<20), "a.txt")
	must(t, err)
	must(t, exact.Close())
	empty(t, dir)
	must(t, b.Close())
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Error("Close leaves its directory", err)
	}
}

// empty checks that the Box in dir holds no file.
func empty(t testing.TB, dir string) {
	t.Helper()
	boxes, err := os.ReadDir(dir)
	must(t, err)
	for _, b := range boxes {
		files, err := os.ReadDir(dir + "/" + b.Name())
		must(t, err)
		for _, f := range files {
			if !f.IsDir() {
				t.Errorf("%s is left", f.Name())
			}
		}
	}
}

func TestLoadThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b, err := media.New(media.Options{Dir: dir})
	must(t, err)
	lost := errors.New("connection lost")
	if _, err := b.Load(t.Context(), io.MultiReader(strings.NewReader("half"), failing{lost}), "a"); !errors.Is(err, lost) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(lost)
	if _, err := b.Load(ctx, &zeros{}, "a"); !errors.Is(err, lost) {
		t.Error(err)
	}
	_, err = b.Load(t.Context(), strings.NewReader(""), "a")
	if verdict(t, err) != media.Unreadable {
		t.Error(err)
	}
	empty(t, dir)
	must(t, b.Close())
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestNewWantsADirectory(t *testing.T) {
	t.Parallel()
	if _, err := media.New(media.Options{}); err == nil {
		t.Error("no directory")
	}
	if _, err := media.New(media.Options{Dir: "/nonexistent"}); err == nil {
		t.Error("a directory that is not there")
	}
}

// TestHeavyFiles is run by TestHeavyFilesTakeBoundedMemory in a process of its own, and decodes in that process.
func TestHeavyFiles(t *testing.T) {
	if os.Getenv("MEDIA_HEAVY") == "" {
		t.Skip("only measured in a process of its own")
	}
	defer tellPeak()
	b := newBox(t)
	for name, c := range map[string]struct {
		data []byte
		want media.ErrorKind
	}{
		"30,000 by 30,000 of one colour": {flatPNG(t, 30000, 30000), media.TooLarge},
		"49 megapixels of one colour":    {flatPNG(t, 7000, 7000), ""},
		"long GIF":                       {animatedGIF(t, 1000, 1000, 60), ""},
		"JPEG":                           {jpegFile(t, sceneOf(4000, 3000), 6), ""},
	} {
		_, err := images(t, b, c.data, "", squares, 4)
		if got := verdict(t, err); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
	_, err := b.Load(t.Context(), io.LimitReader(&zeros{}, 300_000_000), "a.bin")
	if verdict(t, err) != media.TooLarge {
		t.Error(err)
	}
}

func TestHeavyFilesTakeBoundedMemory(t *testing.T) {
	t.Parallel()
	boundedMemory(t, "TestHeavyFiles")
}

// boundedMemory runs a test in a process of its own, which must never be larger than 300 MB.
func boundedMemory(t *testing.T, name string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+name+"$")
	cmd.Env = append(os.Environ(), "MEDIA_HEAVY=1", "GOMEMLIMIT=250MiB")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	_, told, found := strings.Cut(string(out), peakMark)
	if !found {
		t.Skip("the system does not tell")
	}
	var kB int
	if _, err := fmt.Sscan(told, &kB); err != nil {
		t.Fatalf("%v in %q", err, told)
	}
	if kB > 300_000 {
		t.Errorf("%d kB", kB)
	}
	t.Logf("peak %d MB", kB/1000)
}

// peakMark begins the line that a measured process prints.
const peakMark = "peak memory in kB:"

// tellPeak prints the most memory that this process has had. What its parent is told of it would begin with the parent's own size.
func tellPeak() {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return
	}
	if _, rest, found := strings.Cut(string(status), "VmHWM:"); found {
		line, _, _ := strings.Cut(rest, "\n")
		fmt.Println(peakMark, strings.TrimSuffix(strings.TrimSpace(line), " kB"))
	}
}

func TestNewSweepsWhatACrashLeft(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"media-crashed", "media-fresh", "other"} {
		must(t, os.Mkdir(filepath.Join(dir, name), 0o700))
		must(t, os.WriteFile(filepath.Join(dir, name, "file-1"), []byte("left"), 0o600))
	}
	living, err := media.New(media.Options{Dir: dir})
	must(t, err)
	old := time.Now().Add(-time.Hour)
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		if e.Name() != "media-fresh" {
			must(t, os.Chtimes(filepath.Join(dir, e.Name()), old, old))
		}
	}
	second, err := media.New(media.Options{Dir: dir})
	must(t, err)
	left, err := os.ReadDir(dir)
	must(t, err)
	// The two boxes, the fresh directory, and what is not ours.
	if _, err := os.Stat(filepath.Join(dir, "media-crashed")); !errors.Is(err, os.ErrNotExist) || len(left) != 4 {
		t.Errorf("%v, %v", left, err)
	}
	f, err := living.Load(t.Context(), strings.NewReader("text"), "a.txt")
	must(t, err)
	must(t, f.Close())
	must(t, living.Close())
	must(t, second.Close())
}
