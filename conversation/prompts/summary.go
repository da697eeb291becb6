package prompts

import "strings"

// Row is a message of a chat that is summed up, and the day that begins with it.
type Row struct {
	Line
	// Day is written on a line of its own before the message, such as "Monday, 3 March 2031"; empty: it is the same day.
	Day string
}

// String is the row as it stands in the prompt, without its last line end.
func (r Row) String() string {
	if r.Day == "" {
		return r.Line.String()
	}
	return "--- " + oneLine(r.Day) + " ---\n" + r.Line.String()
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
func (s *Set) Map(n Notes) (string, error) { return s.render("map", n) }

// Whole renders n for a chat that fits into one prompt: with the two lines that stand above all.
func (s *Set) Whole(n Notes) (string, error) { return s.render("whole", n) }

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
