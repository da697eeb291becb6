package media_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"parley/llm/media"
)

func withWorker(command ...string) func(*media.Options) {
	return func(o *media.Options) { o.Self = command }
}

func TestWorkerGivesWhatThisProcessWould(t *testing.T) {
	t.Parallel()
	here, there := newBox(t), boxWith(t, withWorker(os.Args[0], "media-worker"))
	for name, data := range map[string][]byte{
		"jpeg": jpegFile(t, storedAs(scene(), 6), 6), "webp": animatedWebP(t), "avif": avifFile(t, scene()), "heic": heicFile(t),
		"gif": animatedGIF(t, 64, 64, 3), "cut": jpegFile(t, scene(), 0)[:900], "bomb": flatPNG(t, 30000, 3000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, wantErr := images(t, here, data, name, squares, 3)
			got, err := images(t, there, data, name, squares, 3)
			if verdict(t, err) != verdict(t, wantErr) || notesOf(got) != notesOf(want) {
				t.Fatalf("%v %v, want %v %v", notesOf(got), err, notesOf(want), wantErr)
			}
			for i := range got {
				if !bytes.Equal(got[i].Bytes, want[i].Bytes) {
					t.Error("another picture")
				}
			}
		})
	}
}

func TestWorkerThatTakesTooMuchIsEnded(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the kernel has no such limit")
	}
	b := boxWith(t, withWorker(os.Args[0], "greedy-worker"))
	_, err := images(t, b, jpegFile(t, scene(), 0), "", squares, 1)
	if verdict(t, err) != media.Unreadable {
		t.Error(err)
	}
}

func TestWorkerThatFailsIsAVerdict(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("needs sh")
	}
	for name, script := range map[string]string{
		"killed": "kill -9 $$", "garbage": "echo nonsense", "nothing": "true", "never ends": "exec sleep 100",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := boxWith(t, func(o *media.Options) {
				o.Self, o.DecodeTimeout = []string{"/bin/sh", "-c", "PATH=/usr/bin:/bin; " + script}, time.Second
			})
			_, err := images(t, b, jpegFile(t, scene(), 0), "", squares, 1)
			if verdict(t, err) != media.Unreadable {
				t.Error(err)
			}
		})
	}
	t.Run("not there", func(t *testing.T) {
		t.Parallel()
		_, err := images(t, boxWith(t, withWorker("/nonexistent/parley")), jpegFile(t, scene(), 0), "", squares, 1)
		var known *media.Error
		if err == nil || errors.As(err, &known) {
			t.Errorf("%v is laid on the picture", err)
		}
	})
}

// TestEndlessOutput is run by TestWorkerThatNeverStopsWritingIsBounded in a process of its own.
func TestEndlessOutput(t *testing.T) {
	if os.Getenv("MEDIA_HEAVY") == "" {
		t.Skip("only measured in a process of its own")
	}
	defer tellPeak()
	b := boxWith(t, func(o *media.Options) {
		o.Self, o.DecodeTimeout = []string{"/bin/sh", "-c", "PATH=/usr/bin:/bin; exec yes"}, time.Second
	})
	_, err := images(t, b, jpegFile(t, scene(), 0), "", squares, 1)
	if verdict(t, err) != media.Unreadable {
		t.Error(err)
	}
}

func TestWorkerThatNeverStopsWritingIsBounded(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("needs sh")
	}
	boundedMemory(t, "TestEndlessOutput")
}

func TestWorkerEndsWithItsContext(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("needs sh")
	}
	b := boxWith(t, withWorker("/bin/sh", "-c", "PATH=/usr/bin:/bin; exec sleep 100"))
	f, err := b.Load(t.Context(), bytes.NewReader(jpegFile(t, scene(), 0)), "")
	must(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err = f.Images(ctx, squares, 1)
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 10*time.Second {
		t.Errorf("%v after %v", err, time.Since(began))
	}
}

func TestWorkerGetsNothingOfTheEnvironment(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("needs sh")
	}
	var log bytes.Buffer
	b := boxWith(t, func(o *media.Options) {
		o.Self = []string{"/bin/sh", "-c", "export -p >&2; exit 1"}
		o.Logger = slog.New(slog.NewJSONHandler(&log, nil))
	})
	_, err := images(t, b, jpegFile(t, scene(), 0), "", squares, 1)
	if verdict(t, err) != media.Unreadable || !strings.Contains(log.String(), "GOMEMLIMIT") {
		t.Fatalf("%v, %s", err, log.String())
	}
	for _, name := range []string{"HOME", "GOPATH", "LOGNAME", "SSH", "TOKEN"} {
		if strings.Contains(log.String(), name) {
			t.Errorf("%s is in %s", name, log.String())
		}
	}
}
