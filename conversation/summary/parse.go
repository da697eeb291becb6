package summary

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits on what a model's answer may bring: beyond them it is a fault of the model and no summary.
const (
	itemsMost = 150  // items of one answer
	keptMost  = 2000 // items of a chunk, which several answers may have told
	refsMost  = 8    // citations of one item
	rangeMost = 5    // messages of a range a-b
	textMost  = 400  // runes of one item
	titleMost = 80   // runes of a topic
	nameMost  = 60   // runes of an owner
)

// Answer is what a model's answer holds.
type Answer struct {
	// Items are in the order of the answer, their refs are bare numbers. Topics are those of the items after them.
	Items []Item
	// None says that the model found nothing worth telling, and said so.
	None bool
	// Repaired counts lines that had another form than asked for and could be read all the same; Unread those that
	// could not.
	Repaired, Unread int
}

// Parse reads the line protocol. It is tolerant of what small models write instead: bullets, bold, code fences, words and
// headings in place of letters, brackets of other scripts, citations at the end. cut says that the answer ended in the
// middle, so that its last line is not whole. It never fails; what is no item is counted.
func Parse(text string, cut bool) Answer { return parse(text, cut, itemsMost) }

// Kept reads what Lines wrote of a chunk: the items of all answers about it.
func Kept(text string) []Item { return parse(text, false, keptMost).Items }

func parse(text string, cut bool, most int) Answer {
	var a Answer
	lines := splitLines(text)
	p := parser{answer: &a, seen: map[string]bool{}}
	cut = cut && !strings.HasSuffix(text, "\n") && !strings.HasSuffix(text, "\r")
	for i, line := range lines {
		if cut && i == len(lines)-1 { // also where it is the only one
			if strings.TrimSpace(line) != "" {
				a.Unread++
			}
			break
		}
		if len(a.Items) >= most {
			break
		}
		p.line(line)
	}
	return a
}

// splitLines cuts at every kind of line end.
func splitLines(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool {
		return r == '\n' || r == '\r' || r == '\v' || r == '\f' || r == 0x85 || r == 0x2028 || r == 0x2029
	})
}

// parser reads line by line; a heading gives the kind of the lines below it that have none.
type parser struct {
	answer  *Answer
	heading Kind
	topic   string
	seen    map[string]bool
}

// brackets maps the brackets that models write to the ones that are asked for.
var brackets = strings.NewReplacer("［", "[", "］", "]", "【", "[", "】", "]", "〔", "[", "〕", "]", "〖", "[", "〗", "]", "，", ",", "、", ",", "：", ":",
	"（", "(", "）", ")", "＠", "@", "\u00a0", " ", "\u3000", " ", "\u200b", "", "\ufeff", "")

// decoration stands before an item: bullets, quotes, headings, numbering.
var decoration = regexp.MustCompile(`^(?:[\s>#*•·▪◦‣–—+|-]|\d{1,3}[.)](?:\s|$))+`)

// head is the letter or word that names the kind, with what models put around it.
var head = regexp.MustCompile(`^[\[("*_` + "`" + `]*([A-Za-zÀ-ÿ;&]+(?: [A-Za-zÀ-ÿ]+)?)[\])"*_` + "`" + `]*\s*(:?)[*_]*\s*`)

// cites is one citation: numbers between brackets.
var cites = regexp.MustCompile(`\[\s*((?:(?:msgs?|messages?|no|nr|n|line|id)[.:]?\s*)?#?\s*\d{1,9}\|?(?:\s*(?:,|;|&|and|-|–|—|\.\.|to)\s*(?:[a-z]+\s*)?#?\d{1,9}\|?)*)\s*\]`)

// round is the same in round brackets, right behind the letter.
var round = regexp.MustCompile(`^\(\s*#?\d{1,9}(?:\s*[,;–-]\s*#?\d{1,9})*\s*\)`)

// goneLine is what Lines writes behind an item that no longer stands.
var goneLine = regexp.MustCompile(`^` + gone + ` \[(\d{1,9})\]$`)

var number = regexp.MustCompile(`\d{1,9}`)

