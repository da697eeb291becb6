package slack

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"parley/conversation"
)

// maxAngle bounds the search for the end of a "<…>" form, in bytes. Slack's own forms are far shorter; URLs are
// at most 3,000 characters there.
const maxAngle = 4096

// unescape undoes the only three escapes that Slack's text has. Slack: docs.slack.dev/messaging/formatting-message-text.
var unescape = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">")

// converter turns Slack's mrkdwn into CommonMark and notes whom the text mentions.
type converter struct {
	self     Identity
	name     func(userID string) string
	tokens   []token
	mentions []conversation.Mention
	seen     map[conversation.Mention]bool
}

// token is a piece of the output; marks hold the Slack delimiter until its partner is found.
type token struct {
	text        string
	mark        byte // '*' or '~', else 0
	open, close bool
}

// toCommonMark converts text. Bold, strike-through, links, mentions and code become CommonMark; "_italic_", lists and
// quotes are the same in both. It takes linear time.
func toCommonMark(text string, self Identity, name func(string) string) (string, []conversation.Mention) {
	c := converter{self: self, name: name, seen: map[conversation.Mention]bool{}}
	c.scan(text)
	c.pair()
	var b strings.Builder
	for _, t := range c.tokens {
		b.WriteString(t.text)
	}
	return strings.TrimSpace(b.String()), c.mentions
}

func (c *converter) emit(s string) { c.tokens = append(c.tokens, token{text: s}) }

func (c *converter) scan(s string) {
	fences := true // false once no closing fence is left
	for i := 0; i < len(s); {
		rest := s[i:]
		switch rest[0] {
		case '`':
			if fences && strings.HasPrefix(rest, "```") {
				if end := strings.Index(rest[3:], "```"); end >= 0 {
					c.fence(rest[3:3+end], s[:i], rest[end+6:])
					i += end + 6
					continue
				}
				fences = false
			}
			n := codeSpan(rest)
			if n == 0 {
				c.emit("`")
				i++
				continue
			}
			c.emit("`" + codeText(rest[1:n-1]) + "`")
			i += n
		case '<':
			n := angle(rest)
			if n == 0 {
				c.emit("<")
				i++
				continue
			}
			c.form(rest[1 : n-1])
			i += n
		case '*', '~':
			c.mark(s, i)
			i++
		default:
			n := strings.IndexAny(rest, "`<*~")
			if n < 0 {
				n = len(rest)
			}
			c.emit(unescape.Replace(rest[:n]))
			i += n
		}
	}
}

// fence writes a code block on lines of its own, as CommonMark needs it.
func (c *converter) fence(code, before, after string) {
	head, tail := "```\n", "\n```"
	if before != "" && !strings.HasSuffix(before, "\n") {
		head = "\n" + head
	}
	if after != "" && after[0] != '\n' {
		tail += "\n"
	}
	c.emit(head + codeText(strings.Trim(code, "\n")) + tail)
}

// codeSpan gives the length of the code span at the beginning of s, 0 if there is none.
func codeSpan(s string) int {
	end := strings.IndexAny(s[1:], "`\n")
	if end <= 0 || s[1+end] != '`' {
		return 0
	}
	return end + 2
}

// codeText unescapes code and unwraps the links that Slack makes inside it; all else stays as it is.
func codeText(s string) string {
	var b strings.Builder
	for s != "" {
		open := strings.IndexByte(s, '<')
		if open < 0 {
			break
		}
		b.WriteString(unescape.Replace(s[:open]))
		s = s[open:]
		n := angle(s)
		if n == 0 {
			n = 1
		}
		form := s[:n]
		if url, label, labelled := strings.Cut(strings.Trim(form, "<>"), "|"); isLink(url) {
			if form = url; labelled {
				form = label
			}
		}
		b.WriteString(unescape.Replace(form))
		s = s[n:]
	}
	b.WriteString(unescape.Replace(s))
	return b.String()
}

// angle gives the length of the "<…>" form at the beginning of s, 0 if there is none.
func angle(s string) int {
	window := s[1:min(len(s), maxAngle)]
	end := strings.IndexAny(window, "<>\n")
	if end <= 0 || window[end] != '>' {
		return 0
	}
	return end + 2
}

