package llm

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"
)

// chunk is one chunk of a stream, or a whole answer. Raw fields may point into the data that it was decoded from. What
// is not looked at (Together's seed is beyond int64) is not decoded.
type chunk struct {
	ID      rawJSON    `json:"id"`
	Model   rawJSON    `json:"model"`
	Object  rawJSON    `json:"object"`
	Choices []choice   `json:"choices"`
	Usage   *wireUsage `json:"usage"`
	Error   rawJSON    `json:"error"`
	Message rawJSON    `json:"message"` // only of errors without an envelope
	Detail  rawJSON    `json:"detail"`
}

type choice struct {
	Delta        content `json:"delta"`
	Message      content `json:"message"`
	FinishReason rawJSON `json:"finish_reason"`
}

type content struct {
	Content rawJSON `json:"content"`
}

type rawJSON = json.RawMessage

type wireUsage struct {
	Prompt     int `json:"prompt_tokens"`
	Completion int `json:"completion_tokens"`
	Cached     int `json:"cached_tokens"` // Together
	Details    struct {
		Cached int `json:"cached_tokens"`
	} `json:"prompt_tokens_details"`
}

// decode reads a chunk, or the error that stands in its place.
func (c *chunk) decode(raw []byte) *Error {
	*c = chunk{Choices: c.Choices[:0]}
	if c.scan(raw) {
		return c.problem(raw)
	}
	*c = chunk{}
	if err := json.Unmarshal(raw, c); err != nil {
		if _, odd := errors.AsType[*json.UnmarshalTypeError](err); !odd { // a field of another type than usual is passed over
			body := parseErrorBody(raw)
			return &Error{Kind: KindUpstream, Status: http.StatusOK, Message: "the answer is no JSON: " + body.message, Err: err}
		}
		if trimmed := bytes.TrimSpace(raw); trimmed[0] != '{' {
			return classify(http.StatusOK, parseErrorBody(raw))
		}
	}
	return c.problem(raw)
}

// problem is the error that a chunk carries, if any.
func (c *chunk) problem(raw []byte) *Error {
	bare := len(c.Choices) == 0 && c.Usage == nil && (present(c.Message) || present(c.Detail))
	if present(c.Error) || bare || bytes.Equal(c.Object, []byte(`"error"`)) {
		return classify(http.StatusOK, parseErrorBody(raw))
	}
	return nil
}

func present(raw json.RawMessage) bool {
	return len(raw) > 0 && !bytes.Equal(raw, jsonNull) && !bytes.Equal(raw, []byte(`""`)) && !bytes.Equal(raw, []byte("false"))
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
