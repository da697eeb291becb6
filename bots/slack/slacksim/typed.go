package slacksim

import (
	"encoding/json"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// piece is a part of what a person typed, as the composer understands it.
type piece struct {
	kind pieceKind
	text string // literal text, URL, or channel name
	id   string // user, channel or broadcast range
}

type pieceKind int

const (
	pieceText pieceKind = iota
	pieceCode           // `code` and fences: nothing inside is resolved
	pieceUser
	pieceChannel
	pieceBroadcast
	pieceLink
)

var typedPattern = regexp.MustCompile("(?s)```.*?```|`[^`\n]+`" +
	`|<@[UW][A-Z0-9]+>|<#C[A-Z0-9]+(?:\|[^>\n]*)?>|<!(?:here|channel|everyone)>` +
	`|https?://[^\s<>]+` +
	`|[@#][\p{L}\p{N}_][\p{L}\p{N}_.-]*`)

// parseTyped splits what a person typed as Slack's composer does.
func (w *Workspace) parseTyped(typed string) []piece {
	var out []piece
	end := 0
	for _, at := range typedPattern.FindAllStringIndex(typed, -1) {
		out = appendText(out, typed[end:at[0]])
		token := typed[at[0]:at[1]]
		previous, _ := utf8.DecodeLastRuneInString(typed[:at[0]])
		out = append(out, w.resolve(token, previous)...)
		end = at[1]
	}
	return appendText(out, typed[end:])
}

// resolve reads one token; what refers to nothing stays literal text.
func (w *Workspace) resolve(token string, previous rune) []piece {
	switch {
	case token[0] == '`':
		return []piece{{kind: pieceCode, text: token}}
	case strings.HasPrefix(token, "<@"):
		if id := token[2 : len(token)-1]; w.users[id] != nil {
			return []piece{{kind: pieceUser, id: id}}
		}
	case strings.HasPrefix(token, "<#"):
		id, _, _ := strings.Cut(token[2:len(token)-1], "|")
		if c := w.channels[id]; c != nil {
			return []piece{{kind: pieceChannel, id: id, text: c.Name}}
		}
	case strings.HasPrefix(token, "<!"):
		return []piece{{kind: pieceBroadcast, id: token[2 : len(token)-1]}}
	case strings.HasPrefix(token, "http"):
		url := strings.TrimRight(token, ".,;:!?)'\"*_")
		return []piece{{kind: pieceLink, text: url}, {text: token[len(url):]}}
	case wordRune(previous): // an address such as ada@example.org, or a fragment
	case token[0] == '@':
		return w.resolveName(token)
	default:
		for name := token[1:]; name != ""; name = shorten(name) {
			if c := w.channelNamed(name); c != nil {
				return []piece{{kind: pieceChannel, id: c.ID, text: c.Name}, {text: token[1+len(name):]}}
			}
		}
	}
	return []piece{{text: token}}
}

func (w *Workspace) resolveName(token string) []piece {
	for name := token[1:]; name != ""; name = shorten(name) {
		rest := piece{text: token[1+len(name):]}
		if name == "here" || name == "channel" || name == "everyone" {
			return []piece{{kind: pieceBroadcast, id: name}, rest}
		}
		if user := w.userNamed(strings.ToLower(name)); user != nil {
			return []piece{{kind: pieceUser, id: user.ID}, rest}
		}
	}
	return []piece{{text: token}}
}

// shorten drops the last part of a name, so that "@ada." and "@ada-" still find ada.
func shorten(name string) string {
	trimmed := strings.TrimRight(name, ".-_")
	if trimmed != name {
		return trimmed
	}
	return name[:max(strings.LastIndexAny(name, ".-_"), 0)]
}

func wordRune(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '/')
}

func appendText(out []piece, text string) []piece {
	if text == "" {
		return out
	}
	return append(out, piece{text: text})
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// wireText is the message's text in mrkdwn.
func wireText(pieces []piece) string {
	var b strings.Builder
	for _, p := range pieces {
		switch p.kind {
		case pieceUser:
			b.WriteString("<@" + p.id + ">")
		case pieceChannel:
			b.WriteString("<#" + p.id + "|" + p.text + ">")
		case pieceBroadcast:
			b.WriteString("<!" + p.id + ">")
		case pieceLink:
			b.WriteString("<" + escaper.Replace(p.text) + ">")
		default:
			b.WriteString(escaper.Replace(p.text))
		}
	}
	return b.String()
}

// richText is the block that Slack's composer sends with the text.
func richText(pieces []piece) json.RawMessage {
	elements := []object{}
	for _, p := range pieces {
		switch p.kind {
		case pieceUser:
			elements = append(elements, object{"type": "user", "user_id": p.id})
		case pieceChannel:
			elements = append(elements, object{"type": "channel", "channel_id": p.id})
		case pieceBroadcast:
			elements = append(elements, object{"type": "broadcast", "range": p.id})
		case pieceLink:
			elements = append(elements, object{"type": "link", "url": p.text})
		case pieceCode:
			elements = append(elements, object{"type": "text", "text": strings.Trim(p.text, "`"), "style": object{"code": true}})
		default:
			if p.text != "" {
				elements = append(elements, object{"type": "text", "text": p.text})
			}
		}
	}
	if len(elements) == 0 {
		return nil
	}
	return mustJSON([]object{{
		"type": "rich_text", "block_id": "b" + randomText(4),
		"elements": []object{{"type": "rich_text_section", "elements": elements}},
	}})
}

// mustJSON encodes values made here, which always encode.
func mustJSON(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		return json.RawMessage("null")
	}
	return b
}
