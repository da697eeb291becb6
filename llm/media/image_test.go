package media_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"strings"
	"testing"

	"parley/llm/media"
)

var squares = media.ImageRule{Sizes: []int{256, 512, 768}, Tiles: true}

func boxWith(t testing.TB, change func(*media.Options)) *media.Box {
	t.Helper()
	o := media.Options{Dir: t.TempDir(), Cache: cache}
	change(&o)
	b, err := media.New(o)
	must(t, err)
	t.Cleanup(func() { must(t, b.Close()) })
	return b
}

// images loads a file and prepares it.
func images(t testing.TB, b *media.Box, data []byte, name string, rule media.ImageRule, most int) ([]media.Picture, error) {
	t.Helper()
	f, err := b.Load(t.Context(), bytes.NewReader(data), name)
	if err != nil {
		return nil, err
	}
	defer func() { must(t, f.Close()) }()
	return f.Images(t.Context(), rule, most)
}

// decoded decodes what a model would get and checks that it is what it says and carries nothing but pixels.
func decoded(t testing.TB, p media.Picture) image.Image {
	t.Helper()
	var m image.Image
	var err error
	switch p.MIME {
	case "image/jpeg":
		bare(t, p.Bytes)
		m, err = jpeg.Decode(bytes.NewReader(p.Bytes))
	case "image/png":
		barePNG(t, p.Bytes)
		m, err = png.Decode(bytes.NewReader(p.Bytes))
	default:
		t.Fatalf("a model gets %s", p.MIME)
	}
	must(t, err)
	if m.Bounds().Dx() != p.Width || m.Bounds().Dy() != p.Height {
		t.Fatalf("picture is %v, said to be %d by %d", m.Bounds(), p.Width, p.Height)
	}
	return m
}

// bare walks a JPEG file's segments: none of APP1..APP15, no comment.
func bare(t testing.TB, b []byte) {
	t.Helper()
	for at := 2; at+4 <= len(b) && b[at+1] != 0xda; at += 2 + int(b[at+2])<<8 + int(b[at+3]) {
		if m := b[at+1]; m > 0xe0 && m <= 0xef || m == 0xfe {
			t.Fatalf("metadata segment %x", m)
		}
	}
}

func barePNG(t testing.TB, b []byte) {
	t.Helper()
	for at := 8; at+8 <= len(b); {
		length := int(b[at])<<24 | int(b[at+1])<<16 | int(b[at+2])<<8 | int(b[at+3])
		switch sort := string(b[at+4 : at+8]); sort {
		case "IHDR", "PLTE", "IDAT", "IEND", "tRNS":
		default:
			t.Fatalf("metadata chunk %s", sort)
		}
		at += 12 + length
	}
}

// looksLike checks a square picture: padded with white, and the scene's corners inside of w by h in the middle.
func looksLike(t testing.TB, m image.Image, w, h int) {
	t.Helper()
	b := m.Bounds()
	if b.Dx() != b.Dy() {
		t.Fatalf("no square: %v", b)
	}
	x0, y0 := (b.Dx()-w)/2, (b.Dy()-h)/2
	for i, want := range corners {
		near(t, m, x0+w/4+i%2*w/2, y0+h/4+i/2*h/2, want)
	}
	if y0 > 4 {
		near(t, m, b.Dx()/2, 1, color.RGBA{255, 255, 255, 255})
		near(t, m, b.Dx()/2, b.Dy()-2, color.RGBA{255, 255, 255, 255})
	}
}

func near(t testing.TB, m image.Image, x, y int, want color.RGBA) {
	t.Helper()
	got := color.RGBAModel.Convert(m.At(x, y)).(color.RGBA)
	far := func(a, b uint8) bool { return max(a, b)-min(a, b) > 40 }
	if far(got.R, want.R) || far(got.G, want.G) || far(got.B, want.B) {
		t.Fatalf("pixel %d,%d is %v, want %v", x, y, got, want)
	}
}

