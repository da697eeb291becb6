package media_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/color/palette"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/gen2brain/avif"
	"github.com/gen2brain/webp"
)

// The corners of the scene: top left, top right, bottom left, bottom right.
var corners = [4]color.RGBA{{255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {255, 255, 0, 255}}

// scene is 320 by 192 pixels with four corners of their own colours.
func scene() *image.RGBA { return sceneOf(320, 192) }

func sceneOf(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for i, c := range corners {
		x, y := i%2*w/2, i/2*h/2
		draw.Draw(m, image.Rect(x, y, x+(w+1)/2, y+(h+1)/2), image.NewUniform(c), image.Point{}, draw.Src)
	}
	return m
}

// storedAs gives the scene as a camera stores it with an EXIF orientation, straight from the standard's words: what the
// visual side of the stored row 0 and column 0 is.
func storedAs(m *image.RGBA, orientation int) *image.RGBA {
	row := []string{"", "top", "top", "bottom", "bottom", "left", "right", "right", "left"}[orientation]
	column := []string{"", "left", "right", "right", "left", "top", "top", "bottom", "bottom"}[orientation]
	w, h := m.Rect.Dx(), m.Rect.Dy()
	if row == "left" || row == "right" {
		w, h = h, w
	}
	at := func(side string, i, j int) (x, y int) { // i along the named side's distance, j along the other
		switch side {
		case "top":
			return j, i
		case "bottom":
			return j, m.Rect.Dy() - 1 - i
		case "left":
			return i, j
		}
		return m.Rect.Dx() - 1 - i, j
	}
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			j := x
			if column == "right" {
				j = m.Rect.Dx() - 1 - x
			}
			if column == "bottom" {
				j = m.Rect.Dy() - 1 - x
			}
			sx, sy := at(row, y, j)
			dst.Set(x, y, m.At(sx, sy))
		}
	}
	return dst
}

// noise is a picture that no encoder makes small.
func noise(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	source := rand.NewChaCha8([32]byte{1})
	source.Read(m.Pix)
	for i := 3; i < len(m.Pix); i += 4 {
		m.Pix[i] = 255
	}
	return m
}

// exif is EXIF data with an orientation, a camera's name and a place that must not get through.
func exif(orientation int) []byte {
	order := binary.BigEndian
	b := []byte("MM\x00*\x00\x00\x00\x08\x00\x02")
	b = order.AppendUint16(b, 0x010f)
	b = order.AppendUint16(b, 2)
	b = order.AppendUint32(b, 12)
	b = order.AppendUint32(b, 38)
	b = order.AppendUint16(b, 0x0112)
	b = order.AppendUint16(b, 3)
	b = order.AppendUint32(b, 1)
	b = order.AppendUint16(b, uint16(orientation))
	b = append(b, 0, 0, 0, 0, 0, 0)
	return append(b, "SecretCam 1\x00"...)
}

func jpegFile(t testing.TB, m image.Image, orientation int) []byte {
	var b bytes.Buffer
	must(t, jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}))
	if orientation == 0 {
		return b.Bytes()
	}
	body := append([]byte("Exif\x00\x00"), exif(orientation)...)
	head := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, 0xe1}, uint16(len(body)+2))
	return append(append(head, body...), b.Bytes()[2:]...)
}

func pngFile(t testing.TB, m image.Image, orientation int) []byte {
	var b bytes.Buffer
	must(t, png.Encode(&b, m))
	if orientation == 0 {
		return b.Bytes()
	}
	return append(append(bytes.Clone(b.Bytes()[:33]), pngChunk("eXIf", exif(orientation))...), b.Bytes()[33:]...)
}

func pngChunk(sort string, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(append(b, sort...), body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

func webpFile(t testing.TB, m image.Image, orientation int) []byte {
	var b bytes.Buffer
	must(t, webp.Encode(&b, m, webp.Options{Lossless: true}))
	if orientation == 0 {
		return b.Bytes()
	}
	w, h := m.Bounds().Dx()-1, m.Bounds().Dy()-1
	chunks := webpChunk("VP8X", []byte{8, 0, 0, 0, byte(w), byte(w >> 8), byte(w >> 16), byte(h), byte(h >> 8), byte(h >> 16)})
	chunks = append(chunks, bitstream(b.Bytes())...)
	return webpFrom(append(chunks, webpChunk("EXIF", exif(orientation))...))
}

func webpFrom(chunks []byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(chunks)+4))
	return append(append(b, "WEBP"...), chunks...)
}

func webpChunk(sort string, body []byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte(sort), uint32(len(body)))
	b = append(b, body...)
	return append(b, make([]byte, len(body)&1)...)
}

// bitstream gives the chunks of a file's picture, without its head and its own VP8X.
func bitstream(file []byte) []byte {
	file = file[12:]
	if string(file[:4]) == "VP8X" {
		file = file[18:]
	}
	return file
}

