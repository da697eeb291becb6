package media_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/llm/media"
)

// TestRecordersOfThePlatforms holds that each format is known by content and decoded.
func TestRecordersOfThePlatforms(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	r := &recording{}
	for i := range 5 * rate {
		r.pcm = append(r.pcm, int16(8000*(i/40%2*2-1)))
	}
	box := newBox(t)
	for name, c := range map[string]struct {
		ext  string
		args []string
	}{
		"Slack clip":            {"m4a", []string{"-c:a", "aac"}},
		"Slack clip as film":    {"mp4", []string{"-c:a", "aac"}},
		"Discord voice message": {"ogg", []string{"-c:a", "libopus", "-ar", "48000"}},
		"mp3":                   {"mp3", []string{"-c:a", "libmp3lame"}},
		"wav of 48 kHz stereo":  {"wav", []string{"-ar", "48000", "-ac", "2"}},
		"wav of 24 bit":         {"wav", []string{"-c:a", "pcm_s24le"}},
		"flac":                  {"flac", nil},
		"webm of a browser":     {"webm", []string{"-c:a", "libopus"}},
		"aac":                   {"aac", []string{"-c:a", "aac"}},
		"Vorbis":                {"ogg", []string{"-c:a", "libvorbis"}},
		"wma":                   {"wma", []string{"-c:a", "wmav2"}},
		"aiff":                  {"aiff", nil},
		"QuickTime":             {"mov", []string{"-c:a", "aac"}},
		"Matroska":              {"mka", []string{"-c:a", "flac"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := load(t, box, encode(t, r.wav(), c.ext, c.args...), "voice."+c.ext)
			if f.Kind != media.KindAudio && f.Kind != media.KindVideo {
				t.Fatalf("taken for %s, %s", f.Kind, f.MIME)
			}
			sound, err := f.Sound(t.Context())
			if err != nil || !sound.Track || sound.Film {
				t.Errorf("%s: got %+v, %v", f.MIME, sound, err)
			}
			list := pieces(t, t.Context(), f)
			checkCover(t, list, r.now(), 200*time.Millisecond)
			if len(list) != 1 || list[0].Silent {
				t.Errorf("%d pieces", len(list))
			}
		})
	}
}

func TestDamagedRecordings(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	r := &recording{}
	random := rand.New(rand.NewPCG(1, 2))
	for range 20 * rate {
		r.pcm = append(r.pcm, int16(random.IntN(20000)-10000))
	}
	ogg := encode(t, r.wav(), "ogg", "-c:a", "libopus")
	noise := make([]byte, 100_000)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	box := newBox(t)
	for name, data := range map[string][]byte{
		"ogg with garbage":         append(bytes.Clone(ogg[:200]), noise...),
		"ogg cut in half":          ogg[:len(ogg)/2],
		"ogg with a hole":          append(append(bytes.Clone(ogg[:len(ogg)/3]), noise[:5000]...), ogg[len(ogg)/3:]...),
		"mp4 without an index":     append([]byte("\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41\x00\x01\x86\xa0mdat"), noise...),
		"wav that claims too much": append(bytes.Clone(r.wav()[:44]), 1, 2),
		"wav of no channels":       append([]byte("RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00data\xff\xff\xff\xff"), noise...),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := load(t, box, data, "a.ogg")
			n := 0
			for p, err := range f.Pieces(t.Context()) {
				var verdict *media.Error
				if err != nil && (!errors.As(err, &verdict) || verdict.Kind != media.Unreadable || strings.Contains(verdict.Safe, "/")) {
					t.Errorf("after %d pieces: %v", n, err)
				}
				if err == nil && p.To-p.From > 30*time.Second {
					t.Errorf("piece of %v", p.To-p.From)
				}
				n++
			}
			if n == 0 {
				t.Error("neither a piece nor a verdict")
			}
			var verdict *media.Error
			if _, err := f.Sound(t.Context()); err != nil && !errors.As(err, &verdict) {
				t.Errorf("probe: %v", err)
			}
		})
	}
	t.Run("a list of other files opens nothing", func(t *testing.T) {
		t.Parallel()
		f := load(t, box, []byte("ffconcat version 1.0\nfile /etc/passwd\n"), "list.mp4")
		for p, err := range f.Pieces(t.Context()) {
			var verdict *media.Error
			if !errors.As(err, &verdict) || verdict.Kind != media.Unsupported {
				t.Errorf("got %+v, %v", p, err)
			}
		}
	})
}

func TestSilentPiece(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	r := &recording{}
	r.pause(40 * time.Second)
	list := pieces(t, t.Context(), load(t, newBox(t), r.wav(), "a.wav"))
	checkCover(t, list, r.now(), 0)
	for _, p := range list {
		if !p.Silent || p.Overlap > 0 {
			t.Errorf("piece %d: silent %v, overlap %v", p.N, p.Silent, p.Overlap)
		}
	}
}

// TestNoisyRoom holds that pauses are found above the hum of a room, and that even noise is cut with an overlap.
func TestNoisyRoom(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	random := rand.New(rand.NewPCG(3, 4))
	r := &recording{}
	for r.now() < 2*time.Minute {
		for range 3 * rate {
			r.pcm = append(r.pcm, int16(random.IntN(16000)-8000))
		}
		r.pause(400 * time.Millisecond)
	}
	for i := range r.pcm {
		r.pcm[i] += int16(random.IntN(1000) - 500)
	}
	list := pieces(t, t.Context(), load(t, newBox(t), r.wav(), "a.wav"))
	checkCover(t, list, r.now(), 0)
	for _, p := range list[1:] {
		if p.Overlap > 0 || !inPause(r, p.From, 0) {
			t.Errorf("piece %d begins at %v, overlap %v", p.N, p.From, p.Overlap)
		}
	}
	even := &recording{}
	for range 70 * rate {
		even.pcm = append(even.pcm, int16(random.IntN(16000)-8000))
	}
	list = pieces(t, t.Context(), load(t, newBox(t), even.wav(), "a.wav"))
	checkCover(t, list, even.now(), 0)
	for _, p := range list[1:] {
		if p.Overlap != 500*time.Millisecond {
			t.Errorf("piece %d overlaps %v", p.N, p.Overlap)
		}
	}
}

