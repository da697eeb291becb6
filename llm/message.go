package llm

// Role says who speaks in a [Message].
type Role string

// The roles that every OpenAI-compatible server knows. Servers without a system role (Gemma) get its text folded into
// the first user turn, see [Shape].
const (
	RoleSystem    Role = "system"
	RoleUser      Role = "user"
	RoleAssistant Role = "assistant"
)

// Message is one turn of a prompt.
type Message struct {
	Role  Role
	Parts []Part // in reading order, but files go before text, see [Shape]; a message without content is left out of the request
}

// Part is one piece of a message: [Text], [Image] or [Audio].
type Part interface{ part() }

// Text is a piece of prose.
type Text struct{ Text string }

// Image is a picture, sent as a base64 data URI: addresses on chat platforms need a token or expire, and Ollama refuses
// them (model server facts: JPEG, PNG and WebP are taken everywhere; GIF is not).
type Image struct {
	MIME  string // "image/jpeg", "image/png", …
	Bytes []byte // the encoded file, not base64
}

// Audio is a recording for a model that hears, sent as "input_audio". Gemma 3n takes 16 kHz mono of at most 30 s at a time.
type Audio struct {
	Format string // "wav", the only one that every such server takes; others know "mp3" too
	Bytes  []byte // the encoded file, not base64
}

func (Text) part()  {}
func (Image) part() {}
func (Audio) part() {}

// TextMessage is a message of one piece of text.
func TextMessage(role Role, text string) Message {
	return Message{Role: role, Parts: []Part{Text{Text: text}}}
}

// Request asks for one answer.
type Request struct {
	Messages     []Message
	MaxOutput    int      // most tokens of the answer; 0 takes the profile's
	Temperature  *float64 // nil takes the profile's; 0 is a value
	Conversation string   // whose ratio of true to estimated tokens is learnt from; empty for none; never sent
	Purpose      string   // a label for logs and metrics: "reply", "summary", "describe", "probe"; never sent
}

// Delta is one step of a streamed answer. The last one of a complete answer carries Finish and, where the server tells
// them, Usage, Model and RequestID; its Text is empty.
type Delta struct {
	Text      string
	Finish    Finish  // "" on every delta but the last
	Usage     *Usage  // nil when the server did not tell
	Model     string  // the name that the server answered with
	Served    *Served // set when a fallback answered; see [Fallback]
	RequestID string  // for a report to the provider; may be empty
}

// Response is a complete answer.
type Response struct {
	Text      string
	Finish    Finish
	Usage     *Usage // nil when the server did not tell
	Model     string
	RequestID string
}

// Usage counts tokens as the server counts them.
type Usage struct {
	Input  int // the prompt, cached tokens included
	Cached int // the part of Input that came from the server's prefix cache
	Output int
}

// Finish says why an answer ended.
type Finish string

// Why an answer ended.
const (
	FinishStop    Finish = "stop"    // the model had said everything (Together's "eos" is the same)
	FinishLength  Finish = "length"  // MaxOutput or the window was used up
	FinishFilter  Finish = "filter"  // the provider's moderation stopped it
	FinishUnknown Finish = "unknown" // [DONE] without a reason, or a reason of another kind
)

func finishOf(reason string) Finish {
	switch reason {
	case "stop", "eos", "eos_token", "stop_sequence", "end_turn":
		return FinishStop
	case "length", "max_tokens", "model_length":
		return FinishLength
	case "content_filter", "safety":
		return FinishFilter
	}
	return FinishUnknown
}
