package media_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"os"
	"testing"

	"parley/llm/media"
)

// tiffOf is a TIFF file with one strip of packed RGBA.
func tiffOf(m *image.RGBA, orientation, compression int, pack func([]byte) []byte) []byte {
	order := binary.LittleEndian
	packed := pack(m.Pix)
	b := order.AppendUint32([]byte("II*\x00"), 8)
	w, h := uint32(m.Rect.Dx()), uint32(m.Rect.Dy())
	tags := [][3]uint32{
		{256, 4, w}, {257, 4, h}, {258, 3, 8}, {259, 3, uint32(compression)}, {262, 3, 2}, {273, 4, 0},
		{274, 3, uint32(orientation)}, {277, 3, 4}, {278, 4, h}, {279, 4, uint32(len(packed))}, {338, 3, 2},
	}
	after := uint32(8 + 2 + 12*len(tags) + 4)
	b = order.AppendUint16(b, uint16(len(tags)))
	for _, tag := range tags {
		count, value := uint32(1), tag[2]
		switch tag[0] {
		case 258:
			count, value = 4, after
		case 273:
			value = after + 8
		}
		b = order.AppendUint16(b, uint16(tag[0]))
		b = order.AppendUint16(b, uint16(tag[1]))
		b = order.AppendUint32(b, count)
		b = order.AppendUint32(b, value)
	}
	b = append(b, 0, 0, 0, 0, 8, 0, 8, 0, 8, 0, 8, 0)
	return append(b, packed...)
}

func plain(b []byte) []byte { return b }

func deflated(b []byte) []byte {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	if _, err := z.Write(b); err != nil {
		return nil
	}
	if err := z.Close(); err != nil {
		return nil
	}
	return out.Bytes()
}

// packBits writes a run for every byte that is repeated, and the others one by one.
func packBits(b []byte) []byte {
	var out []byte
	for len(b) > 0 {
		n := 1
		for n < len(b) && n < 128 && b[n] == b[0] {
			n++
		}
		if n == 1 {
			out = append(out, 0, b[0])
		} else {
			out = append(out, byte(257-n), b[0])
		}
		b = b[n:]
	}
	return out
}

// packLZW is the encoder of TIFF 6.0 section 13.
func packLZW(b []byte) []byte {
	var out []byte
	var buffer uint64
	var have, width int
	table := map[string]int{}
	write := func(code int) {
		buffer, have = buffer<<width|uint64(code), have+width
		for ; have >= 8; have -= 8 {
			out = append(out, byte(buffer>>(have-8)))
		}
	}
	reset := func() {
		clear(table)
		for i := range 256 {
			table[string([]byte{byte(i)})] = i
		}
		table["clear"], table["end!!"] = 256, 257
		width = 9
	}
	reset()
	write(256)
	var run []byte
	for _, v := range b {
		longer := append(bytes.Clone(run), v)
		if _, ok := table[string(longer)]; ok {
			run = longer
			continue
		}
		write(table[string(run)])
		table[string(longer)] = len(table)
		switch n := len(table); {
		case n == 4095:
			write(256)
			reset()
		case n == 512 || n == 1024 || n == 2048:
			width++
		}
		run = []byte{v}
	}
	write(table[string(run)])
	write(257)
	write(0)
	return out
}

// bmpOf is a Windows bitmap of 24 bits a pixel.
func bmpOf(m *image.RGBA) []byte {
	le := binary.LittleEndian
	w, h := m.Rect.Dx(), m.Rect.Dy()
	b := append([]byte("BM"), make([]byte, 52)...)
	b[10], b[14], b[26], b[28] = 54, 40, 1, 24
	le.PutUint32(b[18:], uint32(w))
	le.PutUint32(b[22:], uint32(h))
	for y := h - 1; y >= 0; y-- {
		for x := range w {
			c := m.RGBAAt(x, y)
			b = append(b, c.B, c.G, c.R)
		}
		b = append(b, make([]byte, (4-w*3%4)%4)...)
	}
	return b
}

func TestBitmapsComeOutUpright(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	files := map[string][]byte{
		"odd.bmp":       bmpOf(sceneOf(319, 191)),
		"deflated.tiff": tiffOf(scene(), 1, 8, deflated),
		"packbits.tiff": tiffOf(scene(), 1, 32773, packBits),
		"lzw.tiff":      tiffOf(scene(), 1, 5, packLZW),
	}
	for o := 1; o <= 8; o++ {
		files[fmt.Sprintf("%d.tiff", o)] = tiffOf(storedAs(scene(), o), o, 1, plain)
	}
	for name, data := range files {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := images(t, b, data, name, squares, 1)
			must(t, err)
			looksLike(t, decoded(t, got[0]), 320, 192)
		})
	}
}

