package llm

import "math"

// meter goes over a text rune by rune and adds up its tokens.
type meter struct {
	tokens float64
	spare  float64

	p3, p2, p1 uint32 // the symbols before
	word       uint32 // hash of the word so far

	// The letters and spaces of the present line, which the language's correction concerns.
	letters      float64
	lettersSpare float64
	runes        int
	language     int
}

// steady is how many runes' worth of doubt a line begins with, before its letters say what language it is in.
const steady = 12

// add takes a rune of n bytes, with its symbol and the two that follow.
func (m *meter) add(r rune, n int, c, n1, n2 uint32) {
	letter := isWordRune(r)
	if letter {
		m.word = (m.word ^ uint32(r)) * 0x01000193
	} else {
		m.word = uint32(r) * 0x9E3779B1
	}
	switch margin := marginOf(r); {
	case c == foreign: // spelt out, a token a byte
		m.tokens += float64(n)
	case m.p1 == edge || m.p1 == foreign || (m.p1 == '\n') != (r == '\n'): // no token spans this place
		m.tokens++
	default:
		chance, trigram := m.chance(c, n1, n2)
		if isHan(r) {
			chance = min(1, chance*hanShort)
		}
		if c != m.p1 && isSymbol(r) {
			chance = max(chance, ofItsOwn)
		}
		if letter || r == ' ' {
			m.letters += chance
			m.lettersSpare += chance * margin
			m.runes++
			m.language += int(int8(learned[languages+int(trigram>>19)]))
		} else {
			m.tokens += chance
			m.spare += chance * margin
		}
	}
	if r == '\n' {
		m.endLine()
	}
	m.p3, m.p2, m.p1 = m.p2, m.p1, c
}

// endLine closes the account of a line.
func (m *meter) endLine() {
	if m.runes == 0 {
		return
	}
	factor := math.Exp(float64(m.language) / 32 / float64(m.runes+steady))
	m.tokens += m.letters * factor
	m.spare += m.lettersSpare * factor
	m.letters, m.lettersSpare, m.runes, m.language = 0, 0, 0, 0
}

// chance is how likely a token begins at c. It looks the eight contexts of that place up, from the pair of blocks to six
// symbols and the beginning of the word. The third result is the hash of the three symbols around.
func (m *meter) chance(c, n1, n2 uint32) (chance float64, trigram uint32) {
	pair := m.p1*0x9E3779B1 ^ c*0x85EBCA77
	around := pair ^ n1*0xC2B2AE3D
	four := around ^ m.p2*0x27D4EB2F
	five := four ^ n2*0x165667B1
	trigram = mix(around + 2)
	score := weight(mix(pair+1)) + weight(trigram) + weight(mix((pair^m.p2*0x27D4EB2F)+3)) + weight(mix(four+4)) +
		weight(mix(five+5)) + weight(mix((four^m.p3*0x51ED270B)+6)) +
		weight(mix((m.p1>>6*0x9E3779B1^c>>6*0x85EBCA77)+7)) + weight(mix((m.word^n1*0xC2B2AE3D)+8))
	at := chances + 2*(min(max(score, -256), 255)+256)
	return float64(uint(learned[at])|uint(learned[at+1])<<8) / 65535, trigram
}

// weight is that of a context, 0 of one that the table does not have.
func weight(hash uint32) int {
	at := 2 * int(hash%contexts)
	if learned[at] != byte(hash>>24) {
		return 0
	}
	return int(int8(learned[at+1]))
}

// mix spreads the bits of a hash.
func mix(x uint32) uint32 {
	x ^= x >> 15
	x *= 0x2c1b3c6d
	return x ^ x>>13
}

// marginOf is what is kept spare for a rune's script, as a part of the estimate. It follows the 95th percentile of true over
// guessed tokens of held-out texts of at least a hundred tokens. Greek, Hebrew, Hangul, Georgian and Armenian had fewer than
// ten such texts and got a neighbour's figure. In languages of which the fit had seen nothing that percentile is higher: 0.15
// in Latin letters, 0.41 in Arabic ones.
func marginOf(r rune) float64 {
	switch {
	case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z', r == ' ':
		return 0.09
	case r < 0x80:
		return 0.03
	case r < 0x250, r >= 0x1E00 && r < 0x1F00: // Latin with marks
		return 0.14
	case r < 0x590: // Greek, Cyrillic, Armenian
		return 0.09
	case r < 0x600: // Hebrew
		return 0.08
	case r < 0x900, r >= 0xFB50 && r < 0xFE00: // Arabic
		return 0.25
	case r < 0x1200: // India, South-East Asia, Georgian
		return 0.15
	case isHan(r):
		return 0.18
	}
	return 0.11
}

// isHan tells Han and Kana.
func isHan(r rune) bool {
	return r >= 0x2E80 && r < 0xA000 || r >= 0xF900 && r < 0xFB00 || r >= 0x20000
}

// hanShort makes up for a part of what texts in Han of another kind than those fitted were short of: 8 of about 14 %.
const hanShort = 1.08

// isSymbol tells signs of which hardly any token has two: arrows, mathematics, boxes, dingbats, letters of formulas and emoji. Runs of
// one sign are tokens, and so are skin tones and flags with what stands before them.
func isSymbol(r rune) bool {
	return r >= 0x2190 && r < 0x2C00 || r >= 0x1D400 && r < 0x1D800 || r >= 0x1F200 && r < 0x1FB00 && (r < 0x1F3FB || r > 0x1F3FF)
}

// ofItsOwn is the least chance that a token begins at a sign that stands behind another one; the fit had seen too few of them.
const ofItsOwn = 0.97
