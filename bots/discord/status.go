package discord

import (
	"context"
	"time"

	"parley/conversation"
)

// typingEvery is below the ten seconds that Discord shows the typing indicator
// (discord.com/developers/docs/resources/channel#trigger-typing-indicator).
const typingEvery = 8 * time.Second

// SetStatus implements conversation.StatusSetter with the typing indicator; Discord has no place for text. A server
// without it is asked once, and gets none from then on, which is no error.
func (a *Adapter) SetStatus(ctx context.Context, ref conversation.ThreadRef, _ string) error {
	if !isSnowflake(ref.Channel) {
		return failure(errNoChannel(ref), conversation.CodeInternal)
	}
	if a.noTyping.Load() {
		return nil
	}
	err := a.rest.do(ctx, request{route: routeTyping, path: join("channels", ref.Channel, "typing"), class: classRead}, nil)
	if isMissing(err) {
		if !a.noTyping.Swap(true) {
			a.log.InfoContext(ctx, "no typing indicator here: answers come without it", "error", err)
		}
		return nil
	}
	return failure(err, conversation.CodePlatformDown)
}

// StatusEvery implements conversation.StatusSetter.
func (a *Adapter) StatusEvery() time.Duration { return typingEvery }
