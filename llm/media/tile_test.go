package media_test

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parley/llm/media"
)

func TestTilesCoverAScreenshotWithoutShrinkingItsText(t *testing.T) {
	t.Parallel()
	together := media.ImageRule{Sizes: squares.Sizes, MaxSide: 559, MaxImages: 4, Tiles: true}
	for name, c := range map[string]struct {
		rule       media.ImageRule
		w, h, most int
		tiles      int
		whole      string
		note       string
		shrunk     float64
	}{
		"full HD, room for two":       {squares, 1920, 1080, 3, 2, "whole", "tile 2 of 2: right", 1.45},
		"full HD, room for all":       {squares, 1920, 1080, 7, 6, "whole", "tile 6 of 6: bottom right", 1},
		"full HD, Together":           {together, 1920, 1080, 4, 2, "whole; letters of less than 15 px may be too small to read in it and in its tiles", "tile 2 of 2: right", 2.13},
		"tall page":                   {squares, 1080, 4000, 5, 4, "whole", "tile 4 of 4: part 4 from the top", 1.5},
		"very tall page, first part":  {squares, 1080, 20000, 4, 3, "whole; of 18 parts with something in them, only the first 3 are shown large enough to read", "tile 3 of 18: part 3 from the top", 1.6},
		"dense screen":                {squares, 3840, 2160, 5, 4, "whole", "tile 4 of 4: bottom right", 2.7},
		"one tile would be the whole": {squares, 1900, 1080, 2, 0, "whole; letters of less than 18 px may be too small to read in it and in its tiles", "", 0},
		"little more than a square":   {squares, 900, 700, 5, 0, "whole", "", 0},
		"no room":                     {squares, 1920, 1080, 1, 0, "whole", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rects, notes := media.Plan(c.w, c.h, true, c.rule, c.most)
			if len(rects) != 1+c.tiles || rects[0] != image.Rect(0, 0, c.w, c.h) || notes[0] != c.whole {
				t.Fatalf("%v %q", rects, notes)
			}
			square := 768.0
			if c.rule.MaxSide > 0 {
				square = 512
			}
			for _, r := range rects[1:] {
				if by := float64(max(r.Dx(), r.Dy())) / square; by > c.shrunk+0.01 {
					t.Errorf("%v is shrunk by %.2f", r, by)
				}
			}
			if c.tiles > 0 && notes[c.tiles] != c.note {
				t.Error(notes)
			}
		})
	}
}

// written is a white screen with small text in a part of it.
func written(w, h int, part image.Rectangle) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, color.White)
			if (image.Point{x, y}).In(part) && y%18 < 10 && (x*7+y*3)%11 < 2 {
				m.Set(x, y, color.Black)
			}
		}
	}
	return m
}

func TestTilesWithNothingInThemAreLeftOut(t *testing.T) {
	t.Parallel()
	rule := media.ImageRule{Sizes: squares.Sizes, MaxSide: 559, MaxImages: 4, Tiles: true}
	for name, c := range map[string]struct {
		part image.Rectangle
		want string
	}{
		// The first would need six tiles of this size if the blank ones counted, and letters of half their height instead.
		"the left is written on":   {image.Rect(0, 0, 560, 1080), "[whole tile 1 of 2: top left tile 2 of 2: bottom left]"},
		"the bottom is written on": {image.Rect(0, 740, 1920, 1080), "[whole tile 1 of 3: bottom left tile 2 of 3: bottom centre tile 3 of 3: bottom right]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made, err := images(t, newBox(t), pngFile(t, written(1920, 1080, c.part), 0), "", rule, 5)
			must(t, err)
			var notes []string
			for _, p := range made {
				notes = append(notes, p.Note)
			}
			if got := fmt.Sprint(notes); got != c.want {
				t.Error(got)
			}
		})
	}
	t.Run("a lossy blank, turned upright", func(t *testing.T) {
		t.Parallel()
		made, err := images(t, newBox(t), jpegFile(t, storedAs(written(1920, 1080, image.Rect(0, 0, 560, 1080)), 6), 6), "", rule, 5)
		must(t, err)
		if len(made) != 3 || made[2].Note != "tile 2 of 2: bottom left" {
			t.Error(len(made), made[len(made)-1].Note)
		}
	})
}

// TestAScreenIsReadInWholeByTheDefaultModel: seven pictures show letters of 12 px at least 7 px high, wherever they stand.
func TestAScreenIsReadInWholeByTheDefaultModel(t *testing.T) {
	t.Parallel()
	rule := media.ImageRule{Sizes: squares.Sizes, MaxSide: 559, MaxImages: 8, Tiles: true}
	made, err := images(t, newBox(t), pngFile(t, written(1920, 1080, image.Rect(0, 0, 1920, 1080)), 0), "", rule, 7)
	must(t, err)
	if len(made) != 7 || made[0].Note != "whole" || made[6].Note != "tile 6 of 6: bottom right" {
		t.Error(len(made), made[0].Note, made[len(made)-1].Note)
	}
}

