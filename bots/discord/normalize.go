package discord

import (
	"cmp"
	"path"
	"strings"
	"time"

	"parley/conversation"
)

// directMessages is the workspace of everything that is said outside a guild.
const directMessages = "@me"

// directory is what normalising needs to know beyond the payload.
type directory interface {
	self() (id, name string)
	channel(id string) (payloadChannel, bool)
	role(id string) (name string, managed bool)
	nick(guild, user string) string
}

// skip says why a message becomes no event. It is a metric label.
type skip string

const (
	keep          skip = ""
	skipNotice    skip = "notice"
	skipEphemeral skip = "ephemeral"
	skipPartial   skip = "partial"
	skipOwn       skip = "own"
)

// normalize turns a message into the domain's form. It is pure: where is the channel that the message stands in, or
// the zero value for a direct message. A forward's text is that of its snapshot.
func normalize(p payloadMessage, where payloadChannel, dir directory) (conversation.Message, skip) {
	selfID, _ := dir.self()
	switch p.Type {
	case typeDefault, typeReply:
	case typeCommand, typeContextCommand:
		if p.Author != nil && p.Author.ID == selfID {
			return conversation.Message{}, skipOwn
		}
	default:
		return conversation.Message{}, skipNotice
	}
	if p.Flags&flagEphemeral != 0 {
		return conversation.Message{}, skipEphemeral
	}
	if p.Author == nil || p.Content == nil {
		return conversation.Message{}, skipPartial
	}
	m := conversation.Message{
		ID:     p.ID,
		Author: author(p, selfID, dir),
		SentAt: snowflakeTime(p.ID),
	}
	if at := p.editedAt(); !at.IsZero() {
		m.EditedAt, m.Revision = at, 1
	}
	m.ReplyTo = p.repliesTo()
	if r := p.Referenced; m.ReplyTo != "" && r != nil && r.Author != nil {
		replied := author(*r, selfID, dir)
		m.ReplyToAuthor, m.ReplyToAuthorID = replied.Kind, replied.ID
	}
	place(&m, p, where)
	m.Text, m.Mentions = text(p, dir)
	m.Attachments = attachments(p)
	return m, keep
}

// place fills in the conversation's key. What a conversation is at each place says the table "Who gets an answer" of
// README.md.
func place(m *conversation.Message, p payloadMessage, where payloadChannel) {
	m.Ref = conversation.ThreadRef{Platform: conversation.Discord, Workspace: cmp.Or(p.GuildID, where.GuildID), Channel: p.ChannelID}
	switch {
	case m.Ref.Workspace == "":
		m.Ref.Workspace = directMessages
		m.Place = conversation.PlaceDM
		if where.Type == channelGroupDM || p.ChannelType != nil && *p.ChannelType == channelGroupDM {
			m.Place = conversation.PlaceGroup
		}
	case where.isThread():
		m.Place, m.Parent = conversation.PlaceThread, where.ParentID
	default:
		m.Place = conversation.PlaceChannel
		m.Ref.Thread = chainRoot(p) // never Root: the channel before it belongs to what a turn sees
	}
}

// chainRoot is the furthest ancestor that the payload shows: Discord gives the message that is answered, with the
// reference of that one, but no more.
func chainRoot(p payloadMessage) string {
	parent := p.repliesTo()
	if parent == "" {
		return p.ID
	}
	if r := p.Referenced; r != nil && r.ID == parent {
		r.ChannelID = cmp.Or(r.ChannelID, p.ChannelID)
		return cmp.Or(r.repliesTo(), parent)
	}
	return parent
}

