package llm

import (
	"math"
)

// Margin times an estimate is meant as an upper bound. See [WithMargin].
const Margin = 1.15

// WithMargin is the upper bound that belongs to an estimate: times [Margin], rounded up.
func WithMargin(tokens int) int { return int(math.Ceil(float64(tokens) * Margin)) }

// perRequest is what the template adds once: the beginning of the text and the opening of the model's turn.
const perRequest = 6

// Estimate guesses how many tokens text has, rounded up. It charges by class of rune, because characters per token
// range from 1 (digits, hex, emoji) to 5 (English prose): dividing bytes by four comes out at two thirds of the truth on
// real chat. Words of languages that the vocabulary knows badly are charged more; they are recognised by the want of
// common words. It never guesses more than the bytes of the text, which is a safe upper bound for Gemma's vocabulary.
func (p Profile) Estimate(text string) int {
	var m meter
	for i, r := range text {
		m.add(text, r, i)
	}
	return min(len(text), int(math.Ceil(m.total(text)*p.density())))
}

// density is the profile's correction of the rule, which was fitted to Gemma 3's vocabulary.
func (p Profile) density() float64 {
	if p.Density > 0 {
		return p.Density
	}
	return 1
}

// EstimateRequest guesses the tokens of a whole prompt as it will be sent, with what the template adds for each turn and
// each image; the answer is not counted.
func (p Profile) EstimateRequest(req Request) int {
	messages, err := Shape(p, req.Messages)
	if err != nil {
		messages = req.Messages // it will be refused; the guess is still of use to a packer
	}
	tokens := perRequest
	for _, m := range messages {
		tokens += p.PerMessage
		for _, part := range m.Parts {
			switch part := part.(type) {
			case Text:
				tokens += p.Estimate(part.Text)
			case Image:
				tokens += p.ImageTokens
			}
		}
	}
	return tokens
}