// animatedWebP is a red, a green and a blue frame of 128 by 96, 2 s each; the later two only cover the right half.
func animatedWebP(t testing.TB) []byte {
	const w, h = 128, 96
	chunks := webpChunk("VP8X", []byte{2, 0, 0, 0, w - 1, 0, 0, h - 1, 0, 0})
	chunks = append(chunks, webpChunk("ANIM", make([]byte, 6))...)
	for i := range 3 {
		fw, x := w, 0
		if i > 0 {
			fw, x = w/2, w/4 // in units of two pixels
		}
		var b bytes.Buffer
		m := image.NewRGBA(image.Rect(0, 0, fw, h))
		draw.Draw(m, m.Rect, image.NewUniform(corners[i]), image.Point{}, draw.Src)
		must(t, webp.Encode(&b, m, webp.Options{Lossless: true}))
		body := []byte{byte(x), 0, 0, 0, 0, 0, byte(fw - 1), 0, 0, h - 1, 0, 0, 0xd0, 0x07, 0, 0}
		chunks = append(chunks, webpChunk("ANMF", append(body, bitstream(b.Bytes())...))...)
	}
	return webpFrom(chunks)
}

// animatedGIF is a film of n frames, half a second each: a black bar wanders over white.
func animatedGIF(t testing.TB, w, h, n int) []byte {
	g := &gif.GIF{Config: image.Config{Width: w, Height: h}}
	for i := range n {
		m := image.NewPaletted(image.Rect(0, 0, w, h), palette.Plan9)
		draw.Draw(m, m.Rect, image.White, image.Point{}, draw.Src)
		draw.Draw(m, image.Rect(i*w/n, 0, (i+1)*w/n, h), image.Black, image.Point{}, draw.Src)
		g.Image, g.Delay, g.Disposal = append(g.Image, m), append(g.Delay, 50), append(g.Disposal, gif.DisposalBackground)
	}
	var b bytes.Buffer
	must(t, gif.EncodeAll(&b, g))
	return b.Bytes()
}

// heicFile is the scene at 64 by 48, as libheif and x265 wrote it, with properties added.
func heicFile(t testing.TB, properties ...[]byte) []byte {
	b, err := os.ReadFile("testdata/scene.heic")
	must(t, err)
	return withProperties(b, properties...)
}

func avifFile(t testing.TB, m image.Image, properties ...[]byte) []byte {
	var b bytes.Buffer
	must(t, avif.Encode(&b, m, avif.Options{Quality: 90, Speed: 10, ChromaSubsampling: image.YCbCrSubsampleRatio444}))
	return withProperties(b.Bytes(), properties...)
}

// withProperties adds boxes to ipco, gives them to the last item of ipma, and moves what follows.
func withProperties(file []byte, properties ...[]byte) []byte {
	grow := func(b []byte, sort string, by int) {
		at := bytes.Index(b, []byte(sort)) - 4
		binary.BigEndian.PutUint32(b[at:], binary.BigEndian.Uint32(b[at:])+uint32(by))
	}
	for _, p := range properties {
		data := bytes.Index(file, []byte("mdat")) + 4
		ipco := bytes.Index(file, []byte("ipco")) - 4
		end := ipco + int(binary.BigEndian.Uint32(file[ipco:]))
		count := 0
		for at := ipco + 8; at < end; at += int(binary.BigEndian.Uint32(file[at:])) {
			count++
		}
		b := append(append(bytes.Clone(file[:end]), p...), file[end:]...)
		grow(b, "ipco", len(p))
		ipma := bytes.Index(b, []byte("ipma")) - 4
		last := ipma + 16
		for range binary.BigEndian.Uint32(b[ipma+12:]) - 1 {
			last += 3 + int(b[last+2])
		}
		end = last + 3 + int(b[last+2])
		b[last+2]++
		b = append(append(bytes.Clone(b[:end]), 0x80|byte(count+1)), b[end:]...)
		grow(b, "ipma", 1)
		grow(b, "iprp", len(p)+1)
		grow(b, "meta", len(p)+1)
		iloc := bytes.Index(b, []byte("iloc")) - 4
		for at := iloc + 8; at < iloc+int(binary.BigEndian.Uint32(b[iloc:])); at++ {
			if v := int(binary.BigEndian.Uint32(b[at:])); v >= data && v < len(file) {
				binary.BigEndian.PutUint32(b[at:], uint32(v+len(p)+1))
				at += 3
			}
		}
		file = b
	}
	return file
}

func irot(turns byte) []byte { return append([]byte("\x00\x00\x00\x09irot"), turns) }
func imir(axis byte) []byte  { return append([]byte("\x00\x00\x00\x09imir"), axis) }

// pngHead is the beginning of a PNG file of 8-bit colours.
func pngHead(w, h int) []byte {
	head := binary.BigEndian.AppendUint32(nil, uint32(w))
	head = binary.BigEndian.AppendUint32(head, uint32(h))
	head = append(head, 8, 2, 0, 0, 0)
	return append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", head)...)
}

// flatPNG is a PNG file of one colour and any size, without ever holding it.
func flatPNG(t testing.TB, w, h int) []byte {
	var packed bytes.Buffer
	z, err := zlib.NewWriterLevel(&packed, zlib.BestSpeed)
	must(t, err)
	row := make([]byte, 1+3*w)
	for range h {
		_, err := z.Write(row)
		must(t, err)
	}
	must(t, z.Close())
	b := append(pngHead(w, h), pngChunk("IDAT", packed.Bytes())...)
	return append(b, pngChunk("IEND", nil)...)
}

func testdata(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	must(t, err)
	return data
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
