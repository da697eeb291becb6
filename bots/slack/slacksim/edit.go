package slacksim

import (
	"fmt"
	"slices"
)

// EditMessage replaces the text of a person's own message. The app hears message_changed with
// edited and previous_message, and once more app_mention (with edited) when the new text mentions
// the bot, as Slack sends it on every such edit.
func (w *Workspace) EditMessage(user, channelID, ts, text string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, m, err := w.own(user, channelID, ts)
	if err != nil {
		return fmt.Errorf("edit message: %w", err)
	}
	before := w.wire(m)
	w.compose(m, text, false)
	m.Edits++
	m.EditedTS = w.ids.ts(w.clock())
	w.changed(c, m, before)
	if c.Kind != DirectMessage && w.mentionsBot(m) {
		event := w.wire(m)
		event["channel"] = c.ID
		event["event_ts"] = m.EditedTS
		w.emit("app_mention", "app_mention", c, event)
	}
	return nil
}

// DeleteMessage deletes a message of this user; with the bot's id it is an administrator's deletion
// of an answer. A root with replies becomes a tombstone: the app
// then hears message_changed with the subtype tombstone, else message_deleted.
func (w *Workspace) DeleteMessage(user, channelID, ts string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, m, err := w.own(user, channelID, ts)
	if err != nil {
		return fmt.Errorf("delete message: %w", err)
	}
	w.remove(c, m)
	return nil
}

// Unfurl adds the preview of a link to a message. The app hears message_changed without an edit:
// the text is the same and edited is absent.
func (w *Workspace) Unfurl(channelID, ts, url string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, m := w.find(channelID, ts)
	if m == nil || m.Deleted {
		return fmt.Errorf("unfurl %s in %s: %w", ts, channelID, ErrNoSuchMessage)
	}
	before := w.wire(m)
	m.Attachments = mustJSON([]object{{
		"id": 1, "from_url": url, "original_url": url, "fallback": "Preview", "title": "Preview of the page",
		"text": "What the page says of itself.", "service_name": "Example",
	}})
	w.changed(c, m, before)
	return nil
}

// Broadcast sends an existing reply to its channel too. The app hears message_changed whose message
// has the subtype thread_broadcast.
func (w *Workspace) Broadcast(user, channelID, ts string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, m, err := w.own(user, channelID, ts)
	if err != nil {
		return fmt.Errorf("broadcast: %w", err)
	}
	if !m.isReply() {
		return fmt.Errorf("broadcast %s: only a reply in a thread can be sent to the channel", ts)
	}
	before := w.wire(m)
	m.Subtype = subtypeBroadcast
	w.changed(c, m, before)
	return nil
}

// React sets an emoji (without colons) under a message as this user.
func (w *Workspace) React(user, channelID, ts, emoji string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, m := w.find(channelID, ts)
	if m == nil || m.Deleted {
		return fmt.Errorf("react to %s in %s: %w", ts, channelID, ErrNoSuchMessage)
	}
	if !c.has(user) {
		return fmt.Errorf("react as %s: %w", user, ErrNotMember)
	}
	if !w.react(c, m, user, emoji) {
		return fmt.Errorf("react with %s: it is already there", emoji)
	}
	return nil
}

func (w *Workspace) react(c *channel, m *Message, user, emoji string) bool {
	i := slices.IndexFunc(m.Reactions, func(r Reaction) bool { return r.Name == emoji })
	if i < 0 {
		m.Reactions = append(m.Reactions, Reaction{Name: emoji})
		i = len(m.Reactions) - 1
	}
	if slices.Contains(m.Reactions[i].Users, user) {
		return false
	}
	m.Reactions[i].Users = append(m.Reactions[i].Users, user)
	w.publish(Change{Kind: MessageChanged, Channel: c.ID, TS: m.TS, ThreadTS: m.ThreadTS})
	w.emit("reaction_added", "reaction_added", c, object{
		"user": user, "reaction": emoji, "item_user": m.User,
		"item": object{"type": "message", "channel": c.ID, "ts": m.TS},
	})
	return true
}

func (w *Workspace) own(user, channelID, ts string) (*channel, *Message, error) {
	c, m := w.find(channelID, ts)
	switch {
	case m == nil || m.Deleted:
		return nil, nil, fmt.Errorf("message %s in %s: %w", ts, channelID, ErrNoSuchMessage)
	case m.User != user:
		return nil, nil, fmt.Errorf("message %s in %s is not by %s", ts, channelID, user)
	}
	return c, m, nil
}

// changed tells of a message whose content is different from before.
func (w *Workspace) changed(c *channel, m *Message, before object) {
	w.publish(Change{Kind: MessageChanged, Channel: c.ID, TS: m.TS, ThreadTS: m.ThreadTS, User: m.User})
	w.emitMessage(c, object{
		"subtype": "message_changed", "hidden": true, "message": w.wire(m), "previous_message": before,
	})
}

func (w *Workspace) remove(c *channel, m *Message) {
	before := w.wire(m)
	w.publish(Change{Kind: MessageDeleted, Channel: c.ID, TS: m.TS, ThreadTS: m.ThreadTS, User: m.User})
	m.Deleted = true
	if m.ReplyCount > 0 {
		*m = Message{
			Channel: m.Channel, TS: m.TS, ThreadTS: m.TS, User: "USLACKBOT", Subtype: subtypeTombstone,
			Text: "This message was deleted.", Deleted: true, Edits: m.Edits,
			ReplyCount: m.ReplyCount, ReplyUsers: m.ReplyUsers, LatestReply: m.LatestReply,
		}
		w.changed(c, m, before)
		return
	}
	w.emitMessage(c, object{
		"subtype": "message_deleted", "hidden": true, "deleted_ts": m.TS, "previous_message": before,
	})
	if root := c.message(m.ThreadTS); root != nil && m.isReply() {
		w.uncountReply(c, root)
	}
}

// uncountReply recounts a root after one of its replies is gone; a tombstone without replies
// vanishes.
func (w *Workspace) uncountReply(c *channel, root *Message) {
	root.ReplyCount, root.ReplyUsers, root.LatestReply = 0, nil, ""
	for _, m := range c.messages {
		if m.ThreadTS == root.TS && m.isReply() && m.visible() && m.Ephemeral == "" {
			countReply(root, m)
		}
	}
	if root.ReplyCount > 0 {
		return
	}
	root.ThreadTS = ""
	if root.Subtype == subtypeTombstone {
		before := w.wire(root)
		root.Subtype = ""
		w.publish(Change{Kind: MessageDeleted, Channel: c.ID, TS: root.TS})
		w.emitMessage(c, object{
			"subtype": "message_deleted", "hidden": true, "deleted_ts": root.TS, "previous_message": before,
		})
	}
}
