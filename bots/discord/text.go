package discord

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/conversation"
)

var (
	// codeOrTag finds code, in which Discord parses nothing, and the tags that it does parse
	// (discord.com/developers/docs/reference#message-formatting).
	codeOrTag = regexp.MustCompile("(?s)```.*?```|``.+?``|`[^`\n]+`|" +
		`<(?:@[!&]?\d{1,20}|#\d{1,20}|a?:\w{1,64}:\d{1,20}|t:-?\d{1,15}(?::[a-zA-Z])?|/[^:<>\n]{1,100}:\d{1,20}|id:[a-z-]{1,20})>`)
	subtext = regexp.MustCompile(`(?m)^([> ]*)-# +`)
)

// text is the message in CommonMark, with what it names. What Discord shows apart from the content (a forward, a
// sticker, a poll, the embeds of a message without words) is told in words.
func text(p payloadMessage, dir directory) (string, []conversation.Mention) {
	w := wording{dir: dir, users: map[string]payloadUser{}}
	w.selfID, w.selfName = dir.self()
	pinged := false
	for _, u := range p.Mentions {
		w.users[u.ID] = u
		pinged = pinged || u.ID == w.selfID && w.selfID != ""
	}
	parts := []string{}
	if p.Content != nil {
		parts = append(parts, w.markdown(*p.Content))
	}
	if pinged {
		w.mention(conversation.MentionSelf, w.selfID, w.selfName)
	}
	if p.MentionEveryone {
		w.mention(conversation.MentionEveryone, "", "everyone")
	}
	mentions := w.mentions
	for _, s := range p.Snapshots {
		parts = append(parts, w.forward(s.Message)) // what a forward names is not named by its sender
	}
	if body := strings.TrimSpace(strings.Join(parts, "")); body == "" {
		parts = append(parts, embedText(p.Embeds), componentText(p.Components))
	}
	parts = append(parts, stickerText(p.Stickers), pollText(p.Poll))
	parts = slices.DeleteFunc(parts, func(s string) bool { return strings.TrimSpace(s) == "" })
	return strings.TrimSpace(strings.Join(parts, "\n\n")), mentions
}

// wording replaces Discord's tags by words and notes what they name.
type wording struct {
	dir              directory
	users            map[string]payloadUser
	selfID, selfName string
	mentions         []conversation.Mention
}

func (w *wording) markdown(s string) string {
	s = codeOrTag.ReplaceAllStringFunc(s, func(tag string) string {
		if tag[0] == '`' {
			return tag
		}
		return w.tag(tag)
	})
	return subtext.ReplaceAllString(quoteRest(s), "$1")
}

func (w *wording) tag(tag string) string {
	body := tag[1 : len(tag)-1]
	switch {
	case strings.HasPrefix(body, "@&"):
		return w.role(body[2:])
	case body[0] == '@':
		return w.user(strings.TrimPrefix(body[1:], "!"), tag)
	case body[0] == '#':
		return w.channel(body[1:], tag)
	case body[0] == '/':
		name, _, _ := strings.Cut(body, ":")
		return name
	case strings.HasPrefix(body, "t:"):
		return moment(body[2:])
	case strings.HasPrefix(body, "id:"):
		return "#" + body[3:]
	}
	return ":" + strings.Split(body, ":")[1] + ":" // a custom emoji, <:name:id> or <a:name:id>
}

func (w *wording) user(id, tag string) string {
	if id == w.selfID && id != "" {
		w.mention(conversation.MentionSelf, id, w.selfName)
		return "@" + w.selfName
	}
	u, known := w.users[id]
	if !known {
		return tag // Discord names everybody whom a tag really mentions
	}
	name := displayName(u, nil)
	w.mention(conversation.MentionUser, id, name)
	return "@" + name
}

func (w *wording) role(id string) string {
	name, managed := w.dir.role(id)
	if managed {
		w.mention(conversation.MentionSelf, w.selfID, w.selfName)
		return "@" + w.selfName
	}
	if name == "" {
		name = "role"
	}
	name = oneLine(name)
	w.mention(conversation.MentionRole, id, name)
	return "@" + name
}

func (w *wording) channel(id, tag string) string {
	c, known := w.dir.channel(id)
	if !known || c.Name == "" {
		return tag
	}
	name := oneLine(c.Name)
	w.mention(conversation.MentionChannel, id, name)
	return "#" + name
}

func (w *wording) mention(kind conversation.MentionKind, id, name string) {
	m := conversation.Mention{Kind: kind, ID: id, Name: name}
	if !slices.Contains(w.mentions, m) {
		w.mentions = append(w.mentions, m)
	}
}

// forward quotes what was forwarded. Discord does not tell who wrote it.
func (w *wording) forward(s payloadMessage) string {
	for _, u := range s.Mentions {
		w.users[u.ID] = u
	}
	content := ""
	if s.Content != nil {
		content = w.markdown(*s.Content)
	}
	if content == "" {
		content = embedText(s.Embeds)
	}
	if content == "" {
		return "[forwarded message]"
	}
	return "[forwarded message]\n> " + strings.ReplaceAll(content, "\n", "\n> ")
}

// moment writes a timestamp tag's seconds as a date.
func moment(s string) string {
	seconds, _, _ := strings.Cut(s, ":")
	n, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return s
	}
	return time.Unix(n, 0).UTC().Format("2006-01-02 15:04 UTC")
}

// quoteRest writes Discord's ">>> ", which quotes the rest of the message, as a CommonMark quote.
func quoteRest(s string) string {
	start := 0
	if !strings.HasPrefix(s, ">>> ") {
		i := strings.Index(s, "\n>>> ")
		if i < 0 {
			return s
		}
		start = i + 1
	}
	return s[:start] + "> " + strings.ReplaceAll(s[start+len(">>> "):], "\n", "\n> ")
}
