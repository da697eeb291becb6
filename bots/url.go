package bots

import (
	"regexp"
	"strings"
)

// bareURL finds what a platform may turn into a link: any scheme with two slashes, www., or a domain with a path. The
// colon and the slashes may be escaped or written as entities. It ends where no linkifier goes on.
var bareURL = regexp.MustCompile(`(?i)^(?:[a-z][a-z0-9+.-]*(?:\\?:|&#0*58;|&#x0*3a;|&colon;)(?:\\?/|&#0*47;|&#x0*2f;|&sol;){2}[^\s<>"` + "`" + `|]*` +
	`|www\.[^\s<>"` + "`" + `|]+` +
	`|(?:[a-z0-9-]+\.)+[a-z]{2,24}(?::\d+)?/[^\s<>"` + "`" + `|]+)`)

// autolink is an address in angle brackets, also with a label behind a bar as in Slack's own markup.
var autolink = regexp.MustCompile(`(?i)^<([a-z][a-z0-9+.-]{1,31}:[^\s<>|]*)(?:\|([^<>\n]*))?>`)

// definition is the beginning of a link reference definition.
var definition = regexp.MustCompile(`^[ \t>]*\[(?:[^\[\]\\]|\\.)+\]:[ \t]*\n?[ \t>]*<?([^\s<>]+)`)

// crowd is a word that calls everybody.
var crowd = regexp.MustCompile(`(?i)^@(?:everyone|here|channel|group)\b`)

// urlSet holds URLs in canonical form.
type urlSet map[string]bool

func newURLSet(known []string) urlSet {
	s := make(urlSet, len(known))
	for _, u := range known {
		s[canonical(u)] = true
	}
	return s
}

func (s urlSet) has(url string) bool {
	return len(s) > 0 && s[canonical(url)]
}

// canonical writes scheme and host in lower case and drops a slash at the end. What follows the host is compared byte
// for byte: that is where data could hide.
func canonical(url string) string {
	url = strings.TrimSpace(url)
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok {
		return url
	}
	host := rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		host = rest[:i]
	}
	return strings.ToLower(scheme+"://"+host) + strings.TrimSuffix(rest[len(host):], "/")
}

// trimURL takes punctuation from the end that belongs to the sentence around a bare URL.
func trimURL(url string) string {
	round := strings.Count(url, ")") - strings.Count(url, "(")
	square := strings.Count(url, "]") - strings.Count(url, "[")
	for url != "" {
		last := url[len(url)-1]
		switch {
		case strings.IndexByte(".,;:!?'*_~", last) >= 0:
		case last == ')' && round > 0:
			round--
		case last == ']' && square > 0:
			square--
		default:
			return url
		}
		url = url[:len(url)-1]
	}
	return url
}
