package summary

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// evidence is what a text holds of things that must not be invented.
type evidence struct {
	lower    string
	numbers  map[string]bool
	weekdays map[time.Weekday]bool
	months   map[time.Month]bool
	names    map[string]bool // of authors and mentions, lower case, and their first words
}

var (
	addresses  = regexp.MustCompile(`(?i)\b(?:https?://|www\.)[^\s<>()\[\]"'` + "`" + `]+`)
	digitRuns  = regexp.MustCompile(`[0-9]+(?:[.,:'’][0-9]+)*`)
	mixed      = regexp.MustCompile(`[A-Za-z_][A-Za-z_-]*[0-9][A-Za-z0-9_.-]*|[0-9]+(?:[.-][0-9]+)*-?[A-Za-z_]{4,}[A-Za-z0-9_.-]*`)
	versions   = regexp.MustCompile(`\b[0-9]+(?:\.[0-9]+){2,}\b`)
	pathLike   = regexp.MustCompile(`[A-Za-z0-9][\w-]*(?:[./_][\w-]+)+`)
	mentionsAt = regexp.MustCompile(`@[\p{L}\p{N}_][\p{L}\p{N}._-]*`)
	thousands  = regexp.MustCompile(`^[0-9]{1,3}(?:[.,'’][0-9]{3})+$`)
)

// numberWords are small numbers that people spell out and models write in digits.
var numberWords = map[string]string{
	"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12",
	"eins": "1", "zwei": "2", "drei": "3", "vier": "4", "fünf": "5", "sechs": "6", "sieben": "7", "acht": "8", "neun": "9", "zehn": "10", "elf": "11", "zwölf": "12",
	"deux": "2", "trois": "3", "quatre": "4", "cinq": "5", "sept": "7", "huit": "8", "neuf": "9", "dix": "10", "douze": "12",
	"uno": "1", "dos": "2", "tres": "3", "cuatro": "4", "cinco": "5", "seis": "6", "siete": "7", "ocho": "8", "nueve": "9", "diez": "10", "doce": "12",
	"dois": "2", "duas": "2", "três": "3", "quatro": "4", "sete": "7", "oito": "8", "nove": "9", "dez": "10", "due": "2", "tre": "3", "quattro": "4", "dieci": "10",
	"noon": "12", "一": "1", "二": "2", "三": "3", "四": "4", "五": "5", "六": "6", "七": "7", "八": "8", "九": "9", "十": "10",
}

// plainDigits writes the digits of any script as 0-9, and letters in their usual width.
func plainDigits(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r < 0x80:
			return r
		case r >= 0xff01 && r <= 0xff5e:
			return r - 0xfee0
		case unicode.IsDigit(r):
			for d := rune(0); d <= 9; d++ { // decimal digits stand in runs of ten that begin at a multiple
				if !unicode.IsDigit(r-d-1) || d == 9 {
					return '0' + d
				}
			}
		}
		return r
	}, text)
}

// evidenceOf gathers what a message holds.
func evidenceOf(m Message) evidence {
	text := plainDigits(m.Text)
	e := evidence{lower: strings.ToLower(text), numbers: map[string]bool{}, weekdays: weekdaysIn(text), months: monthsIn(text), names: map[string]bool{}}
	for _, run := range digitRuns.FindAllString(text, -1) {
		for _, n := range numbersOf(run) {
			e.numbers[n] = true
		}
	}
	afternoon(e.lower, e.numbers)
	for _, w := range strings.FieldsFunc(e.lower, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if n, ok := numberWords[w]; ok {
			e.numbers[n] = true
		}
	}
	for word, n := range numberWords {
		if []rune(word)[0] >= 0x2e80 && strings.Contains(e.lower, word) {
			e.numbers[n] = true
		}
	}
	e.name(m.Author)
	for _, name := range m.Mentions {
		e.name(name)
	}
	for _, at := range mentionsAt.FindAllString(e.lower, -1) {
		e.name(at[1:])
	}
	return e
}

// name adds a name, and its first word.
func (e evidence) name(name string) {
	name = strings.ToLower(strings.TrimSpace(name))
	if name == "" {
		return
	}
	e.names[name] = true
	if first, _, more := strings.Cut(name, " "); more && len(first) > 1 {
		e.names[first] = true
	}
}

var clock12 = regexp.MustCompile(`([0-9]{1,2})(?::[0-9]{2})? ?(am|pm)\b`)