func author(p payloadMessage, selfID string, dir directory) conversation.Author {
	if nick := dir.nick(p.GuildID, p.Author.ID); p.Member == nil && nick != "" && p.WebhookID == "" {
		p.Member = &payloadMember{Nick: nick}
	}
	a := conversation.Author{ID: p.Author.ID, Name: displayName(*p.Author, p.Member), Kind: conversation.Person}
	switch {
	case p.Author.ID == selfID && selfID != "":
		a.Kind = conversation.Self
	case p.WebhookID != "", p.Author.Bot, p.Author.System:
		a.Kind = conversation.Bot
	}
	return a
}

// attachments notes the files of a message and of what it forwards.
func attachments(p payloadMessage) []conversation.Attachment {
	var list []conversation.Attachment
	files := p.Attachments
	for _, s := range p.Snapshots {
		files = append(files[:len(files):len(files)], s.Message.Attachments...)
	}
	for _, f := range files {
		if !isSnowflake(f.ID) {
			continue
		}
		list = append(list, conversation.Attachment{
			ID:      f.ID,
			Kind:    attachmentKind(f, p.Flags),
			Name:    attachmentName(f),
			MIME:    f.ContentType,
			Size:    max(f.Size, 0),
			Locator: p.ChannelID + "/" + p.ID + "/" + f.ID,
		})
	}
	return list
}

// attachmentName prefers the title: Discord strips letters outside ASCII from the file name and keeps the real one,
// mostly without its ending, as title.
func attachmentName(f payloadAttachment) string {
	if f.Title == "" {
		return oneLine(f.Filename)
	}
	if ext := path.Ext(f.Filename); path.Ext(f.Title) == "" {
		return oneLine(f.Title + ext)
	}
	return oneLine(f.Title)
}

func attachmentKind(f payloadAttachment, flags int) conversation.AttachmentKind {
	if f.Waveform != "" || flags&flagVoiceMessage != 0 {
		return conversation.AttachmentAudio
	}
	kind, _, _ := strings.Cut(f.ContentType, ";")
	class, sub, _ := strings.Cut(strings.ToLower(strings.TrimSpace(kind)), "/")
	switch class {
	case "image":
		return conversation.AttachmentImage
	case "audio":
		return conversation.AttachmentAudio
	case "video":
		return conversation.AttachmentVideo
	case "text":
		return conversation.AttachmentDocument
	case "application":
		if sub != "octet-stream" && sub != "" {
			return documentOr(sub)
		}
	}
	return kindByName(f.Filename)
}

func documentOr(sub string) conversation.AttachmentKind {
	for _, s := range []string{"pdf", "json", "xml", "yaml", "rtf", "msword", "officedocument", "opendocument", "csv"} {
		if strings.Contains(sub, s) {
			return conversation.AttachmentDocument
		}
	}
	return conversation.AttachmentOther
}

func kindByName(name string) conversation.AttachmentKind {
	switch strings.ToLower(path.Ext(name)) {
	case ".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".heic", ".bmp", ".tiff":
		return conversation.AttachmentImage
	case ".mp3", ".ogg", ".oga", ".opus", ".wav", ".m4a", ".flac", ".aac":
		return conversation.AttachmentAudio
	case ".mp4", ".mov", ".webm", ".mkv", ".avi":
		return conversation.AttachmentVideo
	case ".pdf", ".txt", ".md", ".csv", ".json", ".xml", ".yaml", ".yml", ".doc", ".docx", ".odt", ".rtf", ".log", ".html":
		return conversation.AttachmentDocument
	}
	return conversation.AttachmentOther
}

// deleted turns MESSAGE_DELETE and MESSAGE_DELETE_BULK into the domain's event.
func deleted(channel, guild string, ids []string, at time.Time) conversation.Deleted {
	return conversation.Deleted{
		Delivery:   conversation.Delivery{ReceivedAt: at},
		Ref:        conversation.ThreadRef{Platform: conversation.Discord, Workspace: cmp.Or(guild, directMessages), Channel: channel},
		MessageIDs: ids,
		At:         at,
	}
}

// oneLine keeps foreign names from breaking out of a line.
func oneLine(s string) string { return conversation.Label(s) }
