package discordsim

import (
	"encoding/json"
	"slices"
)

// view says for whom an object is rendered.
type view struct {
	// content is true when the bot may read what guild messages contain.
	content bool
	// event is true for gateway payloads, which carry more fields than REST answers.
	event bool
	// nonce is true for the answer to the sender and for the event.
	nonce bool
	// link signs an attachment's address.
	link func(attachmentID string) string
}

func (w *world) renderUser(u *User) wireUser {
	out := wireUser{ID: u.ID, Username: u.Name, Discriminator: "0", Bot: u.Bot}
	if !u.Bot {
		out.GlobalName = &u.Name
	}
	return out
}

func (w *world) renderMember(m *member, withUser bool) *wireMember {
	if m == nil {
		return nil
	}
	out := &wireMember{Timeout: optionalTimestamp(m.timeout), Roles: append([]string{}, m.roles...), JoinedAt: timestamp(m.since)}
	if withUser {
		u := w.renderUser(w.users[m.userID])
		out.User = &u
	}
	return out
}

func renderRoles(g *guild) []wireRole {
	list := make([]wireRole, len(g.roles))
	for i, r := range g.roles {
		list[i] = wireRole{ID: r.ID, Name: r.Name, Permissions: r.Permissions, Position: i, Mentionable: true}
	}
	return list
}

func (w *world) renderChannel(c *channel) *wireChannel {
	out := &wireChannel{ID: c.ID, Type: c.Kind, GuildID: c.GuildID, Name: c.Name}
	if n := len(c.messages); n > 0 {
		out.LastMessageID = &c.messages[n-1].id
	}
	if c.ParentID != "" {
		out.ParentID = &c.ParentID
	}
	if c.GuildID != "" && !c.thread() {
		out.Overwrites = []wireOverwrite{}
	}
	for _, o := range c.overwrites {
		out.Overwrites = append(out.Overwrites, wireOverwrite{ID: o.ID, Type: o.Kind, Allow: o.Allow, Deny: o.Deny})
	}
	for _, id := range c.recipients {
		if id != w.bot.ID {
			out.Recipients = append(out.Recipients, w.renderUser(w.users[id]))
		}
	}
	if c.Kind == Forum {
		out.AvailableTags = []json.RawMessage{}
	}
	if !c.thread() {
		return out
	}
	out.OwnerID = c.ownerID
	out.Thread = &wireThreadMetadata{
		AutoArchiveDuration: 1440, ArchiveTimestamp: timestamp(c.since), CreateTimestamp: timestamp(c.since),
	}
	if !c.archived.IsZero() {
		out.Thread.Archived, out.Thread.ArchiveTimestamp = true, timestamp(c.archived)
	}
	if c.Kind == PrivateThread {
		invitable := true
		out.Thread.Invitable = &invitable
	}
	messages, members := len(c.live()), len(c.members)
	out.MessageCount, out.MemberCount = &messages, &members
	if c.members[w.bot.ID] {
		out.Member = renderThreadMember(c, w.bot.ID)
	}
	return out
}

func renderThreadMember(c *channel, userID string) *wireThreadMember {
	return &wireThreadMember{ID: c.ID, UserID: userID, JoinTimestamp: timestamp(c.since)}
}

// readable tells whether the bot gets the content of a message: always in DMs, when it wrote the
// message and when it is mentioned, otherwise with the MESSAGE_CONTENT intent only
// (discord.com/developers/docs/events/gateway#message-content-intent).
func (w *world) readable(m *message, content bool) bool {
	return content || m.channel.GuildID == "" || m.author.ID == w.bot.ID || slices.Contains(m.mentions, w.bot.ID)
}

