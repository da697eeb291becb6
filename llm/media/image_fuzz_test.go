package media_test

import (
	"bytes"
	"testing"

	"parley/llm/media"
)

// seeds are small files of all formats.
func seeds(t testing.TB) map[string][]byte {
	m := sceneOf(16, 12)
	return map[string][]byte{
		"image/jpeg": jpegFile(t, m, 6), "image/png": pngFile(t, m, 6), "image/webp": webpFile(t, m, 6), "image/gif": animatedGIF(t, 8, 8, 3),
		"image/avif": avifFile(t, m, irot(1)), "image/heic": heicFile(t, irot(1), imir(0)),
	}
}

func FuzzSniff(f *testing.F) {
	for _, data := range seeds(f) {
		f.Add(data[:min(len(data), 512)])
	}
	f.Add([]byte("<html>"))
	f.Fuzz(func(t *testing.T, head []byte) {
		kind, mime := media.Classify(head)
		if kind != "" && mime == "" {
			t.Error("a kind without a type")
		}
	})
}

func FuzzEXIF(f *testing.F) {
	f.Add(exif(6))
	f.Add(append([]byte("Exif\x00\x00"), exif(8)...))
	f.Add([]byte("II*\x00\x08\x00\x00\x00\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if o := media.EXIFOrientation(data); o < 1 || o > 8 {
			t.Errorf("orientation %d", o)
		}
	})
}

func FuzzHeader(f *testing.F) {
	for mime, data := range seeds(f) {
		f.Add(mime, data)
	}
	f.Add("image/webp", animatedWebP(f))
	f.Add("image/bmp", []byte("BM\x00\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00\x10\x00\x00\x00\x10\x00\x00\x00\x01\x00\x18\x00"))
	f.Add("image/tiff", exif(3))
	f.Fuzz(func(t *testing.T, mime string, data []byte) {
		w, h, o, _, err := media.Header(data, mime)
		if err == nil && (w <= 0 || h <= 0 || o < 1 || o > 8) {
			t.Errorf("%d by %d, orientation %d", w, h, o)
		}
	})
}

// FuzzPrepare puts damaged files through everything, in this process.
func FuzzPrepare(f *testing.F) {
	for _, data := range seeds(f) {
		f.Add(data)
	}
	f.Add(animatedWebP(f))
	b := boxWith(f, func(o *media.Options) { o.MaxPixels = 1 << 20 })
	f.Fuzz(func(t *testing.T, data []byte) { survive(t, b, data) })
}

// survive puts anything through everything: a verdict or good pictures.
func survive(t *testing.T, b *media.Box, data []byte) {
	file, err := b.Load(t.Context(), bytes.NewReader(data), "")
	if err != nil {
		verdict(t, err)
		return
	}
	defer func() { must(t, file.Close()) }()
	if file.Kind != media.KindImage {
		return
	}
	got, err := file.Images(t.Context(), squares, 3)
	if err != nil {
		verdict(t, err)
		return
	}
	for _, p := range got {
		if m := decoded(t, p); m.Bounds().Dx() != m.Bounds().Dy() {
			t.Error("no square")
		}
	}
}
