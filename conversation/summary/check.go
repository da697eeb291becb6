package summary

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
)

// The limits of the check.
const (
	neighbours = 2   // messages on each side of a cited one, in its thread, that may support an item too
	supported  = 0.3 // share of a long item's words that the cited messages must hold
	better     = 0.5 // share that another message must hold to be cited instead
)

// Tally counts what a check did.
type Tally struct {
	// Kept counts the items that stand, Moved those of them that were given another message to cite, Repaired those that
	// lost a citation, owner or due date and stand without it.
	Kept     int `json:"kept"`
	Moved    int `json:"reattributed"`
	Repaired int `json:"repaired"`
	// Dropped counts the items that were struck, by reason below.
	Dropped     int `json:"dropped"`
	Unsupported int `json:"unsupported"`
	Invented    int `json:"invented_facts"`
	// Fabricated counts citations of messages that do not exist, Owners the owners and Dues the due dates that no message
	// names.
	Fabricated int `json:"fabricated_ids"`
	Owners     int `json:"invented_owners"`
	Dues       int `json:"invented_dues"`
	// Unread counts lines of the model's answers that were no items.
	Unread int `json:"unread_lines"`
	// Steered counts lines that followed an instruction in a message to whoever sums it up: those were struck. Quoted counts
	// lines about such a message that were put into its own words.
	Steered int `json:"steered_lines"`
	Quoted  int `json:"quoted_instructions"`
	// Cut counts answers that were cut off at their limit and could not be asked for in smaller pieces.
	Cut int `json:"cut_answers"`
}

// Plus is the sum of two tallies.
func (t Tally) Plus(u Tally) Tally {
	return Tally{
		Kept: t.Kept + u.Kept, Moved: t.Moved + u.Moved, Repaired: t.Repaired + u.Repaired, Dropped: t.Dropped + u.Dropped,
		Unsupported: t.Unsupported + u.Unsupported, Invented: t.Invented + u.Invented, Fabricated: t.Fabricated + u.Fabricated,
		Owners: t.Owners + u.Owners, Dues: t.Dues + u.Dues, Unread: t.Unread + u.Unread, Cut: t.Cut + u.Cut,
		Steered: t.Steered + u.Steered, Quoted: t.Quoted + u.Quoted,
	}
}

// Checker holds items against the messages that they were made of. It is used from one goroutine.
type Checker struct {
	messages []Message
	at       map[int]int // number to index
	words    []map[string]bool
	evidence []evidence
	extra    map[int][]evidence // what else supports a message: items that were checked before
	rare     map[string]float64
	count    map[string]int  // of messages that hold a word
	names    map[string]bool // words of the names of those who take part
	reach    int
	beside   [][]int // by index of a message: those of its thread
	admitted []admitted
	dictates map[string]bool // words of those instructions
	steers   map[int]steer   // messages that tell a model what to write, by index

	spoken, script string // language and script of the messages, "" where they are not clear
	asked          string // language of the lines, "" for the messages' own
}

// NewChecker takes the messages of one prompt, with the numbers that they had there. A message that tells a model what to
// write supports nothing by that: a line that stands on it alone is struck, or says in the message's own words who wrote it. Where together is false they do not
// stand in a row, and what stands beside a message does not support what is said of it.
func NewChecker(messages []Message, together bool) *Checker {
	c := &Checker{messages: messages, at: map[int]int{}, rare: map[string]float64{}, count: map[string]int{}, names: map[string]bool{}, extra: map[int][]evidence{}, steers: map[int]steer{}, dictates: map[string]bool{}}
	if together {
		c.reach = neighbours
	}
	c.beside = companions(messages)
	for i, m := range messages {
		c.at[m.N] = i
		if s, steers := steering(m.Text); steers { // what it tells a model to write is no evidence
			c.steers[i] = s
			for word := range words(m.Text) {
				c.dictates[word] = true
			}
			m.Text = s.told
		}
		w := words(m.Text)
		c.words = append(c.words, w)
		c.evidence = append(c.evidence, evidenceOf(m))
		for word := range w {
			c.count[word]++
		}
		for word := range words(m.Author) {
			c.names[word] = true
		}
	}
	c.spoken, c.script = spokenIn(messages)
	for word, n := range c.count {
		c.rare[word] = math.Log(1 + float64(len(messages))/float64(n))
	}
	return c
}