func (w *world) renderMessage(m *message, v view) *wireMessage {
	out := &wireMessage{
		ID: m.id, ChannelID: m.channel.ID, Type: m.typ, Author: w.renderUser(m.author), WebhookID: m.webhookID,
		Timestamp: timestamp(m.created), EditedTimestamp: optionalTimestamp(m.edited),
		MentionEveryone: m.mentionEveryone, MentionRoles: append([]string{}, m.mentionRoles...),
		Mentions: w.renderMentions(m, v), Attachments: []wireAttachment{}, Embeds: []json.RawMessage{},
		Components: json.RawMessage(`[]`), Flags: m.flags, Reactions: w.renderReactions(m),
	}
	if v.nonce {
		out.Nonce = m.nonce
	}
	if v.event {
		out.GuildID = m.channel.GuildID
		out.ChannelType = &m.channel.Kind
		if g := w.guilds[out.GuildID]; g != nil && m.webhookID == "" {
			out.Member = w.renderMember(g.members[m.author.ID], false)
		}
	}
	if w.readable(m, v.content) {
		out.Content = m.content()
		out.Attachments = w.renderAttachments(m, v)
		out.Embeds = append(out.Embeds, m.embeds...)
		if m.components != nil {
			out.Components = m.components
		}
	}
	w.renderReference(out, m, v)
	if thread := w.channels[m.threadID]; thread != nil && m.typ != ThreadCreated {
		out.Thread = w.renderChannel(thread)
	}
	return out
}

// renderReference fills in what a message points to. The referenced message is rendered by the
// same content rule as any other, without its own reference.
func (w *world) renderReference(out *wireMessage, m *message, v view) {
	r := m.reference
	if r == nil {
		return
	}
	out.Reference = &wireReference{Type: r.kind, MessageID: r.messageID, ChannelID: r.channelID, GuildID: r.guildID}
	if m.snapshot != nil {
		snapshot := wireSnapshotMessage{
			Type: m.snapshot.typ, Timestamp: timestamp(m.snapshot.created), EditedTimestamp: optionalTimestamp(m.snapshot.edited),
			Mentions: w.renderMentions(m.snapshot, v), MentionRoles: append([]string{}, m.snapshot.mentionRoles...),
			Attachments: []wireAttachment{}, Embeds: []json.RawMessage{}, Flags: m.snapshot.flags,
		}
		if w.readable(m, v.content) {
			snapshot.Content = m.snapshot.content()
			snapshot.Attachments = w.renderAttachments(m.snapshot, v)
			snapshot.Embeds = append(snapshot.Embeds, m.snapshot.embeds...)
		}
		out.Snapshots = []wireSnapshot{{Message: snapshot}}
		return
	}
	if m.typ != Reply && m.typ != ThreadStarter {
		return
	}
	out.Referenced = json.RawMessage(`null`)
	target := w.messages[r.messageID]
	if target == nil || target.deleted {
		return
	}
	inner := view{content: v.content, link: v.link}
	plain := *target
	plain.reference = nil
	if raw, err := json.Marshal(w.renderMessage(&plain, inner)); err == nil {
		out.Referenced = raw
	}
}

func (w *world) renderMentions(m *message, v view) []wireUser {
	list := []wireUser{}
	for _, id := range m.mentions {
		u := w.renderUser(w.users[id])
		if g := w.guilds[m.channel.GuildID]; g != nil && v.event {
			u.Member = w.renderMember(g.members[id], false)
		}
		list = append(list, u)
	}
	return list
}

func (w *world) renderAttachments(m *message, v view) []wireAttachment {
	list := []wireAttachment{}
	for _, id := range m.attachments {
		list = append(list, w.renderAttachment(id, v.link))
	}
	return list
}

func (w *world) renderAttachment(id string, link func(string) string) wireAttachment {
	f, url := w.files[id], link(id)
	return wireAttachment{
		ID: id, Filename: f.Name, Title: f.Title, Description: f.Description, ContentType: f.ContentType,
		Size: len(f.Data), URL: url, ProxyURL: url, Width: f.Width, Height: f.Height,
		DurationSecs: f.DurationSecs, Waveform: f.Waveform,
	}
}

func (w *world) renderReactions(m *message) []wireReaction {
	var list []wireReaction
	for _, r := range m.reactions {
		list = append(list, wireReaction{
			Count: len(r.UserIDs), Me: slices.Contains(r.UserIDs, w.bot.ID), Emoji: wireEmoji{Name: r.Emoji},
		})
	}
	return list
}
