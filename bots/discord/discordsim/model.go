package discordsim

import (
	"encoding/json"
	"time"
)

// User is a person or a bot. Name is the username; a mention in a text is <@ID>.
type User struct {
	ID   string
	Name string
	Bot  bool
}

// Guild is a server. OwnerID is a user of its own, made with the guild, who may do everything.
type Guild struct {
	ID      string
	Name    string
	OwnerID string
}

// Role is a role of a guild; the one whose ID is the guild's is @everyone.
type Role struct {
	ID          string
	GuildID     string
	Name        string
	Permissions Permissions
}

// Member is a user in a guild, with the roles beside @everyone.
type Member struct {
	User  User
	Roles []string
}

// Kind is Discord's channel type (discord.com/developers/docs/resources/channel#channel-object-channel-types).
type Kind int

// The channel types that the simulator knows.
const (
	Text               Kind = 0
	DM                 Kind = 1
	Voice              Kind = 2
	Announcement       Kind = 5
	AnnouncementThread Kind = 10
	PublicThread       Kind = 11
	PrivateThread      Kind = 12
	Forum              Kind = 15
)

// Channel is a guild channel, a thread (ParentID is its channel) or a DM (GuildID is empty).
type Channel struct {
	ID       string
	GuildID  string
	ParentID string
	Name     string
	Kind     Kind
}

// MessageType is Discord's message type
// (discord.com/developers/docs/resources/message#message-object-message-types).
type MessageType int

// The message types that the simulator makes.
const (
	Default          MessageType = 0
	Join             MessageType = 7
	ThreadCreated    MessageType = 18
	Reply            MessageType = 19
	ChatInputCommand MessageType = 20
	ThreadStarter    MessageType = 21
)

// Message flags (discord.com/developers/docs/resources/message#message-object-message-flags).
const (
	FlagSuppressEmbeds = 1 << 2
	FlagHasThread      = 1 << 5
	FlagEphemeral      = 1 << 6
	FlagLoading        = 1 << 7
	FlagSilent         = 1 << 12
	FlagVoiceMessage   = 1 << 13
	FlagHasSnapshot    = 1 << 14
)

// Message is a message as a person sees it now.
type Message struct {
	ID        string
	ChannelID string
	GuildID   string
	Type      MessageType
	Author    User
	Content   string
	// Revisions holds every text that the message has had, oldest first; the last is Content.
	Revisions []string
	// ReplyTo is the message that this one answers, empty for none.
	ReplyTo string
	// Nonce is what the bot sent as nonce; no person sees it.
	Nonce string
	Flags int
	// Mentions holds the users who were notified, MentionRoles the roles.
	Mentions        []string
	MentionRoles    []string
	MentionEveryone bool
	Attachments     []Attachment
	Embeds          []json.RawMessage
	// Components are the buttons and the like under it, a JSON list.
	Components json.RawMessage
	Reactions  []Reaction
	// ThreadID is the thread that was started from this message.
	ThreadID  string
	CreatedAt time.Time
	// EditedAt is zero until the text is edited; a resolved link preview does not set it.
	EditedAt time.Time
	Deleted  bool
}

// Reaction is one emoji under a message with those who chose it.
type Reaction struct {
	Emoji   string
	UserIDs []string
}

// File is what a person or the bot uploads. Title is the name that people see when Discord had to
// change the file name; DurationSecs and Waveform (base64) are set on voice messages.
type File struct {
	Name         string
	ContentType  string
	Data         []byte
	Title        string
	Description  string
	DurationSecs float64
	Waveform     string
	Width        int
	Height       int
}

// Attachment is an uploaded file in a message. URL is signed and lasts for [Options].LinkLifetime.
type Attachment struct {
	ID string
	File
	URL string
}