// Vouch says that a text about message n was checked before, so that it supports what is said of it.
func (c *Checker) Vouch(n int, text string) {
	i, known := c.at[n]
	if s, steers := c.steers[i]; !known || steers && !s.quoted {
		return
	}
	for w := range words(text) {
		c.words[i][w] = true
	}
	c.extra[i] = append(c.extra[i], evidenceOf(Message{Text: text}))
}

// Check gives the item as it may be told, or ok false where it must not be. translated says that it was asked for in another
// language than the messages are in: then what must not be invented is checked, because words do not match.
func (c *Checker) Check(item Item, translated bool, tally *Tally) (checked Item, ok bool) {
	var indexes []int
	for _, r := range item.Refs {
		if i, known := c.at[r.N]; known && !c.messages[i].Deleted {
			indexes = append(indexes, i)
		} else {
			tally.Fabricated++
		}
	}
	lost := len(indexes) < len(item.Refs)
	indexes, quote, follows := c.steered(item, indexes)
	switch {
	case follows:
		tally.Dropped++
		tally.Steered++
		return item, false
	case quote.N > 0:
		tally.Kept++
		tally.Quoted++
		return quotation(item, quote)
	}
	about := words(item.Text)
	for w := range about {
		if c.names[w] {
			delete(about, w)
		}
	}
	translated = c.relaxed(item, indexes, translated)
	cited := indexes
	if translated {
		indexes = c.translationOf(item, about, cited)
	} else {
		indexes = c.place(about, cited)
	}
	if len(indexes) == 0 || c.invented(item, indexes, translated) != "" {
		best, score := c.best(about, cited)
		if score < better || translated && len(cited) == 0 || c.invented(item, []int{best}, translated) != "" {
			tally.Dropped++
			if len(indexes) > 0 && c.invented(item, indexes, translated) != "" {
				tally.Invented++
			} else {
				tally.Unsupported++
			}
			return item, false
		}
		indexes = []int{best}
	}
	if !translated && c.turnedRound(item.Text, about, indexes) {
		tally.Dropped++
		tally.Unsupported++
		return item, false
	}
	moved := slices.ContainsFunc(indexes, func(i int) bool { return !slices.Contains(cited, i) })
	lost = lost || len(indexes) < len(cited)
	item.Refs = nil
	for _, i := range indexes {
		item.Refs = append(item.Refs, Ref{N: c.messages[i].N, ID: c.messages[i].ID, At: c.messages[i].At})
	}
	owner, due := item.Owner, item.Due
	item.Owner = c.owner(item.Owner, indexes, about, translated)
	if !c.stated(item.Due, indexes) {
		item.Due = ""
	}
	if owner != "" && item.Owner == "" && !item.bare {
		tally.Owners++
		lost = true
	}
	if due != "" && item.Due == "" {
		tally.Dues++
		lost = true
	}
	item.bare = false
	item.Text = withoutOwner(item.Text, item.Owner)
	item.Answered, item.Reversed = Ref{}, Ref{} // only what the messages show counts
	if item.Kind == Decision {
		item.Reversed = c.takenBack(about, indexes[len(indexes)-1])
	}
	tally.Kept++
	switch {
	case moved:
		tally.Moved++
	case lost:
		tally.Repaired++
	}
	return item, true
}

// withoutOwner drops the owner's name where the text begins with it too: "Ana, can you …".
func withoutOwner(text, owner string) string {
	if owner == "" || len(text) <= len(owner) || !strings.EqualFold(text[:len(owner)], owner) {
		return text
	}
	rest := strings.TrimLeft(text[len(owner):], " ,:;")
	if rest == "" || rest == text[len(owner):] {
		return text
	}
	return rest
}

// takenBackWithin is how many messages after a decision may take it back.
const takenBackWithin = 60

