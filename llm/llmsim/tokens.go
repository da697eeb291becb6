package llmsim

// CountTokens counts as this server does: pieces of UTF-8. An ASCII word is one piece and one more for every seven
// letters, each digit and each punctuation mark is a piece, a run of line ends is one, and other scripts take a piece for
// every five bytes. The client's estimator goes by classes of runes and fractions; the two were not fitted to each other.
func CountTokens(text string) int {
	pieces, i := 0, 0
	for i < len(text) {
		kind := kindOf(text[i])
		start := i
		for i < len(text) && kindOf(text[i]) == kind {
			i++
		}
		n := i - start
		switch kind {
		case letters:
			pieces += 1 + (n-1)/7
		case digits, marks:
			pieces += n
		case ends:
			pieces++
		case spaces:
			if n > 1 {
				pieces++
			}
		case beyond:
			pieces += (n + 4) / 5
		}
	}
	return pieces
}

type kind int

const (
	letters kind = iota
	digits
	marks
	ends
	spaces
	beyond // bytes of runes beyond ASCII
)

func kindOf(b byte) kind {
	switch {
	case b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z':
		return letters
	case b >= '0' && b <= '9':
		return digits
	case b == '\n' || b == '\r':
		return ends
	case b == ' ' || b == '\t':
		return spaces
	case b >= 0x80:
		return beyond
	}
	return marks
}

// What the template adds, in tokens.
const (
	perPrompt = 4
	perTurn   = 5
)

func (s *Server) count(messages []Message) int {
	tokens := perPrompt
	for _, m := range messages {
		tokens += perTurn + CountTokens(m.Text) + len(m.Images)*s.imageTokens()
	}
	return tokens
}

// imageTokens is what one picture costs: Together documents 1,601 for a tile, Gemma 3n itself takes 256 and its frame.
func (s *Server) imageTokens() int {
	if s.opts.Dialect == Together {
		return 1601
	}
	return 260
}