func isLink(s string) bool {
	return strings.Contains(s, "://") || strings.HasPrefix(s, "mailto:") || strings.HasPrefix(s, "tel:")
}

// form writes what stands between angle brackets: a mention, a channel, a broadcast, a date or a link.
func (c *converter) form(s string) {
	target, label, labelled := strings.Cut(s, "|")
	label = unescape.Replace(label)
	switch {
	case s[0] == '@':
		c.user(target[1:], label)
	case s[0] == '#':
		c.mention(conversation.MentionChannel, target[1:], "#", strings.TrimPrefix(label, "#"))
	case s[0] == '!':
		c.special(target[1:], label)
	case isLink(target):
		url := unescape.Replace(target)
		switch {
		case !labelled || label == "" || label == url:
			c.emit(url)
		case strings.HasPrefix(url, "mailto:") || strings.HasPrefix(url, "tel:"):
			c.emit(label)
		default:
			c.emit("[" + bracketless.Replace(label) + "](" + urlless.Replace(url) + ")")
		}
	default:
		c.emit("<" + unescape.Replace(s) + ">")
	}
}

var (
	bracketless = strings.NewReplacer("[", `\[`, "]", `\]`)
	urlless     = strings.NewReplacer("(", "%28", ")", "%29", " ", "%20")
)

func (c *converter) user(id, label string) {
	if id == c.self.UserID && id != "" {
		c.mention(conversation.MentionSelf, id, "@", c.self.Name)
		return
	}
	name := c.name(id)
	if name == "" || name == id && label != "" {
		name = strings.TrimPrefix(label, "@")
	}
	c.mention(conversation.MentionUser, id, "@", name)
}

func (c *converter) special(target, label string) {
	word, rest, _ := strings.Cut(target, "^")
	switch word {
	case "here", "channel", "everyone", "group":
		c.mention(conversation.MentionEveryone, word, "@", word)
	case "subteam":
		id, _, _ := strings.Cut(rest, "^")
		c.mention(conversation.MentionRole, id, "@", strings.TrimPrefix(label, "@"))
	default: // a date, or a form that Slack has added: its fallback is what people may read
		if label != "" {
			c.emit(label)
		} else {
			c.emit(word)
		}
	}
}

func (c *converter) mention(kind conversation.MentionKind, id, sign, name string) {
	if name = cleanName(name); name == "" {
		name = cleanName(id)
	}
	c.emit(sign + name)
	m := conversation.Mention{Kind: kind, ID: id, Name: name}
	if id != "" && !c.seen[m] {
		c.seen[m] = true
		c.mentions = append(c.mentions, m)
	}
}

// mark notes a delimiter with what its neighbours allow: Slack's emphasis stands at the edges of words only.
func (c *converter) mark(s string, i int) {
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	after, _ := utf8.DecodeRuneInString(s[i+1:])
	outer := func(r rune, edge bool) bool {
		return edge || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != rune(s[i])
	}
	inner := func(r rune, edge bool) bool {
		return !edge && !unicode.IsSpace(r) && r != rune(s[i])
	}
	first, last := i == 0, i+1 == len(s)
	c.tokens = append(c.tokens, token{
		text: s[i : i+1], mark: s[i],
		open:  outer(before, first) && inner(after, last),
		close: inner(before, first) && outer(after, last),
	})
}

// pair doubles the delimiters that have a partner on the same line.
func (c *converter) pair() {
	opener := map[byte]int{}
	for i, t := range c.tokens {
		switch {
		case t.mark == 0:
			if strings.Contains(t.text, "\n") {
				clear(opener)
			}
		case t.close:
			if at, ok := opener[t.mark]; ok {
				double := strings.Repeat(t.text, 2)
				c.tokens[at].text, c.tokens[i].text = double, double
				delete(opener, t.mark)
				continue
			}
			fallthrough
		case t.open:
			if t.open {
				opener[t.mark] = i
			}
		}
	}
}
