package slack

import (
	"context"
	"strings"

	slackapi "github.com/slack-go/slack"
)

// Identity is who the bot token belongs to, from auth.test and bots.info.
type Identity struct {
	// TeamID is the workspace that the app is installed in.
	TeamID string
	// URL is the workspace's address, by which messages are linked to; empty where auth.test does not tell.
	URL string
	// UserID is the bot's own user (U…), by which people mention it; BotID (B…) marks its messages.
	UserID, BotID string
	// Name is what people see; the user name where bots.info does not tell.
	Name string
	// Scopes are the token's OAuth scopes from the header x-oauth-scopes; nil where the server sends none.
	Scopes []string
	// NoAgent says, where Scopes does not tell, that the server has no agent messaging.
	NoAgent bool
}

// Agent reports whether the app has Slack's agent messaging, in which every message of a direct conversation begins a
// thread. Only a scope list without assistant:write says that it has not, or, where no scopes are told, a server
// without its methods. Slack: docs.slack.dev/ai/migrating-to-agent-messaging.
func (i Identity) Agent() bool {
	if i.Scopes == nil {
		return !i.NoAgent
	}
	return i.has("assistant:write")
}

func (i Identity) has(scope string) bool {
	for _, s := range i.Scopes {
		if s == scope {
			return true
		}
	}
	return false
}

// identify asks Slack whose token it is, and, where that does not tell, whether there is agent messaging.
func identify(ctx context.Context, api webAPI) (Identity, error) {
	r, err := api.AuthTestContext(ctx)
	if err != nil {
		return Identity{}, err
	}
	id := Identity{TeamID: r.TeamID, URL: r.URL, UserID: r.UserID, BotID: r.BotID, Name: cleanName(r.User)}
	if header := r.Header.Values("X-Oauth-Scopes"); len(header) > 0 {
		id.Scopes = splitScopes(strings.Join(header, ","))
	} else {
		id.NoAgent = lacksAgent(ctx, api)
	}
	if id.BotID != "" {
		// The display name is nicer than the user name; without users:read it cannot be had.
		if bot, err := api.GetBotInfoContext(ctx, slackapi.GetBotInfoParameters{Bot: id.BotID}); err == nil {
			if name := cleanName(bot.Name); name != "" {
				id.Name = name
			}
		}
	}
	return id, nil
}

// lacksAgent reports whether the server refuses assistant.threads.setStatus as such. It is called with an empty
// channel, which changes nothing: where the method exists, that is what is refused. Where the call fails, nothing is
// known.
func lacksAgent(ctx context.Context, api webAPI) bool {
	return refusesMethod(api.SetAssistantThreadsStatusContext(ctx, slackapi.AssistantThreadsSetStatusParameters{}))
}

// refusesMethod reports whether a call was refused whatever its arguments: the server does not have the method, or the
// app may not use it.
func refusesMethod(err error) bool {
	switch errorCode(err) {
	case methodUnknown, "missing_scope", "not_allowed", "not_allowed_token_type", "method_deprecated", "feature_not_enabled",
		"no_permission":
		return true
	}
	return false
}

func splitScopes(list string) []string {
	scopes := []string{}
	for scope := range strings.SplitSeq(list, ",") {
		if scope = strings.TrimSpace(scope); scope != "" {
			scopes = append(scopes, scope)
		}
	}
	return scopes
}
