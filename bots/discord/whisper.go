package discord

import (
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
)

var errHandle = errors.New("the command can no longer be answered by its token")

// Whisper implements conversation.Whisperer: it edits the response that acknowledged the command, which only the person
// sees.
func (a *Adapter) Whisper(ctx context.Context, w conversation.Whisper) error {
	handle, _ := a.sealers.handles.Open(w.Ask.Handle)
	application, token, _ := strings.Cut(handle, "/")
	if !isSnowflake(application) || token == "" || !a.clock().Before(w.Ask.Expires) {
		return handleGone(errHandle)
	}
	if len(shareID)+len(w.Share) > maxCustomID {
		return failure(fmt.Errorf("whisper on discord: a button takes %d bytes", maxCustomID-len(shareID)), conversation.CodeInternal)
	}
	body, err := encode(struct {
		Content         string      `json:"content"`
		AllowedMentions allowed     `json:"allowed_mentions"`
		Flags           int         `json:"flags"`
		Components      []component `json:"components"`
	}{render(w.Text, w.KnownURLs), allowed{Parse: []string{}}, flagSuppressEmbeds, shareButton(w.Share)})
	if err != nil {
		return failure(err, conversation.CodeInternal)
	}
	for {
		err := a.rest.do(ctx, request{
			route: routeWhisper, path: join("webhooks", application, token, "messages", "@original"),
			body: body, contentType: "application/json", class: classCommand,
		}, nil)
		switch {
		case isCode(err, errorUnknownWebhook, errorUnknownMessage) && a.clock().Before(w.Ask.Expires.Add(ackMargin-handleLife)):
			if pause(ctx, whisperAgain, nil) != nil {
				return failure(err, conversation.CodePlatformDown)
			}
			continue
		case isCode(err, errorWebhookToken, errorUnknownWebhook, errorUnknownMessage, errorUnknownInteraction), isRefused(err, http.StatusNotFound):
			return handleGone(err)
		}
		return failure(err, conversation.CodePlatformDown)
	}
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
