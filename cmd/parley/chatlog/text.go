package chatlog

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"parley/conversation"
)

// spoken is a line of plain text: a name, a colon, and what is said.
var spoken = regexp.MustCompile(`^\s{0,3}(?:[-*] )?([\p{L}\p{N}@][^:\n]{0,48}?)\s?[:：]\s+(\S.*)$`)

// errNoChat says which forms are read.
var errNoChat = errors.New("is no chat log: read are Slack exports, DiscordChatExporter's JSON, logs of IRC programs, WhatsApp exports, " +
	"lines such as \"2024-05-01 10:30 name: text\" or \"[10:30] name: text\", and lines of \"name: text\"")

// readText reads lines in the form that most of the first ones are of.
func readText(s, name string) (Log, error) {
	all := strings.Split(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"), "\n")
	of, first, written, plain := make([]int, len(forms)), -1, 0, 0
	for _, line := range all[:min(len(all), 500)] {
		if strings.TrimSpace(line) == "" {
			continue
		}
		written++
		for i, f := range forms {
			if _, ok := f.parse(line); ok || i == 0 && noise.MatchString(line) {
				if of[i]++; written == 1 {
					first = i
				}
			}
		}
		if _, _, ok := speaks(line); ok && shape(line) == "" {
			plain++
		}
	}
	best := 0
	for i := range of {
		if of[i] > of[best] {
			best = i
		}
	}
	// a message may be many lines long, and those may look like "name: text"
	if of[best] > 0 && (of[best]*4 >= written || of[best] >= plain && (of[best]*20 >= written || best == first)) {
		return readForm(forms[best], all, name), nil
	}
	return readPlain(all)
}

// readForm reads lines that tell when they were said.
func readForm(f form, all []string, name string) Log {
	log := Log{Form: f.name}
	c := newCalendar(f, all, name)
	shapes := map[string]bool{}
	var more paragraphs
	for i, line := range all {
		e, ok := f.parse(line)
		switch {
		case ok && e.noise:
			log.Noise++
		case ok:
			more.end(&log)
			if s := shape(line); s != "" {
				shapes[s] = true
			}
			m := said(i+1, e.nick, strings.TrimLeft(stripped(e.text), "\u200e\u200f"), c.at(e.date, e.time))
			if e.notice {
				m.Author.Kind = conversation.Bot // RFC 2812, section 3.3.2: notices are of programs
			}
			log.Messages = append(log.Messages, m)
		case strings.TrimSpace(line) == "":
		case noise.MatchString(line):
			c.turn(line)
			log.Noise++
		case shapes[shape(line)] || len(log.Messages) == 0:
			if f.name == "IRC log" && shape(line) != "" {
				log.Unread++
			} else {
				log.Noise++ // what happened to the chat: "Ana added Bo"
			}
		default: // a line that an earlier one was broken into
			more.add(strings.TrimSpace(line))
		}
	}
	more.end(&log)
	log.Undated = !c.dated
	return log
}

// paragraphs are further lines of the last message, put together once: a message may have a hundred thousand.
type paragraphs []string

func (p *paragraphs) add(line string) { *p = append(*p, line) }

func (p *paragraphs) end(log *Log) {
	if len(*p) > 0 {
		m := &log.Messages[len(log.Messages)-1]
		m.Text, *p = strings.Join(append([]string{m.Text}, *p...), "\n"), nil
	}
}

// speaks tells the name and the words of a line "name: text".
func speaks(line string) (name, text string, ok bool) {
	m := spoken.FindStringSubmatch(line)
	if m == nil || strings.Contains(m[1], "://") || len(strings.Fields(m[1])) > 5 {
		return "", "", false
	}
	name = strings.TrimSpace(strings.TrimPrefix(m[1], "@"))
	return name, m[2], name != ""
}

// readPlain takes "name: text" for a message, and a line without a name for more of the one before. A text in which hardly
// anybody speaks is no chat.
func readPlain(all []string) (Log, error) {
	log := Log{Form: "plain text", Undated: true}
	var more paragraphs
	people, written := 0, 0
	for i, line := range all {
		who, text, ok := speaks(line)
		if strings.TrimSpace(line) != "" {
			written++
		}
		switch {
		case ok:
			people++
			more.end(&log)
			log.Messages = append(log.Messages, said(i+1, who, text, time.Time{}))
		case strings.TrimSpace(line) == "":
		case len(log.Messages) == 0:
			log.Messages = append(log.Messages, said(i+1, "unknown", strings.TrimSpace(line), time.Time{}))
		default:
			more.add(strings.TrimSpace(line))
		}
	}
	more.end(&log)
	if people*50 < written || people == 0 && written > 0 {
		return Log{}, errNoChat
	}
	return log, nil
}

func said(line int, nick, text string, at time.Time) conversation.Message {
	return conversation.Message{
		ID: fmt.Sprintf("L%d", line), Author: conversation.Author{ID: nick, Name: nick, Kind: conversation.Person}, Text: strings.TrimSpace(text), SentAt: at,
	}
}

// colours are mIRC's: the control characters, and numbers that follow \x03.
var colours = regexp.MustCompile("\x03(?:\\d{1,2}(?:,\\d{1,2})?)?|[\x02\x0f\x11\x16\x1d\x1e\x1f]")

func stripped(s string) string { return colours.ReplaceAllString(s, "") }

func baseName(path string) string {
	name := filepath.Base(path)
	if i := strings.IndexByte(name, '.'); i > 0 {
		name = name[:i]
	}
	return name
}
