package conversation

import (
	"slices"
	"time"
)

// Reason says why a message gets an answer or none. It is a metric label: the set is small and fixed.
type Reason string

// Reasons to answer.
const (
	ReasonMention  Reason = "mention"
	ReasonDM       Reason = "dm"
	ReasonReply    Reason = "reply"
	ReasonFollowUp Reason = "follow_up"
	ReasonAlways   Reason = "always"
	ReasonCommand  Reason = "command"
	// ReasonStop: the message ends the answer that its author is waiting for, and gets none of its own.
	ReasonStop Reason = "stop"
)

// Reasons not to answer. The last five are refusals when the message was addressed to Parley.
const (
	ReasonSelf                Reason = "own_message"
	ReasonBot                 Reason = "bot"
	ReasonElsewhere           Reason = "addressed_elsewhere"
	ReasonNotAddressed        Reason = "not_addressed"
	ReasonDeniedUser          Reason = "denied_user"
	ReasonWorkspaceNotAllowed Reason = "workspace_not_allowed"
	ReasonChannelNotAllowed   Reason = "channel_not_allowed"
	ReasonRate                Reason = "rate"
	ReasonTooOld              Reason = "too_old"
)

// FollowUps says when a message without a mention is answered. Its values are those of the variable FOLLOW_UPS.
type FollowUps string

// The values of FOLLOW_UPS.
const (
	FollowUpsNever  FollowUps = "never"
	FollowUpsThread FollowUps = "thread"
	FollowUpsAlways FollowUps = "always"
)

// Policy is what the operator has set. Its zero value answers mentions and direct messages of everybody.
type Policy struct {
	FollowUps FollowUps
	// AllowWorkspaces and AllowChannels allow all when empty; ids are the platforms' own. Discord direct messages
	// belong to the workspace "@me"; AllowChannels does not concern direct messages, and allows a channel's threads
	// with it.
	AllowWorkspaces, AllowChannels []string
	// DenyUsers always wins.
	DenyUsers []string
	// CatchUpMaxAge is how old a message may be that was read after an absence; an older one is recorded as missed,
	// which is said once in its conversation. 0 is no limit.
	CatchUpMaxAge time.Duration
	// TurnsPerMinute is how many addressed messages of one person are answered in a minute; 0 is no limit.
	TurnsPerMinute int
}

// View is what the store sees of a conversation under its lock.
type View struct {
	// Ours says that the message stands after the first one here that was addressed to Parley, whichever of them was
	// delivered first.
	Ours bool
	// ReplyToSelf says that the message answers one of Parley's by reference.
	ReplyToSelf bool
	// RecentTurns counts this author's answered or open items of the last minute in the workspace.
	RecentTurns int
	// Waiting says that the author has a question in this conversation that is open or being answered.
	Waiting bool
	// CaughtUp says that the message was read after an absence; Age is how long ago it was written.
	CaughtUp bool
	Age      time.Duration
	// ToldRecently says that the author was told of a refusal in this conversation within the last hour, or of too many
	// questions within the last minute; ToldMissed that anybody there was told that messages were missed.
	ToldRecently, ToldMissed bool
}

// Decision is what becomes of a message.
type Decision struct {
	// Respond says that a turn is owed: an answer, or the sentence of a refusal.
	Respond bool
	// Addressed says that the message gets a line in the ledger even where Respond is false.
	Addressed bool
	Reason    Reason
	// Refuse is the code of a refusal, empty for an answer.
	Refuse Code
	// Stop says that the message ends what its author is waiting for. It is recorded as answered, with CodeStopped.
	Stop bool
}

// Outcome is what a message ends in that gets no turn of its own, or one that only tells the refusal.
func (d Decision) Outcome() OutcomeKind {
	switch {
	case d.Stop:
		return Answered
	case d.Refuse == CodeMissed:
		return Missed
	}
	return Refused
}

// DecideFunc is Policy.Decide, as the store calls it under the conversation's lock.
type DecideFunc func(Message, View) Decision

// Decide is pure: it looks only at its arguments. Refused people are told once an hour in a conversation, and that
// messages were missed is told there once for everybody; further refusals are recorded in silence.
func (p Policy) Decide(m Message, v View) Decision {
	switch m.Author.Kind {
	case Self:
		return Decision{Reason: ReasonSelf}
	case Bot:
		return Decision{Reason: ReasonBot}
	case Person:
	}
	reason, addressed := p.addressed(m, v)
	if !addressed {
		return Decision{Reason: reason}
	}
	if why, code := p.refusal(m, v); code != "" {
		told := v.ToldRecently
		if code == CodeMissed {
			told = v.ToldMissed
		}
		return Decision{Respond: !told, Addressed: true, Reason: why, Refuse: code}
	}
	if v.Waiting && !v.CaughtUp && wantsStop(m) {
		return Decision{Addressed: true, Reason: ReasonStop, Stop: true}
	}
	return Decision{Respond: true, Addressed: true, Reason: reason}
}

func (p Policy) addressed(m Message, v View) (Reason, bool) {
	unasked := p.FollowUps == FollowUpsThread || p.FollowUps == FollowUpsAlways
	switch {
	case m.Place == PlacePrivate:
		return ReasonCommand, true
	case m.Place == PlaceDM:
		return ReasonDM, true
	case m.MentionsSelf():
		return ReasonMention, true
	case unasked && (v.ReplyToSelf || m.ReplyToAuthor == Self):
		return ReasonReply, true
	case unasked && m.AddressesOthers():
		return ReasonElsewhere, false
	case unasked && m.Place == PlaceThread && v.Ours:
		return ReasonFollowUp, true
	case p.FollowUps == FollowUpsAlways:
		return ReasonAlways, true
	}
	return ReasonNotAddressed, false
}

func (p Policy) refusal(m Message, v View) (Reason, Code) {
	switch {
	case slices.Contains(p.DenyUsers, m.Author.ID):
		return ReasonDeniedUser, CodeDenied
	case len(p.AllowWorkspaces) > 0 && !slices.Contains(p.AllowWorkspaces, m.Ref.Workspace):
		return ReasonWorkspaceNotAllowed, CodeChannelNotAllowed
	case m.Place != PlaceDM && len(p.AllowChannels) > 0 &&
		!slices.Contains(p.AllowChannels, m.Ref.Channel) && !slices.Contains(p.AllowChannels, m.Parent):
		return ReasonChannelNotAllowed, CodeChannelNotAllowed
	case v.CaughtUp && p.CatchUpMaxAge > 0 && v.Age > p.CatchUpMaxAge:
		return ReasonTooOld, CodeMissed
	case !v.CaughtUp && p.TurnsPerMinute > 0 && v.RecentTurns >= p.TurnsPerMinute:
		return ReasonRate, CodeRate
	}
	return "", ""
}
