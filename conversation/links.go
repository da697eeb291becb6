package conversation

import (
	"regexp"
	"slices"
	"strings"

	"parley/llm"
)

var links = regexp.MustCompile(`https?://[^\s<>()\[\]"'` + "`" + `]+`)

// knownURLs are the links of a text.
func knownURLs(text string) []string {
	found := links.FindAllString(text, -1)
	for i, u := range found {
		found[i] = strings.TrimRight(u, ".,;:!?*_")
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// schemes matches what makes a link of an address.
var schemes = regexp.MustCompile(`(?i)\bhttps?://`)

// unlinked takes the schemes off the links of a text that a model may have written.
func unlinked(text string) string { return schemes.ReplaceAllString(text, "") }

// urls are the links that may act in the answer: those that people and other bots wrote here. Of Parley's own answers only
// links to messages of this conversation are, for those are the sources of its summaries; whatever else stands there, in
// notes and in what is known of files may be a model's own. The text of a document is no exception: a page that was scanned
// is read by a model, and nothing tells it from the others.
func (p *packing) urls() []string {
	known := knownURLs(llm.Neutralise(p.words()))
	here := map[string]bool{}
	for _, m := range p.walked {
		here[m.ID] = true
		if m.Author.Kind != Self {
			known = append(known, knownURLs(llm.Neutralise(m.Text))...)
		}
	}
	linker, can := p.m.(Linker)
	for _, m := range p.walked {
		if !can || m.Author.Kind != Self {
			continue
		}
		for _, u := range knownURLs(m.Text) {
			if ref, id, ok := linker.FindLink(u); ok && ref.Channel == p.t.Ref.Channel && here[id] && linker.Link(ref, id) == u {
				known = append(known, u)
			}
		}
	}
	slices.Sort(known)
	return slices.Compact(known)
}
