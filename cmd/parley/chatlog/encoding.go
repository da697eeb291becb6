package chatlog

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// decoded is a file in UTF-8: UTF-16 is told by its first two bytes, as Windows writes it.
func decoded(data []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		order = binary.LittleEndian
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		order = binary.BigEndian
	default:
		return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	}
	out := make([]byte, 0, len(data)/2)
	var high rune // the first half of a pair
	for data = data[2:]; len(data) > 1; data = data[2:] {
		r := rune(order.Uint16(data))
		switch {
		case high != 0 && utf16.DecodeRune(high, r) != utf8.RuneError:
			out = utf8.AppendRune(out, utf16.DecodeRune(high, r))
			high = 0
			continue
		case high != 0:
			out = utf8.AppendRune(out, utf8.RuneError)
		}
		if high = 0; r >= 0xd800 && r < 0xdc00 {
			high = r
			continue
		}
		out = utf8.AppendRune(out, r)
	}
	if high != 0 || len(data) > 0 {
		out = utf8.AppendRune(out, utf8.RuneError)
	}
	return out
}

// text takes what is no UTF-8 in old logs for Windows-1252, which holds Latin-1.
func text(data []byte) string {
	if utf8.Valid(data) {
		return string(data)
	}
	var b strings.Builder
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if r == utf8.RuneError && size == 1 {
			r = charmap.Windows1252.DecodeByte(data[0])
		}
		b.WriteRune(r)
		data = data[size:]
	}
	return b.String()
}
