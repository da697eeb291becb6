package llmsim

import (
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

// envelope is the usual form, which scripted replies have.
func (e apiError) envelope() string { return Together.body(0, e) }

// refusal is a request that a server does not take.
type refusal struct {
	status int
	err    apiError
}

func (s *Server) writeError(w http.ResponseWriter, status int, e apiError) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(s.opts.Dialect.body(status, e))) // a client that left needs no answer
}

// check holds a request to the rules of a Gemma server.
func (s *Server) check(r *Request) *refusal {
	if refused := s.unknownModel(r.Model); refused != nil {
		return refused
	}
	if len(r.Messages) == 0 {
		return &refusal{http.StatusBadRequest, apiError{Message: "messages must not be empty", Type: "invalid_request_error"}}
	}
	if refused := s.checkRoles(r.Messages); refused != nil {
		return refused
	}
	if refused := s.checkFiles(r.Messages); refused != nil {
		return refused
	}
	return s.checkWindow(r)
}

func (s *Server) checkRoles(messages []Message) *refusal {
	if s.opts.Dialect == Ollama { // its template takes any order
		return nil
	}
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

// checkWindow refuses a prompt that does not fit.
func (s *Server) checkWindow(r *Request) *refusal {
	refused := s.opts.Dialect.overflow(r.Tokens, r.MaxTokens, s.opts.Window)
	if refused == nil && s.opts.Dialect == Ollama {
		r.Tokens = min(r.Tokens, s.opts.Window-1) // the rest has been cut away, and nobody is told
	}
	return refused
}
