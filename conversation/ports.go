package conversation

import (
	"context"
	"iter"
	"time"
)

// Accepted is what the store did with an event.
type Accepted struct {
	// Duplicate says that the event, or the message, had been accepted before; nothing was changed.
	Duplicate bool
	Decision  Decision
	// ConversationID is 0 where the event concerns no conversation of Parley's.
	ConversationID int64
	Seq            int64
}

// HistoryQuery asks for stored messages of a conversation, newest first.
type HistoryQuery struct {
	Ref ThreadRef
	// Before excludes this position and everything after it.
	Before Position
	// Limit is the page's size, at most 500.
	Limit int
}

// Store is what the engine needs of the database. Postgres (package store) and the in-memory store of
// conversationtest pass the same suite.
type Store interface {
	// Accept dedupes and stores an event, asks decide under the conversation's lock, and opens an item and a job
	// where a turn is owed, all in one transaction. It makes no call outside the database.
	Accept(ctx context.Context, e Event, decide DecideFunc) (Accepted, error)
	// ThreadOf gives the Thread of the conversation that a stored message, or a part of an answer, belongs to.
	// ok is false when the message is not known or belongs to no conversation.
	ThreadOf(ctx context.Context, ref ThreadRef, messageID string) (thread string, ok bool, err error)
	// History gives messages of q.Ref that are not deleted, newest first, at most q.Limit.
	History(ctx context.Context, q HistoryQuery) ([]Message, error)
	// ChannelBefore gives stored messages of the channel that lie before q.Before, whatever conversation they
	// belong to, newest first.
	ChannelBefore(ctx context.Context, q HistoryQuery) ([]Message, error)
	// SaveHistory stores messages that the platform gave and the store does not have. Messages newer than the
	// conversation's first addressed one are decided as messages that were missed. Known messages are rewritten where
	// the platform holds a newer version; where the page is whole, and the conversation was read before, stored messages
	// that it ought to hold and does not are erased like deleted ones. It fails with ErrFenced when the turn is no
	// longer ours.
	SaveHistory(ctx context.Context, t Turn, page HistoryPage, decide DecideFunc) error
	// HistoryDone notes that everything said before the first mention is stored, and that what is stored is what the
	// platform holds. After an absence that is no longer certain: Turn.HistoryKnown is then false once more.
	HistoryDone(ctx context.Context, t Turn) error
	// Intend stores the intent to send a part before the platform is called, and gives the stored part: a part
	// of that number that exists already is returned as it is, with its SendID.
	Intend(ctx context.Context, t Turn, number int) (Part, error)
	// Sent stores the platform's id of a part.
	Sent(ctx context.Context, t Turn, number int, messageID string) error
	// Recorded reports whether a message of the channel is recorded as a part of any answer.
	Recorded(ctx context.Context, ref ThreadRef, messageID string) (bool, error)
	// Removed notes that a part does not stand on the platform any more: the part is forgotten, so that it can be
	// intended anew, and what is stored of its message is erased.
	Removed(ctx context.Context, t Turn, number int) error
	// Holds fails with ErrFenced when this process cannot be sure that the turn is still its own: its last word from
	// the database is two seconds old, or the turn is known to be lost. It asks nobody, so it is called right before
	// every write to the platform, which no lease guards.
	Holds(t Turn) error
}

// Budget limits what is spent in a day of UTC, in all processes together.
type Budget interface {
	// BudgetUsed is the used part of the budget that is closest to its end, of the turn's author or of everybody. What
	// running turns have reserved counts as used.
	BudgetUsed(ctx context.Context, t Turn) (float64, error)
	// Reserve is called right before each request to the model, with the most that the turn will then have used: US
	// dollars, and tokens read and written. It takes the place of what the turn reserved before, in an earlier attempt
	// too. It fails with ErrBudget or ErrUserBudget where that is more than is left, and with ErrFenced when the turn is no
	// longer ours. Recording the turn's outcome puts what was really used in its place.
	Reserve(ctx context.Context, t Turn, usd float64, tokens int) error
}

// HistoryPage is a part of what the platform holds of a conversation.
type HistoryPage struct {
	Messages []Message
	// Whole says that the platform holds nothing else of the conversation between the oldest and the newest of
	// Messages.
	Whole bool
}