// afternoon adds the hour of 24 for "3 pm".
func afternoon(lower string, numbers map[string]bool) {
	hours := map[string]string{"1": "13", "2": "14", "3": "15", "4": "16", "5": "17", "6": "18", "7": "19", "8": "20", "9": "21", "10": "22", "11": "23"}
	for _, m := range clock12.FindAllStringSubmatch(lower, -1) {
		if later := hours[m[1]]; m[2] == "pm" && later != "" {
			numbers[later] = true
			numbers["0"] = true
		}
	}
}

// numbersOf gives a run of digits with separators as the numbers that it may be meant for: "1,200" is 1200, "15:30" is 15 and
// 30, "3.5" is 3.5 and its parts.
func numbersOf(run string) []string {
	trim := func(n string) string {
		if n = strings.TrimLeft(n, "0"); n == "" {
			return "0"
		}
		return n
	}
	if thousands.MatchString(run) {
		return []string{trim(strings.NewReplacer(".", "", ",", "", "'", "", "’", "").Replace(run)), run}
	}
	var out []string
	for _, part := range strings.FieldsFunc(run, func(r rune) bool { return r < '0' || r > '9' }) {
		out = append(out, trim(part))
	}
	return out
}

// missing gives the first thing in text that must not be invented and that none of the sources holds; "" where there is
// none. A number, address, version, file name, day of the week or @name counts.
func missing(text string, sources []evidence) string {
	text = plainDigits(text)
	has := func(holds func(evidence) bool) bool { return slices.ContainsFunc(sources, holds) }
	inText := func(what string) bool {
		what = strings.ToLower(what)
		return has(func(e evidence) bool { return strings.Contains(e.lower, what) })
	}
	for _, url := range addresses.FindAllString(text, -1) {
		if url = strings.TrimRight(url, ".,;:!?*_…"); !inText(url) {
			return url
		}
	}
	text = addresses.ReplaceAllString(text, " ")
	for _, at := range mentionsAt.FindAllString(text, -1) {
		name := strings.ToLower(strings.TrimRight(at[1:], ".-_"))
		if !has(func(e evidence) bool { return e.names[name] }) {
			return at
		}
	}
	for _, pattern := range []*regexp.Regexp{versions, mixed} {
		for _, token := range pattern.FindAllString(text, -1) {
			if token = strings.TrimRight(token, ".-_"); !unit(token) && !inText(token) {
				return token
			}
		}
	}
	for _, token := range pathLike.FindAllString(text, -1) {
		if isFileLike(token) && !inText(token) {
			return token
		}
	}
	for _, run := range digitRuns.FindAllString(text, -1) {
		for _, n := range numbersOf(run)[:1] {
			if !has(func(e evidence) bool { return e.numbers[n] }) {
				return run
			}
		}
		for _, n := range numbersOf(run) {
			if !thousands.MatchString(run) && !has(func(e evidence) bool { return e.numbers[n] }) {
				return run
			}
		}
	}
	for day := range weekdaysIn(text) {
		if !has(func(e evidence) bool { return e.weekdays[day] }) {
			return day.String()
		}
	}
	for month := range monthsIn(text) {
		if !has(func(e evidence) bool { return e.months[month] || strings.Contains(e.lower, "月") }) {
			return month.String()
		}
	}
	return ""
}

// shortUnits is a number with a short unit, whose number alone is looked for: "3pm", "10k", "2nd", "q3".
var shortUnits = regexp.MustCompile(`^(?:[A-Za-z]{0,1}[0-9]+|[0-9]+[A-Za-z]{1,3})$`)

func unit(token string) bool { return shortUnits.MatchString(token) }

// isFileLike tells names of files, paths and identifiers from prose such as "and/or", "e.g" and a missing space.
func isFileLike(token string) bool {
	parts := strings.FieldsFunc(token, func(r rune) bool { return r == '.' || r == '/' || r == '_' })
	if len(parts) < 2 || slices.ContainsFunc(parts, func(p string) bool { return len(p) < 2 }) {
		return false
	}
	last := parts[len(parts)-1]
	switch {
	case strings.ContainsRune(token, '_'):
		return true
	case strings.Contains(token, "/"):
		return len(parts) > 2 || strings.Contains(token, ".")
	}
	return len(last) <= 5 && last == strings.ToLower(last)
}
