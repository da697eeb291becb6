package llm

import (
	"slices"
	"strings"
	"sync"
)

// renamedMax is the refusal of max_tokens by servers that know only max_completion_tokens.
const renamedMax = "max_completion_tokens"

// refusals remembers which fields the server has refused.
type refusals struct {
	mu     sync.Mutex
	fields []string
}

// learn looks for the name of an optional field in a refused request. It tells whether something new was learned, so
// that sending again makes sense.
func (r *refusals) learn(fail *Error) bool {
	if fail.Kind != KindRequest || fail.Status != 400 && fail.Status != 422 {
		return false
	}
	text := strings.ToLower(fail.Message + " " + fail.Code)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, name := range append([]string{renamedMax}, fieldNames...) {
		if strings.Contains(text, name) && !slices.Contains(r.fields, name) {
			r.fields = append(r.fields, name)
			return true
		}
	}
	return false
}

// learnOfSpeech does the same for the form of a transcription: the answer's form gives way from verbose_json to json and then text.
func (r *refusals) learnOfSpeech(fail *Error) bool {
	if fail.Kind != KindRequest || fail.Status != 400 && fail.Status != 422 {
		return false
	}
	text := strings.ToLower(fail.Message + " " + fail.Code)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range []struct {
		name  string
		signs []string
	}{
		{refusedVerbose, []string{"response_format", "verbose_json"}},
		{refusedJSON, []string{"response_format"}},
		{refusedLanguage, []string{"language"}},
		{refusedPrompt, []string{"prompt"}},
	} {
		if containsAny(text, one.signs) && !slices.Contains(r.fields, one.name) {
			r.fields = append(r.fields, one.name)
			return true
		}
	}
	return false
}

func (r *refusals) has(name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Contains(r.fields, name)
}

// list is a copy of the refused fields, set takes those of an earlier run.
func (r *refusals) list() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.fields)
}

func (r *refusals) set(fields []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fields = slices.Clone(fields)
}

func (r *refusals) apply(w *wireRequest) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, name := range r.fields {
		switch name {
		case renamedMax:
			w.MaxCompletion, w.MaxTokens = w.MaxTokens, 0
		case "stream_options":
			w.StreamOptions = nil
		case "top_k":
			w.TopK = 0
		case "top_p":
			w.TopP = 0
		case "temperature":
			w.Temperature = nil
		}
	}
}