func TestEveryFormatComesOutUprightSquareAndBare(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	cmyk := image.NewCMYK(scene().Rect)
	gray := image.NewGray16(scene().Rect)
	deep := image.NewNRGBA64(scene().Rect)
	for y := range 192 {
		for x := range 320 {
			cmyk.Set(x, y, scene().At(x, y))
			deep.Set(x, y, scene().At(x, y))
			gray.Set(x, y, color.White)
		}
	}
	for name, data := range map[string][]byte{
		"plain.jpg":       jpegFile(t, scene(), 0),
		"plain.png":       pngFile(t, scene(), 0),
		"deep.png":        pngFile(t, deep, 0),
		"still.webp":      webpFile(t, scene(), 0),
		"still.avif":      avifFile(t, scene()),
		"wrongly.gif":     jpegFile(t, scene(), 0),
		"no extension":    webpFile(t, scene(), 0),
		"../../etc/a.txt": pngFile(t, scene(), 0),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := images(t, b, data, name, squares, 4)
			must(t, err)
			if len(got) != 1 || got[0].Note != "whole" || got[0].Width != 512 {
				t.Fatalf("got %d pictures, the first %s of %d", len(got), got[0].Note, got[0].Width)
			}
			looksLike(t, decoded(t, got[0]), 320, 192)
		})
	}
	t.Run("heic", func(t *testing.T) {
		t.Parallel()
		got, err := images(t, b, heicFile(t), "a.heic", squares, 1)
		must(t, err)
		looksLike(t, decoded(t, got[0]), 64, 48)
	})
}

func TestAllOrientationsOfAllContainersAreApplied(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	// The same eight turns in the words of ISO/IEC 23008-12: quarter turns against the clock, then a mirror.
	turns := [9][][]byte{
		2: {imir(1)}, 3: {irot(2)}, 4: {imir(0)}, 5: {irot(1), imir(0)}, 6: {irot(3)}, 7: {irot(3), imir(0)}, 8: {irot(1)},
	}
	for o := 1; o <= 8; o++ {
		stored := storedAs(scene(), o)
		for name, data := range map[string][]byte{
			"jpeg": jpegFile(t, stored, o),
			"png":  pngFile(t, stored, o),
			"webp": webpFile(t, stored, o),
			"avif": avifFile(t, stored, turns[o]...),
		} {
			t.Run(fmt.Sprintf("%s %d", name, o), func(t *testing.T) {
				t.Parallel()
				got, err := images(t, b, data, "", squares, 1)
				must(t, err)
				looksLike(t, decoded(t, got[0]), 320, 192)
				if bytes.Contains(got[0].Bytes, []byte("SecretCam")) {
					t.Error("the camera's name got through")
				}
			})
		}
	}
	t.Run("heic turned by its decoder", func(t *testing.T) {
		t.Parallel()
		got, err := images(t, b, heicFile(t, irot(2)), "", squares, 1)
		must(t, err)
		m := decoded(t, got[0])
		near(t, m, 128-16, 128-12, corners[3])
		near(t, m, 128+16, 128+12, corners[0])
	})
}

func TestOrientationsThatDoNotExistAreUpright(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	for _, o := range []int{0, 9, 255, 65535} {
		data := jpegFile(t, scene(), 1)
		at := bytes.Index(data, []byte{0x01, 0x12, 0, 3})
		data[at+8], data[at+9] = byte(o>>8), byte(o)
		got, err := images(t, b, data, "", squares, 1)
		must(t, err)
		looksLike(t, decoded(t, got[0]), 320, 192)
	}
}

func TestSeeThroughIsWhite(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	m := image.NewNRGBA(image.Rect(0, 0, 256, 256))
	for i := range m.Pix {
		m.Pix[i] = []uint8{255, 0, 0, 0}[i%4] // red, but not there
	}
	for y := range 128 {
		for x := range 256 {
			m.SetNRGBA(x, y, color.NRGBA{0, 0, 0, 128})
		}
	}
	for name, data := range map[string][]byte{
		"png": pngFile(t, m, 0), "webp": webpFile(t, m, 0), "avif": avifFile(t, m),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := images(t, b, data, "", squares, 1)
			must(t, err)
			out := decoded(t, got[0])
			near(t, out, 128, 200, color.RGBA{255, 255, 255, 255})
			near(t, out, 128, 60, color.RGBA{127, 127, 127, 255})
		})
	}
}

