package summary

import (
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Request is what somebody wants summed up. The zero value is all of the conversation.
type Request struct {
	// Since is when it begins; zero: at the beginning. Future says that a time was given that has not come yet; Since is zero then.
	Since  time.Time
	Future bool
	// Last is how many of the newest messages are wanted; 0: all. Where Since is set too, both bounds hold.
	Last int
	// SinceLastSummary asks for what came after the person's last summary, SinceSpoke after their own last message.
	SinceLastSummary, SinceSpoke bool
	// Channel says that the channel was named as what is wanted, Thread that the thread was; neither: whatever is at hand.
	Channel, Thread bool
	// Link is an address, and Name a "#channel", that was named as what is wanted; empty: none was.
	Link, Name string
	// Language is the one that the request is written in, In the one that the summary was asked for in; empty: unknown.
	Language, In string
}

// requestMost is the most runes of a request: a longer text says something else too.
const requestMost = 160

// ParseRequest recognises that a text, without the call to the assistant, asks for nothing but a summary of a conversation,
// in the larger languages: "summarize this thread", "tl;dr", "what did I miss since Monday?", "last 200". now is the present in the
// person's time zone. ok is false for everything else: whoever asks more, or something else, is given an answer and no
// summary. When in doubt it is false.
func ParseRequest(text string, now time.Time) (r Request, ok bool) {
	return parseRequest(text, now, true)
}

// ParseRange reads what is written after a command that asks for a summary already: "since 2d", "last 200", "#channel",
// an address, several of these, words that ask for a summary once more, or nothing. ok is false when not all of it can be
// understood.
func ParseRange(text string, now time.Time) (r Request, ok bool) {
	return parseRequest(text, now, false)
}

func parseRequest(text string, now time.Time, needVerb bool) (Request, bool) {
	if utf8.RuneCountInString(text) > requestMost+400 || !utf8.ValidString(text) {
		return Request{}, false
	}
	s := &asking{rest: fold(text), link: anyLink.FindString(text), now: now}
	if utf8.RuneCountInString(addresses.ReplaceAllString(s.rest, "")) > requestMost {
		return Request{}, false
	}
	if s.rest == "" {
		return Request{}, !needVerb
	}
	for s.rest != "" {
		if !s.part() {
			return Request{}, false
		}
	}
	switch {
	case s.verb && (!s.weak || s.object || s.ranged):
	case !needVerb: // all of it was understood
	case !s.verb && s.bounded && !s.object:
	default:
		return Request{}, false
	}
	return s.request, true
}

// fold writes a text in lower case with single spaces, without the signs that carry no meaning here.
func fold(text string) string {
	text = strings.NewReplacer("’", "'", "‘", "'", "“", " ", "”", " ", "\"", " ", "«", " ", "»", " ", "*", " ", "`", " ", "？", "?", "！", "!", "，", ",", "、", ",",
		"。", ".", "：", ":", "　", " ").Replace(text)
	text = trimSigns(strings.Join(strings.Fields(strings.ToLower(text)), " "))
	return parted.ReplaceAllString(text, "$1 $3 $2")
}

// parted finds a verb whose second half stands at the end: "was habe ich seit Montag verpasst", "fasse das zusammen".
var parted = regexp.MustCompile(`^(was hab(?:e)? ich|wat heb ik|fass[et]?|fassen sie|vat) (.{1,60}) (verpasst|gemist|zusammen|samen)$`)

func trimSigns(s string) string { return strings.Trim(s, " ,.!?…¿¡:;-–—~()") }

// asking is a text that is read part by part.
type asking struct {
	rest    string
	link    string // the first address in the text as it was written
	now     time.Time
	request Request
	verb    bool // it was said that a summary is wanted
	weak    bool // in words that may mean something else too, unless it is said of what
	object  bool // it was said of what
	named   bool // by a link or name
	ranged  bool // it was said which stretch of it
	timed   bool // by when it begins
	bounded bool // in words that mean nothing else
}

// part takes one part off the begin of the rest.
func (s *asking) part() bool {
	if s.address() || s.span() {
		return true
	}
	for _, v := range vocabularies {
		if m := s.match(v.strong); m != nil {
			s.verb, s.weak = true, false
			s.request.Thread = s.request.Thread || containsAny(m[0], []string{"thread"})
			s.request.Channel = s.request.Channel || containsAny(m[0], []string{"kanal", "kanaal"})
			s.speaks(v.language)
			return true
		}
		if s.take(v.weak) {
			if !s.verb {
				s.weak = true
			}
			s.verb = true
			s.speaks(v.language)
			return true
		}
	}
	for _, v := range vocabularies {
		switch {
		case s.take(v.thread):
			s.object, s.request.Thread = true, true
			return true
		case s.take(v.channel):
			s.object, s.request.Channel = true, true
			return true
		case s.take(v.object):
			s.object = true
			return true
		case s.take(v.filler):
			return true
		}
	}
	return s.in()
}

func (s *asking) speaks(language string) {
	if s.request.Language == "" {
		s.request.Language = language
	}
}

// take takes what the pattern matches off the begin of the rest, where a word ends there.
func (s *asking) take(pattern start) bool {
	return s.match(pattern) != nil
}

func (s *asking) match(pattern start) []string {
	text := s.rest
	for {
		m := pattern().FindStringSubmatch(text)
		if m == nil || m[0] == "" {
			return nil
		}
		left := s.rest[len(m[0]):]
		if !withinWord(m[0], left) {
			s.rest = trimSigns(left)
			return m
		}
		space := strings.LastIndexByte(m[0], ' ')
		if space < 0 {
			return nil
		}
		text = m[0][:space] // a shorter match may end where a word ends
	}
}

// withinWord reports whether a cut between two texts parts a word.
func withinWord(before, after string) bool {
	last, _ := utf8.DecodeLastRuneInString(before)
	first, _ := utf8.DecodeRuneInString(after)
	return after != "" && isWordRune(first) && isWordRune(last)
}

var (
	anyLink     = regexp.MustCompile(`(?i)https?://[^\s<>|]+`)
	requestLink = begin(`(?:(?:of|from|for|in|on|von|aus|in|de|del|di|van|из|в) )?<?(https?://[^\s<>|]+)(?:\|[^>]*)?>?`)
	requestName = begin(`(?:(?:of|from|for|in|on|von|aus|de|del|di|van|из|в) )?(?:the )?(?:<#[^>|]*\|)?#?([\p{L}\p{N}][\p{L}\p{N}_-]{0,79})>?(?: channel)?`)
)

// address takes a link or the name of a channel.
func (s *asking) address() bool {
	if m := s.match(requestLink); m != nil {
		if s.request.Link != "" {
			return false
		}
		s.request.Link, s.object, s.named = s.link, true, true
		return true
	}
	if !strings.Contains(s.rest, "#") {
		return false
	}
	at := strings.Index(s.rest, "#")
	if before := s.rest[:at]; strings.ContainsFunc(strings.TrimSuffix(strings.TrimSuffix(before, "<"), "the "), unicode.IsLetter) && len(before) > 6 {
		return false
	}
	if m := s.match(requestName); m != nil && s.request.Name == "" && !strings.Contains(s.rest, "#") {
		s.request.Name, s.object, s.named, s.request.Channel = m[1], true, true, true
		return true
	}
	return false
}

// in takes "in German", "auf Deutsch": the language that is wanted.
func (s *asking) in() bool {
	m := s.match(inLanguage)
	if m == nil {
		return false
	}
	language, known := languageWords[m[1]]
	s.request.In = language
	return known
}
