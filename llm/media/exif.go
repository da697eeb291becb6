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
)

// maxTags is how many entries of a directory are read; real ones have some dozens.
const maxTags = 512

// errDirectory says that what should be a TIFF directory is none.
var errDirectory = errors.New("no TIFF directory")

// directory reads the first directory of a TIFF file, or of the TIFF file inside EXIF data. It gives the first number of each tag that is a
// SHORT or a LONG, and of nothing else.
func directory(r io.ReaderAt) (map[uint16]uint32, error) {
	var head [8]byte
	if _, err := r.ReadAt(head[:], 0); err != nil {
		return nil, errDirectory
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch string(head[:4]) {
	case "II*\x00":
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return nil, errDirectory
	}
	at := int64(order.Uint32(head[4:]))
	var count [2]byte
	if _, err := r.ReadAt(count[:], at); err != nil {
		return nil, errDirectory
	}
	entries := make([]byte, 12*min(int(order.Uint16(count[:])), maxTags))
	if n, err := r.ReadAt(entries, at+2); n < len(entries) && err != nil {
		entries = entries[:n-n%12]
	}
	tags := make(map[uint16]uint32, len(entries)/12)
	for e := entries; len(e) >= 12; e = e[12:] {
		tag := order.Uint16(e)
		if v, ok := number(r, order, e); ok {
			if _, seen := tags[tag]; !seen {
				tags[tag] = v
			}
		}
	}
	return tags, nil
}

// number gives the first value of an entry, which stands elsewhere when all of them do not fit into four bytes.
func number(r io.ReaderAt, order binary.ByteOrder, e []byte) (uint32, bool) {
	const short, long = 3, 4
	sort, count, value := order.Uint16(e[2:]), order.Uint32(e[4:]), e[8:12]
	if count == 0 || sort != short && sort != long {
		return 0, false
	}
	if sort == short && count > 2 || sort == long && count > 1 {
		var far [4]byte
		if n, _ := r.ReadAt(far[:], int64(order.Uint32(value))); n < 4 {
			return 0, false
		}
		value = far[:]
	}
	if sort == short {
		return uint32(order.Uint16(value)), true
	}
	return order.Uint32(value), true
}

// exifOrientation reads the orientation out of EXIF data, with or without the "Exif" mark before it. What cannot be read is
// upright.
func exifOrientation(data []byte) orientation {
	data = bytes.TrimPrefix(data, []byte("Exif\x00\x00"))
	tags, err := directory(bytes.NewReader(data))
	if err != nil {
		return 1
	}
	return orientation(tags[tagOrientation]).valid()
}