func TestAnimationsGiveFramesSpreadOverTime(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	t.Run("gif", func(t *testing.T) {
		t.Parallel()
		got, err := images(t, b, animatedGIF(t, 200, 100, 21), "", squares, 9)
		must(t, err)
		if notes := notesOf(got); notes != "frame at 0 s, frame at 3 s, frame at 6.5 s, frame at 10 s" {
			t.Fatal(notes)
		}
		for i, n := range []int{0, 6, 13, 20} {
			near(t, decoded(t, got[i]), 28+n*200/21+4, 128, color.RGBA{0, 0, 0, 255})
			near(t, decoded(t, got[i]), 28+(n+10)%21*200/21+4, 128, color.RGBA{255, 255, 255, 255})
		}
	})
	t.Run("webp", func(t *testing.T) {
		t.Parallel()
		got, err := images(t, b, animatedWebP(t), "", squares, 3)
		must(t, err)
		if notes := notesOf(got); notes != "frame at 0 s, frame at 2 s, frame at 4 s" {
			t.Fatal(notes)
		}
		for i, p := range got {
			near(t, decoded(t, p), 128-32, 128, corners[0])
			near(t, decoded(t, p), 128+32, 128, corners[i])
		}
	})
	t.Run("one frame is a whole picture", func(t *testing.T) {
		t.Parallel()
		got, err := images(t, b, animatedGIF(t, 200, 100, 1), "", squares, 9)
		must(t, err)
		if notesOf(got) != "whole" {
			t.Fatal(notesOf(got))
		}
	})
	t.Run("thousands of large frames take bounded work", func(t *testing.T) {
		t.Parallel()
		one := animatedGIF(t, 2000, 2000, 1)
		head, rest := one[:13], one[13:len(one)-1]
		many := append(bytes.Clone(head), bytes.Repeat(rest, 3000)...)
		got, err := images(t, b, append(many, 0x3b), "", squares, 4)
		must(t, err)
		if len(got) == 0 {
			t.Fatal("not even the first frame")
		}
	})
}

func notesOf(all []media.Picture) string {
	var notes []string
	for _, p := range all {
		notes = append(notes, p.Note)
	}
	return strings.Join(notes, ", ")
}

func TestRuleIsKept(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	for name, c := range map[string]struct {
		w, h   int
		rule   media.ImageRule
		w2, h2 int
	}{
		"smallest square that holds it":     {300, 200, squares, 512, 512},
		"exactly a square":                  {256, 256, squares, 256, 256},
		"one more than a square":            {257, 10, squares, 512, 512},
		"larger than the largest":           {1600, 1200, squares, 768, 768},
		"a longest side leaves squares out": {1600, 1200, media.ImageRule{Sizes: squares.Sizes, MaxSide: 559}, 512, 512},
		"a longest side under all squares":  {1600, 1200, media.ImageRule{Sizes: squares.Sizes, MaxSide: 200}, 200, 200},
		"no squares, no padding":            {1600, 1200, media.ImageRule{MaxSide: 559}, 559, 419},
		"nothing is made larger":            {40, 30, media.ImageRule{MaxSide: 559}, 40, 30},
		"no rule at all":                    {3000, 1500, media.ImageRule{}, 1536, 768},
		"a line does not vanish":            {2000, 1, media.ImageRule{MaxSide: 100}, 100, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := images(t, b, jpegFile(t, sceneOf(c.w, c.h), 0), "", c.rule, 1)
			must(t, err)
			if m := decoded(t, got[0]).Bounds(); m.Dx() != c.w2 || m.Dy() != c.h2 {
				t.Errorf("%v, want %d by %d", m, c.w2, c.h2)
			}
		})
	}
}

func TestBytesStayWithinTheLimit(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	data := jpegFile(t, noise(1000, 1000), 0)
	before := 768
	for _, most := range []int{1 << 20, 200_000, 100_000, 50_000, 20_000} {
		rule := squares
		rule.MaxBytes = most
		got, err := images(t, b, data, "", rule, 1)
		must(t, err)
		if len(got[0].Bytes) > most || got[0].Width > before {
			t.Errorf("limit %d: %d bytes at %d", most, len(got[0].Bytes), got[0].Width)
		}
		before = got[0].Width
	}
	got, err := images(t, b, data, "", media.ImageRule{MaxBytes: 3000}, 1)
	must(t, err)
	if len(got[0].Bytes) > 3000 {
		t.Errorf("%d bytes", len(got[0].Bytes))
	}
}

