//go:build crash

package crash

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"parley/bots/slack/slacksim"
)

// TestStorm says 1,000 things, of which each event comes up to five times, out of order, over the sockets and gateway
// sessions of two processes.
func TestStorm(t *testing.T) {
	t.Parallel()
	const each = 500
	c := newCity(t, options{channels: 25, people: 5, timing: slacksim.Timing{Ack: 2 * time.Second, Retries: []time.Duration{0, time.Second, 2 * time.Second}}})
	c.author.set(func(a *author) { a.quick = true })
	c.warmUp()
	for range 2 {
		c.start("", "LOG_LEVEL=info").ready()
	}
	begun := time.Now()
	c.slack.DuplicateDeliveries(4 * each)
	c.discord.DuplicateDispatches(2 * each)
	for n := range each {
		if n%10 == 0 {
			c.slack.ReorderDeliveries(8)
		}
		c.say(pick(c, c.places[onSlack]), 's')
		w := c.say(pick(c, c.places[onDiscord]), 's')
		if n%7 == 0 {
			c.again(w)
		}
		if n%100 == 99 {
			c.slack.ReorderDeliveries(0)
			c.slack.FlushRetries()
			c.discord.DropGateway(4000) // both resume, and get what they may have missed once more
			pause(500 * time.Millisecond)
		}
	}
	c.slack.ReorderDeliveries(0)
	c.quiet(3 * time.Minute)
	c.check(nil)
	t.Logf("%d messages answered in %v", len(c.said()), time.Since(begun).Round(time.Millisecond))
}

// again dispatches a Discord message once more to every session, as after a fault of the platform's.
func (c *city) again(w word) {
	m, ok := c.discord.Message(w.id)
	if !ok {
		c.t.Fatalf("no message %s", w.id)
	}
	event := map[string]any{
		"id": m.ID, "channel_id": m.ChannelID, "type": 0, "content": m.Content, "timestamp": m.CreatedAt.Format(time.RFC3339Nano),
		"author":   map[string]any{"id": m.Author.ID, "username": m.Author.Name},
		"mentions": []any{}, "mention_roles": []any{}, "attachments": []any{}, "embeds": []any{}, "edited_timestamp": nil,
	}
	if slices.Contains(m.Mentions, c.discord.BotUserID()) {
		event["mentions"] = []any{map[string]any{"id": c.discord.BotUserID(), "username": "parley", "bot": true}}
	}
	if m.GuildID != "" {
		event["guild_id"] = m.GuildID
	}
	if m.ReplyTo != "" {
		event["type"] = 19
		event["message_reference"] = map[string]any{"message_id": m.ReplyTo, "channel_id": m.ChannelID}
	}
	c.discord.Dispatch("MESSAGE_CREATE", must(json.Marshal(event))(c.t))
}
