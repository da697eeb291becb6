package chatlog_test

import (
	"encoding/binary"
	"testing"
	"unicode/utf16"
)

func TestLogsInOtherEncodings(t *testing.T) {
	t.Parallel()
	const line, want = "[11:22] <jürgen> „grüße“ für 50 € 🎉\r\n", "11:22:00 jürgen: „grüße“ für 50 € 🎉"
	wide := func(order binary.AppendByteOrder) (out []byte) {
		for _, u := range utf16.Encode([]rune("\ufeff" + line)) {
			out = order.AppendUint16(out, u)
		}
		return out
	}
	for name, tt := range map[string]struct{ text, want string }{
		"UTF-8 with a mark":       {"\ufeff" + line, want},
		"UTF-16, low byte first":  {string(wide(binary.LittleEndian)), want},
		"UTF-16, high byte first": {string(wide(binary.BigEndian)), want},
		"Windows-1252":            {"J\xfcrgen: \x84wir liefern\x93 f\xfcr 50 \x80\n", "00:00:00 Jürgen: „wir liefern“ für 50 €"},
		"Latin-1 amid UTF-8":      {"[11:22] <ana> gr\xfc\xdfe für alle\n", "11:22:00 ana: grüße für alle"},
	} {
		if got := told(read(t, tt.text, "f")); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
	if got := told(read(t, "\xff\xfea\x00:\x00 \x00b\x00\x3d\xd8c", "f")); got != "00:00:00 a: b\ufffd" {
		t.Errorf("UTF-16 that is broken off gives %q", got)
	}
}