func TestPhotographsAreNotCutUnlessTheyAreLong(t *testing.T) {
	t.Parallel()
	if rects, _ := media.Plan(4000, 3000, false, squares, 9); len(rects) != 1 {
		t.Error(rects)
	}
	if rects, _ := media.Plan(6000, 1000, false, squares, 9); len(rects) < 3 {
		t.Error(rects)
	}
	if rects, _ := media.Plan(6000, 1000, true, media.ImageRule{Sizes: squares.Sizes}, 9); len(rects) != 1 {
		t.Error("the rule has no tiles", rects)
	}
}

func TestTilesStayInsideAndCoverEverything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 30000).Draw(t, "w"), rapid.IntRange(1, 30000).Draw(t, "h")
		most := rapid.IntRange(1, 40).Draw(t, "most")
		rects, notes := media.Plan(w, h, true, squares, most)
		whole := image.Rect(0, 0, w, h)
		if len(rects) > most {
			t.Fatalf("%d of %d", len(rects), most)
		}
		area := 0
		for i, r := range rects[1:] {
			if !r.In(whole) || r.Empty() {
				t.Fatalf("%v in %v", r, whole)
			}
			if !strings.HasPrefix(notes[i+1], "tile ") {
				t.Fatal(notes)
			}
			area += r.Dx() * r.Dy()
		}
		var last, all int
		if _, err := fmt.Sscanf(notes[len(notes)-1], "tile %d of %d", &last, &all); err == nil && last == all {
			for _, p := range []image.Point{{0, 0}, {w - 1, 0}, {0, h - 1}, {w - 1, h - 1}, {w / 2, h / 2}} {
				covered := false
				for _, r := range rects[1:] {
					covered = covered || p.In(r)
				}
				if !covered || area < w*h {
					t.Fatalf("%v is in no tile of %v", p, rects[1:])
				}
			}
		}
	})
}

func TestScreenshotsAreKnownFromPhotographs(t *testing.T) {
	t.Parallel()
	text := image.NewRGBA(image.Rect(0, 0, 800, 600))
	shade := image.NewRGBA(image.Rect(0, 0, 800, 600))
	for y := range 600 {
		for x := range 800 {
			text.Set(x, y, color.White)
			if y%18 < 10 && (x*7+y*3)%11 < 2 && x%200 < 120 {
				text.Set(x, y, color.Black)
			}
			v := uint8(128 + 100*math.Sin(float64(x)/70)*math.Cos(float64(y)/50))
			shade.Set(x, y, color.RGBA{v, v / 2, 255 - v, 255})
		}
	}
	for name, c := range map[string]struct {
		m    image.Image
		want bool
	}{"text": {text, true}, "shades": {shade, false}, "noise": {noise(400, 400), false}, "one colour": {image.NewGray(image.Rect(0, 0, 99, 99)), false}} {
		if got := media.TextLike(c.m); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	saved, err := images(t, newBox(t), jpegFile(t, text, 0), "", squares, 1)
	must(t, err)
	if saved[0].MIME != "image/png" {
		t.Error("text saved as", saved[0].MIME)
	}
}

func TestScalingKeepsColoursAndPlaces(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 500).Draw(t, "w"), rapid.IntRange(1, 500).Draw(t, "h")
		dw, dh := rapid.IntRange(1, w).Draw(t, "dw"), rapid.IntRange(1, h).Draw(t, "dh")
		v := color.RGBA{rapid.Byte().Draw(t, "r"), rapid.Byte().Draw(t, "g"), rapid.Byte().Draw(t, "b"), 255}
		ratio := rapid.SampledFrom([]image.YCbCrSubsampleRatio{
			image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420,
			image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410,
		}).Draw(t, "ratio")
		planes := image.NewYCbCr(image.Rect(0, 0, w, h), ratio)
		y, cb, cr := color.RGBToYCbCr(v.R, v.G, v.B)
		for i := range planes.Y {
			planes.Y[i] = y
		}
		for i := range planes.Cb {
			planes.Cb[i], planes.Cr[i] = cb, cr
		}
		full := image.NewRGBA(planes.Rect)
		for i := range full.Pix {
			full.Pix[i] = []uint8{v.R, v.G, v.B, 255}[i%4]
		}
		for _, src := range []image.Image{planes, full} {
			m := media.Scale(src, src.Bounds(), dw, dh)
			if m.Rect.Dx() != dw || m.Rect.Dy() != dh {
				t.Fatalf("%v, want %d by %d", m.Rect, dw, dh)
			}
			for i := 0; i < len(m.Pix); i += 4 {
				for c, want := range []uint8{v.R, v.G, v.B, 255} {
					if got := m.Pix[i+c]; max(got, want)-min(got, want) > 3 {
						t.Fatalf("%T: %v became %v", src, v, m.Pix[i:i+4])
					}
				}
			}
		}
	})
}
