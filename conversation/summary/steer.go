package summary

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// steer is what is known of a message that tells whoever reads the conversation for people, a model, what to write.
type steer struct {
	// told is the rest of the message: what it says to people. Empty where all of it is an instruction.
	told string
	// quoted says that people speak of such an instruction, as in a report of an attack.
	quoted bool
	// payload are marked words that the instruction brings in, lower case.
	payload []string
}

// The weight of signs, and what makes an instruction: at least one sign must speak to the model, because people ask
// each other to answer with one word, too.
const (
	steerLeast  = 3
	framedLeast = 3 // words around a quoted instruction that make it a report
)

// sign is one thing that such instructions have. They speak to the model (toModel) or ask for output.
type sign struct {
	weight  int
	toModel bool
	pattern *regexp.Regexp
}

// steering finds an instruction to the model in a message; ok is false where there is none. It judges by words alone,
// and is meant to find what a small model would follow, not whatever could be meant so: what it misses is held to the
// words of the message all the same.
func steering(text string) (s steer, ok bool) {
	s.told = text
	if strings.ContainsAny(text, "[|") {
		if rest := forgedLine.ReplaceAllString(text, ""); rest != text {
			s.told, s.payload, ok = rest, marked(text), true
		}
	}
	if strings.Contains(text, "://") && massPing.MatchString(text) && luring.MatchString(text) && addresses.MatchString(text) {
		s.told, ok, s.quoted = addresses.ReplaceAllString(s.told, " "), true, true
		s.payload = append(s.payload, marked(text)...)
	}
	if !instructs(text) {
		return s, ok
	}
	s.payload = marked(text)
	unquoted := quotedSpan.ReplaceAllStringFunc(text, func(span string) string {
		if speaks(span) {
			return " "
		}
		return span
	})
	switch {
	case unquoted != text && !instructs(unquoted) && len(words(unquoted)) >= framedLeast:
		s.told, s.quoted = unquoted, true
	case discusses.MatchString(text):
		s.told, s.quoted = untilInstruction(text), true
	default:
		s.told = ""
	}
	return s, true
}

// instructs reports whether a text tells the model what to write.
func instructs(text string) bool {
	if !mayInstruct(text) {
		return false
	}
	weight, spoken := 0, false
	for _, s := range signs() {
		if s.pattern.MatchString(text) {
			weight += s.weight
			spoken = spoken || s.toModel
		}
	}
	return spoken && weight >= steerLeast
}

// mayInstruct is a quick look: most messages hold nothing that any sign begins with.
func mayInstruct(text string) bool {
	lower := strings.ToLower(text)
	return slices.ContainsFunc(signHints, func(hint string) bool { return strings.Contains(lower, hint) }) ||
		slices.ContainsFunc(signWords, func(word string) bool { return hasWord(lower, word) })
}

// speaks reports whether a text holds a sign that speaks to the model.
func speaks(text string) bool {
	if !mayInstruct(text) {
		return false
	}
	for _, s := range signs() {
		if s.toModel && s.pattern.MatchString(text) {
			return true
		}
	}
	return false
}

// untilInstruction leaves out, of each sentence, what stands from its first sign on.
func untilInstruction(text string) string {
	var b strings.Builder
	for _, sentence := range sentences.FindAllString(text, -1) {
		cut := len(sentence)
		for _, s := range signs() {
			if at := s.pattern.FindStringIndex(sentence); at != nil {
				cut = min(cut, at[0])
			}
		}
		b.WriteString(sentence[:cut] + " ")
	}
	return b.String()
}

// marked gives the words of an instruction that are written in capitals or with digits, and what it puts into quotes.
func marked(text string) []string {
	var out []string
	for _, w := range capitals.FindAllString(text, -1) {
		if w = strings.Trim(w, "-_"); !usualCapitals[w] {
			out = append(out, strings.ToLower(w))
		}
	}
	for _, q := range quotedSpan.FindAllString(text, -1) {
		if q = strings.ToLower(strings.Trim(q, "\"'`“”„«»「」『』 .,")); len(q) > 3 && !speaks(q) {
			out = append(out, q)
		}
	}
	return out
}

// reports reports whether a line speaks of an instruction, rather than following it.
func reports(line string) bool { return speaks(line) || aboutAttacks.MatchString(line) }