// takenBack finds the message that takes back a decision about these words; N is 0 for none.
func (c *Checker) takenBack(about map[string]bool, decided int) Ref {
	for i := decided + 1; i < min(len(c.messages), decided+1+takenBackWithin) && c.reach > 0; i++ {
		if m := c.messages[i]; !m.Deleted && retracts(m.Text) && c.sameThing(about, i, decided) {
			return Ref{N: m.N, ID: m.ID, At: m.At}
		}
	}
	return Ref{}
}

// sameThing reports whether a message shares most words with what was decided, or one that hardly any message holds. Where
// there are few messages no word is rare, but a name that only those two hold tells what is meant.
func (c *Checker) sameThing(about map[string]bool, later, decided int) bool {
	said := c.words[later]
	if share(about, said) >= backShare {
		return true
	}
	for w := range about {
		if !said[w] || len([]rune(w)) < stemRunes-1 || c.count[w] > rareMost {
			continue
		}
		if len(c.messages) > 4*rareMost || c.count[w] <= 2 && isNamed(c.messages[later].Text, w) && isNamed(c.messages[decided].Text, w) {
			return true
		}
	}
	return false
}

// around gives the messages that support what cites indexes.
func (c *Checker) around(indexes []int) []int {
	var out []int
	for _, i := range indexes {
		at, _ := slices.BinarySearch(c.beside[i], i)
		for _, k := range c.beside[i][max(at-c.reach, 0):min(at+c.reach+1, len(c.beside[i]))] {
			if !c.messages[k].Deleted {
				out = append(out, k)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// invented is the first thing in the item that its messages do not hold.
func (c *Checker) invented(item Item, indexes []int, translated bool) string {
	if len(indexes) == 0 || indexes[0] < 0 || indexes[0] >= len(c.messages) {
		return item.Text
	}
	sources := c.evidenceAround(c.around(indexes))
	if what := missing(item.Text, sources); what != "" {
		return what
	}
	if name := c.misspoken(item.Text, indexes); name != "" {
		return name
	}
	language := c.languageOf(item.Text, translated)
	if language == "de" {
		name := titled(item.Text, func(lower string) bool {
			stem := string([]rune(lower)[:min(len([]rune(lower)), stemRunes-1)])
			return slices.ContainsFunc(sources, func(e evidence) bool { return e.names[lower] || strings.Contains(e.lower, stem) })
		})
		if name != "" {
			return name
		}
	}
	for _, name := range capitalised(item.Text) {
		lower := strings.ToLower(name)
		stem := string([]rune(lower)[:min(len([]rune(lower)), stemRunes)])
		if c.names[stem] { // one who takes part: in what is cited, or the line is about somebody else
			if !slices.ContainsFunc(sources, func(e evidence) bool { return e.names[lower] || hasWord(e.lower, lower) }) && c.isName(lower) {
				return name
			}
			continue
		}
		if language == "de" || translated && language == "" {
			continue
		}
		if (translated || c.rare[stem] == 0) && !slices.ContainsFunc(sources, func(e evidence) bool { return strings.Contains(e.lower, stem) }) {
			return name
		}
	}
	return ""
}

// isName reports whether a lower-case word is the name, or the first word of the name, of one who takes part.
func (c *Checker) isName(lower string) bool {
	return slices.ContainsFunc(c.messages, func(m Message) bool {
		name := strings.ToLower(m.Author)
		first, _, _ := strings.Cut(name, " ")
		return name == lower || first == lower
	})
}

// hasWord reports whether text holds word between other characters than letters and digits.
func hasWord(text, word string) bool {
	for from := 0; word != ""; {
		at := strings.Index(text[from:], word)
		if at < 0 {
			return false
		}
		at += from
		before, after := text[:at], text[at+len(word):]
		if !endsInWord(before) && !beginsWithWord(after) {
			return true
		}
		from = at + len(word)
	}
	return false
}

func endsInWord(s string) bool {
	r := []rune(s[max(0, len(s)-4):])
	return len(r) > 0 && isWordRune(r[len(r)-1])
}

func beginsWithWord(s string) bool {
	for _, r := range s {
		return isWordRune(r)
	}
	return false
}

func isWordRune(r rune) bool { return !isDense(r) && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

// capitalised gives the words that are written like names: a capital letter and lower-case ones, not at the begin of a
// sentence, in a text where that means something (not in German, nor in a title).
func capitalised(text string) []string {
	if scriptOf(text) != "latin" || Language(text) == "de" {
		return nil
	}
	var names []string
	fields, begins, capitals := strings.Fields(text), true, 0
	for _, f := range fields {
		w := strings.TrimFunc(f, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		w = strings.TrimSuffix(strings.TrimSuffix(w, "'s"), "’s")
		runes := []rune(w)
		isName := len(runes) > 2 && unicode.IsUpper(runes[0]) && unicode.IsLower(runes[1]) && !strings.ContainsAny(w, "0123456789@/.")
		if isName {
			capitals++
		}
		if isName && !begins && !stopWords()[strings.ToLower(w)] && !isCalendar(w) {
			names = append(names, strings.FieldsFunc(w, func(r rune) bool { return !unicode.IsLetter(r) })[0])
		}
		begins = strings.HasSuffix(f, ".") || strings.HasSuffix(f, ":") || strings.HasSuffix(f, "!") || strings.HasSuffix(f, "?") || strings.HasPrefix(f, "\"") || strings.HasPrefix(f, "“")
	}
	if capitals*2 > len(fields)+1 {
		return nil
	}
	return names
}

// isCalendar reports whether a word names a day or month: those are checked as dates.
func isCalendar(w string) bool {
	_, month := monthOf(strings.ToLower(w))
	return month || len(weekdaysIn(w)) > 0
}

// owner gives the name as the messages have it, where the person is named in one of the cited messages or wrote it: one that
// tells what is to be done, or that answers a message which asks that person.
func (c *Checker) owner(name string, indexes []int, about map[string]bool, translated bool) string {
	lower := strings.ToLower(strings.TrimSpace(name))
	if lower == "" {
		return ""
	}
	for _, i := range indexes {
		m := c.messages[i]
		author := strings.ToLower(m.Author)
		if first, _, _ := strings.Cut(author, " "); (author == lower || first == lower) && c.takes(i, about, translated) {
			return m.Author
		}
		for _, mention := range m.Mentions {
			full := strings.ToLower(mention)
			if first, _, _ := strings.Cut(full, " "); full == lower || first == lower {
				return mention
			}
		}
	}
	for _, i := range indexes {
		if hasWord(c.evidence[i].lower, lower) && len([]rune(lower)) > 1 {
			return name
		}
	}
	return ""
}

// stated reports whether a due date was said where it is cited.
func (c *Checker) stated(due string, indexes []int) bool {
	if due == "" {
		return true
	}
	var sources []evidence
	said := map[string]bool{}
	for _, i := range c.around(indexes) {
		sources = append(sources, c.evidence[i])
		for w := range words(c.messages[i].Text) {
			said[w] = true
		}
	}
	if missing(due, sources) != "" {
		return false
	}
	left := words(due)
	for w := range left {
		if isCalendar(w) {
			delete(left, w)
		}
	}
	calendar := len(weekdaysIn(due)) > 0 || len(monthsIn(due)) > 0 || digitRuns.MatchString(due)
	return share(left, said) >= better || calendar && (len(left) == 0 || len(left) <= 2)
}

// foreign reports whether an item is clearly in another script or language than the messages that it cites.
func (c *Checker) foreign(text string, indexes []int) bool {
	if len(indexes) == 0 {
		return false
	}
	var b strings.Builder
	for _, i := range indexes {
		b.WriteString(c.messages[i].Text + "\n")
	}
	cited := b.String()
	if a, z := scriptOf(text), scriptOf(cited); a != "" && z != "" && a != z {
		return true
	}
	a, z := Language(text), Language(cited)
	return a != "" && z != "" && a != z
}

// Title gives a topic's title as it may be told: "" where it holds something that no message does.
func (c *Checker) Title(title string) string {
	c.dismiss()
	if missing(title, c.evidence) != "" || c.carries(strings.ToLower(title), nil) || c.dictated(title) {
		return ""
	}
	return title
}

// byPlace orders items by the first message that they cite, then by kind.
func byPlace(a, b Item) int {
	first := func(i Item) int {
		if len(i.Refs) == 0 {
			return math.MaxInt
		}
		return i.Refs[0].N
	}
	return cmp.Compare(first(a), first(b))
}
