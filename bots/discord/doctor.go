package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// Finding is the result of one check, for `parley doctor`.
type Finding struct {
	// Name says what was looked at.
	Name string
	// OK says that it is as it must be.
	OK bool
	// Detail says what was found. It holds no secret.
	Detail string
	// Hint says what to do where OK is false.
	Hint string
}

// Application flags (discord.com/developers/docs/resources/application#application-object-application-flags).
// The limited one is for applications that Discord has not verified.
const (
	flagMessageContent        = 1 << 18
	flagMessageContentLimited = 1 << 19
)

// invitePermissions are View Channel, Send Messages, Send Messages in Threads, Attach Files and Read Message History
// (discord.com/developers/docs/topics/permissions#permissions-bitwise-permission-flags).
const invitePermissions = 1<<10 | 1<<11 | 1<<38 | 1<<15 | 1<<16

// Check looks at the token, the Message Content intent, the day's sessions and the servers, with a few REST calls. It
// opens no gateway session, so that it costs none and disturbs no running process. It stops at the first check that makes the
// others pointless. What a server does not tell is no fault: a server behind DISCORD_API_URL may do without.
func (a *Adapter) Check(ctx context.Context) []Finding {
	var self payloadUser
	if err := a.rest.get(ctx, routeSelf, "users/@me", &self); err != nil {
		return []Finding{broken("discord token", err)}
	}
	if isSnowflake(self.ID) {
		a.names.setSelf(self)
	}
	checks := []Finding{{Name: "discord token", OK: true, Detail: "bot " + displayName(self, nil)}}
	return append(checks, a.checkIntent(ctx), a.checkGateway(ctx), a.checkGuilds(ctx, self.ID), a.checkCommands(ctx))
}

const notTold = "the server does not tell"

func (a *Adapter) checkIntent(ctx context.Context) Finding {
	const name = "discord message content intent"
	var app struct {
		Flags *int64 `json:"flags"`
	}
	err := a.rest.get(ctx, routeApplication, "applications/@me", &app)
	if isMissing(err) {
		err = a.rest.get(ctx, routeOldApplication, "oauth2/applications/@me", &app)
	}
	switch {
	case isMissing(err), err == nil && app.Flags == nil:
		return Finding{Name: name, OK: true, Detail: notTold}
	case err != nil:
		return broken(name, err)
	case *app.Flags&(flagMessageContent|flagMessageContentLimited) == 0:
		return Finding{
			Name: name, Detail: "off",
			Hint: "turn it on at discord.com/developers/applications, your application, Bot, Privileged Gateway Intents, Message Content Intent",
		}
	}
	return Finding{Name: name, OK: true, Detail: "on"}
}

func (a *Adapter) checkGateway(ctx context.Context) Finding {
	const name = "discord gateway"
	g, err := a.askGateway(ctx)
	if err != nil {
		return broken(name, err)
	}
	c := Finding{Name: name, OK: true, Detail: "its address is known"}
	if l := g.Limit; l != nil {
		c.Detail = fmt.Sprintf("%d of %d new sessions left today", l.Remaining, max(l.Total, l.Remaining))
		if l.Remaining <= 0 {
			c.OK, c.Hint = false, "something connects again and again: stop it, and wait until Discord allows new sessions"
		}
	}
	return c
}

func (a *Adapter) checkGuilds(ctx context.Context, selfID string) Finding {
	const name = "discord servers"
	var guilds []struct {
		ID string `json:"id"`
	}
	err := a.rest.getQuery(ctx, routeGuilds, "users/@me/guilds", url.Values{"limit": {"200"}}, &guilds)
	switch {
	case isMissing(err), err == nil && guilds == nil:
		return Finding{Name: name, OK: true, Detail: notTold}
	case err != nil:
		return broken(name, err)
	}
	c := Finding{Name: name, OK: true, Detail: fmt.Sprintf("in %d", len(guilds))}
	if len(guilds) == 200 {
		c.Detail = "in 200 or more"
	}
	if len(guilds) == 0 {
		// Direct messages need a server in common, so this is a fault for them as well.
		c.OK, c.Hint = false, "invite the bot: "+inviteLink(selfID)
	}
	return c
}

// inviteLink is where the bot is put into a server, with its commands
// (discord.com/developers/docs/topics/oauth2#bot-authorization-flow).
func inviteLink(application string) string {
	return fmt.Sprintf("https://discord.com/oauth2/authorize?client_id=%s&scope=bot%%20applications.commands&permissions=%d", application, invitePermissions)
}

// checkCommands tells whether Discord offers Parley's commands. That it does not yet is no fault: serve registers them.
func (a *Adapter) checkCommands(ctx context.Context) Finding {
	const name = "discord commands"
	var app struct {
		ID       string `json:"id"`
		Endpoint string `json:"interactions_endpoint_url"`
	}
	err := a.rest.get(ctx, routeApplication, "applications/@me", &app)
	switch {
	case isMissing(err):
		return Finding{Name: name, OK: true, Detail: notTold}
	case err != nil:
		return broken(name, err)
	case app.Endpoint != "":
		return Finding{
			Name: name, Detail: "they are sent to an address on the web, and never reach Parley",
			Hint: "empty the Interactions Endpoint URL at discord.com/developers/applications, your application, General Information",
		}
	}
	var there []json.RawMessage
	err = a.rest.get(ctx, routeCommands, join("applications", app.ID, "commands"), &there)
	if isMissing(err) {
		return Finding{Name: name, OK: true, Detail: notTold}
	}
	same := false
	if err == nil {
		_, same, err = compareCommands(there, commands())
	}
	switch {
	case err != nil:
		return broken(name, err)
	case same:
		return Finding{Name: name, OK: true, Detail: fmt.Sprintf("%d are registered", len(commands()))}
	}
	return Finding{Name: name, OK: true, Detail: "not registered yet, or of another version: parley serve registers them when it starts, and logs why where it cannot"}
}

// broken is a check whose call failed, with what the operator can do about it.
func broken(name string, err error) Finding {
	c := Finding{Name: name, Detail: err.Error()}
	var api *apiError
	switch {
	case !errors.As(err, &api):
		c.Hint = "see whether Discord can be reached from here, and whether DISCORD_API_URL is right"
	case api.status == http.StatusUnauthorized:
		c.Detail = "Discord does not accept it"
		c.Hint = "copy a new one from discord.com/developers/applications, your application, Bot, Reset Token, into DISCORD_BOT_TOKEN"
	case api.status == http.StatusTooManyRequests:
		c.Hint = "wait, then run this again: Discord allows this address or bot no further calls for now"
	case api.status >= http.StatusInternalServerError:
		c.Hint = "wait, then run this again: Discord has a fault, see discordstatus.com"
	case isMissing(err):
		c.Hint = "DISCORD_API_URL leads to a server without this call: it must be the address of the REST API without the version, as in https://discord.com/api/"
	default:
		c.Hint = "Discord refuses this call: see the state of the application at discord.com/developers/applications, and whether DISCORD_API_URL is right"
	}
	return c
}
