package summary

import (
	"math"
	"slices"
	"strings"
)

// fewWords is the most content words of a line that must share two of them with its messages; a longer one must share the
// part supported.
const fewWords = 6

// needed is how many of so many content words must be found where a line is said to come from: all of one or two, two of a
// few, and a part of many. One word in common makes no source.
func needed(words int) int {
	if words <= fewWords {
		return min(words, 2)
	}
	return max(2, int(math.Ceil(supported*float64(words))))
}

// has reports whether the messages hold a word, or the same with another ending: "ship" and "ships" are not cut alike,
// because they are too short.
func (c *Checker) has(word string, indexes ...int) bool {
	r := []rune(word)
	for _, i := range indexes {
		switch {
		case c.words[i][word]:
			return true
		case len(r) == stemRunes && !isDense(r[0]) && c.words[i][string(r[:stemRunes-1])]:
			return true
		case len(r) == stemRunes-1 && !isDense(r[0]) && slices.ContainsFunc(endings, func(e string) bool { return c.words[i][word+e] }):
			return true
		}
	}
	return false
}

// endings make five letters of a word of four.
var endings = []string{"s", "t", "e", "n", "d", "a", "o", "r"}

// held counts the words that the messages hold together.
func (c *Checker) held(about map[string]bool, indexes ...int) (n int) {
	for w := range about {
		if c.has(w, indexes...) {
			n++
		}
	}
	return n
}

// place gives the messages that a line about these words is to cite. What is cited must bear it out by itself. Where it does
// not, the message beside it that does takes its place, or is cited as well where it needs both, as a question and its
// answer. It is empty where nothing near bears the line out.
func (c *Checker) place(about map[string]bool, cited []int) []int {
	if len(cited) == 0 || len(about) == 0 {
		return cited
	}
	need := needed(len(about))
	near := c.around(cited)
	if n := c.held(about, cited...); n >= need {
		placed := c.relevant(about, cited)
		for _, k := range near { // an answer that says little without its question
			if float64(n) < better*float64(len(about)) && !slices.Contains(placed, k) && len(placed) < refsMost &&
				slices.ContainsFunc(cited, func(i int) bool { return c.replies(i, k) && c.adds(about, k, i) }) {
				placed = append(placed, k)
			}
		}
		slices.Sort(placed)
		return placed
	}
	if at := c.fullest(about, near); c.held(about, at) >= need {
		placed := []int{at}
		for _, i := range cited {
			if i != at && (c.replies(i, at) || c.adds(about, i, at)) {
				placed = append(placed, i)
			}
		}
		slices.Sort(placed)
		return placed
	}
	placed := slices.DeleteFunc(slices.Clone(cited), func(i int) bool { return c.held(about, i) == 0 })
	if len(placed) == 0 || c.held(about, near...) < need {
		return nil
	}
	for c.held(about, placed...) < need {
		more, most := -1, c.held(about, placed...)
		for _, i := range near {
			if n := c.held(about, append(slices.Clone(placed), i)...); n > most {
				more, most = i, n
			}
		}
		if more < 0 {
			return nil
		}
		placed = append(placed, more)
	}
	slices.Sort(placed)
	return placed
}

// fullest is the one of some messages that holds most of the words, the first of equals.
func (c *Checker) fullest(about map[string]bool, indexes []int) int {
	best := indexes[0]
	for _, i := range indexes {
		if c.held(about, i) > c.held(about, best) {
			best = i
		}
	}
	return best
}

// adds reports whether message i holds a word of the line that the other does not.
func (c *Checker) adds(about map[string]bool, i, other int) bool {
	for w := range about {
		if c.has(w, i) && !c.has(w, other) {
			return true
		}
	}
	return false
}

// answerWords is the most content words of an answer that says nothing without its question.
const answerWords = 4

// replies reports whether message i is the short answer to what message k, just before it, asks, or asks of the one who wrote i.
func (c *Checker) replies(i, k int) bool {
	if k >= i || len(c.words[i]) > answerWords || !slices.Contains(c.around([]int{i}), k) {
		return false
	}
	return strings.ContainsAny(c.messages[k].Text, "?？؟") || c.addresses(c.messages[k], c.messages[i].Author)
}

// addresses reports whether a message mentions or names a person.
func (c *Checker) addresses(m Message, name string) bool {
	name = strings.ToLower(name)
	first, _, _ := strings.Cut(name, " ")
	text := strings.ToLower(m.Text)
	return slices.ContainsFunc(m.Mentions, func(mention string) bool { return strings.EqualFold(mention, name) }) ||
		len([]rune(first)) > 1 && hasWord(text, first)
}

// relevant keeps those of several cited messages that share a word with the line, or answer one that does; all, where none
// does.
func (c *Checker) relevant(about map[string]bool, indexes []int) []int {
	shares := func(i int) bool { return c.held(about, i) > 0 }
	var kept []int
	for _, i := range indexes {
		if shares(i) || slices.ContainsFunc(indexes, func(k int) bool { return shares(k) && c.replies(i, k) }) {
			kept = append(kept, i)
		}
	}
	if len(kept) == 0 {
		return indexes
	}
	return kept
}

// best is the message that holds most of the words, rare ones counting more, and what share it holds.
func (c *Checker) best(about map[string]bool, near []int) (index int, share float64) {
	index, top := -1, 0.0
	for i := range c.messages {
		if c.messages[i].Deleted {
			continue
		}
		score := 0.0
		for w := range about {
			if c.words[i][w] {
				score += c.rare[w]
			}
		}
		if len(near) > 0 {
			score -= 1e-6 * math.Abs(float64(i-near[0])) // of equals the nearest
		}
		if score > 0 && (index < 0 || score > top) {
			index, top = i, score
		}
	}
	if index < 0 || len(about) < 2 || c.held(about, index) < needed(len(about)) {
		return max(index, 0), 0
	}
	return index, float64(c.held(about, index)) / float64(len(about))
}
