package summary

import (
	"slices"
	"strings"
)

// steered looks at a line for what the messages tell a model to write. It gives the cited messages that may support the line;
// follows says that it does as one of them tells, quote is the message that it speaks of and that nothing else supports.
func (c *Checker) steered(item Item, indexes []int) (cited []int, quote Message, follows bool) {
	if len(c.steers) == 0 {
		return indexes, Message{}, false
	}
	c.dismiss()
	line := strings.ToLower(strings.Join([]string{item.Text, item.Owner, item.Due}, " "))
	var direct []int
	for _, i := range indexes {
		if s, steers := c.steers[i]; steers && !s.quoted && strings.TrimSpace(s.told) == "" {
			direct = append(direct, i)
		} else {
			cited = append(cited, i)
		}
	}
	if len(cited) == 0 && len(direct) > 0 {
		if reports(item.Text) && item.Kind != Lead {
			return indexes, c.messages[direct[0]], false
		}
		return indexes, Message{}, true
	}
	for _, i := range cited {
		s, steers := c.steers[i]
		if !steers || c.holds(item, i) {
			continue
		}
		if !s.quoted || !reports(item.Text) && !c.wholeAddress(item.Text, i) || common(words(item.Text), c.words[i]) == 0 {
			return cited, Message{}, true
		}
		c.admit(i) // people speak of it, and so does the line
	}
	return cited, Message{}, c.carries(line, cited) || c.dictated(item.Text)
}

// holds reports whether a line has none of the words that only the instruction in message i brings in.
func (c *Checker) holds(item Item, i int) bool {
	around := c.around([]int{i})
	about := words(item.Text)
	for w := range words(c.messages[i].Text) {
		if about[w] && !c.words[i][w] && !slices.ContainsFunc(around, func(k int) bool { return c.words[k][w] }) && !c.names[w] {
			return false
		}
	}
	return missing(item.Text, c.evidenceAround(around)) == ""
}

// evidenceAround is what some messages hold.
func (c *Checker) evidenceAround(around []int) []evidence {
	var out []evidence
	for _, i := range around {
		out = append(append(out, c.evidence[i]), c.extra[i]...)
	}
	return out
}

// wholeAddress reports whether a line holds an address of message i: it tells where somebody wants to lead the readers.
func (c *Checker) wholeAddress(line string, i int) bool {
	return slices.ContainsFunc(addresses.FindAllString(c.messages[i].Text, -1), func(a string) bool { return strings.Contains(line, strings.TrimRight(a, ".,;:!?*_…")) })
}

// admitted is what supports a message but for one line.
type admitted struct {
	index    int
	words    map[string]bool
	evidence evidence
}

// dismiss takes back what was admitted.
func (c *Checker) dismiss() {
	for _, a := range c.admitted {
		c.words[a.index], c.evidence[a.index] = a.words, a.evidence
	}
	c.admitted = nil
}

// admit lets all of a message be evidence for the line that is looked at.
func (c *Checker) admit(i int) {
	c.admitted = append(c.admitted, admitted{i, c.words[i], c.evidence[i]})
	c.words[i], c.evidence[i] = words(c.messages[i].Text), evidenceOf(c.messages[i])
}

// carries reports whether a line holds a marked word of an instruction that none of the messages says otherwise: whoever is
// told to begin each line with a word cites good messages for it.
func (c *Checker) carries(line string, cited []int) bool {
	for _, s := range c.steers {
		for _, word := range s.payload {
			if strings.Contains(line, word) && !slices.ContainsFunc(c.evidence, func(e evidence) bool { return strings.Contains(e.lower, word) }) {
				if !s.quoted || !slices.ContainsFunc(cited, func(i int) bool { return strings.Contains(strings.ToLower(c.messages[i].Text), word) }) {
					return true
				}
			}
		}
	}
	return false
}

// dictated reports whether a text says nothing but what an instruction holds and no message says otherwise.
func (c *Checker) dictated(text string) bool {
	about := words(text)
	for w := range about {
		if c.count[w] > 0 || !c.dictates[w] {
			return false
		}
	}
	return len(about) > 0
}

// quotation tells what somebody wrote, in place of a line about it.
func quotation(item Item, m Message) (Item, bool) {
	text := clip(plain(strings.Join(strings.Fields(m.Text), " ")), excerptRunes)
	return Item{Kind: Fact, Refs: []Ref{{N: m.N, ID: m.ID, At: m.At}}, Text: m.Author + ": “" + text + "”", Topic: item.Topic}, text != ""
}
