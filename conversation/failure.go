package conversation

import (
	"errors"
	"fmt"
)

// Code names a kind of failure. It is stored with the outcome and is a metric label: the set is small and fixed.
type Code string

// The codes. Denied to Budget are refusals; the others are failures.
const (
	CodeDenied            Code = "denied"
	CodeChannelNotAllowed Code = "channel_not_allowed"
	CodeRate              Code = "rate"
	CodeBudget            Code = "budget"
	CodeMissed            Code = "missed"
	CodeModelAuth         Code = "model_auth"
	CodeModelQuota        Code = "model_quota"
	CodeModelNotFound     Code = "model_not_found"
	CodeModelBusy         Code = "model_busy"
	CodeModelUnavailable  Code = "model_unavailable"
	CodeModelRejected     Code = "model_rejected"
	CodeModelEmpty        Code = "model_empty"
	CodeContextOverflow   Code = "context_overflow"
	CodeTruncated         Code = "truncated"
	CodeTimeout           Code = "timeout"
	// CodePlatformRefused: the place takes no posts of Parley's at all; nothing can be said there.
	CodePlatformRefused Code = "platform_refused"
	// CodeCallRefused: the platform refused this call for good, but another may pass.
	CodeCallRefused Code = "call_refused"
	// CodeEditRefused: the message stands, and may no longer be edited.
	CodeEditRefused  Code = "edit_refused"
	CodePlatformDown Code = "platform_down"
	CodeSendUnknown  Code = "send_unknown"
	CodeMessageGone  Code = "message_gone"
	// CodeHandleGone: the platform takes no more private answers to this command.
	CodeHandleGone Code = "handle_gone"
	// CodeStopped: the person who asked wanted no more of the answer.
	CodeStopped Code = "stopped"
	// CodeNotReadable: the person may not read what was asked about, or it does not exist; which of the two is not told.
	CodeNotReadable Code = "not_readable"
	// CodeNotPostable: the person may not write where they want something shown.
	CodeNotPostable Code = "not_postable"
	// CodeFileGone, CodeFileTooLarge and CodeFileRefused tell why a file could not be fetched: it is no longer there, it is
	// over the limit, or the platform gave something else in its place (a login page) or an address that is not its own.
	CodeFileGone     Code = "file_gone"
	CodeFileTooLarge Code = "file_too_large"
	CodeFileRefused  Code = "file_refused"
	// CodeFileUnsupported, CodeFileUnreadable: of a sort that Parley does not read; damaged, empty or locked.
	CodeFileUnsupported Code = "file_unsupported"
	CodeFileUnreadable  Code = "file_unreadable"
	// CodeToolMissing: a program that this sort of file needs is not installed where Parley runs.
	CodeToolMissing Code = "tool_missing"
	// CodeModelBlind: no model that is set up can see, or hear, what the file holds.
	CodeModelBlind Code = "model_blind"
	CodeInternal   Code = "internal"
)

// Failure is an error with a face for people. Error is for logs; Safe is the only part that anybody in a chat reads.
type Failure struct {
	Code Code
	// Safe is one sentence for the person who asked: what happened and what they can do. It holds no foreign
	// text and no secret.
	Safe string
	// Retry says that the same call may work later: the platform or server was busy, unreachable or slow.
	Retry bool
	// Err is the cause, for the log.
	Err error
}

// Error implements error.
func (f *Failure) Error() string {
	if f.Err == nil {
		return string(f.Code)
	}
	return fmt.Sprintf("%s: %v", f.Code, f.Err)
}

// Unwrap gives the cause.
func (f *Failure) Unwrap() error { return f.Err }

// FailureOf returns the Failure in err's chain. Any other error becomes CodeInternal with a general sentence, so
// that no error text can reach a chat.
func FailureOf(err error) *Failure {
	var f *Failure
	if errors.As(err, &f) {
		return f
	}
	return &Failure{
		Code: CodeInternal,
		Safe: "Something went wrong on my side. Please try again; whoever runs me can see the cause in the log.",
		Err:  err,
	}
}

// ErrFenced says that the turn's lease is no longer ours: another process has taken the turn over. Whoever gets
// it stops at once, posts nothing and writes nothing.
var ErrFenced = errors.New("turn is held by another process")

// ErrStale says that what a turn is to answer has changed under it. It is the cause with which the turn's context ends;
// the turn runs again at once, and reads the question as it is now.
var ErrStale = errors.New("the question was edited or deleted while it was being answered")
