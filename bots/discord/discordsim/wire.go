package discordsim

import (
	"encoding/json"
	"time"
)

// The JSON shapes of the documented objects. Fields that Discord always sends as null or as an
// empty list are written so, because clients look for them.

type wireUser struct {
	ID            string      `json:"id"`
	Username      string      `json:"username"`
	Discriminator string      `json:"discriminator"`
	GlobalName    *string     `json:"global_name"`
	Avatar        *string     `json:"avatar"`
	Bot           bool        `json:"bot,omitempty"`
	PublicFlags   int         `json:"public_flags"`
	Member        *wireMember `json:"member,omitempty"`
}

type wireMember struct {
	User     *wireUser `json:"user,omitempty"`
	Nick     *string   `json:"nick"`
	Avatar   *string   `json:"avatar"`
	Roles    []string  `json:"roles"`
	JoinedAt string    `json:"joined_at"`
	Deaf     bool      `json:"deaf"`
	Mute     bool      `json:"mute"`
	Flags    int       `json:"flags"`
	Pending  bool      `json:"pending"`
	Timeout  *string   `json:"communication_disabled_until"`
}

type wireRole struct {
	ID          string      `json:"id"`
	Name        string      `json:"name"`
	Permissions Permissions `json:"permissions,string"`
	Position    int         `json:"position"`
	Color       int         `json:"color"`
	Hoist       bool        `json:"hoist"`
	Managed     bool        `json:"managed"`
	Mentionable bool        `json:"mentionable"`
	Flags       int         `json:"flags"`
}

type wireOverwrite struct {
	ID    string        `json:"id"`
	Type  OverwriteKind `json:"type"`
	Allow Permissions   `json:"allow,string"`
	Deny  Permissions   `json:"deny,string"`
}

type wireChannel struct {
	ID             string              `json:"id"`
	Type           Kind                `json:"type"`
	GuildID        string              `json:"guild_id,omitempty"`
	Name           string              `json:"name,omitempty"`
	ParentID       *string             `json:"parent_id,omitempty"`
	OwnerID        string              `json:"owner_id,omitempty"`
	Position       int                 `json:"position"`
	Topic          *string             `json:"topic,omitempty"`
	LastMessageID  *string             `json:"last_message_id"`
	Overwrites     []wireOverwrite     `json:"permission_overwrites,omitzero"`
	Recipients     []wireUser          `json:"recipients,omitempty"`
	AvailableTags  []json.RawMessage   `json:"available_tags,omitzero"`
	Thread         *wireThreadMetadata `json:"thread_metadata,omitempty"`
	Member         *wireThreadMember   `json:"member,omitempty"`
	MessageCount   *int                `json:"message_count,omitempty"`
	MemberCount    *int                `json:"member_count,omitempty"`
	RateLimit      int                 `json:"rate_limit_per_user"`
	Flags          int                 `json:"flags"`
	NewlyCreated   bool                `json:"newly_created,omitempty"`
	StarterMessage *wireMessage        `json:"message,omitempty"`
}

type wireThreadMetadata struct {
	Archived            bool   `json:"archived"`
	AutoArchiveDuration int    `json:"auto_archive_duration"`
	ArchiveTimestamp    string `json:"archive_timestamp"`
	Locked              bool   `json:"locked"`
	Invitable           *bool  `json:"invitable,omitempty"`
	CreateTimestamp     string `json:"create_timestamp"`
}

type wireThreadMember struct {
	ID            string `json:"id"`
	UserID        string `json:"user_id"`
	JoinTimestamp string `json:"join_timestamp"`
	Flags         int    `json:"flags"`
}

type wireMessage struct {
	ID              string            `json:"id"`
	ChannelID       string            `json:"channel_id"`
	ChannelType     *Kind             `json:"channel_type,omitempty"`
	GuildID         string            `json:"guild_id,omitempty"`
	Type            MessageType       `json:"type"`
	Author          wireUser          `json:"author"`
	Member          *wireMember       `json:"member,omitempty"`
	WebhookID       string            `json:"webhook_id,omitempty"`
	Content         string            `json:"content"`
	Timestamp       string            `json:"timestamp"`
	EditedTimestamp *string           `json:"edited_timestamp"`
	TTS             bool              `json:"tts"`
	MentionEveryone bool              `json:"mention_everyone"`
	Mentions        []wireUser        `json:"mentions"`
	MentionRoles    []string          `json:"mention_roles"`
	Attachments     []wireAttachment  `json:"attachments"`
	Embeds          []json.RawMessage `json:"embeds"`
	Components      json.RawMessage   `json:"components"`
	Reactions       []wireReaction    `json:"reactions,omitempty"`
	Nonce           json.RawMessage   `json:"nonce,omitempty"`
	Pinned          bool              `json:"pinned"`
	Flags           int               `json:"flags"`
	Reference       *wireReference    `json:"message_reference,omitempty"`
	// Referenced is absent when nothing is referenced, null when the message is gone.
	Referenced json.RawMessage `json:"referenced_message,omitempty"`
	Snapshots  []wireSnapshot  `json:"message_snapshots,omitempty"`
	Thread     *wireChannel    `json:"thread,omitempty"`
}

type wireReference struct {
	Type      int    `json:"type"`
	MessageID string `json:"message_id,omitempty"`
	ChannelID string `json:"channel_id"`
	GuildID   string `json:"guild_id,omitempty"`
}

type wireSnapshot struct {
	Message wireSnapshotMessage `json:"message"`
}

// wireSnapshotMessage has no author: Discord leaves it out of forwards.
type wireSnapshotMessage struct {
	Type            MessageType       `json:"type"`
	Content         string            `json:"content"`
	Timestamp       string            `json:"timestamp"`
	EditedTimestamp *string           `json:"edited_timestamp"`
	Mentions        []wireUser        `json:"mentions"`
	MentionRoles    []string          `json:"mention_roles"`
	Attachments     []wireAttachment  `json:"attachments"`
	Embeds          []json.RawMessage `json:"embeds"`
	Flags           int               `json:"flags"`
}

type wireAttachment struct {
	ID           string  `json:"id"`
	Filename     string  `json:"filename"`
	Title        string  `json:"title,omitempty"`
	Description  string  `json:"description,omitempty"`
	ContentType  string  `json:"content_type,omitempty"`
	Size         int     `json:"size"`
	URL          string  `json:"url"`
	ProxyURL     string  `json:"proxy_url"`
	Width        int     `json:"width,omitempty"`
	Height       int     `json:"height,omitempty"`
	DurationSecs float64 `json:"duration_secs,omitempty"`
	Waveform     string  `json:"waveform,omitempty"`
	Flags        int     `json:"flags,omitempty"`
	Ephemeral    bool    `json:"ephemeral,omitempty"`
}

type wireReaction struct {
	Count int       `json:"count"`
	Me    bool      `json:"me"`
	Emoji wireEmoji `json:"emoji"`
}

type wireEmoji struct {
	ID   *string `json:"id"`
	Name string  `json:"name"`
}

// timestamp writes a time as Discord does: ISO 8601 with microseconds and a numeric zone.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000-07:00") }

func optionalTimestamp(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := timestamp(t)
	return &s
}
