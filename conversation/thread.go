package conversation

import (
	"log/slog"
	"strings"
	"time"
)

// Platform names where a conversation takes place. It is the first part of every stored key.
type Platform string

// The platforms that Parley speaks to. Terminal is `parley chat`.
const (
	Slack    Platform = "slack"
	Discord  Platform = "discord"
	Terminal Platform = "terminal"
)

// ThreadRef names one conversation. It is comparable, and its parts are opaque: only the adapter of Platform makes
// and parses them.
type ThreadRef struct {
	Platform Platform
	// Workspace is the Slack team, the Discord guild, or "@me" for Discord direct messages.
	Workspace string
	// Channel is the place where a reply is posted. A Discord thread is its own channel.
	Channel string
	// Thread is the part of the key below the channel: a Slack thread_ts, the root message of a Discord reply
	// chain. It is empty where the channel itself is the conversation, and on stored messages of a channel that
	// belong to no conversation (what was said there before a mention).
	Thread string
}

// String is for logs: platform/workspace/channel/thread.
func (r ThreadRef) String() string {
	return strings.Join([]string{string(r.Platform), r.Workspace, r.Channel, r.Thread}, "/")
}

// LogValue implements slog.LogValuer: the text is made only for lines that are written.
func (r ThreadRef) LogValue() slog.Value { return slog.StringValue(r.String()) }

// Place says what kind of place a message was written in; it decides who counts as addressed.
type Place string

// The places. A reply inside a Slack thread of a channel or group, and anything in a Discord thread or forum post,
// is PlaceThread; everything written to the bot alone is PlaceDM, threaded or not.
const (
	PlaceDM      Place = "dm"
	PlaceGroup   Place = "group"
	PlaceChannel Place = "channel"
	PlaceThread  Place = "thread"
	// PlacePrivate is a command's: its answer is seen by the person who gave it and by nobody else.
	PlacePrivate Place = "private"
)

// Position orders the messages of a channel: by the platform's own clock, then by id. It does not depend on the
// order in which messages were delivered.
type Position struct {
	SentAt    time.Time
	MessageID string
}

// Before reports whether p comes before q in the channel.
func (p Position) Before(q Position) bool {
	if !p.SentAt.Equal(q.SentAt) {
		return p.SentAt.Before(q.SentAt)
	}
	return p.MessageID < q.MessageID
}
