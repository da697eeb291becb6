package media

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"image"
	"io"
)

// tiffInfo is what the first directory of a TIFF 6.0 file says of the picture.
type tiffInfo struct {
	order                                              binary.ByteOrder
	w, h, bits, samples, compression, photo, predictor int
	alpha                                              bool
	// A block is a tile, or a strip, which is as wide as the picture.
	blockW, blockH  int
	offsets, counts []uint32
	palette         []uint32
}

// The compressions of TIFF 6.0 and its supplements that are read here.
const (
	tiffPlain      = 1
	tiffLZW        = 5
	tiffDeflate    = 8
	tiffOldDeflate = 32946
	tiffPackBits   = 32773
)

// readTIFF reads the directory and refuses what is not read here.
func readTIFF(r io.ReaderAt) (tiffInfo, error) {
	d, err := readDirectory(r)
	if err != nil {
		return tiffInfo{}, err
	}
	t := tiffInfo{
		order: d.order, w: d.first(tagWidth, 0), h: d.first(tagHeight, 0), bits: d.first(tagBits, 1), samples: d.first(tagSamples, 1),
		compression: d.first(259, 1), photo: d.first(262, 0), predictor: d.first(317, 1),
		blockW: d.first(322, 0), blockH: d.first(323, 0),
	}
	tags := [2]uint16{324, 325}
	if t.blockW == 0 {
		t.blockW, t.blockH, tags = t.w, min(d.first(278, t.h), t.h), [2]uint16{273, 279}
	}
	t.offsets, t.counts, t.palette = d.all(tags[0]), d.all(tags[1]), d.all(320)
	colours := map[int]int{0: 1, 1: 1, 2: 3, 3: 1, 5: 4}[t.photo]
	t.alpha = colours < 4 && t.samples > colours && d.first(338, 0) > 0
	switch {
	case colours == 0, t.samples < colours || t.samples > 8, d.first(284, 1) != 1 && t.samples > 1, t.predictor > 2, d.first(266, 1) != 1,
		d.first(339, 1) != 1, t.bits != 1 && t.bits != 4 && t.bits != 8 && t.bits != 16, t.bits < 8 && t.samples > 1, !t.known():
		return t, &Error{Kind: Unsupported, Safe: "This sort of TIFF picture is not supported; a PNG or JPEG copy will do."}
	case t.blockW <= 0 || t.blockH <= 0 || t.blockW > 1<<16 || t.blockH > 1<<16:
		return t, errHeader
	}
	return t, nil
}

func (t *tiffInfo) known() bool {
	switch t.compression {
	case tiffPlain, tiffLZW, tiffDeflate, tiffOldDeflate, tiffPackBits:
		return true
	}
	return false
}

// rowBytes is how long a row of a block is.
func (t *tiffInfo) rowBytes() int { return (t.blockW*t.samples*t.bits + 7) / 8 }

// decodeTIFF decodes block by block.
func decodeTIFF(r io.ReaderAt) (image.Image, error) {
	t, err := readTIFF(r)
	if err != nil {
		return nil, err
	}
	across, down := (t.w+t.blockW-1)/t.blockW, (t.h+t.blockH-1)/t.blockH
	if len(t.offsets) < across*down || len(t.counts) < across*down {
		return nil, fmt.Errorf("%d blocks of %d by %d: %w", len(t.offsets), across, down, errHeader)
	}
	m := image.NewNRGBA(image.Rect(0, 0, t.w, t.h))
	block := make([]byte, t.rowBytes()*t.blockH)
	for i := range across * down {
		x, y := i%across*t.blockW, i/across*t.blockH
		rows := min(t.blockH, t.h-y)
		data := block[:t.rowBytes()*rows]
		if err := t.unpack(data, io.NewSectionReader(r, int64(t.offsets[i]), int64(t.counts[i]))); err != nil {
			return nil, fmt.Errorf("unpack block: %w", err)
		}
		for dy := range rows {
			row := data[dy*t.rowBytes() : (dy+1)*t.rowBytes()]
			t.undo(row)
			t.row(m.Pix[m.PixOffset(x, y+dy):], row, min(t.blockW, t.w-x))
		}
	}
	return m, nil
}

// unpack fills dst with what a block holds; less is an error, more is left.
func (t *tiffInfo) unpack(dst []byte, r io.Reader) error {
	switch t.compression {
	case tiffLZW:
		return unpackLZW(dst, r)
	case tiffPackBits:
		return unpackBits(dst, r)
	case tiffDeflate, tiffOldDeflate:
		z, err := zlib.NewReader(r)
		if err != nil {
			return err
		}
		r = z
	}
	_, err := io.ReadFull(r, dst)
	return err
}

// undo takes back horizontal differencing: TIFF 6.0 section 14.
func (t *tiffInfo) undo(row []byte) {
	if t.predictor != 2 {
		return
	}
	switch n := t.samples; t.bits {
	case 8:
		for i := n; i < len(row); i++ {
			row[i] += row[i-n]
		}
	case 16:
		for i := 2 * n; i+1 < len(row); i += 2 {
			t.order.PutUint16(row[i:], t.order.Uint16(row[i:])+t.order.Uint16(row[i-2*n:]))
		}
	}
}

// row turns n pixels of a row into straight colours.
func (t *tiffInfo) row(dst, src []byte, n int) {
	at := func(i int) uint8 {
		switch t.bits {
		case 8:
			return src[i]
		case 16:
			return uint8(t.order.Uint16(src[2*i:]) >> 8)
		}
		v := src[i*t.bits/8] >> (8 - t.bits - i*t.bits%8) & (1<<t.bits - 1)
		if t.photo == 3 {
			return v
		}
		return uint8(int(v) * 255 / (1<<t.bits - 1))
	}
	for x := range n {
		p, s := dst[x*4:x*4+4:x*4+4], x*t.samples
		p[3] = 255
		switch t.photo {
		case 0:
			v := 255 - at(s)
			p[0], p[1], p[2] = v, v, v
		case 1:
			v := at(s)
			p[0], p[1], p[2] = v, v, v
		case 2:
			p[0], p[1], p[2] = at(s), at(s+1), at(s+2)
		case 3:
			v, third := int(at(s)), len(t.palette)/3
			if v < third {
				p[0], p[1], p[2] = uint8(t.palette[v]>>8), uint8(t.palette[v+third]>>8), uint8(t.palette[v+2*third]>>8)
			}
		case 5:
			k := 255 - int(at(s+3))
			for c := range 3 {
				p[c] = uint8((255 - int(at(s+c))) * k / 255)
			}
		}
		if t.alpha {
			p[3] = at(s + t.samples - 1)
		}
	}
}

// unpackBits undoes PackBits: TIFF 6.0 section 9.
func unpackBits(dst []byte, r io.Reader) error {
	in := newByteReader(r)
	for len(dst) > 0 {
		n, err := in.ReadByte()
		switch {
		case err != nil:
			return io.ErrUnexpectedEOF
		case n < 128:
			m := min(int(n)+1, len(dst))
			if _, err := io.ReadFull(in, dst[:m]); err != nil {
				return err
			}
			dst = dst[m:]
		case n > 128:
			b, err := in.ReadByte()
			if err != nil {
				return io.ErrUnexpectedEOF
			}
			m := min(257-int(n), len(dst))
			copy(dst[:m], bytes.Repeat([]byte{b}, m))
			dst = dst[m:]
		}
	}
	return nil
}
