package discord

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Message types (discord.com/developers/docs/resources/message#message-object-message-types). Every other type is
// a notice of the platform's own.
const (
	typeDefault        = 0
	typeReply          = 19
	typeCommand        = 20
	typeThreadStarter  = 21
	typeContextCommand = 23
)

// Channel types (discord.com/developers/docs/resources/channel#channel-object-channel-types).
const (
	channelText               = 0
	channelDM                 = 1
	channelVoice              = 2
	channelAnnouncement       = 5
	channelStage              = 13
	channelCategory           = 4
	channelGroupDM            = 3
	channelAnnouncementThread = 10
	channelPublicThread       = 11
	channelPrivateThread      = 12
	channelDirectory          = 14
	channelForum              = 15
	channelMedia              = 16
)

// Message flags (discord.com/developers/docs/resources/message#message-object-message-flags).
const (
	flagSuppressEmbeds = 1 << 2
	flagEphemeral      = 1 << 6
	flagVoiceMessage   = 1 << 13
)

// referenceForward is the message_reference.type of a forward; a reply has 0 or none.
const referenceForward = 1

// payloadMessage is a message as the gateway and REST give it. Parts that Discord extends from time to time are kept
// raw and decoded one by one, so that a kind that is not known yet does not cost the whole message.
type payloadMessage struct {
	ID              string              `json:"id"`
	ChannelID       string              `json:"channel_id"`
	ChannelType     *int                `json:"channel_type"`
	GuildID         string              `json:"guild_id"`
	Type            int                 `json:"type"`
	Author          *payloadUser        `json:"author"`
	Member          *payloadMember      `json:"member"`
	WebhookID       string              `json:"webhook_id"`
	Content         *string             `json:"content"`
	Timestamp       string              `json:"timestamp"`
	EditedTimestamp *string             `json:"edited_timestamp"`
	MentionEveryone bool                `json:"mention_everyone"`
	Mentions        []payloadUser       `json:"mentions"`
	MentionRoles    []string            `json:"mention_roles"`
	Attachments     []payloadAttachment `json:"attachments"`
	Embeds          json.RawMessage     `json:"embeds"`
	Components      json.RawMessage     `json:"components"`
	Stickers        json.RawMessage     `json:"sticker_items"`
	Poll            json.RawMessage     `json:"poll"`
	Flags           int                 `json:"flags"`
	Nonce           json.RawMessage     `json:"nonce"`
	Reference       *payloadReference   `json:"message_reference"`
	Referenced      *payloadMessage     `json:"referenced_message"`
	Snapshots       []payloadSnapshot   `json:"message_snapshots"`
}

type payloadUser struct {
	ID         string         `json:"id"`
	Username   string         `json:"username"`
	GlobalName string         `json:"global_name"`
	Bot        bool           `json:"bot"`
	System     bool           `json:"system"`
	Member     *payloadMember `json:"member"`
}

type payloadMember struct {
	Nick string `json:"nick"`
}

type payloadAttachment struct {
	ID           string  `json:"id"`
	Filename     string  `json:"filename"`
	Title        string  `json:"title"`
	Description  string  `json:"description"`
	ContentType  string  `json:"content_type"`
	Size         int64   `json:"size"`
	DurationSecs float64 `json:"duration_secs"`
	Waveform     string  `json:"waveform"`
	// URL is signed, and good for about a day.
	URL string `json:"url"`
}

type payloadReference struct {
	Type      int    `json:"type"`
	MessageID string `json:"message_id"`
	ChannelID string `json:"channel_id"`
}

type payloadSnapshot struct {
	Message payloadMessage `json:"message"`
}

type payloadChannel struct {
	ID       string `json:"id"`
	GuildID  string `json:"guild_id"`
	ParentID string `json:"parent_id"`
	Name     string `json:"name"`
	Type     int    `json:"type"`
	// LastMessageID and Overwrites are looked at when they come, and not kept.
	LastMessageID string             `json:"last_message_id"`
	Overwrites    []payloadOverwrite `json:"permission_overwrites"`
	Recipients    []payloadUser      `json:"recipients"`
	Thread        *struct {
		ArchivedAt string `json:"archive_timestamp"`
		Locked     bool   `json:"locked"`
	} `json:"thread_metadata"`
}

// payloadOverwrite changes what a role or a member may do in a channel.
type payloadOverwrite struct {
	ID    string `json:"id"`
	Allow string `json:"allow"`
	Deny  string `json:"deny"`
}

type payloadRole struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Permissions string `json:"permissions"`
	Tags        struct {
		BotID string `json:"bot_id"`
	} `json:"tags"`
}

