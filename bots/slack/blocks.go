package slack

import (
	"encoding/json"
	"strings"
)

// maxBlockDepth bounds how deep nested elements are followed; Slack's own nest four levels.
const maxBlockDepth = 12

// node is any block, element or legacy attachment: only what carries text is read.
type node struct {
	Type        string          `json:"type"`
	Text        json.RawMessage `json:"text"` // a string, or an object with type and text
	Elements    []node          `json:"elements"`
	Fields      []node          `json:"fields"`
	Rows        [][]node        `json:"rows"`
	Blocks      []node          `json:"blocks"`
	URL         string          `json:"url"`
	UserID      string          `json:"user_id"`
	ChannelID   string          `json:"channel_id"`
	UsergroupID string          `json:"usergroup_id"`
	Range       string          `json:"range"`
	Name        string          `json:"name"`
	AltText     string          `json:"alt_text"`
	Pretext     string          `json:"pretext"`
	Title       json.RawMessage `json:"title"` // a string in attachments and fields, an object in image blocks
	Value       string          `json:"value"`
	Fallback    string          `json:"fallback"`
}

// escape is Slack's own escaping for text outside its "<…>" forms.
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// textOf gives a message's text as mrkdwn: its own, or, where that is empty, what its blocks and attachments say.
func textOf(m *wireMessage) string {
	if strings.TrimSpace(m.Text) != "" {
		return m.Text
	}
	var parts []string
	for _, raw := range []json.RawMessage{m.Blocks, m.Attachments} {
		var nodes []node
		if len(raw) == 0 || decode(raw, &nodes) != nil {
			continue
		}
		parts = append(parts, lines(nodes, 0)...)
	}
	return strings.Join(parts, "\n")
}

func lines(nodes []node, depth int) []string {
	var out []string
	for _, n := range nodes {
		if s := strings.TrimSpace(n.mrkdwn(depth)); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// mrkdwn writes a node as Slack's mrkdwn, one line for each block.
func (n node) mrkdwn(depth int) string {
	if depth > maxBlockDepth {
		return ""
	}
	switch n.Type {
	case "user":
		return "<@" + n.UserID + ">"
	case "channel":
		return "<#" + n.ChannelID + ">"
	case "usergroup":
		return "<!subteam^" + n.UsergroupID + ">"
	case "broadcast":
		return "<!" + n.Range + ">"
	case "emoji":
		return ":" + n.Name + ":"
	case "link":
		if label := text(n.Text); label != "" {
			return "<" + n.URL + "|" + escape.Replace(label) + ">"
		}
		return "<" + n.URL + ">"
	case "text", "plain_text", "markdown", "raw_text":
		return escape.Replace(text(n.Text))
	case "header":
		return bold(text(n.Text))
	case "image":
		return escape.Replace(n.AltText)
	case "rich_text_section":
		return n.inline(depth)
	case "rich_text_preformatted":
		return "```" + n.inline(depth) + "```"
	case "rich_text_quote":
		return "> " + strings.ReplaceAll(n.inline(depth), "\n", "\n> ")
	case "rich_text_list":
		return listLines(n, depth)
	case "table":
		return n.table(depth)
	case "actions", "button", "input":
		return ""
	}
	return strings.Join(n.all(depth), "\n")
}

// all gives the lines of a block or attachment of any kind.
func (n node) all(depth int) []string {
	var out []string
	for _, s := range []string{n.Pretext, bold(text(n.Title)), text(n.Text), escape.Replace(n.Value)} {
		if strings.TrimSpace(s) != "" {
			out = append(out, s)
		}
	}
	for _, children := range [][]node{n.Fields, n.Elements, n.Blocks} {
		out = append(out, lines(children, depth+1)...)
	}
	if len(out) == 0 && n.Fallback != "" {
		out = append(out, n.Fallback)
	}
	return out
}

func (n node) inline(depth int) string {
	var b strings.Builder
	for _, e := range n.Elements {
		b.WriteString(e.mrkdwn(depth + 1))
	}
	return b.String()
}

func listLines(n node, depth int) string {
	items := lines(n.Elements, depth+1)
	for i := range items {
		items[i] = "- " + items[i]
	}
	return strings.Join(items, "\n")
}

func (n node) table(depth int) string {
	var rows []string
	for _, row := range n.Rows {
		rows = append(rows, strings.Join(lines(row, depth+1), " | "))
	}
	return strings.Join(rows, "\n")
}

// text reads a string or a text object. The text of a text object of type plain_text holds no forms, so it is escaped.
func text(raw json.RawMessage) string {
	if len(raw) == 0 {
		return ""
	}
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	var object struct {
		Type string `json:"type"`
		Text string `json:"text"`
	}
	if decode(raw, &object) != nil {
		return ""
	}
	if object.Type == "plain_text" {
		return escape.Replace(object.Text)
	}
	return object.Text
}

func bold(s string) string {
	if s == "" {
		return ""
	}
	return "*" + s + "*"
}
