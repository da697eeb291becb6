package llmsim

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"time"
)

// Audio is a recording of a request, decoded from its base64.
type Audio struct {
	Format string // "wav", …
	Bytes  []byte
	Heard  string // what the server's recogniser makes of it
}

// measureSound is the recogniser of a server that has none: it says so, and what can be measured. WAV files have a length; of
// others only the size is known.
func measureSound(file []byte) string {
	format := soundFormat(file)
	if format == "" {
		return fmt.Sprintf("[No speech recognition in the offline demo: %d bytes that are no recording.]", len(file))
	}
	if length := wavLength(file); length > 0 {
		return fmt.Sprintf("[No speech recognition in the offline demo: %.1f seconds of sound.]", length.Seconds())
	}
	return fmt.Sprintf("[No speech recognition in the offline demo: a recording of %d bytes, %s.]", len(file), format)
}

// soundFormat tells a recording by its first bytes; "" for anything else.
func soundFormat(file []byte) string {
	has := func(at int, magic string) bool {
		return len(file) >= at+len(magic) && string(file[at:at+len(magic)]) == magic
	}
	switch {
	case has(0, "RIFF") && has(8, "WAVE"):
		return "wav"
	case has(0, "OggS"):
		return "ogg"
	case has(0, "fLaC"):
		return "flac"
	case has(4, "ftyp"):
		return "m4a"
	case has(0, "\x1aE\xdf\xa3"):
		return "webm"
	case has(0, "ID3"), len(file) > 1 && file[0] == 0xFF && file[1]&0xE0 == 0xE0:
		return "mp3"
	}
	return ""
}

// wavLength is the length of a WAV file; 0 where it cannot be told.
func wavLength(file []byte) time.Duration {
	if soundFormat(file) != "wav" {
		return 0
	}
	perSecond := 0
	for rest := file[12:]; len(rest) >= 8; {
		size := int(binary.LittleEndian.Uint32(rest[4:]))
		body := rest[8:]
		switch {
		case bytes.HasPrefix(rest, []byte("fmt ")) && len(body) >= 16:
			perSecond = int(binary.LittleEndian.Uint32(body[8:]))
		case bytes.HasPrefix(rest, []byte("data")) && perSecond > 0:
			return time.Duration(float64(min(size, len(body))) / float64(perSecond) * float64(time.Second))
		}
		if size += size & 1; size > len(body) {
			return 0
		}
		rest = body[size:]
	}
	return 0
}
