package llmsim

import (
	"regexp"
	"strconv"
	"strings"
)

// transcript is what a prompt holds for the offline model.
type transcript struct {
	lines    []spoken // the conversation, oldest first
	question string   // what is asked now
	images   []Image  // of the last message
	audio    []Audio  //
}

// spoken is one message of the conversation.
type spoken struct {
	number int // as in the prompt; 0 for an earlier turn of the chat
	name   string
	text   string
}

// line finds "N| name: text", the form in which prompts give a conversation. What is indented below belongs to it.
var transcriptLine = regexp.MustCompile(`^(\d{1,9})\|\s*([^:]{1,80}):\s?(.*)$`)

// readTranscript takes a prompt apart without knowing its wording: numbered lines are the conversation, wherever they
// stand; the question is the last indented block after them, else the last paragraph, else the last line.
func readTranscript(messages []Message) transcript {
	var t transcript
	for i, m := range messages {
		if i == len(messages)-1 {
			t.images, t.audio = m.Images, m.Audio
			t.readLast(m.Text)
			break
		}
		name := "someone"
		if m.Role == "assistant" {
			name = "me"
		}
		if before := len(t.lines); t.readLines(m.Text) == "" || len(t.lines) > before || i == 0 {
			continue // numbered lines, or instructions and no speech
		}
		t.lines = append(t.lines, spoken{name: name, text: strings.TrimSpace(m.Text)})
	}
	return t
}

// readLines takes the numbered lines out of text and gives back what stands after the last of them.
func (t *transcript) readLines(text string) (rest string) {
	var after []string
	inside := false
	for raw := range strings.Lines(text) {
		line := strings.TrimRight(raw, "\r\n")
		if m := transcriptLine.FindStringSubmatch(line); m != nil {
			number, err := strconv.Atoi(m[1])
			if err == nil {
				t.lines = append(t.lines, spoken{number: number, name: strings.TrimSpace(m[2]), text: m[3]})
				after, inside = nil, true
				continue
			}
		}
		if inside && (strings.HasPrefix(line, "  ") || strings.HasPrefix(line, "\t")) {
			last := &t.lines[len(t.lines)-1]
			last.text += "\n" + strings.TrimSpace(line)
			continue
		}
		inside = false
		after = append(after, line)
	}
	return strings.TrimRight(strings.Join(after, "\n"), "\n ")
}

func (t *transcript) readLast(text string) {
	before := len(t.lines)
	rest := t.readLines(text)
	if block := lastIndented(rest); block != "" {
		t.question = block
		return
	}
	paragraphs := strings.Split(strings.TrimSpace(rest), "\n\n")
	last := strings.TrimSpace(paragraphs[len(paragraphs)-1])
	if isDelimiter(last) {
		last = ""
	}
	if last == "" && len(t.lines) > before {
		end := len(t.lines) - 1
		last, t.lines = t.lines[end].text, t.lines[:end]
	}
	t.question = last
}

// lastIndented is the last run of indented lines.
func lastIndented(text string) string {
	var block []string
	open := false
	for line := range strings.SplitSeq(text, "\n") {
		switch {
		case strings.HasPrefix(line, "    ") || strings.HasPrefix(line, "\t"):
			if !open {
				block, open = nil, true
			}
			block = append(block, strings.TrimSpace(line))
		case strings.TrimSpace(line) != "":
			open = false
		}
	}
	return strings.TrimSpace(strings.Join(block, "\n"))
}

// isDelimiter tells a fence from words: one word, with something that is no letter at both ends, or long and without
// any vowel pattern of speech.
func isDelimiter(line string) bool {
	if line == "" || strings.ContainsAny(line, " \n") {
		return false
	}
	return strings.ContainsAny(line[:1], "-=<[#*~_") || len(line) >= 12 && strings.ContainsAny(line, "0123456789")
}
