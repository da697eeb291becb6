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
	From   time.Time `json:"from,omitzero"`
	To     time.Time `json:"to,omitzero"`
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

// String is the line under a summary in English: "412 of 412 messages, 23 May 09:10 to 25 May 17:42, 9 people; 3 images,
// 1 voice note; 2 files unreadable".
func (c Coverage) String() string { return c.In("en") }

// In is the line under a summary in one of the languages of HeadingsIn, with that language's plurals, dates and numbers;
// in English where the language is another.
func (c Coverage) In(language string) string {
	n := countsIn(language)
	parts := []string{fmt.Sprintf(n.read[n.form(c.Total)], n.number(c.Read), n.number(c.Total))}
	if span := calendarIn(language).between(c.From, c.To); span != "" {
		parts = append(parts, span)
	}
	if c.People > 0 {
		parts = append(parts, n.say(n.people, c.People))
	}
	clauses := []string{strings.Join(parts, n.list)}
	type count struct {
		n     int
		words forms
	}
	said := func(list ...count) (out []string) {
		for _, f := range list {
			if f.n > 0 {
				out = append(out, n.say(f.words, f.n))
			}
		}
		return out
	}
	files := said(count{c.Files.Images, n.images}, count{c.Files.Voice, n.voice}, count{c.Files.Videos, n.videos},
		count{c.Files.Documents, n.documents}, count{c.Files.Others, n.others})
	if len(files) > 0 {
		clauses = append(clauses, strings.Join(files, n.list))
	}
	clauses = append(clauses, said(count{c.Files.Unreadable, n.unreadable}, count{c.Files.Unopened, n.unopened},
		count{c.Total - c.Read, n.unread}, count{c.Extracts, n.extracts}, count{c.Shortened, n.partial})...)
	return strings.Join(clauses, n.clause)
}
