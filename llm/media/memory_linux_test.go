package media_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"parley/llm/media"
)

// worstWorker is what the largest worker process may take, in bytes.
const worstWorker = 300_000_000

// workerPeak prepares a picture and gives the largest resident size of the worker processes that did it.
func workerPeak(t *testing.T, data []byte) (peak int64, err error) {
	t.Helper()
	// A worker may not write to a file, but to a pipe.
	path := filepath.Join(t.TempDir(), "peak")
	must(t, syscall.Mkfifo(path, 0o600))
	pipe, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	must(t, err)
	defer pipe.Close()
	b := boxWith(t, withWorker(os.Args[0], "measured-worker", path))
	if _, err := images(t, b, data, "", squares, 4); err != nil {
		return 0, err
	}
	told, err := io.ReadAll(pipe)
	must(t, err)
	for _, line := range strings.Fields(string(told)) {
		one, err := strconv.ParseInt(line, 10, 64)
		must(t, err)
		peak = max(peak, one)
	}
	return peak, nil
}

// peakOf gives the largest resident size that this process has had, in bytes.
func peakOf() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	var kB int64
	if _, err := fmt.Sscan(rest, &kB); err != nil {
		return 0
	}
	return kB * 1024
}

// measuredWorker is a worker process that tells how large it has been.
func measuredWorker(path, order string) error {
	if err := media.Work(context.Background(), order, os.Stdin, os.Stdout); err != nil {
		return err
	}
	pipe, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(pipe, peakOf()); err != nil {
		return err
	}
	return pipe.Close()
}

func TestLargestPicturesTakeLessThan300MB(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for name, data := range map[string][]byte{
		// 4032 by 3024 pixels, as telephones have them, written by libheif.
		"HEIC": testdata(t, "phone.heic"),
		"AVIF": testdata(t, "phone.avif"),
		"PNG":  flatPNG(t, 7400, 7400),
		"JPEG": jpegFile(t, sceneOf(4000, 3000), 6),
		"WebP": webpFile(t, sceneOf(2000, 1500), 6),
		"GIF":  animatedGIF(t, 2000, 1500, 5),
		"TIFF": tiffOf(sceneOf(2000, 1500), 6, 5, packLZW),
	} {
		t.Run(name, func(t *testing.T) {
			peak, err := workerPeak(t, data)
			must(t, err)
			t.Logf("%d MB", peak/1e6)
			if peak == 0 || peak > worstWorker {
				t.Errorf("the worker took %d bytes", peak)
			}
		})
	}
}

// TestPicturesThatWouldTakeMoreNameTheirLimit makes the telephone's pictures larger than they say what they take.
func TestPicturesThatWouldTakeMoreNameTheirLimit(t *testing.T) {
	t.Parallel()
	b := boxWith(t, withWorker(os.Args[0], "media-worker"))
	for name, limit := range map[string]string{"phone.avif": "about 12.7 megapixels", "phone.heic": "about 26.6 megapixels"} {
		data := testdata(t, name)
		at := bytes.Index(data, []byte("ispe")) + 8
		for at > 8 { // of the tiles, too
			copy(data[at:], "\x00\x00\x1f\xff\x00\x00\x1a\xff")
			next := bytes.Index(data[at:], []byte("ispe"))
			if next < 0 {
				break
			}
			at += next + 8
		}
		_, err := images(t, b, data, name, squares, 1)
		if verdict(t, err) != media.TooLarge || !bytes.Contains([]byte(err.Error()), []byte(limit)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
