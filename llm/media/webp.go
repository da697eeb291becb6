package media

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"io"
	"time"
)

// webpHeader walks the chunks of a WebP container (RFC 9649). Chunks that reach beyond the file are an error.
func webpHeader(r io.ReaderAt, size int64) (header, error) {
	var h header
	f := part(r, 0, 12)
	if len(f) < 12 {
		return h, errHeader
	}
	end := int64(binary.LittleEndian.Uint32(f[4:])) + 8
	if end > size {
		return h, errHeader
	}
	var now time.Duration
	at := int64(12)
	for n := 0; at+8 <= end && n < maxHeaders; n++ {
		b := part(r, at, 8+24)
		if len(b) < 8 {
			return h, errHeader
		}
		length := int64(binary.LittleEndian.Uint32(b[4:]))
		if at+8+length > end {
			return h, errHeader
		}
		body := b[8:min(int64(len(b)), 8+length)]
		switch sort := string(b[:4]); {
		case sort == "VP8X" && len(body) >= 10:
			h.W, h.H = int(three(body[4:]))+1, int(three(body[7:]))+1
		case (sort == "VP8 " || sort == "VP8L") && h.W == 0:
			h.W, h.H = webpSize(sort, body)
		case sort == "EXIF":
			h.Orient = exifOrientation(part(r, at+8, length))
		case sort == "ANMF" && len(body) >= 16 && len(h.Frames) < maxFrames:
			next := cel{
				From: at + 8 + 16, To: at + 8 + length, At: now,
				X: 2 * int(three(body)), Y: 2 * int(three(body[3:])), W: int(three(body[6:])) + 1, H: int(three(body[9:])) + 1,
				Clear: body[15]&1 != 0, Replace: body[15]&2 != 0,
			}
			if next.X+next.W > h.W || next.Y+next.H > h.H {
				return h, fmt.Errorf("frame outside of the picture: %w", errHeader)
			}
			now += time.Duration(three(body[12:])) * time.Millisecond
			h.Frames = append(h.Frames, next)
		}
		at += 8 + length + length&1
	}
	h.Cost = size + int64(h.W)*int64(h.H)*webpBytes
	return h, nil
}

// webpSize reads the size out of a bitstream's head: RFC 6386 section 9.1, RFC 9649 section 3.4.
func webpSize(sort string, b []byte) (int, int) {
	switch {
	case sort == "VP8 " && len(b) >= 10 && b[3] == 0x9d && b[4] == 0x01 && b[5] == 0x2a:
		return int(binary.LittleEndian.Uint16(b[6:]) & 0x3fff), int(binary.LittleEndian.Uint16(b[8:]) & 0x3fff)
	case sort == "VP8L" && len(b) >= 5 && b[0] == 0x2f:
		bits := binary.LittleEndian.Uint32(b[1:])
		return int(bits&0x3fff) + 1, int(bits>>14&0x3fff) + 1
	}
	return 0, 0
}

// three reads a number of three bytes.
func three(b []byte) uint32 {
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16
}

// webpFrame decodes one frame of an animation as a file of its own. The picture in it must have the size that the frame
// announces, which is what the limits were checked against.
func webpFrame(ctx context.Context, decoders *codecs, room *arena, r io.ReaderAt, f cel) (image.Image, error) {
	size := f.To - f.From
	at, alpha := f.From, false
	b := part(r, at, 18)
	if len(b) == 18 && string(b[:4]) == "ALPH" {
		length := int64(binary.LittleEndian.Uint32(b[4:]))
		at, alpha = at+8+length+length&1, true
		b = part(r, at, 18)
	}
	if len(b) < 18 {
		return nil, errHeader
	}
	if w, h := webpSize(string(b[:4]), b[8:]); w != f.W || h != f.H {
		return nil, fmt.Errorf("frame of %d by %d announced as %d by %d: %w", w, h, f.W, f.H, errHeader)
	}
	head := []byte("RIFF\x00\x00\x00\x00WEBP")
	if alpha {
		head = append(head, "VP8X\x0a\x00\x00\x00\x10\x00\x00\x00"...)
		head = append(head, byte(f.W-1), byte((f.W-1)>>8), byte((f.W-1)>>16), byte(f.H-1), byte((f.H-1)>>8), byte((f.H-1)>>16))
	}
	binary.LittleEndian.PutUint32(head[4:], uint32(int64(len(head))-8+size))
	file := io.MultiReader(bytes.NewReader(head), io.NewSectionReader(r, f.From, size))
	m, err := decoders.decode(ctx, room, mimeWebP, file, int64(len(head))+size)
	if err != nil {
		return nil, fmt.Errorf("decode frame: %w", err)
	}
	return m, nil
}
