package llm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Probe is what a server tells of itself and of the model.
type Probe struct {
	Server      string  `json:"server"`       // "together", "vllm", "llama.cpp", "ollama", "lmstudio", "tgi"; "" where it is none of them
	Context     int     `json:"context"`      // the window that it runs with; 0 where it does not tell
	Source      string  `json:"source"`       // the path that told the window
	InputPrice  float64 `json:"input_price"`  // US dollars per million tokens; 0 where it does not tell
	OutputPrice float64 `json:"output_price"` //
	Tokenizer   bool    `json:"tokenizer"`    // it counts tokens on request

	Sees          Ability `json:"sees,omitempty"`  // that it takes pictures, where it tells
	Hears         Ability `json:"hears,omitempty"` // that it takes sound, where it tells
	AbilitySource string  `json:"ability_source,omitempty"`

	At time.Time `json:"at,omitzero"` // of the probe
}

const (
	probeTimeout = 10 * time.Second // all requests of a probe
	askTimeout   = 3 * time.Second  // one of them
	maxProbeBody = 8 << 20
	// ollamaWindow is Ollama's window where nothing else is set (on machines with less than 24 GiB of video memory).
	ollamaWindow = 4096
)

// Probe asks the server what it runs: the model list, then what only one kind of server has. Every request goes to the
// host of the base URL. What is found is used from then on, see [Client.Profile]. An error means that nothing answered.
func (c *Client) Probe(ctx context.Context) (Probe, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	var found Probe
	raw, err := c.ask(ctx, http.MethodGet, c.base.Path+"/models", nil)
	if err != nil && ctx.Err() != nil {
		return found, err
	}
	answered := err == nil
	if models, fail := parseModels(raw); fail == nil {
		found = c.listed(models)
		if found.Server == "" && isTogetherList(raw) {
			found.Server = serverTogether
		}
	}
	if found.Context == 0 {
		for _, kind := range []func(context.Context, *Probe) bool{c.probeLlamaCpp, c.probeOllama, c.probeLMStudio, c.probeTGI} {
			if kind(ctx, &found) {
				answered = true
				break
			}
		}
	}
	if !answered {
		return found, fmt.Errorf("probe model server: %w", err)
	}
	found.At = time.Now().UTC()
	found.Tokenizer = found.Server == "vllm" || found.Server == "llama.cpp"
	c.known.change(func(f *facts) {
		if found.Context != f.Probed.Context && found.Context > 0 {
			f.Corrected, f.Cut = 0, nil // the server runs with another window now
		}
		if found.Server != f.Probed.Server || found.Sees != f.Probed.Sees || found.Hears != f.Probed.Hears {
			f.Vision, f.Hearing, f.MaxImages, f.ImageTokens = nil, nil, 0, imageTokens{} // it runs something else now
		}
		f.Probed = found
	})
	return found, nil
}

// listed takes the model's entry of the list; a list of one model is about that one, whatever name it goes by.
func (c *Client) listed(models []ModelInfo) (found Probe) {
	for _, info := range models {
		if !sameModel(info.ID, c.model) && len(models) != 1 {
			continue
		}
		found.InputPrice, found.OutputPrice = info.InputPrice, info.OutputPrice
		if len(info.Inputs) > 0 {
			found.takes(slices.Contains(info.Inputs, "image"), slices.Contains(info.Inputs, "audio"), "/models")
		}
		switch info.OwnedBy {
		case "vllm":
			found.Server = "vllm"
		case "llamacpp": // its list tells the trained window, /props the real one
			found.Server = "llama.cpp"
			return found
		}
		if found.Context = info.Context; found.Context > 0 {
			found.Source = "/models"
		}
		return found
	}
	return found
}

const serverTogether = "together"

// isTogetherList tells Together's model list: it has no envelope, and types of models.
func isTogetherList(raw []byte) bool {
	var list []struct {
		Type string `json:"type"`
	}
	return json.Unmarshal(bytes.TrimPrefix(raw, byteOrderMark), &list) == nil && len(list) > 0 && list[0].Type != ""
}

// takes is what the server tells of the model's abilities.
func (p *Probe) takes(images, audio bool, source string) {
	p.Sees, p.Hears, p.AbilitySource = ability(images), ability(audio), source
}

// root is the path of what lies beside the OpenAI-compatible API.
func (c *Client) root() string { return strings.TrimSuffix(c.base.Path, "/v1") }

// probeLlamaCpp reads GET /props of llama-server.
func (c *Client) probeLlamaCpp(ctx context.Context, found *Probe) bool {
	var props struct {
		Settings struct {
			Context int `json:"n_ctx"`
		} `json:"default_generation_settings"`
		Modalities *struct {
			Vision bool `json:"vision"`
			Audio  bool `json:"audio"`
		} `json:"modalities"`
	}
	if !c.tell(ctx, http.MethodGet, c.root()+"/props", nil, &props) || props.Settings.Context <= 0 {
		return false
	}
	found.Server, found.Context, found.Source = "llama.cpp", min(props.Settings.Context, maxTokenCount), "/props"
	if props.Modalities != nil {
		found.takes(props.Modalities.Vision, props.Modalities.Audio, "/props")
	}
	return true
}

var numCtx = regexp.MustCompile(`(?m)^\s*num_ctx\s+([0-9]+)`)

