package summary

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// stemRunes is the length that words are cut to, so that "decided" meets "decide" in any language.
const stemRunes = 5

// words gives the words of a text that say what it is about, each once: lower case, without numbers and without the words
// that are everywhere; scripts that put no space between words give pairs of characters.
func words(text string) map[string]bool {
	out := map[string]bool{}
	var run []rune
	dense := false
	flush := func() {
		if len(run) > 0 {
			addWord(out, run, dense)
		}
		run = run[:0]
	}
	for _, r := range text {
		switch {
		case unicode.IsLetter(r) || unicode.IsMark(r):
			if d := isDense(r); len(run) > 0 && d != dense {
				flush()
				dense = d
			} else {
				dense = d
			}
			run = append(run, unicode.ToLower(r))
		case r == '\'' || r == '’':
			flush()
		default:
			flush()
		}
	}
	flush()
	return out
}

func addWord(out map[string]bool, run []rune, dense bool) {
	if dense {
		for i := 0; i+1 < len(run); i++ {
			out[string(run[i:i+2])] = true
		}
		return
	}
	if len(run) < 2 || stopWords()[string(run)] {
		return
	}
	out[string(run[:min(len(run), stemRunes)])] = true
}

// isDense reports whether the script puts no spaces between words.
func isDense(r rune) bool {
	return r >= 0x0e00 && (unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar))
}

// share is the part of the words of a that occur in b.
func share(a, b map[string]bool) float64 {
	if len(a) == 0 {
		return 0
	}
	return float64(common(a, b)) / float64(len(a))
}

func common(a, b map[string]bool) int {
	n := 0
	for w := range a {
		if b[w] {
			n++
		}
	}
	return n
}

// stopsByLanguage are the commonest words of the larger languages in Latin and Cyrillic script.
var stopsByLanguage = map[string]string{
	"en": "a an the and or but if then of in on at to for from by with about as is are was were be been am do does did have has had i you he she it we they me him her us them my your his its our their this that these those what which who when where why how not no so than too very can could should would will may might just there here all any some please",
	"de": "der die das den dem des ein eine einen einem einer und oder aber wenn dann von in im auf an am zu zum zur für aus bei mit über als ist sind war waren sein bin haben hat hatte ich du er sie es wir ihr mir mich dir dich ihm ihn uns euch mein dein sein unser dies diese dieser dieses was welche wer wann wo warum wie nicht kein keine so auch nur noch schon sehr kann können soll sollen wird werden würde hier da alle bitte dass daß",
	"fr": "le la les un une des du de et ou mais si dans en sur à au aux pour par avec comme est sont était étaient être suis ai as avez ont avait je tu il elle on nous vous ils elles me te se mon ton son notre votre leur ce cet cette ces qui que quoi quand où pourquoi comment ne pas non très peut pouvons doit sera ici tout tous c'est y d l s n qu j",
	"es": "el la los las un una unos unas de del y o pero si en a al para por con como es son era eran ser estar está están he ha han había yo tú él ella nosotros ellos me te se mi tu su nuestro este esta estos estas ese esa eso qué que quién cuándo dónde cómo no muy puede debe será aquí todo todos lo le les más ya también",
	"pt": "o a os as um uma uns umas de do da dos das e ou mas se em no na nos nas para por com como é são era eram ser estar está estão tem têm tinha eu tu você ele ela nós eles me te meu seu nosso este esta isso que quem quando onde não muito pode deve será aqui tudo todos ao à mais já também",
	"it": "il lo la i gli le un uno una di del della dei e o ma se in nel nella a al alla per da dal con come è sono era erano essere ho ha hanno aveva io tu lui lei noi voi loro mi ti si mio tuo suo nostro questo questa questi che chi quando dove perché non molto può deve sarà qui tutto tutti più già anche",
	"nl": "de het een en of maar als dan van in op aan te voor uit bij met over is zijn was waren ben heb heeft had ik jij je hij zij ze wij we jullie mij me hem haar ons mijn jouw dit dat deze die wat wie wanneer waar waarom hoe niet geen zo ook nog al zeer kan kunnen moet zal zou hier er alle",
	"ru": "и в во не что он на я с со как а то все она так его но да ты к у же вы за бы по только ее мне было вот от меня еще нет о из ему теперь когда даже ну вдруг ли если уже или ни быть был него до вас нибудь опять уж вам мы они это этот эта эти для мой наш",
}

// stopWords are all of them together.
var stopWords = sync.OnceValue(func() map[string]bool {
	all := map[string]bool{}
	for _, list := range stopsByLanguage {
		for _, w := range strings.Fields(list) {
			all[w] = true
		}
	}
	return all
})

// Language guesses the language of a text: "ja", "ko", "zh", "ru" and others by script, the larger European ones by their
// commonest words; "" where that is not clear.
func Language(text string) string {
	script := scriptOf(text)
	switch script {
	case "", "latin", "cyrillic":
	default:
		return script
	}
	hits := map[string]int{}
	for i, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
		if i >= 4000 {
			break
		}
		for language, list := range stopsIndex() {
			if list[w] {
				hits[language]++
			}
		}
	}
	best, second := "", ""
	for _, language := range slices.Sorted(maps.Keys(stopsByLanguage)) {
		switch n := hits[language]; {
		case n > hits[best]:
			best, second = language, best
		case n > hits[second]:
			second = language
		}
	}
	if hits[best] < 3 || hits[best]*4 < hits[second]*5 {
		if script == "cyrillic" {
			return "ru"
		}
		return ""
	}
	return best
}

var stopsIndex = sync.OnceValue(func() map[string]map[string]bool {
	index := map[string]map[string]bool{}
	for language, list := range stopsByLanguage {
		index[language] = map[string]bool{}
		for _, w := range strings.Fields(list) {
			index[language][w] = true
		}
	}
	return index
})

// scripts are those that tell the language, or at least the family.
var scripts = []struct {
	name  string
	table *unicode.RangeTable
}{
	{"latin", unicode.Latin}, {"cyrillic", unicode.Cyrillic}, {"kana", unicode.Hiragana}, {"kana", unicode.Katakana}, {"zh", unicode.Han}, {"ko", unicode.Hangul},
	{"ar", unicode.Arabic}, {"he", unicode.Hebrew}, {"hi", unicode.Devanagari}, {"th", unicode.Thai}, {"el", unicode.Greek},
}

// scriptOf is the script that most letters of the text belong to; "ja" where there is kana among the characters, "" where
// there are no letters.
func scriptOf(text string) string {
	counts := map[string]int{}
	seen := 0
	for _, r := range text {
		if !unicode.IsLetter(r) {
			continue
		}
		if seen++; seen > 4000 {
			break
		}
		for _, s := range scripts {
			if unicode.Is(s.table, r) {
				counts[s.name]++
				break
			}
		}
	}
	if k := counts["kana"]; k > 0 && k*8 > counts["zh"] {
		counts["ja"], counts["zh"], counts["kana"] = k+counts["zh"], 0, 0
	}
	best := ""
	for _, name := range []string{"latin", "cyrillic", "ja", "zh", "ko", "ar", "he", "hi", "th", "el"} {
		weight := counts[name]
		switch name {
		case "ja", "zh", "ko":
			weight *= 3 // one character says as much as three letters
		}
		if weight > counts[best] {
			best = name
			counts[best] = weight
		}
	}
	return best
}
