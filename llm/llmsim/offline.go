package llmsim

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// offlinePace is the time between two words of the offline model: slow enough to be seen growing.
const offlinePace = 15 * time.Millisecond

// Offline is a responder without any AI. It says so, and then does something true with what it was given: it answers
// from the conversation's own sentences and says whose they are, picks the weightiest ones for a summary or for notes, counts
// messages, measures pictures and recordings, and writes as long a text as it is asked for.
type Offline struct {
	Pace time.Duration // between words; 0 is 15 ms, negative none
}

// Respond answers the last user message.
func (o Offline) Respond(_ context.Context, req Request) Reply {
	pace := o.Pace
	if pace == 0 {
		pace = offlinePace
	}
	if notes, is := notesAnswer(req.Messages); is {
		return Reply{Text: notes} // nobody watches them grow
	}
	return Reply{Text: offlineAnswer(req), Pace: max(pace, 0)}
}

const offlineNote = "*This is Parley's offline demo model: no AI, it only quotes and counts what it was given.*"

func offlineAnswer(req Request) string {
	if answer, is := fileAnswer(req.Messages); is {
		return answer
	}
	t := readTranscript(req.Messages)
	question := strings.ToLower(t.question)
	parts := []string{offlineNote}
	add := func(part string) { parts = append(parts, part) }
	if text := describeImages(t.images); text != "" {
		add(text)
	}
	for _, sound := range t.audio {
		add("> " + sound.Heard)
	}
	length, asked := wantedLength(question)
	switch {
	case asked:
		add(longText(t, length))
	case len(t.images)+len(t.audio) > 0:
	case wantsSummary(question):
		add(digest(t))
	case len(t.lines) > 0 && containsAnyWord(question, "table", "how many", "who wrote", "who said most"):
		add(countTable(t))
	default:
		add(answerFrom(t))
	}
	return strings.Join(parts, "\n\n")
}

func wantsSummary(question string) bool {
	return containsAnyWord(question, "summary", "summarise", "summarize", "sum up", "sum this", "tl;dr", "tldr", "recap", "digest",
		"catch me up", "what did i miss", "what happened", "in short")
}

// answerFrom quotes the sentences that share most with the question.
func answerFrom(t transcript) string {
	found := bestSentences(t, t.question, 3)
	if len(found) > 0 {
		var b strings.Builder
		b.WriteString("What was said here that fits your question best:")
		for _, s := range found {
			fmt.Fprintf(&b, "\n\n> **%s**: %s", s.name, s.text)
		}
		return b.String()
	}
	echo := describeText(t.question)
	if len(t.lines) == 0 {
		return echo + " There is no conversation yet that I could quote from. Tell me a few things, then ask me about them. For real answers set `LLM_BASE_URL` to a model server."
	}
	last := t.lines[len(t.lines)-1]
	return echo + fmt.Sprintf(" Nothing in the %s here shares a word with it. The last one was:\n\n> **%s**: %s",
		plural(len(t.lines), "message"), last.name, firstSentence(last.text))
}

func describeText(text string) string {
	words := strings.Fields(text)
	if len(words) == 0 {
		return "You called me without a question."
	}
	longest := ""
	for _, w := range words {
		if w = strings.Trim(w, ".,;:!?\"'()*_`"); len([]rune(w)) > len([]rune(longest)) {
			longest = w
		}
	}
	if longest == "" {
		return fmt.Sprintf("Your message has %s.", plural(len(words), "word"))
	}
	return fmt.Sprintf("Your message has %s; the longest is “%s”.", plural(len(words), "word"), longest)
}

// countTable tells who wrote how much.
func countTable(t transcript) string {
	var names []string
	messages, words := map[string]int{}, map[string]int{}
	for _, line := range t.lines {
		if messages[line.name] == 0 {
			names = append(names, line.name)
		}
		messages[line.name]++
		words[line.name] += len(strings.Fields(line.text))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "I was given %s by %s.\n\n| name | messages | words |\n| --- | ---: | ---: |", plural(len(t.lines), "message"), plural(len(names), "person"))
	for _, name := range names {
		fmt.Fprintf(&b, "\n| %s | %d | %d |", strings.ReplaceAll(name, "|", "\\|"), messages[name], words[name])
	}
	return b.String()
}

func plural(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case noun == "person":
		return fmt.Sprintf("%d people", n)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
