package llm

import (
	"context"
	"encoding/json"
	"hash/fnv"
	"strconv"
	"sync"
	"time"
)

// Memory keeps what a [Client] learns of its endpoint from one run to the next, such as the true window. Values are JSON of
// less than 64 KiB and hold no text of any conversation.
type Memory interface {
	// Load gives the value of a name; nil when there is none.
	Load(ctx context.Context, name string) ([]byte, error)
	Save(ctx context.Context, name string, value []byte) error
}

// maxConversations bounds the conversations whose ratio is kept; the one that was quiet longest goes first.
const maxConversations = 256

// facts is what is known of an endpoint, in the form in which it is kept.
type facts struct {
	Probed        Probe                 `json:"probed"`
	Corrected     int                   `json:"corrected,omitempty"` // window that a refusal or a cut prompt has shown; 0 for none
	Cut           *CutPrompt            `json:"cut,omitempty"`
	Calibration   Calibration           `json:"calibration"` // over all conversations
	Conversations map[string]remembered `json:"conversations,omitempty"`
	Refused       []string              `json:"refused,omitempty"` // fields that are not sent any more
	Vision        *shown                `json:"vision,omitempty"`  // what a probe or a refusal has shown
	Hearing       *shown                `json:"hearing,omitempty"`
	MaxImages     int                   `json:"max_images,omitempty"`  // in one request, as a refusal told; 0 for none
	ImageTokens   imageTokens           `json:"image_tokens,omitzero"` // of a picture, as the server counts
}

type remembered struct {
	Calibration
	At time.Time `json:"at"`
}

// CutPrompt tells of a prompt that the server shortened without a word, as Ollama does.
type CutPrompt struct {
	Sent    int       `json:"sent"`    // tokens, estimated
	Counted int       `json:"counted"` // tokens that the server read
	At      time.Time `json:"at"`
}

// knowledge guards the facts.
type knowledge struct {
	mu      sync.Mutex
	facts   facts
	changed bool
}

// read gives the facts of the endpoint, without the conversations.
func (k *knowledge) read() facts {
	k.mu.Lock()
	defer k.mu.Unlock()
	f := k.facts
	f.Conversations = nil // it is written to in place
	return f
}

func (k *knowledge) calibration(conversation string) Calibration {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.facts.calibration(conversation)
}

// change alters the facts. Lists in them are replaced, never written to: read hands them out.
func (k *knowledge) change(alter func(*facts)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	alter(&k.facts)
	k.changed = true
}

// learn adds a count to the endpoint's ratio and to the conversation's.
func (k *knowledge) learn(conversation string, guessed, counted int) {
	k.change(func(f *facts) {
		f.Calibration = f.Calibration.add(guessed, counted)
		if conversation == "" {
			return
		}
		conversation := conversationKey(conversation)
		if f.Conversations == nil {
			f.Conversations = map[string]remembered{}
		}
		one, known := f.Conversations[conversation]
		if !known && len(f.Conversations) >= maxConversations {
			delete(f.Conversations, quietest(f.Conversations))
		}
		f.Conversations[conversation] = remembered{one.add(guessed, counted), time.Now().UTC()}
	})
}

func quietest(all map[string]remembered) (name string) {
	var since time.Time
	for other, r := range all {
		if name == "" || r.At.Before(since) {
			name, since = other, r.At
		}
	}
	return name
}

// calibration is the conversation's own once it has seen three requests. Before, it may be in any language: then the
// endpoint's ratio holds where it makes the guess larger, and the whole margin is kept.
func (f facts) calibration(conversation string) Calibration {
	if conversation == "" {
		return f.Calibration
	}
	if one, known := f.Conversations[conversationKey(conversation)]; known && one.Samples >= 3 {
		return one.Calibration
	}
	return Calibration{Log: max(0, f.Calibration.Log)}
}

// conversationKey stands for a conversation in the memory, which holds no ids of platforms.
func conversationKey(conversation string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(conversation)) // never fails
	return strconv.FormatUint(h.Sum64(), 36)
}

// memoryName is the endpoint's name in the memory: another model or server is another one.
func (c *Client) memoryName() string { return "endpoint " + c.base.String() + " " + c.model }

// Recall loads what an earlier run has learnt. Without a memory, or with nothing in it, it does nothing.
func (c *Client) Recall(ctx context.Context) error {
	if c.memory == nil {
		return nil
	}
	raw, err := c.memory.Load(ctx, c.memoryName())
	if err != nil || len(raw) == 0 {
		return err
	}
	var f facts
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil // of another version: it is learnt anew
	}
	c.known.mu.Lock()
	defer c.known.mu.Unlock()
	c.known.facts, c.known.changed = f, false
	c.refused.set(f.Refused)
	return nil
}

// save keeps what has changed since the last time.
func (c *Client) save(ctx context.Context) {
	if c.memory == nil {
		return
	}
	c.known.mu.Lock()
	if !c.known.changed {
		c.known.mu.Unlock()
		return
	}
	raw, err := json.Marshal(c.known.facts)
	c.known.changed = false
	c.known.mu.Unlock()
	if err == nil {
		err = c.memory.Save(ctx, c.memoryName(), raw)
	}
	if err != nil {
		c.log.WarnContext(ctx, "what was learnt of the model server cannot be kept now", "error", err)
		c.known.change(func(*facts) {})
	}
}
