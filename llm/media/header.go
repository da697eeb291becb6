package media

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// header is what is known of a picture before it is decoded.
type header struct {
	// W and H are the size as stored, before it is turned upright.
	W, H   int
	Orient orientation
	// Cost is about how many bytes decoding it takes, with what stands beside it at that moment.
	Cost int64
	// Fixed is the part of Cost that does not grow with the pixels, where it is known.
	Fixed int64
	// Frames are the parts of an animation in order; nil when there is one picture.
	Frames []cel
}

// cel is one step of an animation.
type cel struct {
	// From and To are its bytes in the file.
	From, To int64
	// At is when it is shown.
	At time.Duration
	// X, Y, W and H are its place on the canvas.
	X, Y, W, H int
	// Clear says that its place becomes empty before the next frame; Restore, that it becomes what it was before this one.
	Clear, Restore bool
	// Replace says that it does not let through what was there before.
	Replace bool
}

// maxFrames is how many frames of an animation are looked at, and maxHeaders how many parts of a file's structure.
const (
	maxFrames  = 4000
	maxHeaders = 20000
	maxExif    = 256 << 10
)

// errHeader says that a picture's structure cannot be followed to its end.
var errHeader = errors.New("broken structure")

// readHeader reads a picture's size, orientation and frames, and nothing that grows with its pixels.
func readHeader(r io.ReaderAt, size int64, mime string) (header, error) {
	var h header
	var err error
	switch mime {
	case mimeJPEG:
		h, err = jpegHeader(r, size)
	case mimePNG:
		h, err = pngHeader(r, size)
	case mimeGIF:
		h, err = gifHeader(r, size)
	case mimeWebP:
		h, err = webpHeader(r, size)
	case mimeAVIF, mimeHEIC:
		h, err = heifHeader(r, size, mime)
	case mimeBMP:
		h, err = bmpHeader(r, size)
	case mimeTIFF:
		h, err = tiffHeader(r)
	default:
		err = fmt.Errorf("no reader for %s", mime)
	}
	if err != nil {
		return header{}, err
	}
	if h.W <= 0 || h.H <= 0 {
		return header{}, fmt.Errorf("size %d by %d: %w", h.W, h.H, errHeader)
	}
	h.Orient = h.Orient.valid()
	if !(job{MIME: mime}).wasm() {
		h.Cost += h.Cost/16 + 32<<20 // what the collector has not taken back, and scaling; the sandbox's memory is given back before
	}
	return h, nil
}

// jpegHeader walks the segments of ITU T.81 up to the start of the first scan.
func jpegHeader(r io.ReaderAt, size int64) (header, error) {
	var h header
	at := int64(2)
	for range maxHeaders {
		var b [4]byte
		if _, err := r.ReadAt(b[:], at); err != nil {
			return h, errHeader
		}
		if b[0] != 0xff {
			return h, errHeader
		}
		marker := b[1]
		if marker == 0xff {
			at++
			continue
		}
		if marker == 0x01 || marker >= 0xd0 && marker <= 0xd8 {
			at += 2
			continue
		}
		length := int64(binary.BigEndian.Uint16(b[2:]))
		switch {
		case marker == 0xd9 || length < 2:
			return h, errHeader
		case marker == 0xda:
			return h, nil
		case marker == 0xe1 && h.Orient == 0:
			if data := part(r, at+4, length-2); len(data) > 6 && string(data[:6]) == "Exif\x00\x00" {
				h.Orient = exifOrientation(data)
			}
		case marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc:
			if err := jpegFrame(&h, marker, part(r, at+4, length-2)); err != nil {
				return h, err
			}
		}
		at += 2 + length
		if at > size {
			return h, errHeader
		}
	}
	return h, errHeader
}

