package demo

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"path"
	"unicode/utf8"
)

// Bounds of one request. Slack takes texts up to 40,000 characters; the simulators have their own, tighter limits.
const (
	maxBody  = 32 << 20
	maxForm  = 8 << 20 // kept in memory, the rest in temporary files
	maxFiles = 10
	maxText  = 40_000
)

type created struct {
	ID string `json:"id"`
}

func (d *Demo) postMessage(w http.ResponseWriter, r *http.Request) {
	s, ok := d.form(w, r)
	if !ok {
		return
	}
	defer forget(r)
	files, err := uploads(r.MultipartForm)
	if err != nil {
		answerError(w, http.StatusBadRequest, err.Error())
		return
	}
	id, err := s.post(draft{
		person: r.FormValue("person"), channel: r.FormValue("channel"), thread: r.FormValue("thread"),
		replyTo: r.FormValue("reply_to"), text: r.FormValue("text"), files: files,
	})
	d.answer(w, http.StatusCreated, created{ID: id}, err)
}

func (d *Demo) editMessage(w http.ResponseWriter, r *http.Request) {
	s, ok := d.form(w, r)
	if !ok {
		return
	}
	defer forget(r)
	if r.FormValue("text") == "" {
		answerError(w, http.StatusBadRequest, "A message needs text. To take it back, delete it.")
		return
	}
	d.answer(w, http.StatusOK, struct{}{}, s.edit(reference(r), r.FormValue("text")))
}

func (d *Demo) deleteMessage(w http.ResponseWriter, r *http.Request) {
	s, err := d.side(r.FormValue("platform"))
	if err != nil {
		answerError(w, http.StatusBadRequest, err.Error())
		return
	}
	d.answer(w, http.StatusOK, struct{}{}, s.remove(reference(r)))
}

func (d *Demo) startThread(w http.ResponseWriter, r *http.Request) {
	s, ok := d.form(w, r)
	if !ok {
		return
	}
	defer forget(r)
	ref := reference(r)
	ref.id = r.FormValue("message")
	id, err := s.startThread(ref, r.FormValue("name"))
	d.answer(w, http.StatusCreated, created{ID: id}, err)
}

// form reads a bounded form and finds the side that it is for; when it returns false, it has answered.
func (d *Demo) form(w http.ResponseWriter, r *http.Request) (side, bool) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseMultipartForm(maxForm); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			answerError(w, http.StatusRequestEntityTooLarge, "That is too much at once: files together may have 32 MB.")
			return nil, false
		}
		answerError(w, http.StatusBadRequest, "The request is no form that the page would send.")
		return nil, false
	}
	s, err := d.side(r.FormValue("platform"))
	switch {
	case err != nil:
		answerError(w, http.StatusBadRequest, err.Error())
	case !utf8.ValidString(r.FormValue("text")):
		answerError(w, http.StatusBadRequest, "The text is not UTF-8.")
	case utf8.RuneCountInString(r.FormValue("text")) > maxText:
		answerError(w, http.StatusBadRequest, "The text is longer than 40,000 characters. Send it as a file.")
	default:
		return s, true
	}
	forget(r)
	return nil, false
}

func (d *Demo) answer(w http.ResponseWriter, status int, value any, err error) {
	if err != nil {
		d.log.Debug("demo page: request refused by the simulator", "error", err)
		answerError(w, http.StatusBadRequest, err.Error())
		return
	}
	answerJSON(w, status, value)
}

func reference(r *http.Request) messageRef {
	return messageRef{person: r.FormValue("person"), channel: r.FormValue("channel"), id: r.FormValue("id")}
}

// forget removes the temporary files of a large form.
func forget(r *http.Request) {
	if r.MultipartForm != nil {
		_ = r.MultipartForm.RemoveAll() // the system's temporary folder is cleaned anyway
	}
}

func uploads(form *multipart.Form) ([]upload, error) {
	headers := form.File["file"]
	if len(headers) > maxFiles {
		return nil, fmt.Errorf("a message takes at most %d files", maxFiles)
	}
	var files []upload
	for _, header := range headers {
		file, err := read(header)
		if err != nil {
			return nil, fmt.Errorf("read file %q: %w", header.Filename, err)
		}
		files = append(files, file)
	}
	return files, nil
}

func read(header *multipart.FileHeader) (upload, error) {
	file, err := header.Open()
	if err != nil {
		return upload{}, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxBody))
	if err != nil {
		return upload{}, err
	}
	kind := header.Header.Get("Content-Type")
	if kind == "" {
		kind = http.DetectContentType(data)
	}
	return upload{name: path.Base(header.Filename), mime: kind, data: data}, nil
}
