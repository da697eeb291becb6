package demo

import (
	"bytes"
	"net/http"
	"strings"
	"sync"
)

// unknownKind is everything that the page does not show in place.
const unknownKind = "application/octet-stream"

// shownKinds are the types that the page shows or plays.
var shownKinds = map[string]bool{
	"image/png": true, "image/jpeg": true, "image/gif": true, "image/webp": true, "image/avif": true,
	"audio/mpeg": true, "audio/mp4": true, "audio/ogg": true, "audio/wav": true, "audio/flac": true,
	"video/mp4": true, "video/webm": true, "video/ogg": true,
}

// kindOf is the media type of a content by its first bytes (mimesniff.spec.whatwg.org, and what it leaves out), or
// unknownKind. It never is a type that can hold a script.
func kindOf(data []byte) string {
	kind, _, _ := strings.Cut(http.DetectContentType(data), ";")
	begins := func(at int, mark string) bool {
		return len(data) >= at && bytes.HasPrefix(data[at:], []byte(mark))
	}
	switch {
	case begins(4, "ftypavif"), begins(4, "ftypavis"):
		kind = "image/avif"
	case begins(4, "ftypM4A"), begins(4, "ftypM4B"):
		kind = "audio/mp4"
	case begins(4, "ftypisom"), begins(4, "ftypqt"):
		kind = "video/mp4"
	case begins(0, "fLaC"):
		kind = "audio/flac"
	case len(data) > 2 && data[0] == 0xff && data[1]&0xe6 == 0xe2: // a frame of MPEG audio, layer III
		kind = "audio/mpeg"
	case kind == "audio/wave":
		kind = "audio/wav"
	case kind == "application/ogg":
		kind = "audio/ogg"
		if bytes.Contains(data[:min(len(data), 512)], []byte("theora")) {
			kind = "video/ogg"
		}
	}
	if !shownKinds[kind] {
		return unknownKind
	}
	return kind
}

// kinds remembers the kinds of files, whose bytes never change.
type kinds struct {
	mu   sync.Mutex
	byID map[string]string
}

func (k *kinds) of(id string, content func() []byte) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	kind, known := k.byID[id]
	if !known {
		if k.byID == nil {
			k.byID = map[string]string{}
		}
		kind = kindOf(content())
		k.byID[id] = kind
	}
	return kind
}