// Outgoing is one message to send or to bring up to date.
type Outgoing struct {
	Ref   ThreadRef
	Place Place
	// ReplyTo is the id of the message that is answered.
	ReplyTo string
	// SendID lets the platform, or FindSent, recognise a message that was sent before.
	SendID string
	// Part is the message's number within its answer: the first is 0, files have numbers from FilePart on.
	Part int
	// KnownIDs are the messages of the same answer that are recorded already, in no order: for FindSent, which looks
	// for none of them. Post and Edit do without.
	KnownIDs []string
	// Text is CommonMark, no longer than Split allows. It is inert: adapters escape everything that would ping.
	Text string
	// KnownURLs are links that the conversation contains. Any other link is shown but not made to act.
	KnownURLs []string
	// Final says that no further edit will follow; final edits come before interim ones in the platform's limits.
	Final bool
	// Stop asks for a button "Stop" under the text, which comes back as Stopped with the message's id; a later edit
	// without it takes the button away.
	Stop bool
	// Share asks for a button "Share in thread" under the text, which comes back as an Asked with VerbShare and this text;
	// empty: none. It is never set together with Stop.
	Share string
}

// Messenger is what the engine needs of a platform. Its errors are *Failure: Retry where the platform was busy or
// unreachable, CodeSendUnknown where a post may or may not have arrived, CodePlatformRefused where the place takes no posts,
// CodeCallRefused where this call was refused and another may pass, CodeEditRefused where the message stands and can no
// longer be edited, CodeMessageGone where it has been deleted.
type Messenger interface {
	// Split cuts CommonMark into parts that each fit one message after rendering, and leaves reserve runes free in
	// each. No text gives no parts.
	Split(markdown string, reserve int) []string
	// Post sends a message once and gives its id. It waits for the platform's limits, and does not retry where
	// the outcome is unknown.
	Post(ctx context.Context, out Outgoing) (messageID string, err error)
	// AwaitEdit waits until an interim edit in ref is within what first posts and final edits leave of the limits.
	AwaitEdit(ctx context.Context, ref ThreadRef) error
	// Edit replaces a message's text.
	Edit(ctx context.Context, messageID string, out Outgoing) error
}

// SentFinder is an optional capability of a Messenger: it looks for a message that an earlier attempt may have
// posted. found is false when the platform is sure to hold none.
type SentFinder interface {
	FindSent(ctx context.Context, out Outgoing, since time.Time) (messageID string, found bool, err error)
}

// StatusSetter is an optional capability of a Messenger: "is thinking" under the composer, or a typing
// indicator. The platform clears it by itself when a message is posted or after a while, so the engine repeats it.
type StatusSetter interface {
	SetStatus(ctx context.Context, ref ThreadRef, text string) error
	// StatusEvery is how often SetStatus must be repeated to stay visible.
	StatusEvery() time.Duration
}

// HistoryRequest asks a platform for what was said in a conversation.
type HistoryRequest struct {
	Ref   ThreadRef
	Place Place
	// Trigger is the message that began the turn.
	Trigger Message
}

// HistoryReader is an optional capability of a Messenger: it pages through what the platform holds of a
// conversation, in bounded memory. Each message's Ref tells whether it belongs to the conversation or only to the
// channel (empty Thread). The error is the last thing yielded; without one the history is complete within the
// adapter's documented limits.
type HistoryReader interface {
	History(ctx context.Context, r HistoryRequest) iter.Seq2[[]Message, error]
}

// HistoryWhole is an optional capability of a HistoryReader: it reports whether each page of History for r is whole
// (HistoryPage.Whole). Messages of a kind that no event brings may be left out. Where a page begins with the message that
// ended the one before it, no gap is left between the two; a message given twice is no harm.
type HistoryWhole interface {
	HistoryWhole(r HistoryRequest) bool
}

// ThreadResolver is an optional capability of a Messenger: it follows a reply chain to its root when the store does
// not know the message that is answered. It gives the Thread part of the key.
type ThreadResolver interface {
	ResolveThread(ctx context.Context, m Message) (thread string, err error)
}

// File is a text file to post.
type File struct {
	Name string
	Text string
}

// FilePoster is an optional capability of a Messenger: it posts a file in the conversation, once, under
// out.SendID. An adapter without it has the whole answer sent in further parts.
type FilePoster interface {
	PostFile(ctx context.Context, out Outgoing, file File) (messageID string, err error)
}

// Deleter is an optional capability of a Messenger: it takes a message of Parley's own away. A message that is
// gone already is no error.
type Deleter interface {
	Delete(ctx context.Context, ref ThreadRef, messageID string) error
}

// Dater is an optional capability of a Messenger: it tells when the platform took a message, from its id, so that
// Parley's own messages stand in order with the others whatever this machine's clock says.
type Dater interface {
	SentAt(messageID string) (at time.Time, ok bool)
}

// Sparer is an optional capability of a Messenger: Scarce reports whether the platform's limits leave so few edits in ref
// now that an answer is better posted once, when it is whole, than shown as it grows.
type Sparer interface {
	Scarce(ref ThreadRef) bool
}
