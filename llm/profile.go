package llm

import (
	_ "embed"
	"encoding/json"
	"strings"
)

// Profile is what is known of a model by its name: sizes, prices, and the form of request that it takes. The zero
// Profile stands for "by name" in [Options].
type Profile struct {
	Name        string  `json:"name"`
	Context     int     `json:"context"`      // the window in tokens, input and output together
	MaxOutput   int     `json:"max_output"`   // tokens of an answer when a request does not say
	InputPrice  float64 `json:"input_price"`  // US dollars per million tokens; 0 for a server of one's own
	OutputPrice float64 `json:"output_price"` // US dollars per million tokens

	System        bool    `json:"system"`         // the chat template has a system role
	Alternates    bool    `json:"alternates"`     // the chat template raises an exception unless user and assistant alternate
	Temperature   float64 `json:"temperature"`    // sent when a request has none; 0 sends nothing
	TopP          float64 `json:"top_p"`          // 0 sends nothing
	TopK          int     `json:"top_k"`          // 0 sends nothing
	StreamOptions bool    `json:"stream_options"` // ask for usage at the end of a stream

	PerMessage  int     `json:"per_message"`  // tokens that the template adds to each turn
	ImageTokens int     `json:"image_tokens"` // tokens of one image, the most that a provider is known to charge
	Density     float64 `json:"density"`      // true tokens over the rule of Estimate; 0 is 1

	Calibration Calibration `json:"-"` // what the server's own counts have shown
}

// Cost is the price of an answer in US dollars.
func (p Profile) Cost(u Usage) float64 {
	return (float64(u.Input)*p.InputPrice + float64(u.Output)*p.OutputPrice) / 1e6
}

// profileEntry is one entry of profiles.json: the profile, and the parts of a model name that choose it.
type profileEntry struct {
	Match []string `json:"match"` // lower case; any of them, anywhere in the name; none matches every name
	Profile
}

//go:embed profiles.json
var profilesJSON []byte

// ProfileFor gives the profile of the first entry of the embedded list whose parts occur in the model's name. The names
// of one model differ by server: "google/gemma-3n-E4B-it" (Together, vLLM), "gemma3n:e4b" (Ollama), "gemma-3n-e4b-it-text"
// (LM Studio), "gemma-3n-E4B-it-Q4_K_M.gguf" (llama.cpp). An unknown model gets a cautious general profile.
func ProfileFor(model string) Profile {
	name := strings.ToLower(model)
	for _, entry := range profileEntries() {
		if len(entry.Match) == 0 || containsAny(name, entry.Match) {
			return entry.Profile
		}
	}
	return Profile{}
}

// profileEntries reads the embedded list; a test holds it to be well formed, with a general entry at the end.
func profileEntries() []profileEntry {
	var list []profileEntry
	if json.Unmarshal(profilesJSON, &list) != nil {
		return nil
	}
	return list
}
