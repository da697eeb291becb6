package chatlog

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"parley/conversation"
)

// lines are the forms of a line of an IRC log. Groups: date, time, nick, text.
var lines = []*regexp.Regexp{
	// [11:22] <nick> text · [11:22:33] * nick text
	regexp.MustCompile(`^()\[(\d{1,2}:\d{2}(?::\d{2})?)\]\s+(?:<[ @+%&~]?([^>\s][^>\t]*?) *>|\* (\S+))\s?(.*)$`),
	// channel 2013-01-26 [15:04:04] <nick> text
	regexp.MustCompile(`^\S+ (\d{4}-\d{2}-\d{2}) \[(\d{1,2}:\d{2}:\d{2})\]\s+(?:<[ @+%&~]?([^>\s][^>\t]*?) *>|\* (\S+))\s?(.*)$`),
	// 2019-09-04 22:44:46 <nick> text · [2019-09-04T22:44:46Z] <nick> text · 2019-09-04 22:44:46<tab>nick<tab>text
	regexp.MustCompile(`^\[?(\d{4}-\d{2}-\d{2})[T ](\d{1,2}:\d{2}(?::\d{2})?)(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?\]?\s+(?:<[ @+%&~]?([^>\s][^>\t]*?) *>|\* (\S+))\s?(.*)$`),
	regexp.MustCompile(`^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})\t[@+%&~]?([^\t\s<>=-]+)()\t(.*)$`),
	// 11:22 <nick> text · 11:22 * nick text
	regexp.MustCompile(`^()(\d{1,2}:\d{2}(?::\d{2})?)\s+(?:<[ @+%&~]?([^>\s][^>\t]*?) *>| ?\* (\S+))\s?(.*)$`),
	// <nick> text
	regexp.MustCompile(`^()()<[ @+%&~]?([^>\s][^>\t]*?) *>()\s?(.*)$`),
}

// noise is what IRC logs hold beside messages: joins, parts, renames, modes, topics, days.
var noise = regexp.MustCompile(`^(?:(?:\S+ )?(?:\d{4}-\d{2}-\d{2} )?\[?(?:\d{1,2}:\d{2}(?::\d{2})?)?\]?\s*)?(?:===|\*\*\*|-!-|---|-->|<--)(?:\s|$)`)

// day is a line that names the day of those that follow: "--- Day changed Thu Jun 01 2006", "--- Log opened Thu Jun 01 11:22:00 2006".
var day = regexp.MustCompile(`^--- (?:Day changed|Log opened) \w{3} (\w{3} \d{1,2}) (?:\d{2}:\d{2}:\d{2} )?(\d{4})`)

// spoken is a line of plain text: a name, a colon, and what is said.
var spoken = regexp.MustCompile(`^\s{0,3}(?:[-*] )?([\p{L}\p{N}@][^:\n]{0,48}?)\s?[:：]\s+(\S.*)$`)

var dated = regexp.MustCompile(`\d{4}-\d{2}-\d{2}`)

// readText reads an IRC log or, where hardly a line is one of IRC, plain text.
func readText(s, name string) Log {
	all := strings.Split(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"), "\n")
	irc, written := 0, 0
	for _, line := range all[:min(len(all), 500)] {
		if strings.TrimSpace(line) == "" {
			continue
		}
		written++
		if _, ok := parseLine(line); ok || noise.MatchString(line) {
			irc++
		}
	}
	if irc*2 >= written {
		return readIRC(all, name)
	}
	return readPlain(all)
}

// entry is a line of an IRC log in its parts.
type entry struct{ date, time, nick, text string }

func parseLine(line string) (entry, bool) {
	for _, form := range lines {
		if m := form.FindStringSubmatch(line); m != nil {
			e := entry{date: m[1], time: m[2], nick: m[3], text: m[5]}
			if e.nick == "" {
				e.nick = m[4] // "* nick waves"
			}
			return e, true
		}
	}
	return entry{}, false
}

func readIRC(all []string, name string) Log {
	log := Log{Form: "IRC log"}
	today := startDay(name)
	log.Undated = today.IsZero()
	var last time.Time
	for i, line := range all {
		e, ok := parseLine(line)
		if !ok {
			if m := day.FindStringSubmatch(line); m != nil {
				if d, err := time.Parse("Jan 2 2006", m[1]+" "+m[2]); err == nil {
					today, last, log.Undated = d, time.Time{}, false
				}
			}
			switch {
			case strings.TrimSpace(line) == "":
			case noise.MatchString(line) || len(log.Messages) == 0:
				log.Noise++
			default: // a line that an earlier one was broken into
				m := &log.Messages[len(log.Messages)-1]
				m.Text += "\n" + strings.TrimSpace(line)
			}
			continue
		}
		if d, err := time.Parse("2006-01-02", e.date); err == nil {
			today, last, log.Undated = d, time.Time{}, false
		}
		at := today.Add(clockTime(e.time))
		if last.Sub(at) > 12*time.Hour { // past midnight
			today = today.AddDate(0, 0, 1)
			at = at.AddDate(0, 0, 1)
		}
		last = at
		log.Messages = append(log.Messages, said(i+1, e.nick, stripped(e.text), at))
	}
	return log
}

// startDay is the day that the file's name holds.
func startDay(name string) time.Time {
	d, err := time.Parse("2006-01-02", dated.FindString(filepath.Base(name)))
	if err != nil {
		return time.Time{}
	}
	return d
}

func clockTime(s string) time.Duration {
	for _, form := range []string{"15:04:05", "15:04"} {
		if t, err := time.Parse(form, s); err == nil {
			return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second
		}
	}
	return 0
}

// readPlain takes "name: text" for a message, and a line without a name for more of the one before.
func readPlain(all []string) Log {
	log := Log{Form: "plain text", Undated: true}
	for i, line := range all {
		m := spoken.FindStringSubmatch(line)
		switch {
		case m != nil && !strings.Contains(m[1], "://") && len(strings.Fields(m[1])) <= 5:
			log.Messages = append(log.Messages, said(i+1, strings.TrimPrefix(m[1], "@"), m[2], time.Time{}))
		case strings.TrimSpace(line) == "":
		case len(log.Messages) == 0:
			log.Messages = append(log.Messages, said(i+1, "unknown", strings.TrimSpace(line), time.Time{}))
		default:
			last := &log.Messages[len(log.Messages)-1]
			last.Text += "\n" + strings.TrimSpace(line)
		}
	}
	return log
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