// probeOllama reads POST /api/show and GET /api/ps of Ollama. The window of a loaded model is certain; that of one that is
// not loaded is what its file says, or Ollama's own, never what the model was trained with.
func (c *Client) probeOllama(ctx context.Context, found *Probe) bool {
	var show struct {
		Parameters string                     `json:"parameters"`
		Info       map[string]json.RawMessage `json:"model_info"`
		Details    json.RawMessage            `json:"details"`
		Can        []string                   `json:"capabilities"`
	}
	if !c.tell(ctx, http.MethodPost, c.root()+"/api/show", map[string]string{"model": c.model}, &show) || len(show.Info) == 0 && len(show.Details) == 0 {
		return false
	}
	found.Server, found.Context, found.Source = "ollama", ollamaWindow, "/api/show"
	if len(show.Can) > 0 {
		found.takes(slices.Contains(show.Can, "vision"), slices.Contains(show.Can, "audio"), "/api/show")
	}
	for name, value := range show.Info {
		if trained := intField(value); strings.HasSuffix(name, ".context_length") && trained > 0 {
			found.Context = min(found.Context, trained)
		}
	}
	if m := numCtx.FindStringSubmatch(show.Parameters); m != nil {
		found.Context = tokenCount(m[1])
	}
	var running struct {
		Models []struct {
			Name    string `json:"name"`
			Model   string `json:"model"`
			Context int    `json:"context_length"`
		} `json:"models"`
	}
	if c.tell(ctx, http.MethodGet, c.root()+"/api/ps", nil, &running) {
		for _, m := range running.Models {
			if m.Context > 0 && (sameModel(m.Name, c.model) || sameModel(m.Model, c.model)) {
				found.Context, found.Source = min(m.Context, maxTokenCount), "/api/ps"
			}
		}
	}
	return true
}

// probeLMStudio reads GET /api/v1/models of LM Studio, or /api/v0/models of older ones.
func (c *Client) probeLMStudio(ctx context.Context, found *Probe) bool {
	type entry struct {
		Key, ID string
		Type    string
		Can     json.RawMessage `json:"capabilities"` // an object in v1, a list in v0
		Most    int             `json:"max_context_length"`
		Loaded  int             `json:"loaded_context_length"`
		Running []struct {
			ID     string
			Config struct {
				Context int `json:"context_length"`
			}
		} `json:"loaded_instances"`
	}
	for _, path := range []string{"/api/v1/models", "/api/v0/models"} {
		var list struct{ Models, Data []entry }
		if !c.tell(ctx, http.MethodGet, c.root()+path, nil, &list) {
			continue
		}
		for _, m := range append(list.Models, list.Data...) {
			if !sameModel(m.Key, c.model) && !sameModel(m.ID, c.model) {
				continue
			}
			window := m.Loaded
			for _, one := range m.Running {
				if window == 0 || one.Config.Context > 0 && one.Config.Context < window {
					window = one.Config.Context
				}
			}
			if window == 0 {
				window = m.Most
			}
			var can struct {
				Vision *bool `json:"vision"`
			}
			if _ = json.Unmarshal(m.Can, &can); can.Vision != nil {
				found.takes(*can.Vision, false, path)
			} else if m.Type == "vlm" {
				found.takes(true, false, path)
			}
			if window > 0 {
				found.Server, found.Context, found.Source = "lmstudio", min(window, maxTokenCount), path
				return true
			}
		}
	}
	return false
}

// probeTGI reads GET /info of text-generation-inference.
func (c *Client) probeTGI(ctx context.Context, found *Probe) bool {
	var info struct {
		Total int `json:"max_total_tokens"`
	}
	if !c.tell(ctx, http.MethodGet, c.root()+"/info", nil, &info) || info.Total <= 0 {
		return false
	}
	found.Server, found.Context, found.Source = "tgi", min(info.Total, maxTokenCount), "/info"
	return true
}

// errNoTokenizer stands for a server that does not count.
var errNoTokenizer = errors.New("the model server does not count tokens")

// Count has the server count the tokens of a text, without those that a template adds. Only llama.cpp and vLLM can, once a
// probe has found them (POST /tokenize).
func (c *Client) Count(ctx context.Context, text string) (int, error) {
	var answer struct {
		Count  int               `json:"count"`
		Tokens []json.RawMessage `json:"tokens"`
	}
	var body any
	switch c.known.read().Probed.Server {
	case "llama.cpp":
		body = map[string]any{"content": text, "add_special": false}
	case "vllm":
		body = map[string]any{"model": c.model, "prompt": text, "add_special_tokens": false}
	default:
		return 0, errNoTokenizer
	}
	if !c.tell(ctx, http.MethodPost, c.root()+"/tokenize", body, &answer) {
		return 0, errNoTokenizer
	}
	if answer.Count > 0 {
		return min(answer.Count, maxTokenCount), nil
	}
	return len(answer.Tokens), nil
}

// tell asks for JSON and reads it; false where there is none.
func (c *Client) tell(ctx context.Context, method, path string, body, answer any) bool {
	var raw []byte
	if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			return false
		}
	}
	got, err := c.ask(ctx, method, path, raw)
	if err != nil {
		return false
	}
	var odd *json.UnmarshalTypeError
	err = json.Unmarshal(got, answer)
	return err == nil || errors.As(err, &odd) // a field of another type than usual is passed over
}

// ask makes one short request to the server, beside those for answers.
func (c *Client) ask(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	target := *c.base
	target.Path = path
	req, err := http.NewRequestWithContext(ctx, method, target.String(), bytes.NewReader(body))
	if err != nil {
		return nil, withoutURL(err)
	}
	req.Header.Set("User-Agent", c.identity)
	req.Header.Set("Accept", "application/json")
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.key != "" {
		req.Header.Set("Authorization", "Bearer "+c.key)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, withoutURL(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxProbeBody))
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %d", path, resp.StatusCode)
	}
	return raw, nil
}
