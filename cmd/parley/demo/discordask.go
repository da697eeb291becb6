package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"parley/bots/discord/discordsim"
)

// discordCommand is an application command that the bot has registered, as far as the page needs it
// (discord.com/developers/docs/interactions/application-commands#application-command-object).
type discordCommand struct {
	Type        int             `json:"type"`
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Options     []discordOption `json:"options"`
}

type discordOption struct {
	Type int    `json:"type"`
	Name string `json:"name"`
}

// Types of commands and options that the page knows.
const (
	slashCommand     = 1
	messageCommand   = 3
	integerOption    = 4
	channelOption    = 7
	attachmentOption = 11
)

func (s discordSide) registered() []discordCommand {
	var all []discordCommand
	for _, raw := range s.server.Commands("") {
		var c discordCommand
		if json.Unmarshal(raw, &c) == nil {
			all = append(all, c)
		}
	}
	return all
}

// offered is what a person finds: commands to type, and those of a message's menu.
func (s discordSide) offered() (commands []commandView, menu []menuView) {
	for _, c := range s.registered() {
		switch c.Type {
		case slashCommand:
			var hints []string
			for _, o := range c.Options {
				if o.Type == attachmentOption {
					hints = append(hints, "[a file]")
				} else {
					hints = append(hints, "["+o.Name+":…]")
				}
			}
			commands = append(commands, commandView{Name: "/" + c.Name, Hint: strings.Join(hints, " "), Description: c.Description})
		case messageCommand:
			menu = append(menu, menuView{ID: c.Name, Label: c.Name})
		}
	}
	return commands, menu
}

func (s discordSide) command(ctx context.Context, d draft) error {
	name, rest, _ := strings.Cut(strings.TrimPrefix(d.text, "/"), " ")
	all := s.registered()
	i := slices.IndexFunc(all, func(c discordCommand) bool { return c.Type == slashCommand && c.Name == name })
	if i < 0 {
		return fmt.Errorf("there is no command /%s here", name)
	}
	where, _ := s.server.Channel(d.channel)
	options, err := typedOptions(all[i], rest, s.server.Channels(where.GuildID))
	if err != nil {
		return err
	}
	attached := slices.IndexFunc(all[i].Options, func(o discordOption) bool { return o.Type == attachmentOption })
	switch {
	case len(d.files) > 1, len(d.files) == 1 && attached < 0:
		return fmt.Errorf("/%s does not take so many files", name)
	case len(d.files) == 1:
		f := d.files[0]
		options = append(options, discordsim.Option{
			Name: all[i].Options[attached].Name, File: &discordsim.File{Name: f.name, ContentType: f.mime, Data: f.data},
		})
	}
	given, err := s.server.InvokeCommand(d.person, d.channel, name, options...)
	if err != nil {
		return fmt.Errorf("give command in simulated discord: %w", err)
	}
	return s.taken(ctx, given.ID)
}

// optionStart matches what begins an option where a person types a whole command in one line: a link, "last:200" or
// "last 200", "#channel".
func optionStart(c discordCommand) (*regexp.Regexp, error) {
	names := []string{`[^\s\S]`} // for a command without options
	for _, o := range c.Options {
		names = append(names, regexp.QuoteMeta(o.Name))
	}
	return regexp.Compile(`(?:^|\s)(?:(https?://\S+)|(` + strings.Join(names, "|") + `)(?::\s*|\s+|$)|#([\p{L}\p{N}_-]+))`)
}

// typedOptions reads the options of a command from what follows its name, as Discord's client asks for them one by one.
func typedOptions(c discordCommand, text string, channels []discordsim.Channel) ([]discordsim.Option, error) {
	start, err := optionStart(c)
	if err != nil {
		return nil, fmt.Errorf("read options of /%s: %w", c.Name, err)
	}
	starts := start.FindAllStringSubmatchIndex(text, -1)
	if first := strings.TrimSpace(text); first != "" && (len(starts) == 0 || strings.TrimSpace(text[:starts[0][0]]) != "") {
		return nil, fmt.Errorf("%q is no option of /%s", strings.Fields(first)[0], c.Name)
	}
	var options []discordsim.Option
	for i, m := range starts {
		end := len(text)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		name, value := "", strings.TrimSpace(text[m[1]:end])
		switch {
		case m[2] >= 0:
			name, value = "link", text[m[2]:m[3]]
		case m[4] >= 0:
			name = text[m[4]:m[5]]
		default:
			name, value = "channel", text[m[6]:m[7]]
		}
		at := slices.IndexFunc(c.Options, func(o discordOption) bool { return o.Name == name })
		if at < 0 {
			return nil, fmt.Errorf("/%s has no option %q", c.Name, name)
		}
		option, err := filled(c.Options[at], value, channels)
		if err != nil {
			return nil, err
		}
		options = append(options, option)
	}
	return options, nil
}

func filled(o discordOption, value string, channels []discordsim.Channel) (discordsim.Option, error) {
	switch o.Type {
	case integerOption:
		n, err := strconv.Atoi(value)
		if err != nil {
			return discordsim.Option{}, fmt.Errorf("%s takes a whole number, not %q", o.Name, value)
		}
		return discordsim.Option{Name: o.Name, Value: n}, nil
	case channelOption:
		i := slices.IndexFunc(channels, func(c discordsim.Channel) bool { return strings.EqualFold(c.Name, strings.TrimPrefix(value, "#")) })
		if i < 0 {
			return discordsim.Option{}, fmt.Errorf("there is no channel %q", value)
		}
		return discordsim.Option{Name: o.Name, Value: channels[i].ID}, nil
	case attachmentOption:
		return discordsim.Option{}, errors.New("add the file with the button of the message box")
	}
	return discordsim.Option{Name: o.Name, Value: value}, nil
}

func (s discordSide) choose(ctx context.Context, m messageRef, command string) error {
	i, err := s.server.InvokeMessageCommand(m.person, m.id, command)
	if err != nil {
		return fmt.Errorf("choose command in simulated discord: %w", err)
	}
	return s.taken(ctx, i.ID)
}

func (s discordSide) press(ctx context.Context, m messageRef, button string) error {
	i, err := s.server.Press(m.person, m.id, button)
	if err != nil {
		return fmt.Errorf("press button in simulated discord: %w", err)
	}
	return s.taken(ctx, i.ID)
}

func (discordSide) stop(messageRef) error {
	return errors.New("on Discord the button stands under the answer")
}

// taken waits until the app has answered an interaction in any way.
func (s discordSide) taken(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, acknowledgement)
	defer cancel()
	err := s.server.WaitFor(ctx, func() bool {
		i, ok := s.server.Interaction(id)
		return ok && i.Response != 0
	})
	if err != nil {
		return fmt.Errorf("the application did not respond: %w", err)
	}
	return nil
}

// buttonsOf reads the buttons under a message (discord.com/developers/docs/components/reference).
func buttonsOf(raw json.RawMessage) []buttonView {
	type component struct {
		Type       int             `json:"type"`
		Label      string          `json:"label"`
		CustomID   string          `json:"custom_id"`
		Components json.RawMessage `json:"components"`
	}
	var list []component
	if len(raw) == 0 || json.Unmarshal(raw, &list) != nil {
		return nil
	}
	var out []buttonView
	for _, c := range list {
		out = append(out, buttonsOf(c.Components)...)
		if c.Type == 2 && c.CustomID != "" {
			out = append(out, buttonView{ID: c.CustomID, Label: c.Label})
		}
	}
	return out
}
