package discord

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"parley/conversation"
)

const (
	// ackMargin is how long after a command its acknowledgement may still be on its way from the process that took it in.
	ackMargin = 6 * time.Second
	// whisperAgain is the pause before an answer that overtook the acknowledgement is tried again.
	whisperAgain = 250 * time.Millisecond
	// maxCustomID is the longest custom_id (discord.com/developers/docs/components/reference#custom-id).
	maxCustomID = 100
	// maxWhispers is how many messages a private answer may take: where the app is only installed by the person, Discord takes
	// five follow-ups to a command, and one more may be left over from an attempt that was cut off.
	maxWhispers = 5
)

var errHandle = errors.New("the command can no longer be answered by its token")

// SplitWhisper implements conversation.Whisperer. Messages of plain text read the same in every client; embeds are hidden
// from people who have switched previews off, and an answer in components could not be taken back to text.
func (a *Adapter) SplitWhisper(markdown string, reserve int) (texts []string, whole bool) {
	texts = a.Split(markdown, reserve)
	if len(texts) > maxWhispers {
		return texts[:maxWhispers], false
	}
	return texts, true
}

// Replaces implements conversation.Whisperer.
func (a *Adapter) Replaces() bool { return true }

// Whisper implements conversation.Whisperer: part 0 edits the response that acknowledged the command, the others are
// follow-ups, which only the person sees
// (discord.com/developers/docs/interactions/receiving-and-responding#followup-messages).
func (a *Adapter) Whisper(ctx context.Context, w conversation.Whisper) (string, error) {
	if len(shareID)+len(w.Share) > maxCustomID {
		return "", failure(fmt.Errorf("whisper on discord: a button takes %d bytes", maxCustomID-len(shareID)), conversation.CodeInternal)
	}
	flags := flagSuppressEmbeds
	r := request{route: routeWhisper, contentType: "application/json", class: classCommand}
	unknown := conversation.CodePlatformDown
	if w.Part > 0 {
		r.route = routeFollow
		if w.MessageID == "" {
			r.route, unknown = routeFollowUp, conversation.CodeSendUnknown
			flags |= flagEphemeral
		}
	}
	var err error
	if r.path, err = a.whisperPath(w); err != nil {
		return "", err
	}
	r.body, err = encode(struct {
		Content         string      `json:"content"`
		AllowedMentions allowed     `json:"allowed_mentions"`
		Flags           int         `json:"flags"`
		Components      []component `json:"components"`
	}{render(w.Text, w.KnownURLs), allowed{Parse: []string{}}, flags, shareButton(w.Share)})
	if err != nil {
		return "", failure(err, conversation.CodeInternal)
	}
	for {
		var shown payloadMessage
		var answer any
		if r.route == routeFollowUp {
			answer = &shown
		}
		err := a.rest.do(ctx, r, answer)
		switch {
		case isCode(err, errorUnknownWebhook, errorUnknownMessage) && w.Part == 0 && a.clock().Before(w.Ask.Expires.Add(ackMargin-handleLife)):
			if pause(ctx, whisperAgain, nil) != nil {
				return "", failure(err, conversation.CodePlatformDown)
			}
			continue
		case isCode(err, errorUnknownMessage) && w.MessageID != "":
			return "", &conversation.Failure{Code: conversation.CodeMessageGone, Err: err, Safe: safeDown}
		case isCode(err, errorWebhookToken, errorUnknownWebhook, errorUnknownMessage, errorUnknownInteraction), isRefused(err, http.StatusNotFound):
			return "", handleGone(err)
		case err == nil && answer != nil && !isSnowflake(shown.ID):
			return "", failure(&callError{route: r.route, err: errNoMessage}, unknown)
		}
		return cmp.Or(shown.ID, w.MessageID), failure(err, unknown)
	}
}

// Unwhisper implements conversation.Whisperer. Discord takes follow-ups that only one person sees away since November 2022
// (discord.com/developers/docs/interactions/receiving-and-responding#delete-followup-message).
func (a *Adapter) Unwhisper(ctx context.Context, w conversation.Whisper) error {
	if w.Part == 0 || w.MessageID == "" {
		return nil
	}
	path, err := a.whisperPath(w)
	if err != nil {
		return err
	}
	err = a.rest.do(ctx, request{route: routeUnfollow, path: path, class: classCommand}, nil)
	if isRefused(err, http.StatusNotFound) {
		return nil
	}
	return failure(err, conversation.CodePlatformDown)
}

// whisperPath is where a message of a private answer is sent to, or stands.
func (a *Adapter) whisperPath(w conversation.Whisper) (string, error) {
	handle, _ := a.sealers.handles.Open(w.Ask.Handle)
	application, token, _ := strings.Cut(handle, "/")
	if !isSnowflake(application) || token == "" || !a.clock().Before(w.Ask.Expires) {
		return "", handleGone(errHandle)
	}
	switch {
	case w.Part == 0:
		return join("webhooks", application, token, "messages", "@original"), nil
	case w.MessageID == "":
		return join("webhooks", application, token), nil
	case !isSnowflake(w.MessageID):
		return "", failure(fmt.Errorf("whisper on discord: %.40q is no message", w.MessageID), conversation.CodeInternal)
	}
	return join("webhooks", application, token, "messages", w.MessageID), nil
}

// shareButton is the row under a private answer; none takes a row away.
func shareButton(value string) []component {
	if value == "" {
		return []component{}
	}
	return buttonRow("Share in thread", shareID+value)
}

func handleGone(err error) error {
	return &conversation.Failure{Code: conversation.CodeHandleGone, Err: err, Safe: "Discord no longer lets me answer this command. Please give it again."}
}

// Direct implements conversation.Whisperer. Discord gives the same channel every time
// (discord.com/developers/docs/resources/user#create-dm). Direct messages belong to no workspace.
func (a *Adapter) Direct(ctx context.Context, _, userID string) (conversation.ThreadRef, error) {
	ref := conversation.ThreadRef{Platform: conversation.Discord, Workspace: directMessages}
	if !isSnowflake(userID) {
		return ref, failure(fmt.Errorf("open discord direct message: %q is no user", userID), conversation.CodeInternal)
	}
	body, err := encode(struct {
		Recipient string `json:"recipient_id"`
	}{userID})
	if err != nil {
		return ref, failure(err, conversation.CodeInternal)
	}
	var c payloadChannel
	err = a.rest.do(ctx, request{route: routeDirect, path: "users/@me/channels", body: body, contentType: "application/json", class: classWrite}, &c)
	if err == nil && !isSnowflake(c.ID) {
		err = &callError{route: routeDirect, err: errors.New("answer names no channel")}
	}
	if err != nil {
		return ref, failure(err, conversation.CodePlatformDown)
	}
	ref.Channel = c.ID
	return ref, nil
}
