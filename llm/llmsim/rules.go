package llmsim

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// apiError is the error object of the API.
type apiError struct {
	Message string `json:"message"`
	Type    string `json:"type,omitempty"`
	Param   any    `json:"param,omitempty"`
	Code    any    `json:"code,omitempty"`
	Prompt  int    `json:"n_prompt_tokens,omitempty"` // llama.cpp, overflow
	Window  int    `json:"n_ctx,omitempty"`
}

func (e apiError) envelope() string {
	b, err := json.Marshal(map[string]apiError{"error": e})
	if err != nil {
		return `{"error":{"message":"error"}}`
	}
	return string(b)
}

// refusal is a request that a server does not take.
type refusal struct {
	status int
	err    apiError
}

func writeError(w http.ResponseWriter, status int, e apiError) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(e.envelope())) // a client that left needs no answer
}

// check holds a request to the rules of a Gemma server.
func (s *Server) check(r *Request) *refusal {
	if r.Model != s.opts.Model {
		return &refusal{http.StatusNotFound, apiError{
			Message: fmt.Sprintf("The model `%s` does not exist or you do not have access to it.", r.Model),
			Type:    "invalid_request_error", Code: "model_not_found",
		}}
	}
	if len(r.Messages) == 0 {
		return &refusal{http.StatusBadRequest, apiError{Message: "messages must not be empty", Type: "invalid_request_error"}}
	}
	if refused := s.checkRoles(r.Messages); refused != nil {
		return refused
	}
	if s.opts.NoImages {
		for _, m := range r.Messages {
			if len(m.Images) > 0 {
				return s.noImages()
			}
		}
	}
	return s.checkWindow(r)
}

func (s *Server) checkRoles(messages []Message) *refusal {
	for i, m := range messages {
		want := "user"
		if i%2 == 1 {
			want = "assistant"
		}
		switch {
		case m.Role == "system" || m.Role == "developer":
			return s.templateError("System role not supported: Developer instruction is not enabled for models/gemma-3n-e4b-it")
		case m.Role != want:
			return s.templateError("Conversation roles must alternate user/assistant/user/assistant/...")
		}
	}
	if messages[len(messages)-1].Role != "user" {
		return s.templateError("The last message must be from the user")
	}
	return nil
}

// templateError is an exception of the chat template: llama-server makes a 500 of it, the others a 400.
func (s *Server) templateError(message string) *refusal {
	if s.opts.Dialect == LlamaCpp {
		return &refusal{http.StatusInternalServerError, apiError{Message: message, Type: "server_error", Code: 500}}
	}
	return &refusal{http.StatusBadRequest, apiError{Message: message, Type: "BadRequestError", Code: 400}}
}

func (s *Server) noImages() *refusal {
	if s.opts.Dialect == LlamaCpp {
		return &refusal{http.StatusInternalServerError, apiError{
			Message: "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj",
			Type:    "server_error", Code: 500,
		}}
	}
	return &refusal{http.StatusBadRequest, apiError{Message: s.opts.Model + " is not a multimodal model", Type: "BadRequestError", Code: 400}}
}

// checkWindow refuses a prompt that does not fit together with the answer (llama.cpp: that does not fit by itself).
func (s *Server) checkWindow(r *Request) *refusal {
	window := s.opts.Window
	switch s.opts.Dialect {
	case LlamaCpp:
		if r.Tokens < window {
			return nil
		}
		return &refusal{http.StatusBadRequest, apiError{
			Message: fmt.Sprintf("request (%d tokens) exceeds the available context size (%d tokens), try increasing it", r.Tokens, window),
			Type:    "exceed_context_size_error", Code: 400, Prompt: r.Tokens, Window: window,
		}}
	case VLLM:
		if r.Tokens+r.MaxTokens <= window {
			return nil
		}
		return &refusal{http.StatusBadRequest, apiError{
			Message: fmt.Sprintf("You passed %d input tokens and requested %d output tokens. However, the model's context length is only %d tokens, resulting in a maximum input length of %d tokens. Please reduce the length of the input prompt.",
				r.Tokens, r.MaxTokens, window, window-r.MaxTokens),
			Type: "BadRequestError", Param: "input_tokens", Code: 400,
		}}
	}
	if r.Tokens+r.MaxTokens <= window {
		return nil
	}
	return &refusal{http.StatusUnprocessableEntity, apiError{
		Message: fmt.Sprintf("Input validation error: `inputs` tokens + `max_new_tokens` must be <= %d. Given: %d `inputs` tokens and %d `max_new_tokens`",
			window, r.Tokens, r.MaxTokens),
		Type: "invalid_request_error", Param: "max_tokens",
	}}
}