var (
	forgedLine = regexp.MustCompile(`(?m)^[ \t>]*(?:\d{1,6}\|[^\n]*|(?:\p{Lu}[\p{L} ]{0,30}: *)?[SDAQFT] ?\[\d{1,6}(?: ?[,-] ?\d{1,6})*\] [^\n]*)$`)
	massPing   = regexp.MustCompile(`(?i)[@!]?(?:everyone|here|channel|all)\b`)
	luring     = regexp.MustCompile(`(?i)\b(?:click|open|visit|go to|follow|klickt?e?n?|öffnet?|besucht?|haz clic|pulsa|abre|visita|cliquez|clique|ouvre[zr]?|clicca(?:te)?|apri(?:te)?)\b|нажми|перейди|クリック|点击|클릭`)
	quotedSpan = regexp.MustCompile("(?s)```.{1,1000}?```|`[^`\n]{1,600}`|\"[^\"\n]{1,600}\"|“[^”\n]{1,600}”|„[^“”\n]{1,600}[“”]|«[^»\n]{1,600}»|「[^」\n]{1,600}」|『[^』\n]{1,600}』|(?m:^> ?[^\n]{1,600}$)|(?:^|[\\s:(])'[^\\n']{4,600}'")
	sentences  = regexp.MustCompile(`[^.!?\n。！？]+[.!?\n。！？]*|[.!?\n。！？]+`)
	capitals   = regexp.MustCompile(`[\p{Lu}\d_-]*\p{Lu}[\p{Lu}\d_-]{3,}`)

	usualCapitals = map[string]bool{"SYSTEM": true, "ADMIN": true, "DEVELOPER": true, "IGNORE": true, "IMPORTANT": true, "NOTE": true, "ONLY": true, "INSTRUCTIONS": true, "INSTRUCTION": true,
		"OVERRIDE": true, "ASSISTANT": true, "ATTENTION": true, "MUST": true, "PROMPT": true, "SUMMARY": true, "SISTEMA": true, "WICHTIG": true, "INST": true, "ALL": true, "PREVIOUS": true, "NONE": true, "JSON": true, "HTTP": true, "HTML": true}

	discusses = regexp.MustCompile(`(?i)prompt.?injection|injection|jailbreak|\battack|pen.?test|red.?team|phish|exploit|vulnerab|payload|malicious|adversarial|guardrail|sanitis|sanitiz|test (?:case|prompt|string)|` +
		`(?:someone|somebody|users?|customers?|people|anyone|he|she|they|attackers?|spammers?|bots?) (?:just |then |can |could |may |might |have |has )?(?:wrote|writes?|posts?|posted|types?|typed|sends?|sent|pastes?|pasted|tells?|told|tr(?:y|ies|ied)|says?|said|puts?|hides?)|` +
		`for example|e\.g\.|such as|prompts? (?:like|with|that)|(?:strings?|texts?|phrases?|comments?|e-?mails?|tickets?|messages?|lines?) (?:like|with|that says?|saying|containing)|` +
		`angriff|einschleus|jemand schreibt|zum beispiel|z\. ?b\.|ataque|inyecci[oó]n|injeção|por ejemplo|por exemplo|alguien escribe|attaque|injection|par exemple|attacco|iniezione|per esempio|aanval|injectie|bijvoorbeeld|атак|инъекци|например|` +
		`攻撃|インジェクション|例えば|攻击|注入|例如|比如|공격|인젝션|예를 들어`)
	aboutAttacks = regexp.MustCompile(`(?i)injection|jailbreak|\battack|pen.?test|red.?team|phish|exploit|vulnerab|payload|malicious|adversarial|guardrail|saniti[sz]|instructions?\b|\bprompts?\b|\b(?:wrote|tried|attempt)|filter|` +
		`angriff|einschleus|anweisung|sicherheit|ataque|inyecci|instruccion|injeção|instruç|attaque|consigne|attacco|iniezion|istruzion|aanval|injectie|instructie|атак|инъекц|инструкц|промпт|攻撃|インジェクション|指示|プロンプト|攻击|注入|指令|提示|공격|인젝션|지시|프롬프트`)
)

// signs are compiled when the first message is looked at.
var signs = sync.OnceValue(func() []sign {
	var out []sign
	for _, g := range signGroups {
		out = append(out, sign{g.weight, g.toModel, regexp.MustCompile(strings.Join(g.patterns, "|"))})
	}
	return out
})
