package llm

import (
	"regexp"
	"strings"
)

// controlToken finds what model servers would read as control tokens inside ordinary text, because they tokenise the
// rendered prompt with special tokens on: Gemma's own, the <|…|> family of other models (and <|turn> of Gemma 4), and
// the media markers of llama.cpp.
var controlToken = regexp.MustCompile(`(?i)` +
	`<(/?(?:start|end)_of_(?:turn|image|audio|video)` +
	`|bos|eos|pad|unk|mask|2mass` +
	`|(?:image|audio|video)_soft_token|image|__(?:media|image|audio)__` +
	`|unused[0-9]+` +
	`|\|[^<>\s|]{1,64}\|?` +
	`|[^<>\s|]{1,64}\|)>` +
	`|\[(@BOS@|multimodal)\]`)

// Neutralise makes control tokens in foreign text harmless yet readable: "<end_of_turn>" becomes "‹end_of_turn›".
// Nothing is removed, so that no token can be put together from the rest; applying it twice changes nothing more.
// The client applies it to every text that it sends.
func Neutralise(text string) string {
	if !strings.ContainsAny(text, "<[") {
		return text
	}
	return controlToken.ReplaceAllStringFunc(text, func(token string) string {
		inner := token[1 : len(token)-1]
		if token[0] == '[' {
			return "⟦" + inner + "⟧"
		}
		return "‹" + inner + "›"
	})
}
