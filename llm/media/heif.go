package media

import (
	"encoding/binary"
	"io"
)

// box is a box of ISO/IEC 14496-12: its sort and where its content is.
type box struct {
	sort     string
	from, to int64
}

// boxes gives the boxes between from and to. A box that reaches beyond is an error: the file is cut off.
func boxes(r io.ReaderAt, from, to int64) ([]box, error) {
	var all []box
	for at := from; at < to; {
		var b [16]byte
		if n, _ := r.ReadAt(b[:], at); n < 8 {
			return nil, errHeader
		}
		length, head := int64(binary.BigEndian.Uint32(b[:])), int64(8)
		switch length {
		case 0:
			length = to - at
		case 1:
			length, head = int64(binary.BigEndian.Uint64(b[8:])), 16
		}
		if length < head || length > to-at || len(all) == maxHeaders {
			return nil, errHeader
		}
		all = append(all, box{string(b[4:8]), at + head, at + length})
		at += length
	}
	return all, nil
}

// inside gives the boxes inside the first box of a sort, after skip bytes of its own.
func inside(r io.ReaderAt, all []box, sort string, skip int64) ([]box, error) {
	for _, b := range all {
		if b.sort == sort {
			return boxes(r, b.from+skip, b.to)
		}
	}
	return nil, errHeader
}

// heifHeader reads size and turn of the primary item (ISO/IEC 23008-12). EXIF does not count in these files: section 6.5.10
// puts irot and imir in its place, and what applies both turns a telephone's picture twice.
func heifHeader(r io.ReaderAt, size int64, mime string) (header, error) {
	var h header
	top, err := boxes(r, 0, size)
	if err != nil {
		return h, err
	}
	meta, err := inside(r, top, "meta", 4)
	if err != nil {
		return h, err
	}
	iprp, err := inside(r, meta, "iprp", 0)
	if err != nil {
		return h, err
	}
	ipco, err := inside(r, iprp, "ipco", 0)
	if err != nil {
		return h, err
	}
	var turn, mirror = 0, -1
	for _, n := range properties(r, meta, iprp) {
		if n < 1 || n > len(ipco) {
			continue
		}
		p := ipco[n-1]
		f := part(r, p.from, min(p.to-p.from, 64))
		switch {
		case p.sort == "ispe" && len(f) >= 12:
			h.W, h.H = int(binary.BigEndian.Uint32(f[4:])), int(binary.BigEndian.Uint32(f[8:]))
		case p.sort == "irot" && len(f) >= 1:
			turn = int(f[0] & 3)
		case p.sort == "imir" && len(f) >= 1:
			mirror = int(f[0] & 1)
		}
	}
	if mime == mimeAVIF { // the decoder of HEIC turns it itself
		h.Orient = heifOrientation(turn, mirror)
	}
	if mime == mimeAVIF {
		h.Fixed = avifFixed
	}
	h.Cost = h.Fixed + size + int64(h.W)*int64(h.H)*heifBytes(r, ipco, mime)
	return h, nil
}

// What a pixel of 8 bits, with half the colours, takes in the WebAssembly decoders at most, in bytes, as measured: they hold
// several copies.
const (
	heicBytes = 10
	avifBytes = 20
	webpBytes = 8
)

// avifFixed is what AV1 takes whatever the size: tables and contexts, and the buffers of its filters in a picture that uses
// all of them. Measured are 3 MB for 16 × 16 pixels, and up to 11 MB beyond avifBytes a pixel from 640 × 400 on.
const avifFixed = 12 << 20

// heifBytes gives what a pixel takes with more bits, all colours (av1C: AV1 in ISOBMFF section 2.3), or a second picture for
// alpha.
func heifBytes(r io.ReaderAt, ipco []box, mime string) int64 {
	var deep, full, alpha bool
	for _, p := range ipco {
		f := part(r, p.from, min(p.to-p.from, 64))
		coded := p.sort == "av1C" && len(f) >= 3
		deep = deep || p.sort == "pixi" && len(f) >= 6 && f[5] > 8 || coded && f[2]&0x40 != 0
		full = full || coded && f[2]&0x0c != 0x0c
		alpha = alpha || p.sort == "auxC"
	}
	each, more := int64(heicBytes), [3]int64{5, 3, 3}
	if mime == mimeAVIF {
		each, more = avifBytes, [3]int64{11, 2, 14}
	}
	for i, present := range []bool{deep, full, alpha} {
		if present {
			each += more[i]
		}
	}
	return each
}

// properties gives the numbers of the primary item's properties, in order.
func properties(r io.ReaderAt, meta, iprp []box) []int {
	var primary uint32
	for _, b := range meta {
		if f := part(r, b.from, min(b.to-b.from, 8)); b.sort == "pitm" && len(f) >= 6 {
			if f[0] == 0 {
				primary = uint32(binary.BigEndian.Uint16(f[4:]))
			} else if len(f) >= 8 {
				primary = binary.BigEndian.Uint32(f[4:])
			}
		}
	}
	for _, b := range iprp {
		if b.sort != "ipma" {
			continue
		}
		if numbers := associations(part(r, b.from, b.to-b.from), primary); numbers != nil {
			return numbers
		}
	}
	return nil
}

// associations finds an item in an ipma box.
func associations(f []byte, item uint32) []int {
	if len(f) < 8 {
		return nil
	}
	idSize, numberSize := 2, 1
	if f[0] > 0 {
		idSize = 4
	}
	if f[3]&1 != 0 {
		numberSize = 2
	}
	for f = f[8:]; len(f) > idSize; {
		id := uint32(binary.BigEndian.Uint16(f))
		if idSize == 4 {
			id = binary.BigEndian.Uint32(f)
		}
		count := int(f[idSize])
		f = f[idSize+1:]
		if len(f) < count*numberSize {
			return nil
		}
		if id == item {
			numbers := make([]int, count)
			for i := range numbers {
				if numberSize == 2 {
					numbers[i] = int(binary.BigEndian.Uint16(f[i*2:]) & 0x7fff)
				} else {
					numbers[i] = int(f[i] & 0x7f)
				}
			}
			return numbers
		}
		f = f[count*numberSize:]
	}
	return nil
}

// heifOrientation gives the EXIF orientation for irot (quarter turns against the clock) and then imir (0: top and bottom
// change places, 1: left and right do; below 0: none).
func heifOrientation(turn, mirror int) orientation {
	table := [3][4]orientation{
		{1, 8, 3, 6}, // not mirrored
		{4, 5, 2, 7}, // top and bottom
		{2, 7, 4, 5}, // left and right
	}
	return table[mirror+1][turn&3]
}
