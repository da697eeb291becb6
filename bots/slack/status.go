package slack

import (
	"context"
	"strings"
	"time"

	slackapi "github.com/slack-go/slack"

	"parley/conversation"
)

// statusEvery is how often a status is repeated: Slack clears it after two minutes.
const statusEvery = 60 * time.Second

// SetStatus implements conversation.StatusSetter with assistant.threads.setStatus. Slack clears the status when the
// message is posted. A server or an app without it gets none from then on, which is no error; nor is a status that
// would pass the rate limit. With it goes the status of the agent session, by which Slack shows its own stop button.
// Slack: docs.slack.dev/reference/methods/assistant.threads.setStatus.
func (a *Adapter) SetStatus(ctx context.Context, ref conversation.ThreadRef, text string) error {
	const method = "assistant.threads.setStatus"
	a.beginSession(ctx, ref)
	if a.noStatus.Load() || ref.Thread == "" || !a.limits.status(ref.Channel) {
		return nil
	}
	err := a.api.SetAssistantThreadsStatusContext(ctx, slackapi.AssistantThreadsSetStatusParameters{
		ChannelID: ref.Channel, ThreadTS: ref.Thread, Status: text,
		// slack-go joins the messages with commas: one inside would cut this in two.
		LoadingMessages: []string{strings.ReplaceAll(text, ",", " ")},
	})
	if err == nil || a.limited(ctx, method, ref.Channel, err) {
		return nil
	}
	if refusesMethod(err) {
		if !a.noStatus.Swap(true) {
			a.log.InfoContext(ctx, "no thread status here: answers come without it", "reason", errorCode(err))
		}
		return nil
	}
	return a.fail(method, err, false)
}

// StatusEvery implements conversation.StatusSetter.
func (a *Adapter) StatusEvery() time.Duration { return statusEvery }
