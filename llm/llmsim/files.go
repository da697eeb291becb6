package llmsim

import (
	"fmt"
	"net/http"
)

func (s *Server) sees() bool { return !s.opts.NoImages }

func (s *Server) hears() bool {
	return s.opts.Hears || s.opts.Dialect == VLLM || s.opts.Dialect == VLLMOld
}

// attend listens to the recordings of a request, and forgets what Ollama does not look at: files for a model that does not take
// them are passed over there without a word.
func (s *Server) attend(r *Request) {
	for i := range r.Messages {
		m := &r.Messages[i]
		if s.opts.Dialect == Ollama && !s.sees() {
			m.Images = nil
		}
		if s.opts.Dialect == Ollama && !s.hears() {
			m.Audio = nil
		}
		for j := range m.Audio {
			m.Audio[j].Heard = s.hear(m.Audio[j].Bytes)
		}
	}
}

// checkFiles refuses pictures and sound that the model does not take.
func (s *Server) checkFiles(messages []Message) *refusal {
	pictures, recordings := 0, 0
	for _, m := range messages {
		pictures, recordings = pictures+len(m.Images), recordings+len(m.Audio)
	}
	switch {
	case pictures > 0 && !s.sees():
		return s.noFiles("image")
	case recordings > 0 && !s.hears():
		return s.noFiles("audio")
	case s.opts.MaxImages > 0 && pictures > s.opts.MaxImages:
		return &refusal{http.StatusBadRequest, apiError{Message: fmt.Sprintf("At most %d image(s) may be provided in one prompt.", s.opts.MaxImages), Type: "BadRequestError", Code: 400}}
	}
	return nil
}

// noFiles is the refusal of all files of a kind.
func (s *Server) noFiles(kind string) *refusal {
	switch s.opts.Dialect {
	case LlamaCpp:
		return &refusal{http.StatusInternalServerError, apiError{
			Message: kind + " input is not supported - hint: if this is unexpected, you may need to provide the mmproj", Type: "server_error", Code: 500,
		}}
	case LMStudio:
		if kind == "audio" {
			return &refusal{http.StatusBadRequest, apiError{Message: "Invalid 'content': 'content' objects must have a 'type' field that is either 'text' or 'image_url'."}}
		}
		return &refusal{http.StatusBadRequest, apiError{Message: "Model does not support images. Please use a model that does."}}
	case TGI, Google:
		return &refusal{http.StatusBadRequest, apiError{Message: "unsupported content[].type: " + kind + " input is not supported", Type: "INVALID_ARGUMENT"}}
	case Together:
		return &refusal{http.StatusBadRequest, apiError{Message: "Unsupported modality: " + s.opts.Model + " does not support " + kind, Type: "invalid_request_error"}}
	}
	if kind == "audio" {
		return &refusal{http.StatusBadRequest, apiError{Message: "At most 0 audio(s) may be provided in one prompt.", Type: "BadRequestError", Code: 400}}
	}
	return &refusal{http.StatusBadRequest, apiError{Message: s.opts.Model + " is not a multimodal model", Type: "BadRequestError", Code: 400}}
}
