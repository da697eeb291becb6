package summary

import (
	"slices"
	"strings"
	"sync"
	"unicode"
)

// spokenMost is how many bytes of the messages their language is told by.
const spokenMost = 20000

// spokenIn gives the language, or only the script, of all messages together.
func spokenIn(messages []Message) (language, script string) {
	var b strings.Builder
	for _, m := range messages {
		if b.WriteString(m.Text + "\n"); b.Len() > spokenMost {
			break
		}
	}
	return Language(b.String()), scriptOf(b.String())
}

// Ask says in what language the lines are asked for; "" is the messages' own.
func (c *Checker) Ask(language string) { c.asked = language }

// relaxed reports whether a line cannot be compared word by word, because it is a translation of what it cites: one that was
// asked for, or one into the language of the conversation of a message that is in another. A line in any other language is no
// translation, and its words are looked for like those of every line.
func (c *Checker) relaxed(item Item, indexes []int, translated bool) bool {
	language, script := Language(item.Text), scriptOf(item.Text)
	if translated {
		if c.asked != "" && language != "" && language != c.asked {
			return false
		}
		return language == "" || c.spoken == "" || language != c.spoken || c.foreign(item.Text, indexes)
	}
	if !c.foreign(item.Text, indexes) || script != c.script {
		return false
	}
	return language == "" || language == c.spoken
}

// languageOf is the language of a line, and where it is too short to tell, the one that it should be in.
func (c *Checker) languageOf(text string, translated bool) string {
	switch language := Language(text); {
	case language != "":
		return language
	case c.asked != "" || translated:
		return c.asked
	}
	return c.spoken
}

// translationOf gives the messages that a translated line may cite: not those that say nothing, such as "ok, thanks", but
// where it cites no other, the one beside them that holds a word, name or number of it.
func (c *Checker) translationOf(item Item, about map[string]bool, cited []int) []int {
	telling := func(i int) bool { return !c.silent(i) }
	var kept []int
	for _, i := range cited {
		if telling(i) || slices.ContainsFunc(cited, func(k int) bool { return telling(k) && c.replies(i, k) }) {
			kept = append(kept, i)
		}
	}
	if len(kept) > 0 {
		return kept
	}
	numbers := evidenceOf(Message{Text: item.Text}).numbers
	best, most := -1, 0
	for _, i := range c.around(cited) {
		if n := c.held(about, i) + common(numbers, c.evidence[i].numbers); telling(i) && n > most {
			best, most = i, n
		}
	}
	if best < 0 {
		return nil
	}
	return []int{best}
}

// silentWords are those of greetings, thanks and assent, in the languages of stopsByLanguage and some more.
var silentWords = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields("ok okay k kk fine thanks thank thx ty yes yep yeah yup sure great good nice cool agreed right perfect done lol haha hello hi hey morning evening night welcome bye same sounds works alright " +
		"danke dank gut ja jo jep klar passt super genau hallo moin guten tag abend morgen prima einverstanden gern gerne bitte tschüss " +
		"vale sí si gracias bien bueno buenos buenas días tardes noches hola claro perfecto acuerdo vamos " +
		"oui merci bonjour bonsoir salut parfait accord bien " +
		"sim obrigado obrigada beleza olá bom dia boa tarde noite certo perfeito grazie ciao bene va buongiorno sì certo perfetto " +
		"ja hoi bedankt goed prima да спасибо хорошо ок привет ага понял ясно " +
		"はい 了解 了解です 了解しました ありがとう ありがとうございます おはよう おはようございます 好的 好 谢谢 收到 是的 你好 네 감사합니다 안녕하세요") {
		out[w] = true
	}
	return out
})

// silent reports whether a message says nothing that a line could tell: it is empty, or assent, thanks or a greeting.
func (c *Checker) silent(i int) bool {
	text := strings.ToLower(c.messages[i].Text)
	if len(c.evidence[i].numbers) > 0 || len(c.extra[i]) > 0 {
		return false
	}
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) {
		if !silentWords()[w] && !stopWords()[w] && !c.isName(w) {
			return false
		}
	}
	return true
}