var kindWords = map[string]Kind{
	"s": Lead, "tl;dr": Lead, "tldr": Lead, "summary": Lead,
	"d": Decision, "decision": Decision, "decisions": Decision, "decided": Decision, "entscheidung": Decision, "entscheidungen": Decision,
	"décision": Decision, "décisions": Decision, "decisión": Decision, "decisiones": Decision, "decisão": Decision, "decisione": Decision,
	"a": Action, "action": Action, "actions": Action, "action item": Action, "action items": Action, "task": Action, "tasks": Action, "todo": Action,
	"aufgabe": Action, "aufgaben": Action, "tarea": Action, "tareas": Action, "tâche": Action, "tarefa": Action,
	"q": Question, "question": Question, "questions": Question, "open question": Question, "open questions": Question, "frage": Question,
	"offene fragen": Question, "pregunta": Question, "pergunta": Question, "domanda": Question,
	"f": Fact, "fact": Fact, "facts": Fact, "key point": Fact, "key points": Fact, "point": Fact, "note": Fact, "fakt": Fact,
	"t": Topic, "topic": Topic, "topics": Topic, "thema": Topic, "sujet": Topic, "tema": Topic,
}

func (p *parser) line(raw string) {
	line := strings.TrimSpace(brackets.Replace(strings.ToValidUTF8(raw, "")))
	bare := strings.TrimSpace(decoration.ReplaceAllString(line, ""))
	repaired := bare != line
	switch {
	case bare == "" || strings.HasPrefix(bare, "```") || strings.HasPrefix(bare, "~~~"):
		return
	case strings.EqualFold(strings.Trim(bare, ".*_`\"[] "), "none"):
		p.answer.None = true
		return
	}
	if m := goneLine.FindStringSubmatch(bare); m != nil && len(p.answer.Items) > 0 {
		item := &p.answer.Items[len(p.answer.Items)-1]
		n, _ := strconv.Atoi(m[1])
		if item.Kind == Question {
			item.Answered.N = n
		} else {
			item.Reversed.N = n
		}
		return
	}
	kind, rest, exact := kindOf(bare)
	rest = strings.TrimSpace(rest)
	if kind != 0 && strings.Trim(rest, ":*_ #") == "" { // a heading: "Decisions:"
		p.heading = kind
		return
	}
	if kind == 0 {
		kind, rest = p.heading, bare
	}
	numbers, text := takeCites(rest)
	text = plain(text)
	switch {
	case kind == 0 || text == "":
		p.answer.Unread++
		return
	case kind == Topic:
		p.topic = clip(strings.TrimRight(text, ".:"), titleMost)
		return
	}
	item := Item{Kind: kind, Refs: refs(numbers), Text: clip(text, textMost), Topic: p.topic}
	if kind == Lead {
		item.Topic = ""
	}
	if kind == Action {
		item.owner()
	}
	key := item.String()
	if p.seen[key] || item.Text == "" {
		return // small models repeat themselves
	}
	p.seen[key] = true
	if repaired || !exact {
		p.answer.Repaired++
	}
	p.answer.Items = append(p.answer.Items, item)
}

// kindOf reads the head of a line. exact says that it has the form that was asked for.
func kindOf(line string) (kind Kind, rest string, exact bool) {
	m := head.FindStringSubmatchIndex(line)
	if m == nil {
		return 0, line, false
	}
	word, colon := line[m[2]:m[3]], m[4] < m[5]
	if k, one := kindWords[strings.ToLower(word)]; one {
		rest = line[m[1]:]
		cited := strings.HasPrefix(strings.TrimSpace(rest), "[") || round.MatchString(strings.TrimSpace(rest))
		if len(word) == 1 {
			if word != strings.ToUpper(word) && !cited {
				return 0, line, false
			}
			if !cited && !colon && k != Topic && !strings.HasPrefix(rest, "@") && !cites.MatchString(rest) {
				return 0, line, false // "A 10 % discount": an article
			}
			return k, rest, !colon
		}
		if colon || cited || strings.TrimSpace(rest) == "" {
			return k, rest, false
		}
		return 0, line, false
	}
	first, _, two := strings.Cut(word, " ")
	if k, one := kindWords[strings.ToLower(first)]; two && one && len(first) == 1 { // "T Release plan", "D we ship [3]"
		after := line[m[2]+len(first):]
		if first == strings.ToUpper(first) && (k != Action || cites.MatchString(after)) { // "A man" begins with an article
			return k, strings.TrimLeft(after, " *_"), k == Topic
		}
	}
	return 0, line, false
}

// takeCites takes the citations out of a line.
func takeCites(line string) (numbers []int, rest string) {
	if m := round.FindString(line); m != "" {
		line = "[" + m[1:len(m)-1] + "]" + line[len(m):]
	}
	rest = cites.ReplaceAllStringFunc(line, func(group string) string {
		numbers = append(numbers, expand(group)...)
		return " "
	})
	if len(numbers) > refsMost {
		numbers = numbers[:refsMost]
	}
	return numbers, rest
}

var spans = regexp.MustCompile(`(\d{1,9})\|?\s*(?:-|–|—|\.\.|to)\s*#?(\d{1,9})`)

