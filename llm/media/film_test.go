package media_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/llm/media"
)

// film makes a film of scenes of one colour each, with a tone as its sound, and gives the file's content.
func film(t testing.TB, ext string, codec []string, scenes ...string) []byte {
	t.Helper()
	args := []string{"-nostdin", "-v", "error"}
	filter := ""
	for i, s := range scenes {
		args = append(args, "-f", "lavfi", "-i", s)
		filter += fmt.Sprintf("[%d]", i)
	}
	to := filepath.Join(t.TempDir(), "film."+ext)
	args = append(args, "-f", "lavfi", "-i", "sine=frequency=440", "-filter_complex", filter+fmt.Sprintf("concat=n=%d:v=1[v]", len(scenes)),
		"-map", "[v]", "-map", fmt.Sprintf("%d:a", len(scenes)), "-shortest")
	args = append(append(args, codec...), to)
	if out, err := exec.CommandContext(t.Context(), needFFmpeg(t), args...).CombinedOutput(); err != nil {
		t.Skipf("this ffmpeg cannot make %s: %s", ext, out)
	}
	data, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

var mpeg4 = []string{"-c:v", "mpeg4", "-q:v", "4", "-c:a", "aac"}

// centre gives the colour in the middle of a picture, as one of a few names.
func centre(t testing.TB, p media.Picture) string {
	t.Helper()
	m, _, err := image.Decode(bytes.NewReader(p.Bytes))
	if err != nil {
		t.Fatal(err)
	}
	c := color.RGBAModel.Convert(m.At(m.Bounds().Dx()/2, m.Bounds().Dy()/2)).(color.RGBA)
	switch {
	case c.R > 180 && c.G < 80 && c.B < 80:
		return "red"
	case c.R < 80 && c.G > 100 && c.B < 80:
		return "green"
	case c.R < 80 && c.G < 80 && c.B > 180:
		return "blue"
	case c.R > 180 && c.G > 180 && c.B < 80:
		return "yellow"
	}
	return fmt.Sprint(c)
}

func TestFrames(t *testing.T) {
	t.Parallel()
	box := newBox(t)
	data := film(t, "mp4", mpeg4, "color=red:s=640x360:d=8:r=25", "color=green:s=640x360:d=3:r=25",
		"color=blue:s=640x360:d=2:r=25", "color=yellow:s=640x360:d=9:r=25")
	f := load(t, box, data, "clip.mp4")
	t.Run("one of each scene", func(t *testing.T) {
		t.Parallel()
		made, err := f.Frames(t.Context(), gemma, 4)
		if err != nil {
			t.Fatal(err)
		}
		var colours []string
		for _, p := range made {
			colours = append(colours, centre(t, p))
			if p.Width != 768 || p.Height != 768 {
				t.Errorf("%s is %d × %d", p.Note, p.Width, p.Height)
			}
		}
		if got := fmt.Sprint(colours); got != "[red green blue yellow]" {
			t.Errorf("got %s", got)
		}
		if made[0].Note != "frame at 4 s" {
			t.Errorf("first is %q", made[0].Note)
		}
	})
	t.Run("more than there are scenes", func(t *testing.T) {
		t.Parallel()
		made, err := f.Frames(t.Context(), gemma, 8)
		if err != nil || len(made) != 8 {
			t.Errorf("%d frames, %v", len(made), err)
		}
	})
	t.Run("evenly without scenes", func(t *testing.T) {
		t.Parallel()
		still := load(t, box, film(t, "mp4", mpeg4, "color=red:s=320x240:d=40:r=10"), "still.mp4")
		made, err := still.Frames(t.Context(), gemma, 4)
		if err != nil || len(made) != 4 {
			t.Fatalf("%d frames, %v", len(made), err)
		}
		last := -5
		for _, p := range made {
			var at int
			if _, err := fmt.Sscanf(p.Note, "frame at %d", &at); err != nil || at-last < 5 || at-last > 16 {
				t.Errorf("%q after %d s", p.Note, last)
			}
			last = at
		}
	})
	t.Run("its sound", func(t *testing.T) {
		t.Parallel()
		sound, err := f.Sound(t.Context())
		if err != nil || !sound.Track || !sound.Film {
			t.Errorf("got %+v, %v", sound, err)
		}
		list := pieces(t, t.Context(), f)
		checkCover(t, list, 22*time.Second, 300*time.Millisecond)
	})
	t.Run("a film without sound", func(t *testing.T) {
		t.Parallel()
		silent := load(t, box, film(t, "mp4", append([]string{"-an"}, mpeg4...), "color=red:s=320x240:d=3:r=10"), "mute.mp4")
		made, err := silent.Frames(t.Context(), gemma, 2)
		if err != nil || len(made) == 0 {
			t.Errorf("%d frames, %v", len(made), err)
		}
		for _, err := range silent.Pieces(t.Context()) {
			var verdict *media.Error
			if !errors.As(err, &verdict) || verdict.Kind != media.Unreadable {
				t.Errorf("pieces: %v", err)
			}
		}
	})
	t.Run("a recording has none", func(t *testing.T) {
		t.Parallel()
		r := &recording{}
		r.pause(time.Second)
		_, err := load(t, box, r.wav(), "a.wav").Frames(t.Context(), gemma, 2)
		var verdict *media.Error
		if !errors.As(err, &verdict) || verdict.Kind != media.Unreadable {
			t.Errorf("got %v", err)
		}
	})
}

func TestFilmOfBrowsers(t *testing.T) {
	t.Parallel()
	data := film(t, "webm", []string{"-c:v", "libvpx", "-b:v", "300k", "-c:a", "libopus"}, "color=blue:s=320x240:d=4:r=10", "color=red:s=320x240:d=4:r=10")
	made, err := load(t, newBox(t), data, "screen.webm").Frames(t.Context(), gemma, 2)
	if err != nil || len(made) != 2 || centre(t, made[0]) != "blue" || centre(t, made[1]) != "red" {
		t.Errorf("%d frames, %v", len(made), err)
	}
}

func TestAFilmWithoutASoundTrackIsNotDamaged(t *testing.T) {
	t.Parallel()
	f, err := newBox(t).Load(t.Context(), bytes.NewReader(encode(t, film(t, "mp4", mpeg4, "color=red:s=64x48:d=2"), "mp4", "-an", "-c:v", "copy")), "mute.mp4")
	must(t, err)
	defer func() { must(t, f.Close()) }()
	for _, err := range f.Pieces(t.Context()) {
		if !errors.Is(err, media.ErrNoSound) || verdict(t, err) != media.Unreadable || !strings.Contains(err.Error(), "no sound track") {
			t.Error(err)
		}
	}
	frames, err := f.Frames(t.Context(), squares, 4)
	if err != nil || len(frames) == 0 || centre(t, frames[0]) != "red" {
		t.Error(len(frames), err)
	}
}
