package llmsim

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
)

// sentence is a sentence of the conversation with its weight.
type sentence struct {
	line  int // index in the transcript
	name  string
	text  string
	words []string
	score float64
}

const (
	maxSentence = 280 // runes of a quotation
	maxAsked    = 50  // words of a question that are looked for
)

func sentencesOf(t transcript) []sentence {
	var out []sentence
	for i, line := range t.lines {
		for _, text := range splitSentences(line.text) {
			if words := contentWords(text); len(words) > 0 {
				out = append(out, sentence{line: i, name: line.name, text: text, words: words})
			}
		}
	}
	return out
}

// splitSentences cuts after . ! ? and at line ends.
func splitSentences(text string) []string {
	var out []string
	add := func(s string) {
		if s = strings.Join(strings.Fields(s), " "); s != "" {
			out = append(out, shorten(s, maxSentence))
		}
	}
	start := 0
	for i, r := range text {
		after := text[i:]
		ends := r == '\n' || (r == '.' || r == '!' || r == '?') && len(after) > 1 && (after[1] == ' ' || after[1] == '\n') || r == '。'
		if ends {
			end := i + len(string(r))
			add(text[start:end])
			start = end
		}
	}
	add(text[start:])
	return out
}

func firstSentence(text string) string {
	if all := splitSentences(text); len(all) > 0 {
		return all[0]
	}
	return ""
}

func shorten(s string, most int) string {
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	return string(runes[:most-1]) + "…"
}

func distinct(words []string) []string { return slices.Compact(slices.Sorted(slices.Values(words))) }

// bestSentences are the sentences that share words with the question, rare words counting more; the best first.
func bestSentences(t transcript, question string, most int) []sentence {
	all := sentencesOf(t)
	frequency := map[string]int{}
	for _, s := range all {
		for _, w := range distinct(s.words) {
			frequency[w]++
		}
	}
	asked := distinct(contentWords(question))
	asked = asked[:min(len(asked), maxAsked)]
	var found []sentence
	for _, s := range all {
		if strings.EqualFold(strings.TrimSpace(s.text), strings.TrimSpace(question)) {
			continue // the question itself is no answer to it
		}
		names := contentWords(s.name)
		for _, w := range asked {
			if slices.Contains(s.words, w) || slices.Contains(names, w) {
				s.score += math.Log(1 + float64(len(all))/float64(max(frequency[w], 1)))
			}
		}
		if strings.HasSuffix(s.text, "?") {
			s.score /= 2
		}
		if s.score > 0 {
			found = append(found, s)
		}
	}
	slices.SortStableFunc(found, func(a, b sentence) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(b.line, a.line)) // of equals the newer
	})
	if len(found) > 1 { // what is far behind the best is noise
		found = slices.DeleteFunc(found, func(s sentence) bool { return s.score < found[0].score/2 })
	}
	return found[:min(len(found), most)]
}

// weighty are words at which decisions and tasks are recognised.
var weighty = []string{"decide", "decided", "agree", "agreed", "will", "must", "deadline", "todo", "action", "done", "ship", "release", "because", "problem", "fix"}

// digest picks the sentences that say most about the conversation, in its order.
func digest(t transcript) string {
	all := sentencesOf(t)
	if len(all) == 0 {
		return "There is nothing yet that I could sum up: I was given no conversation."
	}
	frequency := map[string]int{}
	for _, s := range all {
		for _, w := range s.words {
			frequency[w]++
		}
	}
	for i := range all {
		s := &all[i]
		for _, w := range s.words {
			s.score += float64(frequency[w])
			if slices.Contains(weighty, w) {
				s.score += 3
			}
		}
		s.score /= math.Sqrt(float64(len(s.words)) + 3)
	}
	ranked := slices.Clone(all)
	slices.SortStableFunc(ranked, func(a, b sentence) int { return cmp.Compare(b.score, a.score) })
	ranked = ranked[:min(len(ranked), 6)]
	slices.SortStableFunc(ranked, func(a, b sentence) int { return cmp.Compare(a.line, b.line) })

	var b strings.Builder
	people := map[string]bool{}
	for _, line := range t.lines {
		people[line.name] = true
	}
	fmt.Fprintf(&b, "%s by %s. The sentences that share most with the rest, word for word:\n",
		capital(plural(len(t.lines), "message")), plural(len(people), "person"))
	for _, s := range ranked {
		fmt.Fprintf(&b, "\n- **%s**: %s", s.name, s.text)
	}
	return b.String()
}

func capital(s string) string {
	r := []rune(s)
	r[0] = unicode.ToUpper(r[0])
	return string(r)
}

// stopWords say nothing about what a sentence is about.
const stopWords = " " +
	"a an the and or but if then of in on at to for from by with about as is are was were be been am do does did have has had " +
	"i you he she it we they me him her us them my your his its our their this that these those what which who whom when where why how " +
	"not no yes so than too very can could should would will may might just there here all any some please tell know say said me parley "

// contentWords are the words of a text in lower case, without endings and without words that are everywhere. Scripts
// without spaces are cut into pairs.
func contentWords(text string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if r := []rune(w); r[0] >= 0x2E80 && len(r) > 1 {
			for i := 0; i+1 < len(r); i++ {
				out = append(out, string(r[i:i+2]))
			}
			continue
		}
		if strings.Contains(stopWords, " "+w+" ") {
			continue
		}
		out = append(out, stem(w))
	}
	return out
}

// stem takes the commonest English endings off, so that "releases" meets "release".
func stem(w string) string {
	for _, ending := range []string{"ing", "ed", "es", "s"} {
		if rest, found := strings.CutSuffix(w, ending); found && len(rest) >= 4 {
			w = rest
			break
		}
	}
	return strings.TrimSuffix(w, "e")
}

func containsAnyWord(text string, words ...string) bool {
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}
