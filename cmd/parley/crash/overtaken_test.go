//go:build crash

package crash

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"parley/bots/slack/slacksim"
)

// TestFollowUpOvertakesItsMention lets a follow-up arrive before the mention that begins its thread, as over the sockets of
// two processes, and the platform tell nothing of what was said before while the mention is worked on.
func TestFollowUpOvertakesItsMention(t *testing.T) {
	t.Parallel()
	c := newCity(t, options{})
	c.warmUp()
	p := c.start("")
	p.ready()
	c.slack.SetFault("conversations.replies", slacksim.Fault{Status: http.StatusServiceUnavailable, Body: "upstream connect error"})
	in, person := c.places[onSlack][0], c.people[onSlack][0]
	first, second := c.newWord('s'), c.newWord('s')
	mention := must(c.slack.Say(person, in.channel, "@parley "+first, slacksim.Quiet()))(t)
	c.note(word{text: first, place: in, id: mention.TS})
	follow := must(c.slack.Say(person, in.channel, second, slacksim.InThread(mention.TS)))(t)
	c.until("the follow-up has arrived", 20*time.Second, func() bool { return p.heard(mention.TS, "not_addressed") })
	c.slack.SendEvent("app_mention", map[string]any{
		"user": person, "channel": in.channel, "text": mention.Text, "ts": mention.TS, "event_ts": mention.TS,
	})
	c.note(word{text: second, place: in, root: mention.TS, id: follow.TS})
	c.until("the history cannot be read", 30*time.Second, func() bool {
		return p.heard(mention.TS, "cannot read what was said before") || strings.Contains(p.said(), "turn failed and is tried again")
	})
	c.slack.ClearFault("conversations.replies")
	c.quiet(time.Minute)
	c.check(nil)
}

// heard reports whether the process has logged both in one line.
func (p *process) heard(one, other string) bool {
	for line := range strings.Lines(p.said()) {
		if strings.Contains(line, one) && strings.Contains(line, other) {
			return true
		}
	}
	return false
}
