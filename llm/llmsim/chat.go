package llmsim

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

const maxBody = 64 << 20

// chat answers POST /v1/chat/completions.
func (s *Server) chat(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		s.writeError(w, http.StatusRequestEntityTooLarge, apiError{Message: "Payload too large", Type: "invalid_request_error"})
		return
	}
	req := &Request{Header: r.Header.Clone(), Body: body}
	problem := req.parse()
	if problem == nil {
		s.attend(req)
		req.Tokens = s.count(req.Messages)
	}
	s.update(func() {
		if !s.opts.Forget {
			s.requests = append(s.requests, req)
		}
		s.running++
	})
	defer s.update(func() { s.running-- })

	refused := s.checkKey(r)
	if refused == nil && problem != nil {
		refused = &refusal{http.StatusBadRequest, apiError{Message: problem.Error(), Type: "invalid_request_error"}}
	}
	if refused == nil {
		refused = s.check(req)
	}
	if refused != nil {
		s.update(func() { req.Status = refused.status })
		if s.opts.Dialect == LMStudio && req.Stream && refused.status == http.StatusBadRequest {
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = io.WriteString(w, "event: error\ndata: "+apiError{Message: refused.err.Message}.envelope()+"\n\n") // and no [DONE]
			return
		}
		s.writeError(w, refused.status, refused.err)
		return
	}
	t := transmission{server: s, w: w, ctx: r.Context(), req: req, reply: s.replyTo(r, *req)}
	t.send()
}

func (s *Server) replyTo(r *http.Request, req Request) Reply {
	s.mu.Lock()
	if len(s.queue) > 0 {
		reply := s.queue[0]
		s.queue = s.queue[1:]
		s.mu.Unlock()
		return reply
	}
	s.mu.Unlock()
	return s.opts.Responder.Respond(r.Context(), req)
}

func (s *Server) checkKey(r *http.Request) *refusal {
	if s.opts.Key == "" || r.Header.Get("Authorization") == "Bearer "+s.opts.Key {
		return nil
	}
	return &refusal{http.StatusUnauthorized, apiError{Message: "Invalid API key provided", Type: "invalid_request_error", Code: "invalid_api_key"}}
}

// parse reads the body into the journal entry.
func (r *Request) parse() error {
	var wire struct {
		Model         string `json:"model"`
		Stream        bool   `json:"stream"`
		StreamOptions struct {
			IncludeUsage bool `json:"include_usage"`
		} `json:"stream_options"`
		MaxTokens     int      `json:"max_tokens"`
		MaxCompletion int      `json:"max_completion_tokens"`
		Temperature   *float64 `json:"temperature"`
		TopP          *float64 `json:"top_p"`
		TopK          *int     `json:"top_k"`
		Messages      []struct {
			Role    string          `json:"role"`
			Content json.RawMessage `json:"content"`
		} `json:"messages"`
	}
	if err := json.Unmarshal(r.Body, &wire); err != nil {
		return fmt.Errorf("invalid JSON: %w", err)
	}
	r.Model, r.Stream, r.IncludeUsage = wire.Model, wire.Stream, wire.StreamOptions.IncludeUsage
	r.MaxTokens = max(wire.MaxTokens, wire.MaxCompletion)
	r.Temperature, r.TopP, r.TopK = wire.Temperature, wire.TopP, wire.TopK
	if wire.MaxTokens < 0 {
		return errors.New("max_tokens must be at least 1")
	}
	for _, m := range wire.Messages {
		message, err := parseContent(m.Content)
		if err != nil {
			return err
		}
		message.Role = m.Role
		r.Messages = append(r.Messages, message)
	}
	return nil
}

func parseContent(raw json.RawMessage) (Message, error) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return Message{Text: text}, nil
	}
	var parts []struct {
		Type     string `json:"type"`
		Text     string `json:"text"`
		ImageURL struct {
			URL string `json:"url"`
		} `json:"image_url"`
		Audio struct {
			Data   []byte `json:"data"`
			Format string `json:"format"`
		} `json:"input_audio"`
	}
	if err := json.Unmarshal(raw, &parts); err != nil {
		return Message{}, errors.New("content must be a string or a list of parts")
	}
	var m Message
	var texts []string
	for _, part := range parts {
		switch part.Type {
		case "text":
			texts = append(texts, part.Text)
		case "image_url":
			image, err := parseDataURI(part.ImageURL.URL)
			if err != nil {
				return Message{}, err
			}
			m.Images = append(m.Images, image)
		case "input_audio":
			if len(part.Audio.Data) == 0 || part.Audio.Format == "" {
				return Message{}, errors.New("input_audio needs data and format")
			}
			m.Audio = append(m.Audio, Audio{Format: part.Audio.Format, Bytes: part.Audio.Data})
		default:
			return Message{}, fmt.Errorf("unsupported content[].type %q", part.Type)
		}
	}
	m.Text = strings.Join(texts, "\n")
	return m, nil
}

// parseDataURI takes base64 data URIs only, as Ollama does.
func parseDataURI(uri string) (Image, error) {
	rest, isData := strings.CutPrefix(uri, "data:")
	mime, encoded, isBase64 := strings.Cut(rest, ";base64,")
	if !isData || !isBase64 {
		return Image{}, errors.New("image URLs are not currently supported, please use base64 encoded data instead")
	}
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return Image{}, fmt.Errorf("invalid image input: %w", err)
	}
	return Image{MIME: mime, Bytes: raw}, nil
}

// models answers GET /v1/models: a bare list as Together gives it, or the usual envelope.
func (s *Server) models(w http.ResponseWriter, r *http.Request) {
	if refused := s.checkKey(r); refused != nil {
		s.writeError(w, refused.status, refused.err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(s.list()) // a client that left needs no answer
}
