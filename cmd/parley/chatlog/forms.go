package chatlog

import (
	"regexp"
	"strings"
)

// form is a way in which programs write a log: the lines that it has, each with groups of the names date, time, nick, act,
// notice, prefix and text.
type form struct {
	name  string
	lines []*regexp.Regexp
}

// Parts of lines. RFC 2812, section 2.3.1, lets names hold letters, digits and -_[]\`^{}|; bridges write longer ones.
const (
	clock = `(?P<time>\d{1,2}:\d{2}(?::\d{2})?)`
	iso   = `(?P<date>\d{4}-\d{2}-\d{2})`
	// tail is <nick> text, * nick text or -nick:#channel- text.
	tail = `(?:<[ @+%&~]?(?P<nick>[^>\s][^>\t]*?) *>| ?\*\s(?P<act>\S+)|-(?P<notice>[\pL\pN_\[\]\\^{}|` + "`" + `-]*?[\pL\pN_\[\]\\^{}|` + "`" + `])(?::[#&+!]\S*)?-(?:\s|$))\s?(?P<text>.*)$`
	// marks are invisible; WhatsApp writes them before the time and the text.
	marks = `[\x{200e}\x{200f}\x{202a}-\x{202e}\x{feff}]*`
	// stamp is the time of a message, with a day in any order, or without one.
	stamp = `^` + marks + `\[?(?:(?P<date>\d{1,4}[-./]\d{1,2}[-./]\d{1,4})(?:,?[\s\x{202f}\x{a0}]+|T))?(?P<time>\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?(?:[\s\x{202f}\x{a0}]?[AaPp]\.?[Mm]\b\.?)?)(?:Z|[+-]\d{2}:?\d{2})?\]?`
)

// forms are those that tell when something was said. The one that most lines are of is that of the log.
var forms = []form{
	{"IRC log", []*regexp.Regexp{
		// [11:22] <nick> text · [11:22:33] * nick text
		regexp.MustCompile(`^\[` + clock + `\]\s+` + tail),
		// channel 2013-01-26 [15:04:04] <nick> text
		regexp.MustCompile(`^\S+ ` + iso + ` \[` + clock + `\]\s+` + tail),
		// 2019-09-04 22:44:46 <nick> text · [2019-09-04T22:44:46Z] <nick> text
		regexp.MustCompile(`^\[?` + iso + `[T ]` + clock + `(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?\]?\s+` + tail),
		// WeeChat: 2019-09-04 22:44:46<tab>@nick<tab>text
		regexp.MustCompile(`^` + iso + ` ` + clock + `\t *(?P<prefix>[^\t]*?) *\t(?P<text>.*)$`),
		// HexChat: Oct 01 12:00:05 <nick><tab>text
		regexp.MustCompile(`^(?P<date>[A-Z][a-z]{2} [ \d]\d) ` + clock + `\s+` + tail),
		// 11:22 <nick> text · 11:22 * nick text
		regexp.MustCompile(`^` + clock + `\s+` + tail),
		// <nick> text
		regexp.MustCompile(`^<[ @+%&~]?(?P<nick>[^>\s][^>\t]*?) *>\s?(?P<text>.*)$`),
	}},
	{"chat log", []*regexp.Regexp{
		// 12/31/23, 9:15 PM - nick: text · [31.12.23, 21:15:04] nick: text · 2024-05-01 10:30 nick: text · [10:30] nick: text
		regexp.MustCompile(stamp + `\s*(?:[-–]\s)?\s*` + marks + `(?P<nick>[^\s:<>|*=-][^:<>|\n]{0,60}?)\s?:(?:\s+|$)(?P<text>.*)$`),
	}},
	{"chat log", []*regexp.Regexp{
		// 10:30 nick | text
		regexp.MustCompile(stamp + `\s+(?P<nick>[^\s:<>|*=-][^:<>|\n]{0,60}?)\s+\|(?:\s+|$)(?P<text>.*)$`),
	}},
}

// noise is what IRC logs hold beside messages: joins, parts, renames, modes, topics, days.
var noise = regexp.MustCompile(`^(?:(?:\S+ )?(?:\d{4}-\d{2}-\d{2} |[A-Z][a-z]{2} [ \d]\d )?\[?(?:\d{1,2}:\d{2}(?::\d{2})?)?\]?\s*)?(?:===|\*{3,4}|-!-|---|-->|<--)(?:\s|$)`)

// events are HexChat's lines of what happened, which look like what somebody does: "*<tab>bob has quit".
var events = regexp.MustCompile(`^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \*\t(?:Now talking on|Topic for|You (?:have|are)|Disconnected|\S+ (?:\S+ )?(?:has (?:joined|left|quit|changed)|sets |gives |removes |is now known as))`)

// stamped is a line that begins with a time: it goes on with no message.
var stamped = regexp.MustCompile(stamp + `(?:\s|$)|^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d\s`)

// entry is a line in its parts.
type entry struct {
	date, time, nick, text string
	notice, noise          bool
}

// parse takes a line apart; false where it is of another form.
func (f form) parse(line string) (entry, bool) {
	for _, re := range f.lines {
		m := re.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		var e entry
		for i, name := range re.SubexpNames() {
			switch {
			case m[i] == "" && name != "prefix":
			case name == "date":
				e.date = m[i]
			case name == "time":
				e.time = m[i]
			case name == "nick" || name == "act": // "* nick waves"
				e.nick = m[i]
			case name == "notice":
				e.nick, e.notice = m[i], true
			case name == "text":
				e.text = m[i]
			case name == "prefix":
				e.nick = strings.TrimSpace(m[i])
				e.noise = e.nick == "" || e.nick == "--" || e.nick == "-->" || e.nick == "<--" || e.nick == "=!="
			}
		}
		e.noise = e.noise || events.MatchString(line)
		if re.SubexpIndex("prefix") > 0 && !e.noise {
			if e.nick == "*" {
				e.nick, e.text, _ = strings.Cut(strings.TrimSpace(e.text), " ")
			} else if len(e.nick) > 1 && strings.Contains("@+%&~", e.nick[:1]) {
				e.nick = e.nick[1:]
			}
			e.noise = e.nick == ""
		}
		if e.nick = strings.TrimSpace(e.nick); e.nick == "" && !e.noise {
			continue // a name of nothing but spaces of other scripts
		}
		return e, true
	}
	return entry{}, false
}

// shape tells apart times that stand in brackets or after a day, so that "10:30 is fine" may go on with a message of a log
// whose lines begin with a day.
func shape(line string) string {
	m := stamped.FindStringSubmatch(line)
	if m == nil {
		return ""
	}
	s := "time"
	if strings.HasPrefix(strings.TrimLeft(line, "\u200e\u200f\ufeff"), "[") {
		s = "[" + s
	}
	if m[1] != "" || m[2] == "" {
		s += " day"
	}
	return s
}
