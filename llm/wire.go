package llm

import "strings"

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
	Content any  `json:"content"` // string, or []wirePart when there is a picture or a recording
}

type wirePart struct {
	Type     string     `json:"type"`
	Text     string     `json:"text,omitempty"`
	ImageURL *wireImage `json:"image_url,omitempty"`
	Audio    *wireAudio `json:"input_audio,omitempty"`
}

type wireImage struct {
	URL string `json:"url"` // a data URI: Ollama refuses addresses, and those of chat platforms need a token
}

type wireAudio struct {
	Data   string `json:"data"`
	Format string `json:"format"`
}

func (c *Client) wireRequest(messages []Message, req Request, stream bool, files *blobs) wireRequest {
	p := c.profile
	w := wireRequest{
		Model: c.model, Messages: wireMessages(messages, files), MaxTokens: req.MaxOutput,
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

func wireMessages(messages []Message, files *blobs) []wireMessage {
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
				parts = append(parts, wirePart{Type: "image_url", ImageURL: &wireImage{URL: "data:" + part.MIME + ";base64," + files.put(part.Bytes)}})
			case Audio:
				parts = append(parts, wirePart{Type: "input_audio", Audio: &wireAudio{Data: files.put(part.Bytes), Format: part.Format}})
			}
		}
		out = append(out, wireMessage{Role: m.Role, Content: parts})
	}
	return out
}

// onlyText joins the parts of a message without files: every server takes a plain string, not every one a list.
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
