package llmsim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
)

// Upload is one request for speech to text.
type Upload struct {
	Path   string            // "/v1/audio/transcriptions" or "/v1/audio/translations"
	Fields map[string]string // without the file; of a name that came twice the last
	Order  []string          // names of the fields and of the file, as they came
	Name   string            // of the file
	Bytes  []byte            // the file
	Status int               // of the answer
	Header http.Header       // as received
}

// Uploads is a copy of all requests for speech to text, oldest first, with refused ones among them.
func (s *Server) Uploads() []Upload {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Upload, 0, len(s.uploads))
	for _, u := range s.uploads {
		out = append(out, *u)
	}
	return out
}

// EnqueueSpeech scripts the next answers to requests for speech to text: Text, or HTTP.
func (s *Server) EnqueueSpeech(replies ...Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.speech = append(s.speech, replies...)
}

// maxUpload is the largest recording that Together takes.
const maxUpload = 80_000_000

// transcribe answers POST /v1/audio/transcriptions and /v1/audio/translations.
func (s *Server) transcribe(w http.ResponseWriter, r *http.Request) {
	u := &Upload{Path: r.URL.Path, Fields: map[string]string{}, Header: r.Header.Clone()}
	problem := u.read(w, r)
	s.update(func() {
		if !s.opts.Forget {
			s.uploads = append(s.uploads, u)
		}
	})
	refused := s.checkKey(r)
	if refused == nil {
		refused = s.checkUpload(u, problem)
	}
	if refused != nil {
		s.update(func() { u.Status = refused.status })
		s.writeError(w, refused.status, refused.err)
		return
	}
	text := ""
	if reply, scripted := s.nextSpeech(); scripted && reply.HTTP != nil {
		for name, values := range reply.HTTP.Header {
			w.Header()[name] = values
		}
		s.update(func() { u.Status = reply.HTTP.Status })
		w.WriteHeader(reply.HTTP.Status)
		_, _ = io.WriteString(w, reply.HTTP.Body) // a client that left needs no answer
		return
	} else if scripted {
		text = reply.Text
	} else {
		text = s.hear(u.Bytes)
	}
	s.update(func() { u.Status = http.StatusOK })
	s.writeTranscript(w, u, text)
}

func (s *Server) nextSpeech() (Reply, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.speech) == 0 {
		return Reply{}, false
	}
	reply := s.speech[0]
	s.speech = s.speech[1:]
	return reply, true
}

// read takes the form as it comes.
func (u *Upload) read(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxUpload+1<<20)
	form, err := r.MultipartReader()
	if err != nil {
		return err
	}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := u.take(part); err != nil {
			return err
		}
	}
}

func (u *Upload) take(part *multipart.Part) error {
	name := part.FormName()
	u.Order = append(u.Order, name)
	raw, err := io.ReadAll(part)
	if err != nil {
		return err
	}
	if name == "file" {
		u.Name, u.Bytes = part.FileName(), raw
		return nil
	}
	u.Fields[name] = string(raw)
	return nil
}

// checkUpload holds a form to Together's rules, and to what the options say that the server does not take.
func (s *Server) checkUpload(u *Upload, problem error) *refusal {
	bad := func(status int, code, format string, args ...any) *refusal {
		return &refusal{status, apiError{Message: fmt.Sprintf(format, args...), Type: "invalid_request_error", Code: code}}
	}
	var tooLarge *http.MaxBytesError
	model, format := u.Fields["model"], u.Fields["response_format"]
	switch {
	case errors.As(problem, &tooLarge) || len(u.Bytes) > maxUpload:
		return bad(http.StatusRequestEntityTooLarge, "file_too_large", "the file is larger than %d bytes", maxUpload)
	case problem != nil:
		return bad(http.StatusBadRequest, "invalid_params", "the form cannot be read: %v", problem)
	case slices.Index(u.Order, "model") < 0 || slices.Index(u.Order, "model") > slices.Index(u.Order, "file"):
		return bad(http.StatusBadRequest, "invalid_params", "model is required, before file")
	case model != s.opts.Model && !containsAnyWord(model, "whisper", "parakeet"):
		return bad(http.StatusNotFound, "model_not_found", "The model `%s` does not exist or you do not have access to it.", model)
	case len(u.Bytes) == 0:
		return bad(http.StatusBadRequest, "invalid_params", "file is required")
	case soundFormat(u.Bytes) == "":
		return bad(http.StatusBadRequest, "unsupported_format", "unsupported_format: the file is no recording")
	case format != "" && slices.Contains(s.opts.NoSpeechFormats, format):
		return bad(http.StatusBadRequest, "", "response_format %q is not supported", format)
	case u.Fields["language"] == "auto" && s.opts.Dialect != Together:
		return bad(http.StatusBadRequest, "", "Unsupported language: 'auto'")
	}
	return nil
}

func (s *Server) writeTranscript(w http.ResponseWriter, u *Upload, text string) {
	if u.Fields["response_format"] == "text" {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, text+"\n")
		return
	}
	answer := map[string]any{"text": text}
	if u.Fields["response_format"] == "verbose_json" {
		length := wavLength(u.Bytes).Seconds()
		answer["task"], answer["duration"] = strings.TrimSuffix(u.Path[strings.LastIndexByte(u.Path, '/')+1:], "s"), length
		answer["language"] = "en" // Together takes it for granted
		if given := u.Fields["language"]; given != "" && given != "auto" {
			answer["language"] = given
		}
		answer["segments"] = []any{map[string]any{"id": 0, "start": 0, "end": length, "text": " " + text}}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer) // a client that left needs no answer
}

// hear is what the recogniser makes of a recording.
func (s *Server) hear(file []byte) string {
	if s.opts.Hear != nil {
		return s.opts.Hear(file)
	}
	return measureSound(file)
}
