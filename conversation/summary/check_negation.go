package summary

import (
	"slices"
	"strings"
	"unicode"
)

// sameWords is the share of a line's words from which on it repeats its source.
const sameWords = 0.8

// nots are words, some of them begins of words, that turn a sentence round, in the larger languages.
var nots = strings.Fields("not no never cannot nothing nobody none without off cancel reject refus declin against fail unable stop drop instead " +
	"nicht kein nie niemals niemand nichts ohne gegen absag abgesagt nunca jamás sin nada ningun ningún tampoco cancela ne pas jamais sans rien aucun annul não nem sem non mai senza niet geen nooit не нет без никогда")

// negates reports whether a text says that something is not so.
func negates(text string) bool {
	text = strings.ToLower(text)
	if strings.Contains(text, "n't") || strings.Contains(text, "n’t") {
		return true
	}
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if slices.ContainsFunc(nots, func(n string) bool { return w == n || len([]rune(n)) > 3 && strings.HasPrefix(w, n) }) {
			return true
		}
	}
	return false
}

// turnedRound reports whether a line repeats its messages and adds a "not" that neither they nor those beside them have.
// In Portuguese "no" is another word.
func (c *Checker) turnedRound(text string, about map[string]bool, indexes []int) bool {
	return len(about) > 1 && c.spoken != "pt" && negates(text) && float64(c.held(about, indexes...)) >= sameWords*float64(len(about)) &&
		!slices.ContainsFunc(c.around(indexes), func(i int) bool {
			return negates(c.messages[i].Text) || slices.ContainsFunc(c.extra[i], func(e evidence) bool { return negates(e.lower) })
		})
}
