package llmsim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// Dialect is whose wording, status codes, chunk layout and own paths the server has.
type Dialect string

// The dialects.
const (
	Together Dialect = "together"  // usage on the finish chunk, bare model list, 422 for overflow
	VLLM     Dialect = "vllm"      // usage in a chunk of its own, 400 for everything refused, /tokenize
	VLLMOld  Dialect = "vllm-old"  // the same with flat errors and the older wording
	LlamaCpp Dialect = "llama.cpp" // usage in a chunk of its own, 500 for a refused template, /props and /tokenize
	Ollama   Dialect = "ollama"    // cuts a prompt that is too long without a word; /api/show and /api/ps
	LMStudio Dialect = "lmstudio"  // overflow is an error event with status 200; /api/v1/models
	TGI      Dialect = "tgi"       // {"error":"…","error_type":"…"}; usage in a chunk without an id; /info
	Google   Dialect = "google"    // a list as error body, ids with "models/"
)

// body is the error in the dialect's form.
func (d Dialect) body(status int, e apiError) string {
	var form any = map[string]apiError{"error": e}
	switch d {
	case VLLMOld:
		form = map[string]any{"object": "error", "message": e.Message, "type": e.Type, "param": nil, "code": status}
	case TGI:
		form = map[string]any{"error": e.Message, "error_type": e.Type}
	case LMStudio:
		form = map[string]any{"error": e.Message}
	case Google:
		form = []any{map[string]any{"error": map[string]any{"code": status, "message": e.Message, "status": e.Type}}}
	}
	raw, err := json.Marshal(form)
	if err != nil {
		return `{"error":{"message":"error"}}`
	}
	return string(raw)
}

// overflow is the refusal of a prompt of so many tokens; nil where the dialect takes it.
func (d Dialect) overflow(prompt, answer, window int) *refusal {
	whole := prompt + answer
	switch d {
	case LlamaCpp: // the answer ends where the window does
		if prompt < window {
			return nil
		}
		return &refusal{http.StatusBadRequest, apiError{
			Message: fmt.Sprintf("request (%d tokens) exceeds the available context size (%d tokens), try increasing it", prompt, window),
			Type:    "exceed_context_size_error", Code: 400, Prompt: prompt, Window: window,
		}}
	case Ollama:
		return nil
	case LMStudio:
		if prompt < window {
			return nil
		}
		return &refusal{http.StatusBadRequest, apiError{
			Message: "The number of tokens to keep from the initial prompt is greater than the context length. Try to load the model with a larger context length, or provide a shorter input",
		}}
	case Google:
		if prompt <= window {
			return nil
		}
		return &refusal{http.StatusBadRequest, apiError{
			Message: fmt.Sprintf("The input token count (%d) exceeds the maximum number of tokens allowed (%d).", prompt, window), Type: "INVALID_ARGUMENT",
		}}
	}
	if whole <= window {
		return nil
	}
	switch d {
	case VLLM:
		return &refusal{http.StatusBadRequest, apiError{
			Message: fmt.Sprintf("You passed %d input tokens and requested %d output tokens. However, the model's context length is only %d tokens, resulting in a maximum input length of %d tokens. Please reduce the length of the input prompt.",
				prompt, answer, window, window-answer),
			Type: "BadRequestError", Param: "input_tokens", Code: 400,
		}}
	case VLLMOld:
		return &refusal{http.StatusBadRequest, apiError{
			Message: fmt.Sprintf("This model's maximum context length is %d tokens. However, you requested %d tokens (%d in the messages, %d in the completion). Please reduce the length of the messages or completion.",
				window, whole, prompt, answer),
			Type: "BadRequestError",
		}}
	}
	kind := "invalid_request_error"
	if d == TGI {
		kind = "validation"
	}
	return &refusal{http.StatusUnprocessableEntity, apiError{
		Message: fmt.Sprintf("Input validation error: `inputs` tokens + `max_new_tokens` must be <= %d. Given: %d `inputs` tokens and %d `max_new_tokens`", window, prompt, answer),
		Type:    kind, Param: "max_tokens",
	}}
}

