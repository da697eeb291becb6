package slack

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"parley/bots"
	"parley/conversation"
)

const shareLabel = "Share in thread"

// maxValue is the longest value of a button, in bytes.
// Slack: docs.slack.dev/reference/block-kit/block-elements/button-element, 2,000 characters.
const maxValue = 2000

// whisperLimit is the most that a private answer may take, as markdown and as mrkdwn, in UTF-16 units: a markdown block holds
// 12,000 characters, the blocks of a message some 13,200 in all (github.com/slackapi/bolt-js/issues/2509), its text 40,000.
// Slack: docs.slack.dev/reference/block-kit/blocks/markdown-block.
const whisperLimit = 11000

const safeHandle = "Slack no longer lets me answer this command. Please give it again."

var errHandle = errors.New("the command can no longer be answered by its response_url")

// SplitWhisper implements conversation.Whisperer: one message, which may be longer than one that others read too, because
// it is never edited, and because each further one would be one of five.
func (a *Adapter) SplitWhisper(markdown string, reserve int) (texts []string, whole bool) {
	texts = bots.Split(markdown, bots.SplitOptions{Limit: whisperLimit - max(reserve, 0), Measure: measureWhisper})
	if len(texts) > 1 {
		return texts[:1], false
	}
	return texts, true
}

// Replaces implements conversation.Whisperer.
func (a *Adapter) Replaces() bool { return false }

// Whisper implements conversation.Whisperer by the command's response_url. It does not replace what was shown before: to
// a slash command or shortcut Slack only adds messages, whatever replace_original says (github.com/slackapi/bolt-js/issues/2287,
// github.com/slackapi/bolt-python/issues/1268), and for a button it would replace the message that the button stands under.
// Slack: docs.slack.dev/interactivity/handling-user-interaction, "Message responses".
func (a *Adapter) Whisper(ctx context.Context, w conversation.Whisper) (string, error) {
	address, ok := a.handles.Open(w.Ask.Handle)
	if !ok || !a.o.Clock().Before(w.Ask.Expires) {
		return "", handleGone(errHandle)
	}
	if len(w.Share) > maxValue || w.Part > 0 {
		return "", &conversation.Failure{Code: conversation.CodeInternal, Safe: safeRefused, Err: fmt.Errorf("whisper on slack: a button takes %d bytes, an answer one message", maxValue)}
	}
	share := shareButton(w.Share)
	text := render(w.Text, w.KnownURLs)
	as := a.form(share.shown())
	for {
		err := a.hooks.post(ctx, address, answer{ResponseType: "ephemeral", Text: text.mrkdwn, Blocks: blocksOf(text, as, share)})
		if err == nil {
			return "", nil
		}
		refusal, told := errors.AsType[*hookError](err)
		switch {
		case told && as != formPlain && refusesBlocks(refusal.code):
			as++
			continue
		case errors.Is(err, conversation.ErrFenced):
			return "", err
		case errors.Is(err, errForeignHook), told && refusal.over():
			return "", handleGone(err)
		case told && !refusal.busy():
			return "", &conversation.Failure{Code: conversation.CodeCallRefused, Safe: safeRefused, Err: fmt.Errorf("whisper on slack: %w", err)}
		}
		return "", &conversation.Failure{Code: conversation.CodePlatformDown, Retry: true, Safe: safeBusy, Err: fmt.Errorf("whisper on slack: %w", err)}
	}
}

// Unwhisper implements conversation.Whisperer: there are no further messages.
func (a *Adapter) Unwhisper(context.Context, conversation.Whisper) error { return nil }

func handleGone(err error) error {
	return &conversation.Failure{Code: conversation.CodeHandleGone, Safe: safeHandle, Err: fmt.Errorf("whisper on slack: %w", err)}
}

// Direct implements conversation.Whisperer. Slack gives the same conversation every time; the scope is im:write.
// Slack: docs.slack.dev/reference/methods/conversations.open.
func (a *Adapter) Direct(ctx context.Context, workspace, userID string) (conversation.ThreadRef, error) {
	const method = "conversations.open"
	ref := conversation.ThreadRef{Platform: conversation.Slack, Workspace: workspace}
	if !isID(userID) {
		return ref, &conversation.Failure{Code: conversation.CodeInternal, Safe: safeRefused, Err: fmt.Errorf("call %s: %.40q is no user", method, userID)}
	}
	p, err := a.read(ctx, method, "", url.Values{"users": {userID}})
	if err != nil {
		return ref, a.fail(method, err, false)
	}
	if ref.Channel = p.Channel.ID; !isID(ref.Channel) {
		return ref, &conversation.Failure{Code: conversation.CodeCallRefused, Safe: safeRefused, Err: fmt.Errorf("call %s: the answer names no conversation", method)}
	}
	return ref, nil
}