// takes reports whether who wrote message i may have taken on what these words are about.
func (c *Checker) takes(i int, about map[string]bool, translated bool) bool {
	if !c.silent(i) && (translated || len(about) == 0 || c.held(about, i) > 0) {
		return true
	}
	return slices.ContainsFunc(c.around([]int{i}), func(k int) bool {
		return k < i && c.replies(i, k) && c.addresses(c.messages[k], c.messages[i].Author)
	})
}

// groups are subjects that stand for those who speak.
const groups = " team everyone everybody people group all somebody someone nobody they alle alles jemand niemand leute gruppe man equipo todos alguien équipe tous equipe gruppo squadra tutti "

// speakers are the words by which people speak of themselves.
const speakers = " i we i'll we'll i'm we're ich wir yo nosotros je nous eu nós io noi ik wij "

// misspoken is the name before a verb that a cited message says of its author: "Klaus ships it" of Alice's "we ship it"; "" where
// the line begins otherwise.
func (c *Checker) misspoken(text string, indexes []int) string {
	fields := strings.Fields(text)
	if len(fields) < 3 {
		return ""
	}
	name := strings.TrimFunc(fields[0], func(r rune) bool { return !unicode.IsLetter(r) })
	r, lower := []rune(name), strings.ToLower(name)
	if len(r) < 3 || !unicode.IsUpper(r[0]) || !unicode.IsLower(r[1]) || stopWords()[lower] || strings.Contains(groups, " "+lower+" ") {
		return ""
	}
	mine := func(i int) bool {
		return c.evidence[i].names[lower] || hasWord(c.evidence[i].lower, lower) || c.words[i][string(r[:min(len(r), stemRunes)])] && !c.isName(lower) ||
			slices.ContainsFunc(c.extra[i], func(e evidence) bool { return e.names[lower] || hasWord(e.lower, lower) })
	}
	if slices.ContainsFunc(indexes, mine) {
		return ""
	}
	if c.isName(lower) { // somebody else, unless he answers what is cited
		if slices.ContainsFunc(c.around(indexes), func(i int) bool {
			return mine(i) && slices.ContainsFunc(indexes, func(k int) bool { return c.replies(i, k) || c.replies(k, i) })
		}) {
			return ""
		}
		return name
	}
	verb := words(fields[1])
	if len(verb) != 1 || fields[1] != strings.ToLower(fields[1]) {
		return ""
	}
	for _, i := range indexes {
		of := strings.FieldsFunc(strings.ToLower(c.messages[i].Text), func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' })
		if c.held(verb, i) > 0 && slices.ContainsFunc(of, func(w string) bool { return strings.Contains(speakers, " "+w+" ") }) {
			return name
		}
	}
	return ""
}

// titled is the first name in a German line that the sources do not hold. German nouns all have capitals, but one right behind
// another is a name: "der Kunde Siemens". What is counted or dated is none: "40 Euro Rabatt", "Ende Mai".
func titled(text string, holds func(lower string) bool) string {
	fields := strings.Fields(text)
	noun := func(w string) bool {
		r := []rune(w)
		return len(r) > 2 && unicode.IsUpper(r[0]) && unicode.IsLower(r[1]) && !stopWords()[strings.ToLower(w)] && !isCalendar(w)
	}
	for k := 1; k < len(fields); k++ {
		w := strings.TrimFunc(fields[k], func(r rune) bool { return !unicode.IsLetter(r) })
		before := fields[k-1]
		if !noun(before) || !noun(w) || strings.ContainsAny(before, ".,:;!?()–—") || strings.Contains(" Ende Anfang Mitte Menge Reihe Art Paar Teil ", " "+before+" ") {
			continue
		}
		if k > 1 && (strings.ContainsAny(fields[k-2], "0123456789") || numberWords[strings.ToLower(fields[k-2])] != "") || k == 1 && !holds(strings.ToLower(before)) {
			continue // a first word has a capital whatever it is
		}
		if !holds(strings.ToLower(w)) {
			return w
		}
	}
	return ""
}
