package media

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"time"
)

// wavHeader is the length of the header that encodeWAV writes.
const wavHeader = 44

// encodeWAV makes a RIFF WAVE file of 16-bit mono samples at 16 kHz.
func encodeWAV(pcm []int16) []byte {
	size := uint32(2 * len(pcm))
	out := make([]byte, 0, wavHeader+int(size))
	out = append(out, "RIFF"...)
	out = binary.LittleEndian.AppendUint32(out, wavHeader-8+size)
	out = append(out, "WAVEfmt "...)
	out = binary.LittleEndian.AppendUint32(out, 16)
	out = binary.LittleEndian.AppendUint16(out, 1) // PCM
	out = binary.LittleEndian.AppendUint16(out, 1) // channels
	out = binary.LittleEndian.AppendUint32(out, sampleRate)
	out = binary.LittleEndian.AppendUint32(out, 2*sampleRate) // bytes a second
	out = binary.LittleEndian.AppendUint16(out, 2)            // bytes a sample of all channels
	out = binary.LittleEndian.AppendUint16(out, 16)           // bits a sample
	out = append(out, "data"...)
	out = binary.LittleEndian.AppendUint32(out, size)
	for _, s := range pcm {
		out = binary.LittleEndian.AppendUint16(out, uint16(s))
	}
	return out
}

var errNotWAV = errors.New("no RIFF WAVE header")

// wavDuration reads the length of a WAV file from its header, so that it is known without ffmpeg too. A recorder that
// streams leaves the size of the data open: then it is counted from the size of the file. It reads at most 64 chunks.
func wavDuration(r io.ReadSeeker, size int64) (time.Duration, error) {
	var head [12]byte
	if _, err := io.ReadFull(r, head[:]); err != nil || string(head[:4]) != "RIFF" || string(head[8:]) != "WAVE" {
		return 0, errNotWAV
	}
	rate := uint32(0)
	at := int64(len(head))
	for range 64 {
		var chunk [8]byte
		if _, err := io.ReadFull(r, chunk[:]); err != nil {
			return 0, errNotWAV
		}
		at += int64(len(chunk))
		length := int64(binary.LittleEndian.Uint32(chunk[4:]))
		switch {
		case bytes.Equal(chunk[:4], []byte("data")):
			if rate == 0 {
				return 0, errNotWAV
			}
			length = max(0, min(length, size-at))
			return time.Duration(float64(length) / float64(rate) * float64(time.Second)), nil
		case bytes.Equal(chunk[:4], []byte("fmt ")):
			var format [16]byte
			if _, err := io.ReadFull(r, format[:]); err != nil {
				return 0, errNotWAV
			}
			rate = binary.LittleEndian.Uint32(format[8:12])
		}
		at += length + length%2 // chunks are padded to even
		if at > size {
			return 0, errNotWAV
		}
		if _, err := r.Seek(at, io.SeekStart); err != nil {
			return 0, errNotWAV
		}
	}
	return 0, errNotWAV
}
