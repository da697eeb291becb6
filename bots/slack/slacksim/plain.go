package slacksim

import (
	"encoding/json"
	"strings"
)

// block is the part of Slack's block kit that carries text for people.
type block struct {
	Type     string            `json:"type"`
	Text     json.RawMessage   `json:"text"` // string in markdown blocks, text object elsewhere
	Fields   []json.RawMessage `json:"fields"`
	Elements []block           `json:"elements"`
	Rows     [][]block         `json:"rows"`
	AltText  string            `json:"alt_text"`
	URL      string            `json:"url"`
	UserID   string            `json:"user_id"`
	Channel  string            `json:"channel_id"`
	Range    string            `json:"range"`
	Name     string            `json:"name"`
	Title    json.RawMessage   `json:"title"`
	BlockID  string            `json:"block_id"`
	ActionID string            `json:"action_id"`
	Value    string            `json:"value"`
}

// plain is what a person reads in a message.
func (w *Workspace) plain(m *Message) string {
	var blocks []block
	if len(m.Blocks) > 0 && json.Unmarshal(m.Blocks, &blocks) == nil {
		var lines []string
		for _, b := range blocks {
			if b.Type != "actions" { // buttons are no text: see Buttons
				lines = append(lines, w.plainBlock(b))
			}
		}
		if text := strings.Join(lines, "\n"); strings.TrimSpace(text) != "" {
			return text
		}
	}
	return w.readable(m.Text)
}

func (w *Workspace) plainBlock(b block) string {
	switch b.Type {
	case "divider":
		return "---"
	case "image":
		return "[image: " + b.AltText + "]"
	case "section":
		parts := []string{w.plainText(b.Text)}
		for _, field := range b.Fields {
			parts = append(parts, w.plainText(field))
		}
		return strings.TrimLeft(strings.Join(parts, "\n"), "\n")
	case "rich_text", "rich_text_list":
		return w.plainElements(b.Elements, "\n")
	case "context":
		return w.plainElements(b.Elements, " ")
	case "rich_text_section", "rich_text_preformatted", "rich_text_quote":
		return w.plainElements(b.Elements, "")
	case "table":
		rows := make([]string, len(b.Rows))
		for i, row := range b.Rows {
			rows[i] = w.plainElements(row, " | ")
		}
		return strings.Join(rows, "\n")
	case "user":
		return w.readable("<@" + b.UserID + ">")
	case "channel":
		return w.readable("<#" + b.Channel + ">")
	case "broadcast":
		return "@" + b.Range
	case "emoji":
		return ":" + b.Name + ":"
	case "link":
		if text := w.plainText(b.Text); text != "" {
			return text + " (" + b.URL + ")"
		}
		return b.URL
	case "text", "raw_text", "plain_text": // literal: nothing in it is resolved
		return literalText(b.Text)
	default:
		return w.plainText(b.Text)
	}
}

func (w *Workspace) plainElements(elements []block, separator string) string {
	parts := make([]string, len(elements))
	for i, element := range elements {
		parts[i] = w.plainBlock(element)
	}
	return strings.Join(parts, separator)
}

// plainText reads a string or a text object; plain text objects are literal.
func (w *Workspace) plainText(raw json.RawMessage) string {
	if isPlainText(raw) {
		return literalText(raw)
	}
	return w.readable(literalText(raw))
}

func isPlainText(raw json.RawMessage) bool {
	var composed struct {
		Type string `json:"type"`
	}
	return json.Unmarshal(raw, &composed) == nil && composed.Type == "plain_text"
}

func literalText(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var composed struct {
		Text string `json:"text"`
	}
	_ = json.Unmarshal(raw, &composed) // no text object: nothing to read
	return composed.Text
}

// blockMarkup gathers what blocks hold in mrkdwn, with the mentions of rich text in the same form.
func blockMarkup(raw json.RawMessage) string {
	blocks, ok := decode[[]block](string(raw))
	if !ok {
		return ""
	}
	var b strings.Builder
	for _, one := range blocks {
		one.markup(&b)
	}
	return b.String()
}

func (b block) markup(out *strings.Builder) {
	switch b.Type {
	case "user":
		out.WriteString("<@" + b.UserID + ">")
	case "broadcast":
		out.WriteString("<!" + b.Range + ">")
	case "text", "raw_text", "plain_text", "link": // never resolved
	default:
		out.WriteString(mrkdwnText(b.Text) + " ")
	}
	for _, field := range b.Fields {
		out.WriteString(mrkdwnText(field) + " ")
	}
	for _, element := range b.Elements {
		element.markup(out)
	}
	for _, row := range b.Rows {
		for _, cell := range row {
			cell.markup(out)
		}
	}
}

// mrkdwnText reads a string or a text object, unless that is plain text.
func mrkdwnText(raw json.RawMessage) string {
	if isPlainText(raw) {
		return ""
	}
	return literalText(raw)
}
