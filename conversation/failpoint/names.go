package failpoint

// The steps, in the order in which a message passes them.
const (
	// Decoded: an adapter has decoded an event and has not handed it to the engine.
	Decoded = "decoded"
	// Accepting: the transaction that takes an event in has done everything and is about to commit.
	Accepting = "accepting"
	// Accepted: that transaction is committed, and the platform not acknowledged.
	Accepted = "accepted"
	// Acknowledging: the engine has returned, and the acknowledgement is not written. Slack only: Discord's gateway
	// takes none.
	Acknowledging = "acknowledging"
	// Acknowledged: the acknowledgement is handed to the connection.
	Acknowledged = "acknowledged"
	// TurnBegun: a worker has taken the lease and committed the turn.
	TurnBegun = "turn-begun"
	// HistorySaved: a page of what was said before is stored.
	HistorySaved = "history-saved"
	// Packed: the request to the model is complete and not sent.
	Packed = "packed"
	// FirstToken: the model has written its first visible text.
	FirstToken = "first-token"
	// Intended: the intent to send a part is stored, and the platform not called.
	Intended = "intended"
	// Posting: a part is about to be posted; the same moment as Intended on a first try.
	Posting = "posting"
	// Posted: the platform has given the id of a part, and the id is not stored.
	Posted = "posted"
	// Sent: the id of a part is stored.
	Sent = "sent"
	// InterimEditing and InterimEdited stand around an edit that shows a growing answer.
	InterimEditing = "interim-editing"
	InterimEdited  = "interim-edited"
	// FinalEditing and FinalEdited stand around the last edit of a part.
	FinalEditing = "final-editing"
	FinalEdited  = "final-edited"
	// Trimming and Trimmed stand around the removal of a message that the finished answer does not need.
	Trimming = "trimming"
	Trimmed  = "trimmed"
	// Delivered: people see the whole answer, and its outcome is not recorded.
	Delivered = "delivered"
	// Completing: the outcome is written in the closing transaction, and the job is not completed.
	Completing = "completing"
	// Finishing: the closing transaction has done everything and is about to commit.
	Finishing = "finishing"
	// Finished: the closing transaction is committed.
	Finished = "finished"
	// CaughtUp: a page of what was missed is taken in, and the mark that says so is not moved.
	CaughtUp = "caught-up"
)

// Names gives every step, in the order in which a message passes them.
func Names() []string {
	return []string{
		Decoded, Accepting, Accepted, Acknowledging, Acknowledged, TurnBegun, HistorySaved, Packed, FirstToken, Intended, Posting,
		Posted, Sent, InterimEditing, InterimEdited, FinalEditing, FinalEdited, Trimming, Trimmed, Delivered, Completing, Finishing,
		Finished, CaughtUp,
	}
}

// Editing names the step before an edit.
func Editing(final bool) string {
	if final {
		return FinalEditing
	}
	return InterimEditing
}

// Edited names the step after an edit.
func Edited(final bool) string {
	if final {
		return FinalEdited
	}
	return InterimEdited
}
