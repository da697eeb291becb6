package slack

import (
	"context"
	"time"

	slackapi "github.com/slack-go/slack"
)

// suggestTimeout bounds the setting of suggested prompts.
const suggestTimeout = 10 * time.Second

// suggest offers prompts in a direct conversation that somebody has opened. It does not wait, and a failure costs
// nothing. Without thread_ts, as agent apps need it.
// Slack: docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts.
func (a *Adapter) suggest(ctx context.Context, channel string) {
	if !a.suggesting.CompareAndSwap(false, true) {
		return // one at a time is enough
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), suggestTimeout)
	a.background.Go(func() {
		defer cancel()
		defer a.suggesting.Store(false)
		err := a.api.SetAssistantThreadsSuggestedPromptsContext(ctx, slackapi.AssistantThreadsSetSuggestedPromptsParameters{
			ChannelID: channel,
			Title:     "What can I do for you?",
			Prompts: []slackapi.AssistantThreadsPrompt{
				{Title: "What can you do?", Message: "What can you help me with?"},
				{Title: "Explain something", Message: "Explain this to me in simple words: "},
				{Title: "Draft a message", Message: "Help me draft a message about "},
			},
		})
		if err != nil {
			a.log.DebugContext(ctx, "suggest prompts", "err", shortError(err))
		}
	})
}
