package media

import (
	"bufio"
	"io"
)

func newByteReader(r io.Reader) *bufio.Reader { return bufio.NewReaderSize(r, 16<<10) }

// unpackLZW undoes the LZW of TIFF 6.0 section 13, which widens its codes one earlier than that of GIF.
func unpackLZW(dst []byte, r io.Reader) error {
	const clearCode, endCode, most = 256, 257, 4096
	var (
		prefix          [most]uint16
		suffix, initial [most]byte
		length          [most]int
		in              = newByteReader(r)
		buffer, have    uint32
		width           = uint32(9)
		next, last      = 258, -1
	)
	for i := range 256 {
		suffix[i], initial[i], length[i] = byte(i), byte(i), 1
	}
	for len(dst) > 0 {
		for have < width {
			b, err := in.ReadByte()
			if err != nil {
				return io.ErrUnexpectedEOF
			}
			buffer, have = buffer<<8|uint32(b), have+8
		}
		code := int(buffer >> (have - width) & (1<<width - 1))
		have -= width
		switch {
		case code == endCode:
			return io.ErrUnexpectedEOF
		case code == clearCode:
			width, next, last = 9, 258, -1
			continue
		case last < 0 && code > 255, code > next, code == next && next == most:
			return errHeader
		}
		if last >= 0 && next < most {
			prefix[next], initial[next], length[next] = uint16(last), initial[last], length[last]+1
			suffix[next] = initial[code]
			if code == next {
				suffix[next] = initial[last]
			}
			next++
		}
		n := length[code]
		for i, c := n-1, code; i >= 0; i-- {
			if i < len(dst) {
				dst[i] = suffix[c]
			}
			c = int(prefix[c])
		}
		dst = dst[min(n, len(dst)):]
		last = code
		if next+1 >= 1<<width && width < 12 {
			width++
		}
	}
	return nil
}
