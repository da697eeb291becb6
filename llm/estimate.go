package llm

import (
	"math"
	"unicode"
)

// Margin times an estimate is meant as an upper bound. See [WithMargin].
const Margin = 1.15

// WithMargin is the upper bound that belongs to an estimate: rounded up, times [Margin].
func WithMargin(tokens int) int { return int(math.Ceil(float64(tokens) * Margin)) }

// perRequest is what the template adds once: the beginning of the text and the opening of the model's turn.
const perRequest = 6

// Estimate guesses how many tokens text has, rounded up. It charges by class of rune, because characters per token
// range from 1 (digits, hex, emoji) to 5 (English prose): dividing bytes by four comes out at two thirds of the truth on
// real chat. It never guesses more than the bytes of the text, which is a safe upper bound for the Gemma vocabulary.
func (p Profile) Estimate(text string) int {
	var m meter
	for _, r := range text {
		m.add(r)
	}
	m.flush()
	return min(len(text), int(math.Ceil(m.tokens*p.density())))
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

// class is what a rune counts as.
type class uint8

const (
	classNone class = iota
	classSpace
	classNewline
	classDigit
	classPunct  // ASCII punctuation
	classLetter // ASCII letters
	classLatin  // Latin letters beyond ASCII: they are in a word with ASCII letters
	classAlpha  // scripts with an alphabet that the vocabulary knows well
	classRare   // scripts that it knows badly: about a token a rune
	classEast   // Han, Kana, Hangul
	classOther  // emoji, symbols
)

// meter adds up tokens over runs of runes of one class.
type meter struct {
	tokens float64
	class  class
	run    int // runes in the present run
	latin  int // of them Latin beyond ASCII
	upper  int // of them capitals after a small letter or within a run of capitals
}

func (m *meter) add(r rune) {
	c := classOf(r)
	if c == classLatin {
		m.latinLetter()
		return
	}
	if c != m.class {
		m.flush()
		m.class = c
	}
	m.run++
	if c == classLetter && r <= 'Z' {
		m.upper++
	}
}

// latinLetter counts é as part of the word that it stands in.
func (m *meter) latinLetter() {
	if m.class != classLetter {
		m.flush()
		m.class = classLetter
	}
	m.run++
	m.latin++
}

func (m *meter) flush() {
	n := float64(m.run)
	if m.run > 0 {
		switch m.class {
		case classSpace:
			if m.run > 1 {
				m.tokens++
			}
		case classNewline:
			m.tokens++
		case classDigit:
			m.tokens += n
		case classPunct:
			m.tokens += 0.85 * n
		case classLetter:
			m.tokens += word(m.run, m.latin, m.upper)
		case classAlpha:
			m.tokens += max(1, n/2.6)
		case classRare:
			m.tokens += n
		case classEast:
			m.tokens += 0.72 * n
		case classOther:
			m.tokens += 1.6 * n
		}
	}
	m.class, m.run, m.latin, m.upper = classNone, 0, 0, 0
}

func word(run, latin, upper int) float64 {
	n := float64(run)
	switch {
	case run <= 5:
		return 1
	case run <= 9:
		return 1.35
	}
	return 1 + n/6
}

func classOf(r rune) class {
	switch {
	case r == ' ' || r == '\t':
		return classSpace
	case r == '\n' || r == '\r':
		return classNewline
	case r >= '0' && r <= '9':
		return classDigit
	case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
		return classLetter
	case r < 0x80:
		return classPunct
	case unicode.Is(unicode.Latin, r):
		return classLatin
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
		return classEast
	case unicode.In(r, unicode.Cyrillic, unicode.Greek, unicode.Arabic, unicode.Hebrew, unicode.Devanagari, unicode.Thai,
		unicode.Bengali, unicode.Tamil, unicode.Myanmar):
		return classAlpha
	case unicode.IsLetter(r) || unicode.IsMark(r):
		return classRare
	}
	return classOther
}
