package summary

import (
	"strconv"
	"strings"
	"time"
)

// Speaker tells people from programs.
type Speaker string

// The speakers. Self is the assistant: what it said is not told again, else a summary would be made of summaries.
const (
	Person Speaker = "person"
	Bot    Speaker = "bot"
	Self   Speaker = "self"
)

// Message is one message of the conversation that is summed up.
type Message struct {
	// N is the message's number in what was read, from 1; within a chunk that is checked, its number in the chunk.
	N int
	// ID is opaque; links are made from it.
	ID       string
	AuthorID string
	Author   string
	Speaker  Speaker
	Text     string
	// Mentions are the names that Text mentions, without the sign.
	Mentions []string
	// At is in the time zone in which days are told; the zero value is unknown.
	At time.Time
	// Root says that the message begins a thread: a good place to cut before.
	Root    bool
	Deleted bool
	// Thread names the thread of a channel that the message stands in, by the id of its first message where it has one; a
	// message outside of threads may begin one, so it is its own. Empty where nothing is grouped by thread.
	Thread string
	// Reply says that the message stands in a thread, also where it is the first.
	Reply bool
	Files Files
}

// Files counts the files of messages.
type Files struct {
	Images, Voice, Videos, Documents, Others int
	// Unreadable counts those of them whose content could not be taken in, Unopened those that nobody has looked into.
	Unreadable, Unopened int
}

// Plus is the sum of two counts.
func (f Files) Plus(g Files) Files {
	return Files{
		Images: f.Images + g.Images, Voice: f.Voice + g.Voice, Videos: f.Videos + g.Videos, Documents: f.Documents + g.Documents,
		Others: f.Others + g.Others, Unreadable: f.Unreadable + g.Unreadable, Unopened: f.Unopened + g.Unopened,
	}
}

// Line is the message as a model sees it, "N| name: text", for counting its tokens. Whoever writes the prompt writes it
// the same way.
func (m Message) Line(n int) string {
	return strconv.Itoa(n) + "| " + m.Author + ": " + strings.ReplaceAll(m.Text, "\n", "\n    ")
}

// day names the day of a message, "" where it is unknown.
func (m Message) day() string {
	if m.At.IsZero() {
		return ""
	}
	return m.At.Format("2006-01-02")
}

// Day is the separator that stands before a message of another day than the one before it, such as "Monday, 3 March
// 2031"; "" where none is due.
func Day(before, m Message) string {
	if day := m.day(); day == "" || day == before.day() {
		return ""
	}
	return m.At.Format("Monday, 2 January 2006")
}
