package chatlog

import (
	"encoding/json"
	"strings"
)

// slackCards are what a program's message shows where it has no text of its own
// (docs.slack.dev/reference/block-kit/blocks, docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments).
type slackCards struct {
	Blocks      json.RawMessage `json:"blocks"`
	Attachments []struct {
		Pretext  string          `json:"pretext"`
		Title    string          `json:"title"`
		Text     string          `json:"text"`
		Fallback string          `json:"fallback"`
		Blocks   json.RawMessage `json:"blocks"`
	} `json:"attachments"`
}

func (c slackCards) text() string {
	all := []string{blockText(c.Blocks)}
	for _, a := range c.Attachments {
		own := joined("\n", a.Pretext, a.Title, a.Text)
		all = append(all, firstOf(own, blockText(a.Blocks), a.Fallback))
	}
	return joined("\n", all...)
}

// blockText is the text of blocks; of what is none, nothing.
func blockText(data []byte) string {
	var tree any
	if len(data) == 0 || json.Unmarshal(data, &tree) != nil {
		return ""
	}
	return textOf(tree, "\n")
}

func textOf(tree any, between string) string {
	switch tree := tree.(type) {
	case string:
		return tree
	case []any:
		all := make([]string, len(tree))
		for i, part := range tree {
			all[i] = textOf(part, "\n")
		}
		return joined(between, all...)
	case map[string]any:
		inner := "\n"
		if kind, _ := tree["type"].(string); strings.HasPrefix(kind, "rich_text_") && kind != "rich_text_list" {
			inner = "" // words of one line
		}
		own := joined("\n", textOf(tree["title"], "\n"), textOf(tree["text"], "\n"), textOf(tree["fields"], "\n"), textOf(tree["elements"], inner))
		if url, _ := tree["url"].(string); own == "" && tree["type"] == "link" {
			return url
		}
		return own
	}
	return ""
}

// discordCards are what a message shows beside its text, as DiscordChatExporter writes them.
type discordCards struct {
	Embeds []struct {
		Title       string `json:"title"`
		Description string `json:"description"`
		Fields      []struct {
			Name  string `json:"name"`
			Value string `json:"value"`
		} `json:"fields"`
	} `json:"embeds"`
	Stickers []struct {
		Name string `json:"name"`
	} `json:"stickers"`
}

func (c discordCards) text() string {
	var all []string
	for _, e := range c.Embeds {
		all = append(all, e.Title, e.Description)
		for _, f := range e.Fields {
			all = append(all, joined(": ", f.Name, f.Value))
		}
	}
	for _, s := range c.Stickers {
		all = append(all, joined(" ", "Sticker:", s.Name))
	}
	return joined("\n", all...)
}

// joined leaves out what is empty.
func joined(between string, all ...string) string {
	var kept []string
	for _, s := range all {
		if s != "" {
			kept = append(kept, s)
		}
	}
	return strings.Join(kept, between)
}
