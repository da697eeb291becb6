package summary

import (
	"fmt"
	"strings"
	"time"
)

// peopleMost bounds the names that are told apart.
const peopleMost = 20000

// Coverage says what was read and what was not.
type Coverage struct {
	// Read of Total messages reached the model, or were looked at and found to be nothing that needs telling.
	Read  int `json:"read"`
	Total int `json:"total"`
	// Extracts counts messages that the model was shown and gave no answer about, so that only excerpts of them are told.
	Extracts int `json:"extracts,omitempty"`
	// Shortened counts messages of which the middle was left out.
	Shortened int `json:"shortened,omitempty"`
	// From and To are when the first and the last message were written; zero where that is unknown.
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	People int       `json:"people"`
	Files  Files     `json:"files"`
	// Thirds is the number of citations in each third of the messages.
	Thirds [3]int `json:"citations_per_third"`
	// Left counts lines that are not shown because there are too many; String does not tell it, the sections do.
	Left int `json:"lines_left_out,omitempty"`

	people map[string]bool
}

// Add counts a message, read or not. Deleted ones and the assistant's own are no part of the conversation.
func (c *Coverage) Add(m Message) {
	if m.Deleted || m.Speaker == Self {
		return
	}
	c.Total++
	if !m.At.IsZero() {
		if c.From.IsZero() || m.At.Before(c.From) {
			c.From = m.At
		}
		if m.At.After(c.To) {
			c.To = m.At
		}
	}
	c.Files = c.Files.Plus(m.Files)
	if c.people == nil {
		c.people = map[string]bool{}
	}
	who := m.AuthorID
	if who == "" {
		who = m.Author
	}
	if m.Speaker == Person && len(c.people) < peopleMost && !c.people[who] {
		c.people[who] = true
		c.People++
	}
}

// String is the line under a summary: "412 of 412 messages, 23 May 09:10 to 25 May 17:42, 9 people; 3 images, 1 voice
// note; 2 files unreadable".
func (c Coverage) String() string {
	parts := []string{fmt.Sprintf("%s of %s", group(c.Read), plural(c.Total, "message", "messages"))}
	if span := c.span(); span != "" {
		parts = append(parts, span)
	}
	if c.People > 0 {
		parts = append(parts, plural(c.People, "person", "people"))
	}
	clauses := []string{strings.Join(parts, ", ")}
	var files []string
	for _, f := range []struct {
		n         int
		one, many string
	}{
		{c.Files.Images, "image", "images"}, {c.Files.Voice, "voice note", "voice notes"}, {c.Files.Videos, "video", "videos"},
		{c.Files.Documents, "document", "documents"}, {c.Files.Others, "other file", "other files"},
	} {
		if f.n > 0 {
			files = append(files, plural(f.n, f.one, f.many))
		}
	}
	add := func(n int, one, many, what string) {
		if n > 0 {
			clauses = append(clauses, plural(n, one, many)+" "+what)
		}
	}
	if len(files) > 0 {
		clauses = append(clauses, strings.Join(files, ", "))
	}
	add(c.Files.Unreadable, "file", "files", "unreadable")
	add(c.Files.Unopened, "file", "files", "not opened")
	add(c.Total-c.Read, "message", "messages", "not read")
	add(c.Extracts, "message", "messages", "only in excerpts, because the model gave no answer about them")
	add(c.Shortened, "long message", "long messages", "read in part")
	return strings.Join(clauses, "; ")
}

// span is "23 May 09:10 to 25 May 17:42", with years where they differ.
func (c Coverage) span() string {
	if c.From.IsZero() {
		return ""
	}
	layout := "2 Jan 15:04"
	if c.From.Year() != c.To.Year() {
		layout = "2 Jan 2006 15:04"
	}
	if c.From.Equal(c.To) {
		return c.From.Format(layout)
	}
	return c.From.Format(layout) + " to " + c.To.Format(layout)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return group(n) + " " + many
}

// group writes a number with a comma between thousands.
func group(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