// jpegFrame reads a frame header: size, and what its components take. A progressive picture keeps all its coefficients.
func jpegFrame(h *header, marker byte, f []byte) error {
	if len(f) < 6 || len(f) < 6+3*int(f[5]) || f[5] == 0 {
		return errHeader
	}
	h.H, h.W = int(binary.BigEndian.Uint16(f[1:])), int(binary.BigEndian.Uint16(f[3:]))
	pixels := int64(h.W) * int64(h.H)
	var widest, samples int64
	for c := range int(f[5]) {
		area := int64(f[7+c*3]>>4) * int64(f[7+c*3]&15)
		widest = max(widest, area)
		samples += area
	}
	if widest == 0 {
		return errHeader
	}
	h.Cost = pixels * samples / widest
	if marker == 0xc2 {
		h.Cost *= 5 // four bytes a coefficient, and the picture
	}
	if f[5] == 4 {
		h.Cost += 4 * pixels // made into one CMYK picture at the end
	}
	return nil
}

// pngHeader reads the header chunk and looks for orientation (PNG 3rd edition, 11.3.3.2 eXIf).
func pngHeader(r io.ReaderAt, size int64) (header, error) {
	var h header
	at := int64(8)
	for i := range maxHeaders {
		var b [8]byte
		if _, err := r.ReadAt(b[:], at); err != nil {
			break // the decoder says whether what is there is enough
		}
		length, sort := int64(binary.BigEndian.Uint32(b[:])), string(b[4:])
		if i == 0 {
			f := part(r, at+8, length)
			if sort != "IHDR" || len(f) < 13 {
				return h, errHeader
			}
			h.W, h.H = int(binary.BigEndian.Uint32(f)), int(binary.BigEndian.Uint32(f[4:]))
			h.Cost = int64(h.W) * int64(h.H) * 4
			if f[8] == 16 {
				h.Cost *= 2
			}
			if f[12] != 0 {
				h.Cost *= 2 // each pass is a picture of its own
			}
		}
		if sort == "eXIf" {
			h.Orient = exifOrientation(part(r, at+8, length))
		}
		if sort == "IEND" {
			break
		}
		at += 12 + length
	}
	return h, nil
}

// bmpHeader reads a Windows bitmap's size.
func bmpHeader(r io.ReaderAt, size int64) (header, error) {
	c, err := bmp.DecodeConfig(io.NewSectionReader(r, 0, size))
	return header{W: c.Width, H: c.Height, Cost: int64(c.Width) * int64(c.Height) * 4}, unsupportedBitmap(err)
}

// tiffHeader reads the first directory. A tile or strip is unpacked beside the picture, into a buffer that grows.
func tiffHeader(r io.ReaderAt) (header, error) {
	d, err := readDirectory(r)
	if err != nil {
		return header{}, err
	}
	h := header{W: d.first(tagWidth, 0), H: d.first(tagHeight, 0), Orient: orientation(d.first(tagOrientation, 1))}
	w, rows := d.first(tagTileWidth, h.W), d.first(tagTileHeight, min(d.first(tagRowsPerStrip, h.H), h.H))
	bits := int64(min(d.first(tagBits, 1), 64) * min(d.first(tagSamples, 1), 8))
	if max(h.W, h.H, w, rows) > 1<<24 {
		h.Cost = math.MaxInt64 / 2
		return h, nil
	}
	h.Cost = int64(h.W)*int64(h.H)*max(4, (bits+7)/8) + 3*int64(w)*int64(rows)*bits/8
	return h, nil
}

// unsupportedBitmap is the verdict on what the decoders of BMP and TIFF do not know.
func unsupportedBitmap(err error) error {
	var unknown tiff.UnsupportedError
	if errors.Is(err, bmp.ErrUnsupported) || errors.As(err, &unknown) {
		return &Error{Kind: Unsupported, Safe: "This sort of BMP or TIFF picture is not supported; a PNG or JPEG copy will do.", Err: err}
	}
	return err
}

// part reads n bytes at a place, fewer where the file ends, and never more than EXIF data may have.
func part(r io.ReaderAt, at, n int64) []byte {
	b := make([]byte, min(max(n, 0), maxExif))
	got, _ := r.ReadAt(b, at)
	return b[:got]
}
