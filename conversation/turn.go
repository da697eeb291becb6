package conversation

import "time"

// Item is one addressed message that a turn answers, and why it counts as addressed.
type Item struct {
	Message Message
	Reason  Reason
	// Refuse is set when the turn's only work is to say why there is no answer; its code is the reason.
	Refuse Code
}

// Part is one message of the answer. The intent (Number, SendID) is stored before the platform is called, the
// MessageID after it.
type Part struct {
	// Number counts from 0; from FilePart on it is a file that carries a whole long answer.
	Number int
	// SendID is random, opaque, at most 25 characters, and the same on every attempt to send this part. Discord
	// takes it as nonce (limit 25), Slack as metadata.
	SendID string
	// MessageID is the platform's id, empty until the platform has answered.
	MessageID string
	// IntendedAt is when the intent was stored.
	IntendedAt time.Time
	// Ref is where it stands, where that is not the turn's own conversation.
	Ref ThreadRef
}

// FilePart, plus the attempt, is the Part.Number of the file that follows an answer of too many parts.
const FilePart = 1000

// Turn is one run of the engine for a conversation: the items it answers and what earlier attempts already sent.
type Turn struct {
	ID             int64
	ConversationID int64
	Ref            ThreadRef
	Place          Place
	// Lease is the fencing number: every write of the turn is conditional on it.
	Lease int64
	// Attempt counts from 1; above 1 an earlier attempt was cut off.
	Attempt int
	// Items are in the order in which people wrote them, at least one, all by one author. It is empty when Withdrawn.
	Items []Item
	// Withdrawn says that every message that the turn was to answer has been deleted: what is left to do is to take
	// away the Parts that stand on the platform.
	Withdrawn bool
	// Parts are those that earlier attempts recorded, by number, or those of the answer that an edited question had:
	// the new answer takes their place.
	Parts []Part
	// HistoryKnown says that the store has all that was said in this conversation before the first mention, as the
	// platform holds it. After an absence it is false once.
	HistoryKnown bool
	// Overtaken says that something said here arrived before the first mention did, and was not kept: only reading the
	// history brings it, and it may be owed an answer.
	Overtaken bool
	// To is where the parts of the answer stand, where that is not Ref: a direct message that answers a command, the thread
	// that a summary is shared in. The engine sets it before it calls Intend, which records the part there.
	To ThreadRef
	// Stopped says that an earlier attempt was stopped by the person who asked: what is left is to say so.
	Stopped bool
	// Task is what an earlier turn handed over; nil: this is a turn that answers at once. A TaskDigest has no Items.
	Task *Task
	// QueuedAt is when the oldest item was accepted.
	QueuedAt time.Time
}

// Target is where the parts of the answer stand.
func (t Turn) Target() ThreadRef {
	if t.To != (ThreadRef{}) {
		return t.To
	}
	return t.Ref
}

// Last is the newest item: the one that the answer is attached to.
func (t Turn) Last() Item { return t.Items[len(t.Items)-1] }

// OutcomeKind is how an addressed message ended.
type OutcomeKind string

// The outcomes of an addressed message. Withdrawn is written by the store when the author deletes the question.
const (
	Answered  OutcomeKind = "answered"
	Refused   OutcomeKind = "refused"
	Failed    OutcomeKind = "failed"
	Withdrawn OutcomeKind = "withdrawn"
	Missed    OutcomeKind = "missed"
)

// Usage counts tokens as the model server tells them, or by the estimate where it does not (Estimated).
type Usage struct {
	Input, Cached, Output int
	Estimated             bool
}

// plus is the sum of two.
func (u Usage) plus(v Usage) Usage {
	return Usage{Input: u.Input + v.Input, Cached: u.Cached + v.Cached, Output: u.Output + v.Output, Estimated: u.Estimated || v.Estimated}
}

// tokens are those read and written.
func (u Usage) tokens() int { return u.Input + u.Output }

// Spend is what one model has used in a turn.
type Spend struct {
	// Model is its name, as the server knows it.
	Model string
	Usage Usage
	// Heard is how much sound was written down that is paid for by its length.
	Heard   time.Duration
	CostUSD float64
}

// Timings are durations from QueuedAt, 0 where a stage was not reached.
type Timings struct {
	Queued, Packed, FirstToken, FirstVisible, Total time.Duration
}

// SentPart is a part of the answer as it stands on the platform at the end of the turn.
type SentPart struct {
	MessageID string
	Text      string
	SentAt    time.Time
	// Ref is where it stands, where that is not the turn's own conversation: a direct message that answers a command.
	Ref ThreadRef
}

// Outcome is what a turn ended in. It is recorded once, for all items of the turn.
type Outcome struct {
	Kind OutcomeKind
	// Reason is the failure's or refusal's code; empty for Answered, unless the answer was cut.
	Reason Code
	// Detail is the cause for the operator, from the error chain; never shown in a chat.
	Detail  string
	Parts   []SentPart
	Model   string
	Usage   Usage
	CostUSD float64
	// Spent is Usage and CostUSD by model: they are its sums. Where it is empty, all of it is Model's.
	Spent []Spend
	// PromptHash names the prompt templates that were used.
	PromptHash string
	// Omitted counts messages of the conversation that did not fit the window.
	Omitted int
	Timings Timings
	// Task, when set, hands the turn's items over: Kind is then empty, and the items stay open until the task has ended.
	Task *Task
	// Digest asks for a TaskDigest of the conversation, unless one is waiting or running.
	Digest bool
	// Source is what Parts were derived from, nil where that is the conversation itself.
	Source *Source
	// Derived is set where stored answers that were derived from another conversation were in the prompt: Ref is that
	// conversation, and From and Through are where those answers stand in the turn's own channel. This answer then has the same source, and
	// is erased with those. Source wins.
	Derived *Source
}
