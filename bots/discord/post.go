package discord

import (
	"context"
	"fmt"
	"time"

	"parley/conversation"
)

// outgoing is the body of a post (discord.com/developers/docs/resources/message#create-message).
type outgoing struct {
	Content string `json:"content"`
	// Nonce with EnforceNonce makes Discord give back the message of an earlier try instead of posting another,
	// for "the past few minutes".
	Nonce           string      `json:"nonce,omitempty"`
	EnforceNonce    bool        `json:"enforce_nonce,omitempty"`
	AllowedMentions allowed     `json:"allowed_mentions"`
	Flags           int         `json:"flags"`
	Reference       *reference  `json:"message_reference,omitempty"`
	Attachments     []upload    `json:"attachments,omitempty"`
	Components      []component `json:"components,omitempty"`
}

// allowed lets nothing in the text ping anybody. Parse is never nil: null allows everything.
type allowed struct {
	Parse       []string `json:"parse"`
	RepliedUser bool     `json:"replied_user"`
}

type reference struct {
	MessageID       string `json:"message_id"`
	FailIfNotExists bool   `json:"fail_if_not_exists"`
}

// Post implements conversation.Messenger. The person who is answered is pinged, nobody else.
func (a *Adapter) Post(ctx context.Context, out conversation.Outgoing) (string, error) {
	body := a.body(out)
	body.AllowedMentions.RepliedUser = out.ReplyTo != ""
	return a.post(ctx, out, body, func(body outgoing) ([]byte, string, error) {
		raw, err := encode(body)
		return raw, "application/json", err
	})
}

func (a *Adapter) body(out conversation.Outgoing) outgoing {
	o := outgoing{
		Content:         render(out.Text, out.KnownURLs),
		Nonce:           out.SendID,
		EnforceNonce:    out.SendID != "",
		AllowedMentions: allowed{Parse: []string{}},
		Flags:           flagSuppressEmbeds,
	}
	if out.ReplyTo != "" {
		o.Reference = &reference{MessageID: out.ReplyTo}
	}
	if row := buttonsOf(out); len(row) > 0 {
		o.Components = row
	}
	return o
}

// post sends a message and remembers which send it was. form writes the body. Where the message that is answered
// cannot be referred to (a notice of Discord's own, or no permission to read the history), it is sent without.
func (a *Adapter) post(ctx context.Context, out conversation.Outgoing, body outgoing, form func(outgoing) ([]byte, string, error)) (string, error) {
	channel := out.Ref.Channel
	if !isSnowflake(channel) {
		return "", failure(errNoChannel(out.Ref), conversation.CodeInternal)
	}
	for {
		raw, contentType, err := form(body)
		if err != nil {
			return "", failure(err, conversation.CodeInternal)
		}
		var posted payloadMessage
		err = a.rest.do(ctx, request{
			route: routePost, path: join("channels", channel, "messages"), body: raw, contentType: contentType, class: classWrite,
		}, &posted)
		switch {
		case err != nil && body.Reference != nil && refusesReference(err):
			body.Reference = nil
			continue
		case err != nil:
			return "", failure(err, conversation.CodeSendUnknown)
		case !isSnowflake(posted.ID):
			return "", failure(&callError{route: routePost, err: errNoMessage}, conversation.CodeSendUnknown)
		}
		a.sent.note(posted.ID, out.SendID)
		return posted.ID, nil
	}
}

// AwaitEdit implements conversation.Messenger.
func (a *Adapter) AwaitEdit(ctx context.Context, ref conversation.ThreadRef) error {
	if err := a.rest.limits.ready(ctx, limitKey{route: routeEdit, major: ref.Channel}, interimClass(ref)); err != nil {
		return failure(&callError{route: routeEdit, unsent: true, err: err}, conversation.CodePlatformDown)
	}
	return nil
}

// interimClass is that of interim edits in a conversation. One replica works on it at a time, so only a channel that
// holds several conversations is shared.
func interimClass(ref conversation.ThreadRef) class {
	if ref.Thread != "" {
		return classShared
	}
	return classInterim
}

// Edit implements conversation.Messenger.
func (a *Adapter) Edit(ctx context.Context, messageID string, out conversation.Outgoing) error {
	if !isSnowflake(out.Ref.Channel) || !isSnowflake(messageID) {
		return failure(errNoChannel(out.Ref), conversation.CodeInternal)
	}
	a.sent.note(messageID, "")
	raw, err := encode(struct {
		Content         string      `json:"content"`
		AllowedMentions allowed     `json:"allowed_mentions"`
		Flags           int         `json:"flags"`
		Components      []component `json:"components"`
	}{render(out.Text, out.KnownURLs), allowed{Parse: []string{}, RepliedUser: out.ReplyTo != ""}, flagSuppressEmbeds, buttonsOf(out)})
	if err != nil {
		return failure(err, conversation.CodeInternal)
	}
	r := request{
		route: routeEdit, path: join("channels", out.Ref.Channel, "messages", messageID),
		body: raw, contentType: "application/json", class: interimClass(out.Ref),
	}
	if out.Final {
		r.class = classWrite
	}
	return failure(a.rest.do(ctx, r, nil), conversation.CodePlatformDown)
}

// Delete implements conversation.Deleter.
func (a *Adapter) Delete(ctx context.Context, ref conversation.ThreadRef, messageID string) error {
	if !isSnowflake(ref.Channel) || !isSnowflake(messageID) {
		return failure(errNoChannel(ref), conversation.CodeInternal)
	}
	err := a.rest.do(ctx, request{route: routeDelete, path: join("channels", ref.Channel, "messages", messageID), class: classWrite}, nil)
	if isRefused(err, 404) {
		return nil
	}
	return failure(err, conversation.CodePlatformDown)
}

func errNoChannel(ref conversation.ThreadRef) error {
	return fmt.Errorf("address discord message: %q names no channel or message", ref.String())
}

// SentAt implements conversation.Dater: a snowflake holds the moment.
func (a *Adapter) SentAt(messageID string) (time.Time, bool) {
	if !isSnowflake(messageID) {
		return time.Time{}, false
	}
	return snowflakeTime(messageID), true
}