// list is the model list.
func (s *Server) list() any {
	entry := map[string]any{"id": s.opts.Model, "object": "model", "created": 0}
	switch s.opts.Dialect {
	case Together, "":
		entry["type"], entry["context_length"] = "chat", s.opts.Window
		entry["pricing"] = map[string]any{"hourly": 0, "input": 0.02, "output": 0.04, "base": 0, "finetune": 0}
		return []any{entry}
	case VLLM, VLLMOld:
		entry["owned_by"], entry["max_model_len"] = "vllm", s.opts.Window
	case LlamaCpp:
		entry["owned_by"], entry["meta"] = "llamacpp", map[string]any{"n_ctx_train": 32768}
	case Ollama:
		entry["owned_by"] = "library"
	case LMStudio:
		entry["owned_by"] = "organization_owner"
	case Google:
		entry["id"], entry["owned_by"] = "models/"+s.opts.Model, "google"
	}
	return map[string]any{"object": "list", "data": []any{entry}}
}

// own adds the paths that only servers of the dialect have.
func (s *Server) own(mux *http.ServeMux) {
	tell := func(pattern string, answer func(*http.Request) any) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(answer(r)) // a client that left needs no answer
		})
	}
	counted := func(r *http.Request) int {
		var body struct{ Content, Prompt string }
		_ = json.NewDecoder(http.MaxBytesReader(nil, r.Body, maxBody)).Decode(&body) // nothing counts nothing
		return CountTokens(body.Content + body.Prompt)
	}
	window := s.opts.Window
	switch s.opts.Dialect {
	case VLLM, VLLMOld:
		tell("POST /tokenize", func(r *http.Request) any { return map[string]any{"count": counted(r), "max_model_len": window} })
	case LlamaCpp:
		tell("GET /props", func(*http.Request) any {
			return map[string]any{"default_generation_settings": map[string]any{"n_ctx": window}, "total_slots": 1,
				"modalities": map[string]any{"vision": s.sees(), "audio": s.hears()}}
		})
		tell("POST /tokenize", func(r *http.Request) any { return map[string]any{"tokens": make([]int, counted(r))} })
	case Ollama:
		capabilities := []string{"completion"}
		if s.sees() {
			capabilities = append(capabilities, "vision")
		}
		tell("POST /api/show", func(*http.Request) any {
			return map[string]any{"parameters": "stop    \"<end_of_turn>\"\ntemperature    1", "capabilities": capabilities,
				"details": map[string]any{"family": "gemma3n"}, "model_info": map[string]any{"gemma3n.context_length": 32768}}
		})
		tell("GET /api/ps", func(*http.Request) any {
			models := []any{}
			if len(s.Requests()) > 0 { // it is loaded by the first request
				models = append(models, map[string]any{"name": s.opts.Model, "model": s.opts.Model, "context_length": window})
			}
			return map[string]any{"models": models}
		})
	case LMStudio:
		tell("GET /api/v1/models", func(*http.Request) any {
			return map[string]any{"models": []any{map[string]any{"type": "llm", "key": s.opts.Model, "max_context_length": 32768,
				"capabilities":     map[string]any{"vision": s.sees(), "trained_for_tool_use": false},
				"loaded_instances": []any{map[string]any{"id": s.opts.Model, "config": map[string]any{"context_length": window}}}}}}
		})
	case TGI:
		tell("GET /info", func(*http.Request) any {
			return map[string]any{"model_id": s.opts.Model, "max_input_tokens": window - 1, "max_total_tokens": window}
		})
	}
}

// unknownModel is the refusal of another name; TGI and llama-server have one model and take any.
func (s *Server) unknownModel(name string) *refusal {
	same := strings.TrimPrefix(name, "models/") == s.opts.Model
	switch s.opts.Dialect {
	case TGI, LlamaCpp:
		return nil
	case Ollama:
		if !same {
			return &refusal{http.StatusNotFound, apiError{Message: fmt.Sprintf("model %q not found, try pulling it first", name), Type: "not_found_error"}}
		}
	}
	if same {
		return nil
	}
	return &refusal{http.StatusNotFound, apiError{
		Message: fmt.Sprintf("The model `%s` does not exist or you do not have access to it.", name), Type: "invalid_request_error", Code: "model_not_found",
	}}
}