func TestBitmapsOfOtherProgramsAreRead(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	// The scene at 64 by 48, as libvips and FFmpeg wrote it.
	for _, name := range []string{"8.bmp", "24.bmp", "32.bmp", "lzw.tiff", "deep-lzw.tiff", "tiled.tiff", "palette.tiff"} {
		data, err := os.ReadFile("testdata/" + name)
		must(t, err)
		got, err := images(t, b, data, name, squares, 1)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		t.Log(name)
		looksLike(t, decoded(t, got[0]), 64, 48)
	}
	for _, name := range []string{"mono.bmp", "mono1.tiff"} {
		data, err := os.ReadFile("testdata/" + name)
		must(t, err)
		got, err := images(t, b, data, name, squares, 1)
		must(t, err)
		m := decoded(t, got[0])
		near(t, m, 2, 2, color.RGBA{255, 255, 255, 255})
		if r, _, _, _ := m.At(128-16, 128+12).RGBA(); r > 0x6000 {
			t.Errorf("%s: blue is %v", name, m.At(128-16, 128+12))
		}
	}
}

func TestPackedTIFFKeepsEveryPixel(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	for _, m := range []*image.RGBA{noise(200, 150), scene()} {
		want, err := images(t, b, pngFile(t, m, 0), "", squares, 1)
		must(t, err)
		for name, data := range map[string][]byte{
			"plain": tiffOf(m, 1, 1, plain), "lzw": tiffOf(m, 1, 5, packLZW), "packbits": tiffOf(m, 1, 32773, packBits),
		} {
			got, err := images(t, b, data, "", squares, 1)
			must(t, err)
			if !bytes.Equal(got[0].Bytes, want[0].Bytes) {
				t.Error(name, "is another picture")
			}
		}
	}
}

func TestSeeThroughTIFFIsWhite(t *testing.T) {
	t.Parallel()
	got, err := images(t, newBox(t), tiffOf(image.NewRGBA(image.Rect(0, 0, 256, 256)), 1, 8, deflated), "", squares, 1)
	must(t, err)
	near(t, decoded(t, got[0]), 128, 128, color.RGBA{255, 255, 255, 255})
}

func TestCutBitmapsAreUnreadable(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	m := noise(90, 70)
	for name, data := range map[string][]byte{
		"bmp": bmpOf(m), "plain": tiffOf(m, 6, 1, plain), "lzw": tiffOf(m, 1, 5, packLZW), "packbits": tiffOf(m, 1, 32773, packBits), "deflated": tiffOf(m, 1, 8, deflated),
	} {
		for cut := len(data) - 21; cut > 32; cut -= 1 << 10 {
			_, err := images(t, b, data[:cut], "", squares, 2)
			if got := verdict(t, err); got != media.Unreadable {
				t.Errorf("%s cut at %d of %d: %q %v", name, cut, len(data), got, err)
			}
		}
	}
}

func TestCompressionsNotReadAreNamed(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	_, err := images(t, b, tiffOf(scene(), 1, 7, plain), "", squares, 1)
	if verdict(t, err) != media.Unsupported {
		t.Error(err)
	}
	rle := bmpOf(scene())
	rle[30] = 1
	for name, data := range map[string][]byte{
		"run lengths": rle, "16 bits": testdata(t, "16.bmp"), "CMYK": testdata(t, "cmyk.tiff"),
	} {
		if _, err := images(t, b, data, "", squares, 1); verdict(t, err) != media.Unsupported {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzBitmap(f *testing.F) {
	m := sceneOf(9, 7)
	f.Add(bmpOf(m))
	f.Add(tiffOf(m, 6, 5, packLZW))
	f.Add(tiffOf(m, 6, 8, deflated))
	f.Add(tiffOf(m, 6, 32773, packBits))
	for _, name := range []string{"16.bmp", "mono.bmp", "cmyk.tiff", "tiled.tiff", "palette.tiff", "mono1.tiff"} {
		data, err := os.ReadFile("testdata/" + name)
		must(f, err)
		f.Add(data)
	}
	b := boxWith(f, func(o *media.Options) { o.MaxPixels, o.MaxMemory = 1<<20, 64<<20 })
	f.Fuzz(func(t *testing.T, data []byte) { survive(t, b, data) })
}
