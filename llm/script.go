package llm

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// script is a script with its tokens per letter.
type script struct {
	table *unicode.RangeTable
	rate  float64
}

// classOf tells how a rune is charged; rate is for letters of scripts other than Latin and for everything rare.
func classOf(r rune) (class, float64) {
	switch {
	case r == ' ' || r == '\t':
		return classSpace, 0
	case r == '\n' || r == '\r':
		return classNewline, 0
	case r >= '0' && r <= '9':
		return classDigit, 0
	case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
		return classLatin, 0
	case r < utf8.RuneSelf:
		return classPunct, 0
	case unicode.Is(unicode.Latin, r):
		return classLatin, 0
	}
	if r >= 0x0400 && r < 0x0530 {
		if r >= 0x0490 { // letters of languages that are rarely written
			return classCyrillic, 0.8
		}
		return classCyrillic, 0.31
	}
	if unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r) {
		if rate := letterRate(r); rate > 0 {
			return classScript, rate
		}
	}
	return classOther, symbolRate(r)
}

// letterRate is the tokens per letter of a script, 0 for scripts that are not in the vocabulary.
func letterRate(r rune) float64 {
	switch {
	case r >= 0x1F00 && r < 0x2000: // Greek with the old accents
		return 1.5
	case r >= 0x3400 && r < 0x4E00 || r >= 0x20000: // rare Han
		return 3.5
	}
	for _, s := range []script{
		{unicode.Han, 0.72}, {unicode.Hiragana, 0.62}, {unicode.Katakana, 0.62}, {unicode.Hangul, 0.76},
		{unicode.Arabic, 0.41}, {unicode.Devanagari, 0.31}, {unicode.Greek, 0.42}, {unicode.Hebrew, 0.56}, {unicode.Thai, 0.36},
		{unicode.Bengali, 0.29}, {unicode.Tamil, 0.29}, {unicode.Telugu, 0.47}, {unicode.Kannada, 0.44}, {unicode.Malayalam, 0.36},
		{unicode.Gujarati, 0.42}, {unicode.Gurmukhi, 0.66}, {unicode.Sinhala, 0.52}, {unicode.Myanmar, 0.46}, {unicode.Khmer, 0.5},
		{unicode.Lao, 0.6}, {unicode.Georgian, 0.46}, {unicode.Armenian, 0.58}, {unicode.Ethiopic, 0.85},
	} {
		if unicode.Is(s.table, r) {
			return s.rate
		}
	}
	return 0
}

// symbolRate is the tokens of one rune of everything else: what the vocabulary does not have is spelt out in bytes.
func symbolRate(r rune) float64 {
	switch {
	case unicode.Is(unicode.Inherited, r), r == 0x200D: // combining marks, joiners and variation selectors
		return 1.2
	case r >= 0x2000 && r < 0x2070, r >= 0x3000 && r < 0x3040, r >= 0xFF00 && r < 0xFFF0, r < 0x100: // punctuation
		return 1
	case r >= 0x1F000 && r < 0x1FB00, r >= 0x2070 && r < 0x2C00: // emoji, arrows, symbols
		return 1.25
	}
	return float64(max(1, utf8.RuneLen(r)))
}

// commonWords are the words that every text of English, Spanish, French, German, Portuguese, Italian, Dutch, Indonesian, Vietnamese,
// Russian, Bulgarian and Ukrainian is full of.
const commonWords = "the and or of to in is it that for on with as at be this have from by not are was we you he she they but if can will do " +
	"so no what all my your me an has had one there just like get up out about when which more some time how would been who its now then than " +
	"any also want know use need make see only new into them two other could here did does should us our her his him over may these such use " +
	"de la el los las un una que en y por con para es se del al lo su como no sus todo toda tiene le les des du et est une dans pour qui pas au aux " +
	"sur par ce il elle ou son sa ne tout droit der die das und ist zu den nicht von ein eine mit auf dem des sich auch er sie es im oder hat " +
	"ich wir aus werden jeder o os as um uma dos das e ou seu sua todo em di che il lo gli le per non sono ha ogni del della dei ad " +
	"ed nel una het een van en niet dat op te zijn met ieder heeft recht yang dan di untuk dengan dari atau tidak ini itu pada dalam setiap orang " +
	"и в на не что с по как это к но он я ты вы мы из у за от до так же все для о а или его её был было быть есть имеет каждый право при " +
	"да се от са за те или него всеки има който та і у що та або має кожна на до його людина право бути це як " +
	"và có các của cho được không mọi người một những trong quyền với hay là đều về ai nào "

// longestCommon is the length in bytes beyond which no word is one of them.
const longestCommon = 14

var common = sync.OnceValue(func() map[string]bool {
	words := make(map[string]bool)
	for word := range strings.FieldsSeq(commonWords) {
		words[word] = true
	}
	return words
})

// isCommon tells whether a word is one of them.
func isCommon(word string) bool {
	if len(word) > longestCommon {
		return false
	}
	var lower [longestCommon]byte
	n := copy(lower[:], word)
	for i, b := range lower[:n] {
		if b >= 'A' && b <= 'Z' {
			lower[i] = b + 'a' - 'A'
		}
	}
	return common()[string(lower[:n])]
}
