package slack

import (
	"context"
	"net/url"
	"time"

	"parley/conversation"
)

// Hurry shortens the waits between the checks of a running adapter. Call it before Run.
func (a *Adapter) Hurry(heartbeat, catchUpGap time.Duration) {
	a.heartbeat, a.catchUpGap = heartbeat, catchUpGap
}

// Read makes an event of a slash command or another interaction, without any call.
func (a *Adapter) Read(kind string, payload []byte) (e conversation.Event, ok bool) {
	ctx := context.Background()
	a.presence.begin(Identity{TeamID: "T0HOME", UserID: "U0BOT", BotID: "B0BOT", Name: "parley", URL: "https://home.slack.com/"})
	a.names.pause(time.Hour)
	a.pages.absent.note(ctx, "users.conversations")
	if kind == "slash_commands" {
		var c wireCommand
		if decode(payload, &c) != nil {
			return nil, false
		}
		return a.commanded(ctx, c), true
	}
	var i wireInteraction
	if decode(payload, &i) != nil {
		return nil, false
	}
	return a.interacted(ctx, i)
}

// TrustsFile reports whether the token is sent to an address.
func (a *Adapter) TrustsFile(address string) bool {
	u, err := url.Parse(address)
	return err == nil && a.files.origin.Trusts(u)
}
