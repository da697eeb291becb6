package slacksim

import (
	"html"
	"regexp"
	"strings"
)

// reference is one <…> form of mrkdwn.
type reference struct {
	kind  byte // '@', '#', '!' or 'l' for a link
	id    string
	label string
}

var referencePattern = regexp.MustCompile(`<([@#!]?)([^<>|\s][^<>|]*)(?:\|([^<>]*))?>`)

// references lists the <…> forms of a text in mrkdwn; see docs.slack.dev/messaging/formatting-message-text.
func references(text string) []reference {
	var out []reference
	for _, match := range referencePattern.FindAllStringSubmatch(text, -1) {
		out = append(out, readReference(match))
	}
	return out
}

func readReference(match []string) reference {
	ref := reference{kind: 'l', id: match[2], label: match[3]}
	if match[1] != "" {
		ref.kind = match[1][0]
	}
	return ref
}

// links lists the web addresses of a text in mrkdwn.
func links(text string) []string {
	var out []string
	for _, ref := range references(text) {
		if ref.kind == 'l' && strings.HasPrefix(ref.id, "http") {
			out = append(out, html.UnescapeString(ref.id))
		}
	}
	return out
}

var (
	bareLink  = regexp.MustCompile(`https?://[^\s<>()\[\]"'|\\]+`)
	mediaLink = regexp.MustCompile(`(?i)\.(?:png|jpe?g|gif|webp|mp4|mp3)(?:\?|$)|youtube\.com/|youtu\.be/|vimeo\.com/`)
)

// previewed lists the links of an app's message for which Slack would fetch a preview. Bot messages
// preview media by default and pages only on demand; see docs.slack.dev/messaging/unfurling-links-in-messages.
func previewed(content string, pages, media bool) []string {
	var out []string
	for _, link := range bareLink.FindAllString(content, -1) {
		if isMedia := mediaLink.MatchString(link); isMedia && media || !isMedia && pages {
			out = append(out, html.UnescapeString(link))
		}
	}
	return out
}

// readable turns mrkdwn into what a person reads.
func (w *Workspace) readable(text string) string {
	text = referencePattern.ReplaceAllStringFunc(text, func(form string) string {
		ref := readReference(referencePattern.FindStringSubmatch(form))
		switch {
		case ref.kind == '@' && w.users[ref.id] != nil:
			return "@" + w.users[ref.id].Shown()
		case ref.kind == '#' && w.channels[ref.id] != nil:
			return "#" + w.channels[ref.id].Name
		case ref.kind == '#' && ref.label != "":
			return "#" + ref.label
		case ref.kind == '!' && ref.label != "":
			return ref.label
		case ref.kind == '!':
			return "@" + ref.id
		case ref.kind == 'l' && ref.label != "" && ref.label != ref.id:
			return ref.label + " (" + ref.id + ")"
		case ref.kind == 'l':
			return ref.id
		}
		return form
	})
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(text)
}
