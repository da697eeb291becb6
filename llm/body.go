package llm

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
)

// body is what a request sends, in pieces that are read one after the other. A file becomes base64 only while it is read, so
// that a request with pictures is never held twice. It can be read again, for a redirect.
type body struct {
	contentType string
	length      int64
	pieces      []piece
}

// piece is a part of a body.
type piece struct {
	length int64
	open   func() io.Reader
}

func (b *body) add(length int64, open func() io.Reader) {
	b.length += length
	b.pieces = append(b.pieces, piece{length, open})
}

func (b *body) addBytes(raw []byte) {
	b.add(int64(len(raw)), func() io.Reader { return bytes.NewReader(raw) })
}

func (b *body) addBase64(raw []byte) {
	b.add(int64(base64.StdEncoding.EncodedLen(len(raw))), func() io.Reader { return &base64Reader{rest: raw} })
}

func (b *body) reader() io.ReadCloser {
	readers := make([]io.Reader, 0, len(b.pieces))
	for _, p := range b.pieces {
		readers = append(readers, p.open())
	}
	return io.NopCloser(io.MultiReader(readers...))
}

// blobs are the files of a request. Each stands in its JSON as a mark, which is random and has no characters that JSON would
// escape; a body puts the base64 in its place.
type blobs struct {
	mark  string
	files [][]byte
}

func newBlobs() *blobs { return &blobs{mark: "blob-" + rand.Text()} }

// put gives what stands for the file. Files must be put in the order in which they stand in the request.
func (b *blobs) put(file []byte) string {
	b.files = append(b.files, file)
	return b.mark
}

// encode writes the JSON of a request that holds the marks.
func (b *blobs) encode(request any) (*body, error) {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(request); err != nil {
		return nil, err
	}
	out := &body{contentType: "application/json"}
	rest := text.Bytes()
	for _, file := range b.files {
		before, after, _ := bytes.Cut(rest, []byte(b.mark))
		out.addBytes(before)
		out.addBase64(file)
		rest = after
	}
	out.addBytes(rest)
	return out, nil
}

// base64Reader gives the base64 of some bytes.
type base64Reader struct {
	rest    []byte // not yet encoded
	encoded []byte // not yet read, a part of buffer
	buffer  [4096]byte
}

// Read implements io.Reader.
func (r *base64Reader) Read(p []byte) (int, error) {
	if len(r.encoded) == 0 {
		if len(r.rest) == 0 {
			return 0, io.EOF
		}
		n := min(len(r.rest), len(r.buffer)/4*3)
		base64.StdEncoding.Encode(r.buffer[:], r.rest[:n])
		r.encoded, r.rest = r.buffer[:base64.StdEncoding.EncodedLen(n)], r.rest[n:]
	}
	n := copy(p, r.encoded)
	r.encoded = r.encoded[n:]
	return n, nil
}
