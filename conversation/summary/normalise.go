package summary

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Normaliser prepares messages for the model. The zero value of its private fields is ready; it is used from one goroutine.
type Normaliser struct {
	// Cost counts the tokens of a text.
	Cost func(string) int
	// Most is how many tokens of one message are read; what is longer is a paste and is shortened with a visible mark.
	Most int

	lastBot map[string]string
}

// noise is what platforms and servers say about the coming and going of people.
var noise = regexp.MustCompile(`(?i)^\W*(?:\S+ ){0,4}(?:(?:has|have|was) )?(?:joined|left|quit|kicked|added|removed|invited)(?: (?:the|this) (?:channel|group|server|conversation)| #\S+|[!.]?$)` +
	`|^\W*(?:\S+ ){1,4}(?:is now known as|(?:has )?(?:set|changed|cleared) the (?:channel|topic)|pinned a message|(?:has )?renamed the (?:channel|group|thread))`)

// botsRemembered bounds the memory for repetitions.
const botsRemembered = 200

// Clean gives the message as the model is to see it. ok is false for what nobody needs to read: deleted messages, the
// assistant's own, empty ones, comings and goings, and what a program says twice in a row. cut says that it was shortened.
func (n *Normaliser) Clean(m Message) (clean Message, cut, ok bool) {
	m.Text = strings.TrimSpace(m.Text)
	m.Author = strings.Join(strings.Fields(m.Author), " ")
	if m.Author == "" {
		m.Author = "someone"
	}
	if m.Deleted || m.Speaker == Self || m.Text == "" {
		return m, false, false
	}
	if m.Speaker == Bot {
		if len(m.Text) < 200 && noise.MatchString(m.Text) {
			return m, false, false
		}
		if n.lastBot == nil || len(n.lastBot) >= botsRemembered {
			n.lastBot = map[string]string{}
		}
		if n.lastBot[m.AuthorID] == m.Text {
			return m, false, false
		}
		n.lastBot[m.AuthorID] = m.Text
	}
	if len(m.Text) > n.Most/4 { // else it is short enough by any count
		if short := shorten(m.Text, n.Most, n.Cost); short != m.Text {
			m.Text, cut = short, true
		}
	}
	return m, cut, true
}

// shorten keeps the beginning and the end of a text that costs more than limit, and marks what is left out.
func shorten(text string, limit int, cost func(string) int) string {
	if cost(text) <= limit {
		return text
	}
	runes := utf8.RuneCountInString(text)
	low, high := 0, runes-1
	for low < high {
		keep := (low + high + 1) / 2
		if cost(abridge(text, runes, keep)) <= limit {
			low = keep
		} else {
			high = keep - 1
		}
	}
	return abridge(text, runes, low)
}

// abridge keeps two thirds of keep runes from the beginning and one third from the end.
func abridge(text string, runes, keep int) string {
	head := keep * 2 / 3
	tail := runes - (keep - head)
	start, end, i := 0, len(text), 0
	for at := range text {
		if i == head {
			start = at
		}
		if i == tail {
			end = at
		}
		i++
	}
	return strings.TrimSpace(fmt.Sprintf("%s [… %d characters left out …] %s", text[:start], runes-keep, text[end:]))
}
