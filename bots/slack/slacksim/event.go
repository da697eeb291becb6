package slacksim

import (
	"strings"
)

// announcePost tells the app of a new message: as message, and as app_mention when a person
// mentions the bot outside a DM. The two have their own event ids and come in either order.
func (w *Workspace) announcePost(c *channel, m *Message) {
	event := w.wire(m)
	mention := w.wire(m)
	mention["channel"], mention["event_ts"] = c.ID, m.TS
	// Only what a person wrote is a mention: a join line names its user in the same form.
	mentioned := c.Kind != DirectMessage && m.ClientMsgID != "" && w.mentionsBot(m)
	w.turn++
	if mentioned && w.turn%2 == 0 {
		w.emit("app_mention", "app_mention", c, mention)
	}
	event["event_ts"] = m.TS
	w.emitMessage(c, event)
	if mentioned && w.turn%2 == 1 {
		w.emit("app_mention", "app_mention", c, mention)
	}
	if root := c.message(m.ThreadTS); w.replied && m.isReply() && root != nil {
		w.emitMessage(c, object{
			"subtype": "message_replied", "hidden": true, "message": w.wire(root), "thread_ts": root.TS,
		})
	}
}

func (w *Workspace) mentionsBot(m *Message) bool {
	for _, ref := range references(m.Text) {
		if ref.kind == '@' && ref.id == w.bot.ID {
			return true
		}
	}
	return false
}

var messageSubscriptions = map[ChannelKind]string{
	PublicChannel: "message.channels", PrivateChannel: "message.groups",
	DirectMessage: "message.im", GroupMessage: "message.mpim",
}

// emitMessage sends a message event; ts defaults to a stamp of its own, as hidden subtypes have it.
func (w *Workspace) emitMessage(c *channel, event object) {
	event["channel"], event["channel_type"] = c.ID, string(c.Kind)
	if event["ts"] == nil {
		event["ts"] = w.ids.ts(w.clock())
	}
	if event["event_ts"] == nil {
		event["event_ts"] = event["ts"]
	}
	w.emit(messageSubscriptions[c.Kind], "message", c, event)
}

// emit hands an event to the deliveries when the app subscribed to it, has the scope for it, and the
// bot is in the channel (c is nil for events without one).
func (w *Workspace) emit(subscription, eventType string, c *channel, event object) {
	leaving := strings.HasSuffix(eventType, "_left")
	switch {
	case !w.subs[subscription]:
		return
	case !w.allowed(eventScope(subscription, c)):
		return
	case c != nil && !c.has(w.bot.ID) && !leaving:
		return
	}
	event["type"] = eventType
	if event["event_ts"] == nil {
		event["event_ts"] = w.ids.ts(w.clock())
	}
	w.tell(eventType, event)
}

func (w *Workspace) allowed(scope string) bool { return scope == "" || w.scopes[scope] }

// eventScope is the scope that an event needs; see the events' pages under docs.slack.dev/reference/events.
func eventScope(subscription string, c *channel) string {
	switch subscription {
	case "app_mention":
		return "app_mentions:read"
	case "message.channels", "message.groups", "message.im", "message.mpim":
		return historyScope(c.Kind)
	case "reaction_added":
		return "reactions:read"
	case "file_shared":
		return "files:read"
	case "member_joined_channel", "member_left_channel", "channel_left", "group_left":
		return readScope(c.Kind)
	}
	return ""
}

func historyScope(kind ChannelKind) string { return scopePrefix(kind) + ":history" }

func readScope(kind ChannelKind) string { return scopePrefix(kind) + ":read" }

func scopePrefix(kind ChannelKind) string {
	switch kind {
	case PrivateChannel:
		return "groups"
	case DirectMessage:
		return "im"
	case GroupMessage:
		return "mpim"
	default:
		return "channels"
	}
}