func TestImageCountIsTheSmallerOfRuleAndCall(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	data := animatedGIF(t, 64, 64, 9)
	for _, c := range [][3]int{{0, 3, 3}, {2, 3, 2}, {5, 1, 1}, {5, 0, 0}} {
		got, err := images(t, b, data, "", media.ImageRule{Sizes: squares.Sizes, MaxImages: c[0]}, c[1])
		must(t, err)
		if len(got) != c[2] {
			t.Errorf("rule %d, call %d: %d", c[0], c[1], len(got))
		}
	}
}

// verdict gives the kind of an *Error, "" for success; anything else fails the test.
func verdict(t testing.TB, err error) media.ErrorKind {
	t.Helper()
	var known *media.Error
	switch {
	case err == nil:
		return ""
	case !errors.As(err, &known):
		t.Fatalf("no verdict: %v", err)
	case known.Safe == "" || !strings.HasSuffix(known.Safe, ".") && !strings.HasSuffix(known.Safe, "do."):
		t.Fatalf("no sentence for people: %q", known.Safe)
	case strings.Contains(known.Safe, os.TempDir()):
		t.Fatalf("a path for people: %q", known.Safe)
	}
	return known.Kind
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	for name, c := range map[string]struct {
		file string
		data []byte
		want media.ErrorKind
	}{
		"nothing":                   {"a.png", nil, media.Unreadable},
		"one byte":                  {"a.png", []byte{0}, media.Unsupported},
		"a login page as a picture": {"a.png", []byte("<!DOCTYPE html><html><body>Sign in</body></html>"), media.Unreadable},
		"a login page as sound":     {"a.m4a", []byte("\n\n <html><head><title>x</title></head></html>"), media.Unreadable},
		"a program":                 {"a.jpg", append([]byte("\x7fELF\x02\x01\x01"), make([]byte, 200)...), media.Unsupported},
		"only a JPEG's mark":        {"a.jpg", []byte("\xff\xd8\xff\xe0"), media.Unreadable},
		"only a PNG's mark":         {"a.png", []byte("\x89PNG\r\n\x1a\n"), media.Unreadable},
		"only a GIF's mark":         {"a.gif", []byte("GIF89a"), media.Unreadable},
		"only a WebP's mark":        {"a.webp", []byte("RIFF\x00\x00\x00\x00WEBPVP8 "), media.Unreadable},
		"only a HEIC's mark":        {"a.heic", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), media.Unreadable},
		"a picture of no size":      {"a.png", flatPNG(t, 0, 0), media.Unreadable},
		"a bomb of one colour":      {"a.png", flatPNG(t, 30000, 30000), media.TooLarge},
		"a bomb of one row":         {"a.png", pngHead(1<<30, 1), media.TooLarge},
		"a bomb as GIF":             {"a.gif", []byte("GIF89a\xff\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"), media.TooLarge},
		"a small picture":           {"a.png", flatPNG(t, 1, 1), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := images(t, b, c.data, c.file, squares, 4)
			if got := verdict(t, err); got != c.want {
				t.Errorf("%q, want %q: %v", got, c.want, err)
			}
		})
	}
}

func TestCutFilesAreUnreadableAndNothingWorse(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	m := noise(90, 70)
	for name, data := range map[string][]byte{
		"jpeg": jpegFile(t, m, 6), "png": pngFile(t, m, 6), "webp": webpFile(t, m, 6), "avif": avifFile(t, m), "heic": heicFile(t),
		"gif": animatedGIF(t, 90, 70, 20), "animated webp": animatedWebP(t),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if len(data) < 1<<10 {
				t.Logf("only %d bytes", len(data))
			}
			for cut := len(data) - 1; cut > 16; cut -= min(1<<10, max(64, len(data)/16)) {
				_, err := images(t, b, data[:cut], "", squares, 2)
				if got := verdict(t, err); got != media.Unreadable && !(name == "gif" && got == "") && cut < len(data)-20 {
					t.Errorf("cut at %d of %d: %q %v", cut, len(data), got, err)
				}
			}
		})
	}
}

func TestEndedContextEndsPreparing(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	f, err := b.Load(t.Context(), bytes.NewReader(jpegFile(t, scene(), 0)), "")
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Images(ctx, squares, 1); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	must(t, f.Close())
}
