package llm

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"
)

// chunk is one chunk of a stream, or a whole answer. It is decoded into again and again: raw fields keep their memory,
// and fields that are not looked at (Together's seed is beyond int64) cost nothing.
type chunk struct {
	ID      json.RawMessage `json:"id"`
	Model   json.RawMessage `json:"model"`
	Object  json.RawMessage `json:"object"`
	Choices []choice        `json:"choices"`
	Usage   *wireUsage      `json:"usage"`
	Error   json.RawMessage `json:"error"`
	Message json.RawMessage `json:"message"` // only of errors without an envelope
	Detail  json.RawMessage `json:"detail"`
}

type choice struct {
	Delta        content         `json:"delta"`
	Message      content         `json:"message"`
	FinishReason json.RawMessage `json:"finish_reason"`
}

type content struct {
	Content json.RawMessage `json:"content"`
}

type wireUsage struct {
	Prompt     int `json:"prompt_tokens"`
	Completion int `json:"completion_tokens"`
	Cached     int `json:"cached_tokens"` // Together
	Details    struct {
		Cached int `json:"cached_tokens"`
	} `json:"prompt_tokens_details"`
}

// reset empties the chunk: encoding/json leaves fields alone that the next chunk does not have.
func (c *chunk) reset() {
	c.ID, c.Model, c.Object, c.Usage = c.ID[:0], c.Model[:0], c.Object[:0], nil
	c.Error, c.Message, c.Detail = c.Error[:0], c.Message[:0], c.Detail[:0]
	c.Choices = c.Choices[:cap(c.Choices)]
	for i := range c.Choices {
		ch := &c.Choices[i]
		ch.Delta.Content, ch.Message.Content, ch.FinishReason = ch.Delta.Content[:0], ch.Message.Content[:0], ch.FinishReason[:0]
	}
	c.Choices = c.Choices[:0]
}

// decode reads a chunk, or the error that stands in its place.
func (c *chunk) decode(raw []byte) *Error {
	c.reset()
	if err := json.Unmarshal(raw, c); err != nil {
		if _, odd := errors.AsType[*json.UnmarshalTypeError](err); !odd { // a field of another type than usual is passed over
			body := parseErrorBody(raw)
			return &Error{Kind: KindUpstream, Status: http.StatusOK, Message: "the answer is no JSON: " + body.message, Err: err}
		}
		if trimmed := bytes.TrimSpace(raw); trimmed[0] != '{' {
			return classify(http.StatusOK, parseErrorBody(raw))
		}
	}
	bare := len(c.Choices) == 0 && c.Usage == nil && (present(c.Message) || present(c.Detail))
	if present(c.Error) || bare || bytes.Equal(c.Object, []byte(`"error"`)) {
		return classify(http.StatusOK, parseErrorBody(raw))
	}
	return nil
}

func present(raw json.RawMessage) bool {
	return len(raw) > 0 && !bytes.Equal(raw, []byte("null")) && !bytes.Equal(raw, []byte(`""`)) && !bytes.Equal(raw, []byte("false"))
}

// text is the text of the first choice; more than one is never asked for.
func (c *chunk) text() string {
	if len(c.Choices) == 0 {
		return ""
	}
	if first := c.Choices[0]; present(first.Delta.Content) {
		return rawText(first.Delta.Content)
	}
	return rawText(c.Choices[0].Message.Content)
}

func (c *chunk) finish() string {
	if len(c.Choices) == 0 {
		return ""
	}
	return rawString(c.Choices[0].FinishReason)
}

// usage is what the server counted; nil when it says nothing, or only zeros.
func (c *chunk) usage() *Usage {
	if c.Usage == nil || c.Usage.Prompt <= 0 && c.Usage.Completion <= 0 {
		return nil
	}
	return &Usage{
		Input:  max(c.Usage.Prompt, 0),
		Cached: max(c.Usage.Cached, c.Usage.Details.Cached, 0),
		Output: max(c.Usage.Completion, 0),
	}
}

// rawString decodes a JSON string; anything else is "".
func rawString(raw json.RawMessage) string {
	if len(raw) < 2 || raw[0] != '"' {
		return ""
	}
	if inner := raw[1 : len(raw)-1]; bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return string(inner)
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// rawText decodes content: a string, null, or a list of parts of which the text is taken.
func rawText(raw json.RawMessage) string {
	if len(raw) == 0 || raw[0] != '[' {
		return rawString(raw)
	}
	var parts []struct {
		Text string `json:"text"`
	}
	if json.Unmarshal(raw, &parts) != nil {
		return ""
	}
	var b strings.Builder
	for _, part := range parts {
		b.WriteString(part.Text)
	}
	return b.String()
}
