package llm

import (
	_ "embed"
	"encoding/json"
	"strings"
	"time"
)

// Profile is what is known of a model by its name: sizes, prices, and the form of request that it takes. The zero
// Profile stands for "by name" in [Options].
type Profile struct {
	Name        string  `json:"name"`
	Context     int     `json:"context"`      // the window in tokens, input and output together
	MaxOutput   int     `json:"max_output"`   // tokens of an answer when a request does not say
	InputPrice  float64 `json:"input_price"`  // US dollars per million tokens; 0 for a server of one's own
	OutputPrice float64 `json:"output_price"` // US dollars per million tokens
	SpeechPrice float64 `json:"speech_price"` // US dollars per minute of sound that is written down; 0 for a server of one's own

	System        bool    `json:"system"`         // the chat template has a system role
	Alternates    bool    `json:"alternates"`     // the chat template raises an exception unless user and assistant alternate
	Temperature   float64 `json:"temperature"`    // sent when a request has none; 0 sends nothing
	TopP          float64 `json:"top_p"`          // 0 sends nothing
	TopK          int     `json:"top_k"`          // 0 sends nothing
	StreamOptions bool    `json:"stream_options"` // ask for usage at the end of a stream

	PerMessage int     `json:"per_message"` // tokens that the template adds to each turn
	Density    float64 `json:"density"`     // true tokens over the rule of Estimate; 0 is 1

	Image ImageRule `json:"image"` // what it takes of pictures, where it sees
	Audio AudioRule `json:"audio"` // what it takes of sound, where it hears

	// Sees and Hears say that pictures, and sound, may be sent. They are what [Client.Profile] has found; in a profile by name,
	// and as long as it is not known, they are false.
	Sees  bool `json:"-"`
	Hears bool `json:"-"`

	Calibration Calibration `json:"-"` // what the server's own counts have shown

	sees, hears Ability               // by name alone
	servers     map[string]serverRule // what differs by server; the key is Probe.Server
}

// ImageRule is what an endpoint takes of pictures.
type ImageRule struct {
	Sizes     []int `json:"sizes"`      // squares in pixels that the model works in; empty for any form
	MaxSide   int   `json:"max_side"`   // longest side in pixels; 0 is no limit
	Tokens    int   `json:"tokens"`     // of one picture, the most that a provider is known to charge, until its counts show otherwise
	MaxImages int   `json:"max_images"` // in one request; 0 is no limit
	MaxBytes  int   `json:"max_bytes"`  // of one picture, before base64; 0 is no limit
	Tiles     bool  `json:"tiles"`      // large screenshots may be cut into pieces
}

// AudioRule is what an endpoint takes of sound. Gemma 3n: 188 tokens for a recording of up to 30 s, whatever its length, and
// two around it (ai.google.dev/gemma/docs/capabilities/audio, and vLLM's processor).
type AudioRule struct {
	Tokens     int `json:"tokens"`      // of one recording
	MaxSeconds int `json:"max_seconds"` // of one recording; 0 is no limit
	MaxPieces  int `json:"max_pieces"`  // recordings in one request; 0 is no limit
}

// serverRule is what differs on one kind of server.
type serverRule struct {
	Sees  Ability    `json:"sees"`
	Hears Ability    `json:"hears"`
	Image *ImageRule `json:"image"`
	// SpeechPrice is what a minute of sound costs there, where it is known.
	SpeechPrice float64 `json:"speech_price"`
}

// Cost is the price of an answer in US dollars.
func (p Profile) Cost(u Usage) float64 {
	return (float64(u.Input)*p.InputPrice + float64(u.Output)*p.OutputPrice) / 1e6
}

// SpeechCost is the price in US dollars of a recording of that length, begun seconds counted whole.
func (p Profile) SpeechCost(length time.Duration) float64 {
	whole := (max(length, 0) + time.Second - 1) / time.Second
	return float64(whole) / 60 * p.SpeechPrice
}

// profileEntry is one entry of profiles.json: the profile, and the parts of a model name that choose it.
type profileEntry struct {
	Match   []string              `json:"match"` // lower case; any of them, anywhere in the name; none matches every name
	Sees    Ability               `json:"sees"`
	Hears   Ability               `json:"hears"`
	Servers map[string]serverRule `json:"servers"`
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
			p := entry.Profile
			p.sees, p.hears, p.servers = entry.Sees, entry.Hears, entry.Servers
			return p
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
