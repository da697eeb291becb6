package demo

import "parley/bots/discord/discordsim"

// KindOf and UnknownKind are for tests of what is shown in place.
var (
	KindOf      = kindOf
	UnknownKind = unknownKind
)

// TypedOptions reads options for a command that has one of each type.
func TypedOptions(text string, channels []discordsim.Channel) ([]discordsim.Option, error) {
	c := discordCommand{Name: "summarize", Options: []discordOption{
		{Type: channelOption, Name: "channel"}, {Type: 3, Name: "since"}, {Type: integerOption, Name: "last"}, {Type: 3, Name: "link"},
		{Type: attachmentOption, Name: "attachment"},
	}}
	return typedOptions(c, text, channels)
}

// SlackSettings are the commands and shortcuts that the page offers on Slack, by name and by callback id.
func SlackSettings() (commands, shortcuts map[string]string) {
	commands, shortcuts = map[string]string{}, map[string]string{}
	for _, c := range slackCommands {
		commands[c.Name] = c.Description + " " + c.Hint
	}
	for _, m := range slackMenu {
		shortcuts[m.ID] = m.Label
	}
	return commands, shortcuts
}
