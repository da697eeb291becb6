package demo

import (
	"bytes"
	"mime"
	"net/http"
	"time"
)

// shownTypes are the types that the page shows in place. Everything else is downloaded, so that an uploaded page or
// drawing cannot run a script here.
var shownTypes = map[string]bool{
	"image/png": true, "image/jpeg": true, "image/gif": true, "image/webp": true,
	"audio/mpeg": true, "audio/mp4": true, "audio/ogg": true, "audio/wav": true, "audio/x-wav": true, "audio/webm": true,
	"video/mp4": true, "video/webm": true, "video/ogg": true,
}

func (d *Demo) serveFile(w http.ResponseWriter, r *http.Request) {
	s, err := d.side(r.PathValue("platform"))
	if err != nil {
		answerError(w, http.StatusNotFound, err.Error())
		return
	}
	file, ok := s.content(r.PathValue("id"))
	if !ok {
		answerError(w, http.StatusNotFound, "There is no such file.")
		return
	}
	kind, _, err := mime.ParseMediaType(file.mime)
	if err != nil || !shownTypes[kind] {
		kind = "application/octet-stream"
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": file.name}))
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(file.data))
}
