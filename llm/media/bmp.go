package media

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"image"
	"io"
	"math/bits"
)

// bmpInfo is what the head of a Windows bitmap says: BITMAPCOREHEADER to BITMAPV5HEADER.
type bmpInfo struct {
	w, h    int
	topDown bool
	depth   int
	// pixels is where the rows begin.
	pixels int64
	// masks are those of red, green, blue and alpha in a pixel of 16 or 32 bits.
	masks   [4]uint32
	palette [256][3]uint8
}

// readBMP reads the head. Run lengths and pictures within the picture are not supported: nothing writes them any more.
func readBMP(r io.ReaderAt) (bmpInfo, error) {
	var b bmpInfo
	f := part(r, 0, 14+124)
	if len(f) < 26 {
		return b, errHeader
	}
	le := binary.LittleEndian
	b.pixels = int64(le.Uint32(f[10:]))
	size, colours, each := int(le.Uint32(f[14:])), 0, 4
	switch {
	case size == 12:
		b.w, b.h, b.depth, each = int(le.Uint16(f[18:])), int(le.Uint16(f[20:])), int(le.Uint16(f[24:])), 3
	case size >= 40 && size <= 124 && len(f) >= 54:
		b.w, b.h, b.depth = int(int32(le.Uint32(f[18:]))), int(int32(le.Uint32(f[22:]))), int(le.Uint16(f[28:]))
		colours = int(min(le.Uint32(f[46:]), 256))
		if b.h < 0 {
			b.h, b.topDown = -b.h, true
		}
	default:
		return b, errHeader
	}
	compression := uint32(0)
	if size >= 40 {
		compression = le.Uint32(f[30:])
	}
	switch {
	case compression == 3 && len(f) >= 66:
		for i := range b.masks[:3] {
			b.masks[i] = le.Uint32(f[54+4*i:])
		}
		if size >= 56 && len(f) >= 70 {
			b.masks[3] = le.Uint32(f[66:])
		}
	case compression != 0:
		return b, &Error{Kind: Unsupported, Safe: "Bitmaps (BMP) are read only when they are not compressed."}
	case b.depth == 16:
		b.masks = [4]uint32{0x7c00, 0x3e0, 0x1f, 0}
	case b.depth == 32:
		b.masks = [4]uint32{0xff0000, 0xff00, 0xff, 0}
	}
	if b.depth <= 8 {
		if colours == 0 {
			colours = 1 << b.depth
		}
		table := part(r, 14+int64(size), int64(colours*each))
		for i := range len(table) / each {
			b.palette[i] = [3]uint8{table[i*each+2], table[i*each+1], table[i*each]}
		}
	}
	return b, nil
}

// decodeBMP decodes the rows one at a time.
func decodeBMP(r io.ReaderAt, size int64) (image.Image, error) {
	b, err := readBMP(r)
	if err != nil {
		return nil, err
	}
	switch b.depth {
	case 1, 4, 8, 16, 24, 32:
	default:
		return nil, fmt.Errorf("%d bits a pixel: %w", b.depth, errHeader)
	}
	m := image.NewNRGBA(image.Rect(0, 0, b.w, b.h))
	row := make([]byte, (b.w*b.depth+31)/32*4)
	in := bufio.NewReaderSize(io.NewSectionReader(r, b.pixels, size-b.pixels), 64<<10)
	for i := range b.h {
		if _, err := io.ReadFull(in, row); err != nil {
			return nil, fmt.Errorf("read row: %w", err)
		}
		y := b.h - 1 - i
		if b.topDown {
			y = i
		}
		b.row(m.Pix[y*m.Stride:], row)
	}
	return m, nil
}

// row turns a stored row into pixels.
func (b *bmpInfo) row(dst, src []byte) {
	for x := range b.w {
		p := dst[x*4 : x*4+4 : x*4+4]
		p[3] = 255
		switch b.depth {
		case 24:
			p[0], p[1], p[2] = src[x*3+2], src[x*3+1], src[x*3]
		case 16:
			b.masked(p, uint32(binary.LittleEndian.Uint16(src[x*2:])))
		case 32:
			b.masked(p, binary.LittleEndian.Uint32(src[x*4:]))
		default:
			at := x * b.depth
			v := src[at/8] >> (8 - b.depth - at%8) & (1<<b.depth - 1)
			copy(p, b.palette[v][:])
		}
	}
}

// masked takes a pixel apart.
func (b *bmpInfo) masked(p []byte, v uint32) {
	for i, mask := range b.masks {
		if mask == 0 {
			continue
		}
		low := bits.TrailingZeros32(mask)
		most := uint64(mask >> low)
		p[i] = uint8(uint64(v&mask>>low) * 255 / most)
	}
}
