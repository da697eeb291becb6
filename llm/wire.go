package llm

import (
	"encoding/base64"
	"slices"
	"strings"
	"sync"
)

// wireRequest is the body of POST /chat/completions. Together's schema knows max_tokens and not max_completion_tokens;
// the other is sent only to a server that asked for it.
type wireRequest struct {
	Model         string             `json:"model"`
	Messages      []wireMessage      `json:"messages"`
	MaxTokens     int                `json:"max_tokens,omitempty"`
	MaxCompletion int                `json:"max_completion_tokens,omitempty"`
	Temperature   *float64           `json:"temperature,omitempty"`
	TopP          float64            `json:"top_p,omitempty"`
	TopK          int                `json:"top_k,omitempty"`
	Stream        bool               `json:"stream,omitempty"`
	StreamOptions *wireStreamOptions `json:"stream_options,omitempty"`
}

type wireStreamOptions struct {
	IncludeUsage bool `json:"include_usage"`
}

type wireMessage struct {
	Role    Role `json:"role"`
	Content any  `json:"content"` // string, or []wirePart when there is an image
}

type wirePart struct {
	Type     string     `json:"type"`
	Text     string     `json:"text,omitempty"`
	ImageURL *wireImage `json:"image_url,omitempty"`
}

type wireImage struct {
	URL string `json:"url"`
}

func (c *Client) wireRequest(messages []Message, req Request, stream bool) wireRequest {
	p := c.profile
	w := wireRequest{
		Model: c.model, Messages: wireMessages(messages), MaxTokens: req.MaxOutput,
		Temperature: req.Temperature, TopP: p.TopP, TopK: p.TopK, Stream: stream,
	}
	if w.MaxTokens <= 0 {
		w.MaxTokens = c.Profile().MaxOutput
	}
	if w.Temperature == nil && p.Temperature > 0 {
		w.Temperature = &p.Temperature
	}
	if stream && p.StreamOptions {
		w.StreamOptions = &wireStreamOptions{IncludeUsage: true}
	}
	c.refused.apply(&w)
	return w
}

func wireMessages(messages []Message) []wireMessage {
	out := make([]wireMessage, 0, len(messages))
	for _, m := range messages {
		if text, ok := onlyText(m); ok {
			out = append(out, wireMessage{Role: m.Role, Content: text})
			continue
		}
		var parts []wirePart
		for _, part := range m.Parts {
			switch part := part.(type) {
			case Text:
				parts = append(parts, wirePart{Type: "text", Text: part.Text})
			case Image:
				uri := "data:" + part.MIME + ";base64," + base64.StdEncoding.EncodeToString(part.Bytes)
				parts = append(parts, wirePart{Type: "image_url", ImageURL: &wireImage{URL: uri}})
			}
		}
		out = append(out, wireMessage{Role: m.Role, Content: parts})
	}
	return out
}

// onlyText joins the parts of a message without images: every server takes a plain string, not every one a list.
func onlyText(m Message) (string, bool) {
	texts := make([]string, 0, len(m.Parts))
	for _, part := range m.Parts {
		text, ok := part.(Text)
		if !ok {
			return "", false
		}
		texts = append(texts, text.Text)
	}
	return strings.Join(texts, "\n"), true
}

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
