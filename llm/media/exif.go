package media

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// The tags of a TIFF directory that are read here: TIFF 6.0 section 8, EXIF 2.32 section 4.6.4.
const (
	tagWidth       = 256
	tagHeight      = 257
	tagBits        = 258
	tagOrientation = 274
	tagSamples     = 277

	tagRowsPerStrip = 278
	tagTileWidth    = 322
	tagTileHeight   = 323
)

// maxTags is how many entries of a directory are read; real ones have some dozens.
const maxTags = 512

// errDirectory says that what should be a TIFF directory is none.
var errDirectory = errors.New("no TIFF directory")

// directory is the first directory of a TIFF file, or of the TIFF file inside EXIF data.
type directory struct {
	r       io.ReaderAt
	order   binary.ByteOrder
	entries map[uint16][]byte
}

// readDirectory reads the entries, and nothing that they point to.
func readDirectory(r io.ReaderAt) (directory, error) {
	d := directory{r, binary.LittleEndian, map[uint16][]byte{}}
	var head [8]byte
	if _, err := r.ReadAt(head[:], 0); err != nil {
		return d, errDirectory
	}
	switch string(head[:4]) {
	case "II*\x00":
	case "MM\x00*":
		d.order = binary.BigEndian
	default:
		return d, errDirectory
	}
	at := int64(d.order.Uint32(head[4:]))
	var count [2]byte
	if _, err := r.ReadAt(count[:], at); err != nil {
		return d, errDirectory
	}
	all := part(r, at+2, 12*min(int64(d.order.Uint16(count[:])), maxTags))
	for ; len(all) >= 12; all = all[12:] {
		if tag := d.order.Uint16(all); d.entries[tag] == nil {
			d.entries[tag] = all[:12]
		}
	}
	return d, nil
}

// first gives the first number of a tag, or what stands for it when the tag is not there or no SHORT or LONG.
func (d directory) first(tag uint16, absent int) int {
	if all := d.numbers(tag, 1); len(all) > 0 {
		return int(all[0])
	}
	return absent
}

// numbers gives at most most numbers of a tag, which stand elsewhere when all of them do not fit into four bytes.
func (d directory) numbers(tag uint16, most int64) []uint32 {
	e := d.entries[tag]
	if e == nil {
		return nil
	}
	const short, long = 3, 4
	sort, count, width := d.order.Uint16(e[2:]), int64(d.order.Uint32(e[4:])), int64(2)
	switch sort {
	case short:
	case long:
		width = 4
	default:
		return nil
	}
	data := e[8:12]
	if count*width > 4 {
		data = part(d.r, int64(d.order.Uint32(data)), min(count, most)*width)
	}
	numbers := make([]uint32, 0, min(count, most))
	for ; int64(len(numbers)) < min(count, most) && int64(len(data)) >= width; data = data[width:] {
		if sort == short {
			numbers = append(numbers, uint32(d.order.Uint16(data)))
		} else {
			numbers = append(numbers, d.order.Uint32(data))
		}
	}
	return numbers
}

// exifOrientation reads the orientation out of EXIF data, with or without the "Exif" mark before it. What cannot be read is
// upright.
func exifOrientation(data []byte) orientation {
	data = bytes.TrimPrefix(data, []byte("Exif\x00\x00"))
	d, err := readDirectory(bytes.NewReader(data))
	if err != nil {
		return 1
	}
	return orientation(d.first(tagOrientation, 1)).valid()
}
