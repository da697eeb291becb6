package conversation

import "time"

// AuthorKind tells people from programs and from Parley itself.
type AuthorKind string

// Kinds of author. Self is Parley's own account on that platform; Bot is any other program, webhook or
// system message.
const (
	Person AuthorKind = "person"
	Bot    AuthorKind = "bot"
	Self   AuthorKind = "self"
)

// Author is who wrote a message.
type Author struct {
	// ID is the platform's user id, opaque.
	ID string
	// Name is what people see; it falls back to ID where a name could not be had.
	Name string
	Kind AuthorKind
}

// MentionKind tells what a mention names.
type MentionKind string

// Kinds of mention. MentionSelf is Parley; MentionEveryone is any mass mention (@here, @channel, @everyone).
const (
	MentionSelf     MentionKind = "self"
	MentionUser     MentionKind = "user"
	MentionRole     MentionKind = "role"
	MentionChannel  MentionKind = "channel"
	MentionEveryone MentionKind = "everyone"
)

// Mention is one name in a message's text. The text holds it as "@Name" (or "#Name" for a channel).
type Mention struct {
	Kind MentionKind
	ID   string
	Name string
}

// AttachmentKind is the sort of file, as far as name and type tell before it is opened.
type AttachmentKind string

// Kinds of attachment.
const (
	AttachmentImage    AttachmentKind = "image"
	AttachmentAudio    AttachmentKind = "audio"
	AttachmentVideo    AttachmentKind = "video"
	AttachmentDocument AttachmentKind = "document"
	AttachmentOther    AttachmentKind = "other"
)

// Attachment is a file noted with its message. It holds no bytes.
type Attachment struct {
	// ID is the platform's file id, unique within the message.
	ID   string
	Kind AttachmentKind
	// Name is the file's name as its author gave it: foreign text.
	Name string
	// MIME is what the platform says; it is not to be trusted.
	MIME string
	// Size is in bytes, 0 where the platform does not say.
	Size int64
	// Locator is what the adapter needs to open the file again. It is never a token nor a signed URL.
	Locator string
	// Verdict is what became of the file, empty while nobody has looked.
	Verdict Verdict
	// SHA256 is the hash of the file's bytes in hex, empty until they were read.
	SHA256 string
	// Description is what the file shows or says: a description, a transcript, the beginning of a text. It is kept once for
	// each content, and is gone with the last message that holds the file.
	Description string
	// Tokens is the estimate of Description.
	Tokens int
}

// Verdict is what became of a file. It is stored, is a metric label, and people see it in words.
type Verdict string

// The verdicts.
const (
	VerdictDescribed   Verdict = "described"
	VerdictTranscribed Verdict = "transcribed"
	VerdictRead        Verdict = "read"
	VerdictTooLarge    Verdict = "too_large"
	VerdictUnsupported Verdict = "unsupported"
	VerdictGone        Verdict = "gone"
	VerdictUnreadable  Verdict = "unreadable"
	// VerdictUnseen: the file is sound, but no model that is set up can take it in, or its server failed.
	VerdictUnseen Verdict = "unseen"
)

// Message is one message as the platform holds it now.
type Message struct {
	Ref   ThreadRef
	Place Place
	// ID is the platform's message id, unique within platform, workspace and channel.
	ID string
	// Seq is the order of acceptance within the conversation, from 1; 0 before the store has given one.
	Seq    int64
	Author Author
	// Text is CommonMark, with mentions by name. It is empty for a deleted message.
	Text        string
	Mentions    []Mention
	Attachments []Attachment
	// Parent is the channel that a Discord thread belongs to, else empty.
	Parent string
	// ReplyTo is the id of the message that this one answers by reference (Discord), else empty.
	ReplyTo string
	// ReplyToAuthor is the kind of that message's author where the platform says it, else empty.
	ReplyToAuthor AuthorKind
	// ReplyToAuthorID is the id of that author where the platform says it, else empty.
	ReplyToAuthorID string
	// Root says that nothing that a turn should see was said before this message: the platform need not be asked
	// for history. It is false wherever a turn also sees what stands in the channel before the conversation.
	Root      bool
	SentAt    time.Time
	EditedAt  time.Time
	DeletedAt time.Time
	// Revision counts edits, from 0.
	Revision int
	// Tokens is the estimate of Text at the time it was stored, before calibration; 0 where it was not made.
	Tokens int
	// Ask is set where this is a command and no message of the platform; Place is then PlacePrivate.
	Ask *Ask
	// Source is set on an answer of Parley's that was derived from another conversation than the one it stands in: it
	// may enter a prompt only if the person who asks may read that one now.
	Source ThreadRef
}

// Position is where the message stands in its channel.
func (m Message) Position() Position { return Position{SentAt: m.SentAt, MessageID: m.ID} }

// MentionsSelf reports whether the message names Parley.
func (m Message) MentionsSelf() bool {
	for _, mention := range m.Mentions {
		if mention.Kind == MentionSelf {
			return true
		}
	}
	return false
}

// AddressesOthers reports whether the message is turned to somebody who is not Parley: it names a person, a
// group or everyone, or answers another person's message by reference.
func (m Message) AddressesOthers() bool {
	for _, mention := range m.Mentions {
		switch mention.Kind {
		case MentionUser, MentionRole, MentionEveryone:
			return true
		case MentionSelf, MentionChannel:
		}
	}
	return m.ReplyToAuthor == Person && m.ReplyToAuthorID != m.Author.ID
}