func TestPiecesEnd(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	r := &recording{}
	for i := range 300 * rate {
		r.pcm = append(r.pcm, int16(i%9000))
	}
	f := load(t, newBox(t), r.wav(), "a.wav")
	t.Run("when the reader leaves", func(t *testing.T) {
		t.Parallel()
		for _, err := range f.Pieces(t.Context()) {
			if err != nil {
				t.Error(err)
			}
			break
		}
	})
	t.Run("with the cause when the context ends", func(t *testing.T) {
		t.Parallel()
		stop := errors.New("stopped")
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		var last error
		for _, err := range f.Pieces(ctx) {
			cancel(stop)
			last = err
		}
		if !errors.Is(last, stop) {
			t.Errorf("got %v", last)
		}
	})
}

// program writes a script that stands in for ffmpeg.
func program(t testing.TB, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tool")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFFmpegIsHeld(t *testing.T) {
	t.Parallel()
	r := &recording{}
	r.pause(time.Second)
	run := func(t *testing.T, script string) error {
		tool := program(t, script)
		box, err := media.New(media.Options{Dir: t.TempDir(), FFmpeg: tool, FFprobe: tool})
		if err != nil {
			t.Fatal(err)
		}
		f := load(t, box, r.wav(), "a.wav")
		var last error
		for _, err := range f.Pieces(t.Context()) {
			last = err
		}
		return last
	}
	verdict := func(t *testing.T, err error) *media.Error {
		var v *media.Error
		if !errors.As(err, &v) || v.Kind != media.Unreadable {
			t.Fatalf("got %v", err)
		}
		return v
	}
	t.Run("it may write no file", func(t *testing.T) {
		t.Parallel()
		out := filepath.Join(t.TempDir(), "out")
		verdict(t, run(t, "echo stolen > "+out+"; exit 1"))
		if data, _ := os.ReadFile(out); len(data) > 0 {
			t.Errorf("it wrote %q", data)
		}
	})
	t.Run("it sees no environment", func(t *testing.T) {
		t.Parallel()
		err := verdict(t, run(t, "env >&2; exit 1"))
		for line := range strings.FieldsSeq(err.Err.Error()) {
			if name, _, ok := strings.Cut(line, "="); ok && name != "LC_ALL" && name != "PWD" && name != "SHLVL" && name != "_" && name != "OLDPWD" {
				t.Errorf("it sees %s", line)
			}
		}
	})
	t.Run("it has its memory bounded", func(t *testing.T) {
		t.Parallel()
		if err := verdict(t, run(t, "ulimit -v >&2; exit 1")); strings.Contains(err.Err.Error(), "unlimited") {
			t.Skip("this system bounds no address space")
		}
	})
	t.Run("its children die with it", func(t *testing.T) {
		t.Parallel()
		pipe := filepath.Join(t.TempDir(), "alive")
		start := time.Now()
		// Without the group's end the child would hold the pipe of the output open for a minute.
		tool := program(t, "sleep 60 & head -c 2000000 /dev/zero; wait; echo > "+pipe)
		box, err := media.New(media.Options{Dir: t.TempDir(), FFmpeg: tool})
		if err != nil {
			t.Fatal(err)
		}
		for range load(t, box, r.wav(), "a.wav").Pieces(t.Context()) {
			break
		}
		if d := time.Since(start); d > 20*time.Second {
			t.Errorf("took %v", d)
		}
	})
	t.Run("what it complains of is kept, and bounded", func(t *testing.T) {
		t.Parallel()
		err := verdict(t, run(t, "head -c 1000000 /dev/zero | tr '\\0' x >&2; echo 'the end' >&2; exit 1"))
		if s := err.Err.Error(); len(s) > 3000 || !strings.Contains(s, "the end") {
			t.Errorf("%d bytes: %.100s", len(s), s)
		}
	})
}

func TestWithoutFFmpeg(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "missing")
	r := &recording{}
	r.pause(90 * time.Second)
	box, err := media.New(media.Options{Dir: t.TempDir(), FFmpeg: missing, FFprobe: missing})
	if err != nil {
		t.Fatal(err)
	}
	f := load(t, box, r.wav(), "a.wav")
	for _, err := range f.Pieces(t.Context()) {
		var verdict *media.Error
		if !errors.As(err, &verdict) || verdict.Kind != media.Missing || !strings.Contains(verdict.Safe, "ffmpeg") {
			t.Errorf("pieces: %v", err)
		}
	}
	if sound, err := f.Sound(t.Context()); err != nil || sound.Duration != 90*time.Second {
		t.Errorf("probe: %+v, %v", sound, err)
	}
	if data, mime, ok := f.Raw(t.Context(), 10<<20); !ok || mime != "audio/wav" || !bytes.Equal(data, r.wav()) {
		t.Errorf("raw: %d bytes of %s, %v", len(data), mime, ok)
	}
	if _, _, ok := f.Raw(t.Context(), 1000); ok {
		t.Error("raw gives more than allowed")
	}
}
