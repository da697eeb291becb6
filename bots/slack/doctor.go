package slack

import (
	"context"
	"errors"
	"strings"
)

// Finding is the result of one check, for `parley doctor`.
type Finding struct {
	// Name is what was checked, such as "bot token".
	Name string
	// OK says that it is as it should be.
	OK bool
	// Detail says what was found, or what is wrong.
	Detail string
	// Hint says what to do about it; empty when OK.
	Hint string
}

// neededScopes are the bot scopes without which Parley does not work as documented, and what each is for.
// Slack: docs.slack.dev/reference/scopes.
var neededScopes = []struct{ name, purpose string }{
	{"app_mentions:read", "hear mentions"},
	{"chat:write", "answer"},
	{"im:history", "read direct messages"},
	{"channels:history", "read threads in public channels"},
	{"groups:history", "read threads in private channels"},
	{"mpim:history", "read group direct messages"},
	{"users:read", "know people's names"},
	{"files:read", "open files"},
	{"files:write", "send long answers as a file"},
	{"commands", "take /parley and the message shortcuts"},
	{"im:write", "answer a command by direct message"},
	{"channels:read", "see who may read a public channel"},
	{"groups:read", "see who may read a private channel"},
	{"im:read", "see whose direct conversation it is"},
	{"mpim:read", "see who is in a group direct message"},
}

func missingScopes(self Identity) []string {
	if self.Scopes == nil {
		return nil
	}
	var missing []string
	for _, s := range neededScopes {
		if !self.has(s.name) {
			missing = append(missing, s.name+" ("+s.purpose+")")
		}
	}
	return missing
}

// Check asks Slack whether the tokens work, and what the app may do. It calls apps.connections.open once, of which
// Slack allows about one a minute. It may be called without Run.
func (a *Adapter) Check(ctx context.Context) []Finding {
	token := Finding{Name: "bot token"}
	self, err := identify(ctx, a.api)
	if err != nil {
		token.Detail, token.Hint = explain(botTokenError(err))
		return []Finding{token}
	}
	token.OK, token.Detail = true, "@"+self.Name+" in workspace "+self.TeamID
	return []Finding{token, checkScopes(self), a.checkIntake(ctx)}
}

func checkScopes(self Identity) Finding {
	f := Finding{Name: "scopes"}
	missing := missingScopes(self)
	switch {
	case self.NoAgent:
		f.OK, f.Detail = true, "the server does not tell them; it has no agent messaging, so a direct conversation has no threads"
	case self.Scopes == nil:
		f.OK, f.Detail = true, "the server does not tell them"
	case len(missing) > 0:
		f.Detail = "missing: " + strings.Join(missing, ", ")
		f.Hint = "add them under OAuth & Permissions → Bot Token Scopes and reinstall the app"
	case !self.Agent():
		f.OK, f.Detail = true, "complete; without assistant:write a direct conversation has no threads"
	default:
		f.OK, f.Detail = true, "complete"
	}
	return f
}

func (a *Adapter) checkIntake(ctx context.Context) Finding {
	f := Finding{Name: "app token"}
	if a.o.AppToken == "" {
		f.Name, f.OK = "events", true
		f.Detail = "by HTTP: the app's Request URL must lead to /slack/events"
		return f
	}
	if _, _, err := a.api.StartSocketModeContext(ctx); err != nil {
		if limit := failure("apps.connections.open", err, false); limit.Retry && errorCode(err) == "" && strings.Contains(limit.Error(), "rate limited") {
			f.OK, f.Detail = true, "accepted; Slack opens no further socket this minute"
			return f
		}
		if fault := appTokenError(err); fault != nil {
			err = fault
		}
		f.Detail, f.Hint = explain(err)
		return f
	}
	f.OK, f.Detail = true, "opens Socket Mode connections"
	return f
}

// explain parts an error into what is wrong and what to do.
func explain(err error) (detail, hint string) {
	if fault, ok := errors.AsType[*setupError](err); ok {
		wrong, act, _ := strings.Cut(fault.sentence, ": ")
		return wrong + " (Slack says: " + shortError(fault.err) + ")", act
	}
	return shortError(err), "check the network, SLACK_API_URL and the proxy"
}
