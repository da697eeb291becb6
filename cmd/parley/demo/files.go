package demo

import (
	"bytes"
	"mime"
	"net/http"
	"time"
)

// serveFile sends pictures, sound and film as what their bytes are. Everything else is downloaded, whatever it calls
// itself, so that an uploaded page or drawing cannot run a script here.
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
	kind := kindOf(file.data)
	if kind == unknownKind {
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": file.name}))
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(file.data))
}
