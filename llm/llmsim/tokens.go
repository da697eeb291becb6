package llmsim

import (
	"bytes"
	"image"
)

// CountTokens counts as this server does: pieces of UTF-8. A Latin word is one piece and one more for every seven bytes
// after the first, each digit and each punctuation mark is a piece, a run of line ends is one, East Asian scripts take a
// piece for every five bytes and all others for every nine. The client's estimator goes by classes of runes and
// fractions, and by words; the two were not fitted to each other.
func CountTokens(text string) int {
	pieces, size := 0, 0
	present := spaces
	flush := func() {
		switch present {
		case letters:
			pieces += 1 + (size-1)/7
		case digits, marks:
			pieces += size
		case ends:
			pieces++
		case spaces:
			if size > 1 {
				pieces++
			}
		case east:
			pieces += (size + 4) / 5
		case beyond:
			pieces += (size + 8) / 9
		}
	}
	for _, r := range text {
		if k := kindOf(r); k != present {
			flush()
			present, size = k, 0
		}
		size += len(string(r))
	}
	flush()
	return pieces
}

type kind int

const (
	letters kind = iota
	digits
	marks
	ends
	spaces
	east
	beyond
)

func kindOf(r rune) kind {
	switch {
	case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= 0xC0 && r < 0x250 || r >= 0x1E00 && r < 0x1F00:
		return letters
	case r >= '0' && r <= '9':
		return digits
	case r == '\n' || r == '\r':
		return ends
	case r == ' ' || r == '\t':
		return spaces
	case r < 0x80:
		return marks
	case r >= 0x2E80 && r < 0xD800 || r >= 0xF900 && r < 0xFB00 || r >= 0x1F000:
		return east
	}
	return beyond
}

// What the template adds, in tokens.
const (
	perPrompt = 4
	perTurn   = 5
)

func (s *Server) count(messages []Message) int {
	tokens := perPrompt
	for _, m := range messages {
		tokens += perTurn + CountTokens(m.Text) + len(m.Audio)*soundTokens
		for _, img := range m.Images {
			tokens += s.imageTokens(img)
		}
	}
	return tokens
}

// soundTokens is what one recording costs, whatever its length: Gemma 3n fills it up to 188 soft tokens and puts two around.
const soundTokens = 190

// imageTokens is what one picture costs. Together documents 1,601 for each of up to 2 × 2 tiles of 560 pixels (docs.together.ai,
// vision); Gemma 3n itself takes 256 and its frame.
func (s *Server) imageTokens(img Image) int {
	if s.opts.Dialect != Together {
		return 260
	}
	size, _, err := image.DecodeConfig(bytes.NewReader(img.Bytes))
	if err != nil {
		return tileTokens
	}
	tiles := func(side int) int { return min(2, 1+max(0, side-1)/tileSide) }
	return tileTokens * tiles(size.Width) * tiles(size.Height)
}

const (
	tileTokens = 1601
	tileSide   = 560
)
