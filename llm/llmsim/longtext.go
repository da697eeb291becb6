package llmsim

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// maxLength bounds a long text, in words or tokens.
const maxLength = 20000

// length is how much text is asked for.
type length struct {
	n      int
	tokens bool // else words
}

var lengthAsked = regexp.MustCompile(`(\d{1,3}(?:[.,]\d{3})+|\d{1,6})[ -]*(words?|tokens?)\b`)

// wantedLength reads "300 words", "3,000 tokens" or "a long answer" out of a question in lower case.
func wantedLength(question string) (length, bool) {
	if m := lengthAsked.FindStringSubmatch(question); m != nil {
		n, err := strconv.Atoi(strings.NewReplacer(",", "", ".", "").Replace(m[1]))
		if err == nil && n > 0 {
			return length{n: min(n, maxLength), tokens: strings.HasPrefix(m[2], "token")}, true
		}
	}
	if containsAnyWord(question, "long answer", "long text", "long story", "long message", "in great detail") {
		return length{n: 600}, true
	}
	return length{}, false
}

// longText writes a numbered list of true sentences: the conversation's own, then squares, up to the length.
func longText(t transcript, want length) string {
	var b strings.Builder
	size := 0
	quotes := sentencesOf(t)
	for i := 1; size < want.n; i++ {
		line := fmt.Sprintf("%d. The square of %d is %d.", i, i, i*i)
		if i <= len(quotes) {
			line = fmt.Sprintf("%d. %s wrote: %s", i, quotes[i-1].name, quotes[i-1].text)
		}
		if want.tokens {
			size += CountTokens(line + "\n")
		} else {
			words := strings.Fields(line)
			words = words[:min(len(words), want.n-size)]
			line = strings.Join(words, " ")
			size += len(words)
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(line)
	}
	return b.String()
}
