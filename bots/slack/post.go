package slack

import (
	"context"
	"errors"
	"time"

	slackapi "github.com/slack-go/slack"

	"parley/bots"
	"parley/conversation"
)

const (
	// metadataType names the metadata of Parley's messages. Anybody in the workspace can read metadata: it holds the
	// opaque send id only.
	metadataType = "parley_answer"
	// limitedTries is how often a call is made that Slack keeps refusing for its rate.
	limitedTries = 6
)

var errNoTimestamp = errors.New("the answer holds no timestamp")

// Split implements conversation.Messenger.
func (a *Adapter) Split(markdown string, reserve int) []string {
	return bots.Split(markdown, bots.SplitOptions{Limit: partLimit - max(reserve, 0), Measure: measure})
}

// Post implements conversation.Messenger with chat.postMessage, in the thread of out.Ref. It waits out Slack's rate
// limits. Slack: docs.slack.dev/reference/methods/chat.postMessage.
func (a *Adapter) Post(ctx context.Context, out conversation.Outgoing) (string, error) {
	const method = "chat.postMessage"
	var ts string
	err := a.write(ctx, method, out, true, func() error {
		return a.limits.post(ctx, out.Ref.Channel)
	}, func(content []slackapi.MsgOption) error {
		options := append(content, slackapi.MsgOptionDisableLinkUnfurl(), slackapi.MsgOptionDisableMediaUnfurl())
		if out.Ref.Thread != "" {
			options = append(options, slackapi.MsgOptionTS(out.Ref.Thread))
		}
		_, id, err := a.api.PostMessageContext(ctx, out.Ref.Channel, options...)
		if err == nil && id == "" {
			err = errNoTimestamp
		}
		if ts = id; err == nil {
			a.posted.add(out.Ref.Channel, ts)
		}
		return err
	})
	a.shown(ctx, out, err)
	return ts, err
}

// Scarce implements conversation.Sparer: Slack takes several hundred posts a minute and fifty edits.
func (a *Adapter) Scarce(conversation.ThreadRef) bool { return a.limits.scarce() }

// AwaitEdit implements conversation.Messenger.
func (a *Adapter) AwaitEdit(ctx context.Context, ref conversation.ThreadRef) error {
	if err := a.limits.awaitEdit(ctx, ref); err != nil {
		return waitFailure("chat.update", err)
	}
	return nil
}

// Edit implements conversation.Messenger with chat.update. An interim edit that comes upon a rate limit fails with
// Retry at once: what waits would be out of date. Slack: docs.slack.dev/reference/methods/chat.update.
func (a *Adapter) Edit(ctx context.Context, messageID string, out conversation.Outgoing) error {
	const method = "chat.update"
	err := a.write(ctx, method, out, out.Final, func() error {
		return a.limits.edit(ctx, out.Ref, out.Final)
	}, func(content []slackapi.MsgOption) error {
		_, _, _, err := a.api.UpdateMessageContext(ctx, out.Ref.Channel, messageID, content...)
		return err
	})
	a.shown(ctx, out, err)
	return err
}

// shown notes how far an answer is: with its last edit the session's work ends.
func (a *Adapter) shown(ctx context.Context, out conversation.Outgoing, err error) {
	if out.Final && err == nil {
		a.endSession(ctx, out.Ref, false)
		return
	}
	a.sessions.touch(out.Ref, false)
}

// Delete implements conversation.Deleter with chat.delete.
func (a *Adapter) Delete(ctx context.Context, ref conversation.ThreadRef, messageID string) error {
	const method = "chat.delete"
	for try := 1; ; try++ {
		if err := a.limits.call(ctx, method); err != nil {
			return waitFailure(method, err)
		}
		_, _, err := a.api.DeleteMessageContext(ctx, ref.Channel, messageID)
		if try < limitedTries && a.limited(ctx, method, ref.Channel, err) {
			continue
		}
		f := a.fail(method, err, false)
		if f == nil || conversation.FailureOf(f).Code == conversation.CodeMessageGone {
			return nil
		}
		return f
	}
}

// write renders out and makes a call with it: with a markdown block, or, where the server takes none, as mrkdwn.
func (a *Adapter) write(ctx context.Context, method string, out conversation.Outgoing, patient bool,
	await func() error, call func([]slackapi.MsgOption) error) error {
	text := render(out.Text, out.KnownURLs)
	under := buttonOf(out)
	as := a.form(under.shown())
	tooLong := false
	for try := 1; ; try++ {
		if err := await(); err != nil {
			return waitFailure(method, err)
		}
		err := call(content(out, text, as))
		switch code := errorCode(err); {
		case err == nil:
			if !tooLong {
				a.learn(ctx, as, under.shown())
			}
			return nil
		case as != formPlain && refusesBlocks(code):
			tooLong = tooLong || code == "msg_blocks_too_long"
			as++
		case try < limitedTries && a.limited(ctx, method, out.Ref.Channel, err) && patient:
		default:
			return a.fail(method, err, method == "chat.postMessage")
		}
	}
}

func refusesBlocks(code string) bool {
	switch code {
	case "invalid_blocks", "invalid_blocks_format", "unsupported_block_type", "no_text", "msg_blocks_too_long":
		return true
	}
	return false
}

func content(out conversation.Outgoing, text rendered, as form) []slackapi.MsgOption {
	options := []slackapi.MsgOption{slackapi.MsgOptionText(text.mrkdwn, false)}
	if blocks := blocksOf(text, as, buttonOf(out)); len(blocks) > 0 {
		options = append(options, slackapi.MsgOptionBlocks(blocks...))
	}
	if out.SendID != "" {
		options = append(options, slackapi.MsgOptionMetadata(slackapi.SlackMetadata{
			EventType: metadataType, EventPayload: map[string]any{"send_id": out.SendID}}))
	}
	return options
}

// limited reports whether Slack refused a call for its rate. Until it may be made again, the limits hold everybody.
func (a *Adapter) limited(ctx context.Context, method, channel string, err error) bool {
	if err == nil {
		return false
	}
	var wait time.Duration
	if r, ok := errors.AsType[*slackapi.RateLimitedError](err); ok {
		wait = max(r.RetryAfter, time.Second)
	} else if status, ok := errors.AsType[slackapi.StatusCodeError](err); ok && status.Code == 429 || errorCode(err) == "ratelimited" {
		wait = 10 * time.Second
	} else {
		return false
	}
	a.log.WarnContext(ctx, "rate limited", "method", method, "channel", channel, "wait", wait.String())
	a.observe("rate_limited")
	a.limits.penalise(method, channel, wait)
	return true
}
