package discordsim

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"
)

// message is the stored form of a message.
type message struct {
	id              string
	channel         *channel
	typ             MessageType
	author          *User
	webhookID       string
	revisions       []string
	reference       *reference
	snapshot        *message
	nonce           json.RawMessage
	flags           int
	mentions        []string
	mentionRoles    []string
	mentionEveryone bool
	attachments     []string
	embeds          []json.RawMessage
	components      json.RawMessage
	reactions       []Reaction
	threadID        string
	created         time.Time
	edited          time.Time
	deleted         bool
	// onlyFor is the one user who sees it, empty for what everybody sees.
	onlyFor string
}

// reference points to another message. Discord: message_reference, kind 0 is a reply and 1 a forward.
type reference struct {
	kind      int
	messageID string
	channelID string
	guildID   string
}

// draft is a message before it is stored.
type draft struct {
	author     *User
	webhookID  string
	typ        MessageType
	id         string
	content    string
	reference  *reference
	pingReply  bool
	nonce      json.RawMessage
	flags      int
	files      []File
	embeds     []json.RawMessage
	components json.RawMessage
	allowed    *allowedMentions
}

func (m *message) content() string { return m.revisions[len(m.revisions)-1] }

// add stores a draft as the newest message of a channel.
func (w *world) add(c *channel, d draft) *message {
	m := &message{
		id: d.id, channel: c, typ: d.typ, author: d.author, webhookID: d.webhookID,
		revisions: []string{d.content}, reference: d.reference, nonce: d.nonce, flags: d.flags,
		embeds: d.embeds, components: d.components, created: w.clock(),
	}
	if m.id == "" {
		m.id = w.newID()
	}
	for _, f := range d.files {
		m.attachments = append(m.attachments, w.addFile(c.ID, f))
		if f.Waveform != "" {
			m.flags |= FlagVoiceMessage
		}
	}
	if r := d.reference; r != nil && r.kind == 1 {
		copied := *w.messages[r.messageID]
		m.snapshot = &copied
		m.flags |= FlagHasSnapshot
	}
	w.mention(m, d.allowed, d.pingReply)
	w.messages[m.id] = m
	c.messages = append(c.messages, m)
	delete(c.typing, m.author.ID)
	if c.thread() {
		c.members[m.author.ID] = true
		for _, id := range m.mentions {
			c.members[id] = true
		}
	}
	return m
}

var (
	userMention = regexp.MustCompile(`<@!?(\d+)>`)
	roleMention = regexp.MustCompile(`<@&(\d+)>`)
)

// mention works out who is notified by a message's text and by its reply.
func (w *world) mention(m *message, allowed *allowedMentions, pingReply bool) {
	m.mentions, m.mentionRoles, m.mentionEveryone = nil, nil, false
	add := func(list []string, id string) []string {
		if slices.Contains(list, id) {
			return list
		}
		return append(list, id)
	}
	for _, match := range userMention.FindAllStringSubmatch(m.content(), -1) {
		if w.users[match[1]] != nil && allowed.user(match[1]) {
			m.mentions = add(m.mentions, match[1])
		}
	}
	if r := m.reference; r != nil && r.kind == 0 && m.typ == Reply && pingReply {
		if target := w.messages[r.messageID]; target != nil && w.users[target.author.ID] != nil {
			m.mentions = add(m.mentions, target.author.ID)
		}
	}
	if m.channel.GuildID == "" {
		return
	}
	for _, match := range roleMention.FindAllStringSubmatch(m.content(), -1) {
		if allowed.role(match[1]) {
			m.mentionRoles = add(m.mentionRoles, match[1])
		}
	}
	everyone := strings.Contains(m.content(), "@everyone") || strings.Contains(m.content(), "@here")
	m.mentionEveryone = everyone && allowed.everyone() &&
		w.permissions(m.author.ID, m.channel)&MentionEveryone != 0
}

// revise gives a message a new text.
func (w *world) revise(m *message, content string, allowed *allowedMentions) {
	pinged := m.reference != nil && w.messages[m.reference.messageID] != nil &&
		slices.Contains(m.mentions, w.messages[m.reference.messageID].author.ID)
	m.revisions = append(m.revisions, content)
	m.edited = w.clock()
	w.mention(m, allowed, pinged)
}

// snapshotOf copies a message for a caller outside the lock.
func (w *world) snapshotOf(m *message, link func(string) string) Message {
	out := Message{
		ID: m.id, ChannelID: m.channel.ID, GuildID: m.channel.GuildID, Type: m.typ, Author: *m.author,
		Content: m.content(), Revisions: slices.Clone(m.revisions), Nonce: nonceText(m.nonce), Flags: m.flags,
		Mentions: slices.Clone(m.mentions), MentionRoles: slices.Clone(m.mentionRoles), MentionEveryone: m.mentionEveryone,
		Embeds: slices.Clone(m.embeds), Components: slices.Clone(m.components), ThreadID: m.threadID, CreatedAt: m.created, EditedAt: m.edited, Deleted: m.deleted,
	}
	if m.reference != nil && m.typ == Reply {
		out.ReplyTo = m.reference.messageID
	}
	for _, r := range m.reactions {
		out.Reactions = append(out.Reactions, Reaction{Emoji: r.Emoji, UserIDs: slices.Clone(r.UserIDs)})
	}
	for _, id := range m.attachments {
		out.Attachments = append(out.Attachments, Attachment{ID: id, File: w.files[id].File, URL: link(id)})
	}
	return out
}

// nonceText returns a nonce, which may be a JSON number or string, as text.
func nonceText(raw json.RawMessage) string { return strings.Trim(string(raw), `"`) }
