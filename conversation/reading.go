package conversation

import (
	"context"
	"iter"
)

// Readings is what summaries need of the database: a scratch copy of what one task reads, and the items that chunks of
// a conversation were found to hold.
type Readings interface {
	// Collect stores a page of what a task reads; a message that is there already is replaced. An edit that the platform
	// tells while the task runs rewrites the copy, and a delete removes it, in the transaction that takes it in. It fails with
	// ErrFenced when the task is no longer ours. The copies are gone when the task's outcome is recorded.
	Collect(ctx context.Context, t Turn, page []Message) error
	// Collected gives copies after a position, oldest first, at most limit.
	Collected(ctx context.Context, t Turn, after Position, limit int) ([]Message, error)
	// Since gives stored messages of a conversation after a position, oldest first, at most limit.
	Since(ctx context.Context, ref ThreadRef, after Position, limit int) ([]Message, error)
	// Chunk gives the kept chunk of ref with this hash.
	Chunk(ctx context.Context, ref ThreadRef, hash string) (Chunk, bool, error)
	// KeepChunk stores a chunk, unless one of its messages was edited or deleted since the task began. It fails with
	// ErrFenced when the task is no longer ours.
	KeepChunk(ctx context.Context, t Turn, c Chunk) error
	// Standing gives the chunks of a conversation's standing summary, oldest first.
	Standing(ctx context.Context, ref ThreadRef) ([]Chunk, error)
	// LastSummary gives where the person's last summary of ref ended; ok is false where there was none.
	LastSummary(ctx context.Context, ref ThreadRef, userID string) (through Position, ok bool, err error)
}

// Chunk is what a piece of a conversation was found to hold. It is derived text: an edit or delete of any of its
// messages, and forgetting any of its authors, removes it in the same transaction.
type Chunk struct {
	// Ref is the conversation, or the channel (Thread empty), that the chunk is of.
	Ref ThreadRef
	// Hash names content, prompt and model; it is unique within Ref.
	Hash string
	// Standing says that the chunk is a part of the conversation's standing summary.
	Standing bool
	// From and Through are its first and its last message.
	From, Through Position
	// MessageIDs are its messages in order: number n of the chunk's text is MessageIDs[n-1].
	MessageIDs []string
	// AuthorIDs are those who wrote them, each once.
	AuthorIDs []string
	// Text is the items, a line each, in the form of package summary.
	Text string
	// Tokens is the estimate of Text.
	Tokens int
}

// Source says what an answer was derived from, where that is more than the conversation it stands in. The record
// follows it: an edit or delete of a message between From and Through erases the stored text of the answer.
type Source struct {
	Ref           ThreadRef
	From, Through Position
	// Summary says that the answer sums Ref up: Through is kept as the end of this person's last summary of it.
	Summary bool
}

// RangeRequest asks a platform for a conversation or a channel, whether Parley takes part in it or not.
type RangeRequest struct {
	// Ref is a thread, whose first message is included, or a channel with its threads where Thread is empty.
	Ref ThreadRef
	// After excludes this position and everything before it, but for the messages that began threads which go on in the
	// range; the zero value excludes nothing.
	After Position
	// Limit is how many of the newest messages are wanted; 0 is all.
	Limit int
	// Only is the id of one message of Ref: it alone is read, whatever After and Limit say, and nothing is yielded where it is
	// not there. Empty: everything.
	Only string
	// Reader is who will read the result: what that person may not see of the channel's threads is left out.
	Reader string
}

// RangeReader is an optional capability of a Messenger: it pages through a conversation or a channel in bounded memory
// and within the platform's limits, newest first for a channel, in any order within a thread. Each message's Ref tells its
// thread. The error is the last thing yielded; without one everything asked for was read.
type RangeReader interface {
	ReadRange(ctx context.Context, r RangeRequest) iter.Seq2[[]Message, error]
}

// MembershipChecker is an optional capability of a Messenger: it tells what people may read now. Without it, and on
// any error, nothing of another conversation is told to anybody.
type MembershipChecker interface {
	// MayRead reports whether the person may read ref and its history at this moment. It is false also where Parley
	// cannot tell: a channel that does not exist, or that Parley is not in.
	MayRead(ctx context.Context, ref ThreadRef, userID string) (bool, error)
	// Covers reports whether everybody who can read what is posted in audience may read source too.
	Covers(ctx context.Context, source, audience ThreadRef) (bool, error)
}

// Linker is an optional capability of a Messenger: it makes and reads links to messages. It makes no call.
type Linker interface {
	// Link gives the address of a message; "" where it cannot be made yet.
	Link(ref ThreadRef, messageID string) string
	// FindLink finds the first link to a message or channel of this platform in text. messageID is empty for a link to a
	// channel or a thread. That it parses says nothing of what anybody may read.
	FindLink(text string) (ref ThreadRef, messageID string, ok bool)
}

// Whisper is one message of a private answer to a command.
type Whisper struct {
	// Ask is the command that is answered: its Handle and Expires.
	Ask Ask
	Ref ThreadRef
	// To is the id of the person.
	To string
	// Part is the message's number within the answer. Others than 0 come only where Replaces.
	Part int
	// MessageID is the further message that is brought up to date; empty: Part 0, or one that is to be sent.
	MessageID string
	// Text is CommonMark, inert like Outgoing.Text, no longer than one part of SplitWhisper.
	Text string
	// KnownURLs are links that may act.
	KnownURLs []string
	// Share offers the button "Share in thread", which comes back as an Asked with VerbShare and this text; empty: none.
	Share string
}

// Whisperer is an optional capability of a Messenger.
type Whisperer interface {
	// SplitWhisper cuts CommonMark into the messages of one private answer, and leaves reserve runes free in each; whole is
	// false where they hold only its beginning. A platform that only adds messages gives one.
	SplitWhisper(markdown string, reserve int) (texts []string, whole bool)
	// Whisper shows a message to the person who gave the command and to nobody else. On Discord Part 0 takes the place of what
	// acknowledged the command, any number of times within 15 minutes; the others are sent once, which gives their ids, and
	// then brought up to date. Slack shows each message below those before, whatever replace_original says
	// (slackapi/bolt-js issue 2287), and takes five in 30 minutes; whoever calls it keeps to one of progress and one at the
	// end. It fails with CodeHandleGone when the platform takes no more, and with CodeMessageGone when the person has closed
	// the message.
	Whisper(ctx context.Context, w Whisper) (messageID string, err error)
	// Unwhisper takes a further message away. One that is gone already is no error.
	Unwhisper(ctx context.Context, w Whisper) error
	// Replaces reports whether Part 0 takes the place of what was shown before.
	Replaces() bool
	// Direct gives the direct conversation with a person, as the Ref that Post takes.
	Direct(ctx context.Context, workspace, userID string) (ThreadRef, error)
}
