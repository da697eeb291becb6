package slack

import (
	"regexp"
	"strings"

	"parley/bots"
)

// partLimit is the most that one message may take, as markdown and as mrkdwn, in UTF-16 units. A message reads well
// up to 4,000 characters, chat.update refuses more text than about that, and a markdown block may hold 12,000.
// Slack: docs.slack.dev/reference/methods/chat.postMessage, /chat.update, docs.slack.dev/reference/block-kit/blocks/markdown-block.
const partLimit = 3900

// rendered is one message as it is sent: a markdown block, and the text that stands for it in notifications and where
// the server takes no such block.
type rendered struct {
	markdown string
	mrkdwn   string
}

// live matches the forms that Slack turns into mentions, broadcasts and dates, also where CommonMark would only
// arrive at them. It leaves other text in angle brackets alone, such as "<!DOCTYPE html>".
var live = regexp.MustCompile(`(?i)(?:\\?<|&lt;|&#0*60;|&#x0*3c;)` +
	`\\?(?:([@#])\\?([A-Z0-9]{1,64})|!\\?(here|channel|everyone|group|subteam|date)([^<>|]{0,200}?))` +
	`(?:\\?\|([^<>]{0,200}?))?(?:\\?>|&gt;|&#0*62;|&#x0*3e;)`)

// disarm makes Slack's own live forms show as plain text: "<@U1|ann>" becomes "@ann", "<!here>" becomes "@here", which
// means nothing to Slack unless it is asked to link names.
func disarm(markdown string) string {
	if !suspicious(markdown) {
		return markdown
	}
	for range 3 { // a form around a form comes to light when the inner one is replaced
		if !live.MatchString(markdown) {
			return markdown
		}
		markdown = live.ReplaceAllStringFunc(markdown, plainForm)
	}
	return opening.ReplaceAllString(markdown, "$1\u2060$2")
}

// suspicious is a quick look for what could begin a live form.
func suspicious(markdown string) bool {
	for i := 0; i+1 < len(markdown); i++ {
		switch markdown[i] {
		case '<':
			if strings.IndexByte(`@#!\`, markdown[i+1]) >= 0 {
				return true
			}
		case '&':
			if strings.IndexByte("lL#", markdown[i+1]) >= 0 {
				return true
			}
		}
	}
	return false
}

// opening parts the brackets of forms that are nested deeper than anybody writes them.
var opening = regexp.MustCompile(`(?i)(<|&lt;|&#0*60;|&#x0*3c;)(\\?[@#!])`)

func plainForm(form string) string {
	m := live.FindStringSubmatch(form)
	sign, id, word, label := m[1], m[2], m[3], strings.TrimSpace(m[5])
	switch {
	case label != "" && sign == "@" && !strings.HasPrefix(label, "@"):
		return "@" + label
	case label != "":
		return label
	case word != "":
		return "@" + word
	}
	return sign + id
}

// measure is what a part costs: the larger of its two renderings. It takes no link as known; those that are cost less.
func measure(markdown string) int { return measureWithin(markdown, partLimit) }

// measureWhisper is measure for a private answer.
func measureWhisper(markdown string) int { return measureWithin(markdown, whisperLimit) }

func measureWithin(markdown string, limit int) int {
	if n := bots.Units(markdown); n > limit*5/4 {
		return n // rendering does not make text much shorter
	}
	r := render(markdown, nil)
	return max(bots.Units(r.markdown), bots.Units(r.mrkdwn))
}

// render makes a message of CommonMark. Links that the conversation does not contain are shown and do not act.
func render(markdown string, known []string) rendered {
	inert := disarm(bots.Inert(disarm(markdown), known))
	r := rendered{markdown: inert, mrkdwn: toMrkdwn(inert)}
	if r.mrkdwn == "" {
		r.mrkdwn = escape.Replace(inert)
	}
	return r
}
