//go:build crash

package crash

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"sync"
	"time"

	"parley/llm/llmsim"
)

// author is the simulated model. For each word of the question it writes numbered tokens, and every time that it is
// asked the same question it writes another version, of another length: so an answer that is cut off, posted twice or
// put together from two attempts can be seen in the text alone.
type author struct {
	mu       sync.Mutex
	dice     *rand.Rand
	versions map[string]int
	requests int
	// quick lets every answer come in one piece.
	quick bool
	// down answers nothing but 503.
	down bool
}

func newAuthor(seed uint64) *author {
	return &author{dice: rand.New(rand.NewPCG(seed, 7)), versions: map[string]int{}}
}

func (a *author) set(change func(*author)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change(a)
}

// count is how often the model was asked.
func (a *author) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.requests
}

var asked = regexp.MustCompile(`\bkq\d+[smlf]\b`)

// Respond implements llmsim.Responder.
func (a *author) Respond(_ context.Context, r llmsim.Request) llmsim.Reply {
	text := r.Messages[len(r.Messages)-1].Text
	if i := strings.LastIndex(text, "writes to you:"); i >= 0 {
		text = text[i:]
	}
	words := asked.FindAllString(text, -1)
	key := strings.Join(words, " ")
	a.mu.Lock()
	defer a.mu.Unlock()
	a.requests++
	if a.down {
		return llmsim.Overloaded()
	}
	if len(words) == 0 {
		return llmsim.Say("nothing was asked")
	}
	version := a.versions[key]
	a.versions[key]++
	answer := write(words, version)
	if a.quick {
		return llmsim.Reply{Chunks: []string{answer}}
	}
	const pieces = 8
	reply := llmsim.Reply{Pace: time.Duration(20+a.dice.IntN(180)) * time.Millisecond}
	for size := len(answer)/pieces + 1; len(answer) > 0; answer = answer[min(size, len(answer)):] {
		reply.Chunks = append(reply.Chunks, answer[:min(size, len(answer))])
	}
	return reply
}

// padding makes tokens of the model few and its text long.
const padding = "abcdefghijklmnopqrstuvwxyzabcdefghijklmno"

// tokens is how many tokens an answer to a word has, in that version. One to many words keeps short.
func tokens(word string, version, words int) int {
	n := map[byte]int{'s': 2, 'm': 12, 'l': 110, 'f': 330}[word[len(word)-1]]
	if words > 3 {
		n = 2
	}
	if version%2 == 1 && n > 2 {
		n /= 2
	}
	return n
}

func write(words []string, version int) string {
	var b strings.Builder
	for _, word := range words {
		total := tokens(word, version, len(words))
		for n := range total {
			fmt.Fprintf(&b, "%sv%dn%do%dz%s ", word, version, n, total, padding)
			if n%8 == 7 {
				b.WriteString("\n")
			}
		}
		b.WriteString("\n")
	}
	return strings.TrimSpace(b.String())
}

// written finds the tokens in what people see: word, version, number, and how many there are to be.
var written = regexp.MustCompile(`(kq\d+[smlf])v(\d+)n(\d+)o(\d+)z`)
