package discord

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"parley/conversation"
)

// Kinds of application command (discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-types).
const (
	commandSlash   = 1
	commandMessage = 3
	commandEntry   = 4
)

// Kinds of option (discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-option-type).
const (
	optionString     = 3
	optionInteger    = 4
	optionOfChannel  = 7
	optionOfAttached = 11
)

// The names of the options.
const (
	optionChannel    = "channel"
	optionSince      = "since"
	optionLast       = "last"
	optionLink       = "link"
	optionAttachment = "attachment"
	optionTo         = "to"
)

// slashVerbs and messageVerbs are the commands by their names.
var (
	slashVerbs = map[string]conversation.Verb{
		"summarize": conversation.VerbSummarize, "describe": conversation.VerbDescribe,
		"transcribe": conversation.VerbTranscribe, "help": conversation.VerbHelp,
	}
	messageVerbs = map[string]conversation.Verb{
		"Summarize from here": conversation.VerbSummarize, "Describe image": conversation.VerbDescribe, "Transcribe": conversation.VerbTranscribe,
	}
)

// command is an application command as it is registered
// (discord.com/developers/docs/interactions/application-commands#application-command-object).
type command struct {
	Type        int             `json:"type"`
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Options     []commandOption `json:"options,omitempty"`
	// Contexts are guilds (0) and direct messages with the bot (1).
	Contexts []int `json:"contexts,omitempty"`
	// IntegrationTypes is installation in a guild (0).
	IntegrationTypes []int `json:"integration_types,omitempty"`
}

type commandOption struct {
	Type         int    `json:"type"`
	Name         string `json:"name"`
	Description  string `json:"description"`
	Required     bool   `json:"required,omitempty"`
	MinValue     int    `json:"min_value,omitempty"`
	MaxValue     int    `json:"max_value,omitempty"`
	MaxLength    int    `json:"max_length,omitempty"`
	ChannelTypes []int  `json:"channel_types,omitempty"`
}

// commands are all commands of Parley's.
func commands() []command {
	link := func(what string) commandOption {
		return commandOption{Type: optionString, Name: optionLink, Description: what, MaxLength: maxOption}
	}
	file := func(what string) commandOption {
		return commandOption{Type: optionOfAttached, Name: optionAttachment, Description: what}
	}
	list := []command{
		{Type: commandSlash, Name: "summarize", Description: "Sum up a channel or thread, with a link to the source of every line. Only you see it.", Options: []commandOption{
			{Type: optionOfChannel, Name: optionChannel, Description: "Another channel or thread than this one", ChannelTypes: []int{0, 2, 5, 10, 11, 12, 13, 15, 16}},
			{Type: optionString, Name: optionSince, Description: "From when on, such as 2d, 3h, monday or 2026-05-23", MaxLength: 60},
			{Type: optionInteger, Name: optionLast, Description: "How many of the last messages", MinValue: 1, MaxValue: 100_000},
			link("A link to a message: from there on, or its thread"),
		}},
		{Type: commandSlash, Name: "describe", Description: "Describe a picture. Only you see it.", Options: []commandOption{
			file("The picture"), link("A link to the message with the picture"),
		}},
		{Type: commandSlash, Name: "transcribe", Description: "Write down what is said in a recording. Only you see it.", Options: []commandOption{
			file("The recording"), link("A link to the message with the recording"),
			{Type: optionString, Name: optionTo, Description: "A language to translate to", MaxLength: 60},
		}},
		{Type: commandSlash, Name: "help", Description: "What I can do, and how to ask for it"},
		{Type: commandMessage, Name: "Summarize from here"},
		{Type: commandMessage, Name: "Describe image"},
		{Type: commandMessage, Name: "Transcribe"},
	}
	for i := range list {
		list[i].Contexts, list[i].IntegrationTypes = []int{0, 1}, []int{0}
	}
	return list
}

// registerTries is how often the commands are registered before it is given up until the next start.
const registerTries = 8

// keepCommands sees to it that Discord offers Parley's commands. It fails only into the log: messages work without.
func (a *Adapter) keepCommands(ctx context.Context) {
	for try := 0; ; try++ {
		changed, err := a.register(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case isMissing(err):
			a.log.InfoContext(ctx, "no application commands here", "error", err)
			return
		case err == nil:
			if changed {
				a.log.InfoContext(ctx, "discord commands are registered", "commands", len(commands()))
			}
			return
		case !a.transient(err) || try+1 >= registerTries:
			a.observe("commands_unregistered")
			a.log.ErrorContext(ctx, "discord commands cannot be registered: slash and message commands may be missing until the next start", "error", err)
			return
		}
		if pause(ctx, max(backoff(try), time.Second), nil) != nil {
			return
		}
	}
}

// register replaces the application's global commands where they differ from Parley's, and reports whether they did.
func (a *Adapter) register(ctx context.Context) (changed bool, err error) {
	application, err := a.applicationID(ctx)
	if err != nil {
		return false, err
	}
	var there []json.RawMessage
	if err := a.rest.get(ctx, routeCommands, join("applications", application, "commands"), &there); err != nil {
		return false, err
	}
	wanted := commands()
	kept, same, err := compareCommands(there, wanted)
	if err != nil || same {
		return false, err
	}
	body := make([]any, 0, len(wanted)+len(kept))
	for _, c := range wanted {
		body = append(body, c)
	}
	for _, raw := range kept {
		body = append(body, raw)
	}
	raw, err := encode(body)
	if err != nil {
		return false, err
	}
	err = a.rest.do(ctx, request{
		route: routePutCommands, path: join("applications", application, "commands"), body: raw, contentType: "application/json", class: classBackground,
	}, nil)
	return err == nil, err
}

// compareCommands reports whether the registered commands are the wanted ones. An activity's entry point, which Discord
// does not let a bulk overwrite remove, is no command of ours and is kept.
func compareCommands(there []json.RawMessage, wanted []command) (kept []json.RawMessage, same bool, err error) {
	var ours []command
	for _, raw := range there {
		var c command
		odd, err := decode(raw, &c)
		switch {
		case err != nil:
			return nil, false, &callError{route: routeCommands, err: err}
		case c.Type == commandEntry:
			kept = append(kept, raw)
		case odd:
			c.Name = "" // it is none of ours as we would register it
			ours = append(ours, c)
		default:
			ours = append(ours, c)
		}
	}
	x, err := canonical(ours)
	if err != nil {
		return nil, false, err
	}
	y, err := canonical(wanted)
	return kept, bytes.Equal(x, y), err
}

// canonical writes commands so that equal ones give equal bytes: Discord gives them in no fixed order.
func canonical(list []command) ([]byte, error) {
	for i := range list {
		slices.Sort(list[i].Contexts)
		slices.Sort(list[i].IntegrationTypes)
		for j := range list[i].Options {
			slices.Sort(list[i].Options[j].ChannelTypes)
		}
	}
	slices.SortFunc(list, func(x, y command) int { return cmp.Or(cmp.Compare(x.Type, y.Type), cmp.Compare(x.Name, y.Name)) })
	return encode(list)
}

// applicationID is the application's id: the bot's own, except for applications of before 2016.
func (a *Adapter) applicationID(ctx context.Context) (string, error) {
	var app struct {
		ID string `json:"id"`
	}
	err := a.rest.get(ctx, routeApplication, "applications/@me", &app)
	if isMissing(err) {
		err = a.rest.get(ctx, routeOldApplication, "oauth2/applications/@me", &app)
	}
	switch {
	case err != nil && !isMissing(err):
		return "", err
	case isSnowflake(app.ID):
		return app.ID, nil
	}
	return a.selfID(ctx)
}
