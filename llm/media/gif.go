package media

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"io"
	"time"
)

// gifHeader walks the blocks of a GIF89a file and notes where each frame is, so that frames can be decoded one at a time
// and in bounded memory. A file that is cut off keeps the whole frames before the cut.
func gifHeader(r io.ReaderAt, size int64) (header, error) {
	f := part(r, 0, 13)
	if len(f) < 13 {
		return header{}, errHeader
	}
	h := header{W: int(binary.LittleEndian.Uint16(f[6:])), H: int(binary.LittleEndian.Uint16(f[8:]))}
	h.Cost = int64(h.W) * int64(h.H) * 10
	w := blockWalk{r: r, at: 13 + colourTable(f[10])}
	var now time.Duration
	for len(h.Frames) < maxFrames {
		from := w.at
		next, err := w.frame()
		if errors.Is(err, io.EOF) || err != nil && len(h.Frames) > 0 {
			break
		}
		if err != nil {
			return header{}, err
		}
		if next.X+next.W > h.W || next.Y+next.H > h.H {
			return header{}, fmt.Errorf("frame outside of the picture: %w", errHeader)
		}
		next.From, next.To, next.At = from, w.at, now
		now += w.delay
		h.Frames = append(h.Frames, next)
	}
	if len(h.Frames) == 0 {
		return header{}, errHeader
	}
	return h, nil
}

// blockWalk goes through the blocks of a GIF file.
type blockWalk struct {
	r     io.ReaderAt
	at    int64
	delay time.Duration
}

// frame goes past the next image with the extensions before it; io.EOF at the trailer.
func (w *blockWalk) frame() (cel, error) {
	var f cel
	w.delay = 0
	for {
		b := part(w.r, w.at, 10)
		if len(b) < 1 {
			return f, errHeader
		}
		switch {
		case b[0] == 0x3b:
			return f, io.EOF
		case b[0] == 0x21 && len(b) >= 8:
			if b[1] == 0xf9 && b[2] == 4 {
				disposal := b[3] >> 2 & 7
				f.Clear, f.Restore = disposal == 2, disposal == 3
				w.delay = time.Duration(binary.LittleEndian.Uint16(b[4:])) * 10 * time.Millisecond
			}
			w.at += 2
		case b[0] == 0x2c && len(b) >= 10:
			f.X, f.Y = int(binary.LittleEndian.Uint16(b[1:])), int(binary.LittleEndian.Uint16(b[3:]))
			f.W, f.H = int(binary.LittleEndian.Uint16(b[5:])), int(binary.LittleEndian.Uint16(b[7:]))
			w.at += 10 + colourTable(b[9]) + 1
			return f, w.skip()
		default:
			return f, errHeader
		}
		if err := w.skip(); err != nil {
			return f, err
		}
	}
}

// skip goes past sub-blocks, up to and with the empty one.
func (w *blockWalk) skip() error {
	var n [1]byte
	for {
		if _, err := w.r.ReadAt(n[:], w.at); err != nil {
			return errHeader
		}
		w.at += 1 + int64(n[0])
		if n[0] == 0 {
			return nil
		}
	}
}

// colourTable gives the size of the table that a flags byte announces.
func colourTable(flags byte) int64 {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

// gifFrame decodes one frame as if it were the only one: the file's head, the frame, a trailer.
func gifFrame(r io.ReaderAt, f cel) (image.Image, error) {
	head := part(r, 0, 13)
	if len(head) < 13 {
		return nil, errHeader
	}
	head = part(r, 0, 13+colourTable(head[10]))
	m, err := gif.Decode(io.MultiReader(bytes.NewReader(head), io.NewSectionReader(r, f.From, f.To-f.From), bytes.NewReader([]byte{0x3b})))
	if err != nil {
		return nil, fmt.Errorf("decode frame: %w", err)
	}
	if p, ok := m.(*image.Paletted); ok {
		p.Palette = full(p.Palette)
	}
	return m, nil
}

// full fills a palette up, so that no pixel of a hostile file stands outside of it.
func full(p color.Palette) color.Palette {
	for len(p) < 256 {
		p = append(p, color.NRGBA{})
	}
	return p
}