// expand reads "12,15" and "3-7"; a range gives at most rangeMost messages.
func expand(group string) []int {
	var out []int
	group = spans.ReplaceAllStringFunc(group, func(span string) string {
		m := spans.FindStringSubmatch(span)
		from, _ := strconv.Atoi(m[1])
		to, _ := strconv.Atoi(m[2])
		for n := from; n <= to && n < from+rangeMost; n++ {
			out = append(out, n)
		}
		if to < from {
			out = append(out, from, to)
		}
		return " "
	})
	for _, digits := range number.FindAllString(group, -1) {
		if n, err := strconv.Atoi(digits); err == nil {
			out = append(out, n)
		}
	}
	return out
}

var (
	markdownLink = regexp.MustCompile(`!?\[([^\]]*)\]\(([^)\s]*)[^)]*\)`)
	idToken      = regexp.MustCompile(`<[@#!:][^<>]{0,80}>|\b[0-9]{15,}\b|\b[0-9]{10}\.[0-9]{6}\b|\b[UWCDGT](?:[0-9]+[A-Z]|[A-Z]+[0-9])[A-Z0-9]{6,}\b`)
)

// plain makes a line of text of what a model wrote: without links' markup, bold, ids of the platform, control characters
// and characters that turn the direction of the text.
func plain(text string) string {
	text = markdownLink.ReplaceAllStringFunc(text, func(link string) string {
		m := markdownLink.FindStringSubmatch(link)
		if m[1] == "" || m[1] == m[2] || number.FindString(m[1]) == m[1] {
			return m[2]
		}
		return m[1] + " " + m[2]
	})
	text = idToken.ReplaceAllString(text, "")
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || unicode.Is(unicode.Zs, r):
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != 0x200d && r != 0x200c:
			return -1
		}
		return r
	}, text)
	text = strings.ReplaceAll(strings.ReplaceAll(text, "**", ""), "__", "")
	text = strings.Join(strings.Fields(text), " ")
	text = strings.NewReplacer(" .", ".", " ,", ",", "( )", "", "()", "", "[]", "").Replace(text)
	return strings.TrimSpace(strings.TrimLeft(text, ":-–—>#| "))
}

// clip cuts a text after so many runes.
func clip(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	runes := []rune(text)
	return strings.TrimSpace(string(runes[:most-1])) + "…"
}

var (
	signed  = regexp.MustCompile(`^@([^:@]{1,60}?)\s*[:–—]\s+`)
	unnamed = regexp.MustCompile(`^@(\S{1,60}?):?\s+`)
	lonely  = regexp.MustCompile(`^@[^\s:]{1,60}\s*:?$`)
	named   = regexp.MustCompile(`^(?i:owner:\s*)?(\p{Lu}[\p{L}\p{N}._-]*(?: \p{Lu}[\p{L}\p{N}._-]*){0,2}):\s+`)
	due     = regexp.MustCompile(`(?i)\s*\((?:due|deadline|by|until|bis|fällig|pour|para|entro|avant|до|期限|截止|마감)[:\s]*([^()]{1,60})\)\s*\.?$`)
)

// owner takes "@name:" off the begin and "(due …)" off the end.
func (i *Item) owner() {
	if m := due.FindStringSubmatchIndex(i.Text); m != nil {
		i.Due = strings.TrimSpace(i.Text[m[2]:m[3]])
		i.Text = strings.TrimSpace(i.Text[:m[0]])
	}
	switch m := signed.FindStringSubmatchIndex(i.Text); {
	case lonely.MatchString(i.Text):
		i.Text = ""
	case m != nil:
		i.Owner, i.Text = i.Text[m[2]:m[3]], i.Text[m[1]:]
	default:
		if m = unnamed.FindStringSubmatchIndex(i.Text); m != nil {
			i.Owner, i.Text = strings.TrimRight(i.Text[m[2]:m[3]], ":,."), i.Text[m[1]:]
		} else if m = named.FindStringSubmatchIndex(i.Text); m != nil {
			i.Owner, i.Text, i.bare = i.Text[m[2]:m[3]], i.Text[m[1]:], true
		}
	}
	switch strings.ToLower(strings.Trim(i.Owner, "?.")) {
	case "name", "owner", "unassigned", "nobody", "someone", "unknown", "tbd", "everyone", "here", "channel", "all", "none":
		i.Owner = ""
	}
	i.Owner = clip(strings.TrimSpace(strings.Trim(i.Owner, "*_`<>[]()")), nameMost)
	switch strings.ToLower(i.Due) {
	case "none", "unknown", "n/a", "tbd", "not stated", "-", "…", "...":
		i.Due = ""
	}
}
