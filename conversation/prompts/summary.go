package prompts

import (
	"slices"
	"strings"
)

// Row is a message of a chat that is summed up, and what begins with it.
type Row struct {
	Line
	// Mark is written on a line of its own before the message, such as "a thread"; empty: nothing changes.
	Mark string
	// Day is written on a line of its own before the message, such as "Monday, 3 March 2031"; empty: it is the same day.
	Day string
}

// String is the row as it stands in the prompt, without its last line end.
func (r Row) String() string {
	text := ""
	for _, begins := range []string{r.Mark, r.Day} {
		if begins != "" {
			text += "--- " + oneLine(begins) + " ---\n"
		}
	}
	return text + r.Line.String()
}

// Notes asks for what a piece of a chat holds, in the line protocol of package summary.
type Notes struct {
	// Fence is a random delimiter that the chat cannot contain.
	Fence string
	Rows  []Row
	// First and Last are the numbers that may be cited.
	First, Last int
	// Most is how many notes are wanted at most.
	Most int
	// Language is the English name of the language to write in; empty: that of the chat.
	Language string
	// Again says that a first answer told nothing.
	Again bool
}

// Map renders n for a piece of a long chat.
func (s *Set) Map(n Notes) (string, error) { return s.notes("map", n) }

// Whole renders n for a chat that fits into one prompt: with the two lines that stand above all.
func (s *Set) Whole(n Notes) (string, error) { return s.notes("whole", n) }

// notes renders n, and says before the chat what marks mean where it has some: template "threads". That is no part of the
// other templates, because their hashes stand for what was made of chats that have none.
func (s *Set) notes(name string, n Notes) (string, error) {
	text, err := s.render(name, n)
	if err != nil || !slices.ContainsFunc(n.Rows, func(r Row) bool { return r.Mark != "" }) {
		return text, err
	}
	marks, err := s.render("threads", nil)
	if err != nil {
		return "", err
	}
	fence := "\n\n" + n.Fence + "\n"
	return strings.Replace(text, fence, "\n"+marks+fence, 1), nil
}

// Write asks for the head and the topics of a summary, from notes and the messages that they stand on.
type Write struct {
	Fence string
	// Rows are the messages that Notes cite, word for word; their numbers are those of Notes.
	Rows []Row
	// Notes are in the line protocol, a line each; they are derived from foreign text.
	Notes       string
	First, Last int
	// Topics is how many topics are wanted at most.
	Topics   int
	Language string
}

// Write renders w.
func (s *Set) Write(w Write) (string, error) {
	w.Notes = strings.TrimSpace(lineEnds.Replace(w.Notes))
	return s.render("write", w)
}
