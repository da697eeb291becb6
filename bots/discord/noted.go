package discord

import (
	"encoding/json"
	"strings"
)

// maxNoted bounds what embeds, components and the like add to a message's text, in bytes.
const maxNoted = 8 << 10

func stickerText(raw json.RawMessage) string {
	var stickers []struct {
		Name string `json:"name"`
	}
	if _, err := decode(raw, &stickers); err != nil || len(stickers) == 0 {
		return ""
	}
	var names []string
	for _, s := range stickers {
		names = append(names, oneLine(s.Name))
	}
	return "[sticker: " + strings.Join(names, ", ") + "]"
}

func pollText(raw json.RawMessage) string {
	type media struct {
		Text string `json:"text"`
	}
	var poll struct {
		Question media `json:"question"`
		Answers  []struct {
			Media media `json:"poll_media"`
		} `json:"answers"`
	}
	if _, err := decode(raw, &poll); err != nil || poll.Question.Text == "" {
		return ""
	}
	lines := []string{"[poll: " + oneLine(poll.Question.Text) + "]"}
	for _, a := range poll.Answers {
		lines = append(lines, "- "+oneLine(a.Media.Text))
	}
	return clip(strings.Join(lines, "\n"))
}

func embedText(raw json.RawMessage) string {
	var embeds []struct {
		Title       string `json:"title"`
		Description string `json:"description"`
		Author      struct {
			Name string `json:"name"`
		} `json:"author"`
		Fields []struct {
			Name  string `json:"name"`
			Value string `json:"value"`
		} `json:"fields"`
		Footer struct {
			Text string `json:"text"`
		} `json:"footer"`
	}
	if _, err := decode(raw, &embeds); err != nil {
		return ""
	}
	var lines []string
	add := func(s string) {
		if s = strings.TrimSpace(s); s != "" {
			lines = append(lines, s)
		}
	}
	for _, e := range embeds {
		add(e.Author.Name)
		if e.Title != "" {
			add("**" + oneLine(e.Title) + "**")
		}
		add(e.Description)
		for _, f := range e.Fields {
			add(strings.TrimPrefix(oneLine(f.Name)+": "+f.Value, ": "))
		}
		add(e.Footer.Text)
	}
	return clip(strings.Join(lines, "\n"))
}

// componentText collects the words of a message that is laid out in components: text displays (type 10) and the
// labels of buttons, at whatever depth. Kinds that are not known are passed through for what they contain.
func componentText(raw json.RawMessage) string {
	var lines []string
	walkComponents(raw, 0, &lines)
	return clip(strings.Join(lines, "\n"))
}

func walkComponents(raw json.RawMessage, depth int, lines *[]string) {
	var list []struct {
		Type       int             `json:"type"`
		Content    string          `json:"content"`
		Label      string          `json:"label"`
		Components json.RawMessage `json:"components"`
	}
	if depth > 5 || len(raw) == 0 {
		return
	}
	if _, err := decode(raw, &list); err != nil {
		return
	}
	for _, c := range list {
		if c.Content != "" {
			*lines = append(*lines, c.Content)
		} else if c.Label != "" {
			*lines = append(*lines, "["+oneLine(c.Label)+"]")
		}
		walkComponents(c.Components, depth+1, lines)
	}
}

func clip(s string) string {
	if len(s) <= maxNoted {
		return s
	}
	return strings.ToValidUTF8(s[:maxNoted], "") + "…"
}
