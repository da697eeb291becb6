package llm

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// ModelInfo is one entry of a server's model list. What the server does not tell is zero.
type ModelInfo struct {
	ID          string
	Type        string  // Together: "chat", "image", …
	OwnedBy     string  // "vllm", "llamacpp", …
	Context     int     // window in tokens (context_length of Together, max_model_len of vLLM)
	InputPrice  float64 // US dollars per million tokens
	OutputPrice float64
	Inputs      []string // "text", "image", "audio" (architecture.input_modalities of llama.cpp and OpenRouter)
}

// Models lists what the server offers: {"data":[…]} (OpenAI, vLLM), a bare list (Together), or {"models":[…]}. A server
// without a list answers with a [KindModelNotFound] error.
func (c *Client) Models(ctx context.Context) ([]ModelInfo, error) {
	var models []ModelInfo
	fail := c.try(ctx, "models", c.refused.learn, func(ctx context.Context, dog *watchdog, _ *Observation) *Error {
		resp, fail := c.send(ctx, dog, http.MethodGet, "/models", nil, false)
		if fail != nil {
			return fail
		}
		defer resp.Body.Close()
		dog.enter(PhaseIdle, c.idle)
		raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
		if err != nil || len(raw) > maxAnswer {
			return &Error{Kind: KindUpstream, Status: resp.StatusCode, Message: "the model list broke off or is over 8 MiB", Err: err}
		}
		models, fail = parseModels(raw)
		return fail
	})
	if fail != nil {
		return nil, fail
	}
	return models, nil
}

func parseModels(raw []byte) ([]ModelInfo, *Error) {
	raw = bytes.TrimSpace(bytes.TrimPrefix(raw, byteOrderMark))
	list := raw
	if len(raw) > 0 && raw[0] == '{' {
		var envelope struct {
			Data   json.RawMessage `json:"data"`
			Models json.RawMessage `json:"models"`
			Error  json.RawMessage `json:"error"`
		}
		if json.Unmarshal(raw, &envelope) == nil {
			if present(envelope.Error) {
				return nil, classify(http.StatusOK, parseErrorBody(raw))
			}
			if list = envelope.Data; !present(list) {
				list = envelope.Models
			}
		}
	}
	var entries []json.RawMessage
	if json.Unmarshal(list, &entries) != nil {
		body := parseErrorBody(raw)
		return nil, &Error{Kind: KindModelNotFound, Status: http.StatusOK, Message: "the server has no model list; is the base URL right? " + body.message}
	}
	models := make([]ModelInfo, 0, len(entries))
	for _, entry := range entries {
		if info := parseModel(entry); info.ID != "" {
			models = append(models, info)
		}
	}
	return models, nil
}

func parseModel(raw json.RawMessage) ModelInfo {
	var id string
	if json.Unmarshal(raw, &id) == nil {
		return ModelInfo{ID: id}
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return ModelInfo{}
	}
	info := ModelInfo{Type: rawString(fields["type"]), OwnedBy: rawString(fields["owned_by"])}
	for _, name := range []string{"id", "model", "name"} {
		if info.ID = strings.TrimPrefix(rawString(fields[name]), "models/"); info.ID != "" { // Google prefixes its ids
			break
		}
	}
	for _, name := range []string{"loaded_context_length", "max_model_len", "context_length", "context_window", "max_context_length"} {
		if info.Context = min(intField(fields[name]), maxTokenCount); info.Context > 0 {
			break
		}
	}
	var architecture struct {
		Inputs []string `json:"input_modalities"`
	}
	if json.Unmarshal(fields["architecture"], &architecture) == nil {
		info.Inputs = architecture.Inputs
	}
	info.InputPrice, info.OutputPrice = parsePricing(fields["pricing"])
	return info
}

// parsePricing reads Together's numbers per million tokens (input, output) and OpenRouter's strings per token (prompt,
// completion).
func parsePricing(raw json.RawMessage) (input, output float64) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return 0, 0
	}
	if _, perToken := fields["prompt"]; perToken {
		return 1e6 * price(fields["prompt"]), 1e6 * price(fields["completion"])
	}
	return price(fields["input"]), price(fields["output"])
}

func price(raw json.RawMessage) float64 {
	text := strings.Trim(string(raw), `"`)
	p, err := strconv.ParseFloat(text, 64)
	if err != nil || !(p > 0) || p > 1e6 {
		return 0
	}
	return p
}