type payloadGuild struct {
	ID       string           `json:"id"`
	Name     string           `json:"name"`
	OwnerID  string           `json:"owner_id"`
	JoinedAt string           `json:"joined_at"`
	Roles    []payloadRole    `json:"roles"`
	Channels []payloadChannel `json:"channels"`
	Threads  []payloadChannel `json:"threads"`
	Members  []struct {
		User  payloadUser `json:"user"`
		Roles []string    `json:"roles"`
	} `json:"members"`
}

// errNoMessage says that a payload does not name a message and its channel.
var errNoMessage = errors.New("no id and channel_id in the message")

// decodeMessage reads a message and tolerates fields of an unexpected type: odd then counts what was skipped over.
// The error says that the payload is no message at all.
func decodeMessage(raw []byte) (m payloadMessage, odd bool, err error) {
	odd, err = decode(raw, &m)
	if err != nil {
		return m, odd, fmt.Errorf("decode message: %w", err)
	}
	if !isSnowflake(m.ID) || !isSnowflake(m.ChannelID) {
		return m, odd, fmt.Errorf("decode message: %w", errNoMessage)
	}
	return m, odd, nil
}

// decode is json.Unmarshal, except that a field of the wrong type leaves that field empty and is told by odd.
func decode(raw []byte, v any) (odd bool, err error) {
	err = json.Unmarshal(raw, v)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return true, nil
	}
	return false, err
}

func isSnowflake(id string) bool {
	if id == "" || len(id) > 20 {
		return false
	}
	for i := range len(id) {
		if id[i] < '0' || id[i] > '9' {
			return false
		}
	}
	return true
}

// discordEpoch is the first millisecond of 2015 (discord.com/developers/docs/reference#snowflakes).
const discordEpoch = 1420070400000

// snowflakeTime is the moment in which Discord made the id, to the millisecond; zero for what is no id.
func snowflakeTime(id string) time.Time {
	n, err := strconv.ParseUint(id, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(int64(n>>22) + discordEpoch).UTC()
}

// snowflakeAt is the smallest id of a moment.
func snowflakeAt(t time.Time) string {
	return strconv.FormatUint(uint64(max(t.UnixMilli()-discordEpoch, 0))<<22, 10)
}

// nextSnowflake is the id just above, so that "before" it includes id.
func nextSnowflake(id string) string {
	n, err := strconv.ParseUint(id, 10, 64)
	if err != nil {
		return id
	}
	return strconv.FormatUint(n+1, 10)
}

// olderSnowflake reports whether a was made before b.
func olderSnowflake(a, b string) bool {
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return a < b
}

// nonceText is a nonce, which may be a JSON number or a string, as text.
func nonceText(raw json.RawMessage) string { return string(bytes.Trim(raw, `"`)) }

// editedAt is the time of an edit, zero where there was none.
func (m payloadMessage) editedAt() time.Time {
	if m.EditedTimestamp == nil {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, *m.EditedTimestamp)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// repliesTo is the id of the message that m answers in its own channel, else empty.
func (m payloadMessage) repliesTo() string {
	r := m.Reference
	if r == nil || r.Type == referenceForward || m.Type == typeThreadStarter || !isSnowflake(r.MessageID) {
		return ""
	}
	if r.ChannelID != "" && r.ChannelID != m.ChannelID {
		return ""
	}
	return r.MessageID
}
