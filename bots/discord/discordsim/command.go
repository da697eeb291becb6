package discordsim

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

// command is what the simulator reads of a registered application command
// (discord.com/developers/docs/interactions/application-commands#application-command-object).
type command struct {
	ID          string          `json:"id"`
	Type        int             `json:"type"`
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Options     []commandOption `json:"options"`
	Contexts    []int           `json:"contexts"`
}

type commandOption struct {
	Type        int      `json:"type"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Required    bool     `json:"required"`
	MinValue    *float64 `json:"min_value"`
	MaxValue    *float64 `json:"max_value"`
	MaxLength   *int     `json:"max_length"`
	Channels    []Kind   `json:"channel_types"`
}

// Option types (discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-option-type).
const (
	stringOption     = 3
	integerOption    = 4
	channelOption    = 7
	attachmentOption = 11
)

// Commands lists the registered commands of a guild, or the global ones where guildID is empty, as JSON objects.
func (s *Server) Commands(guildID string) []json.RawMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.world.commands[guildID])
}

// command finds a registered command that is offered in a channel.
func (w *world) command(kind int, name string, c *channel) (command, error) {
	scopes := []string{""}
	if c.GuildID != "" {
		scopes = append(scopes, c.GuildID)
	}
	where := 0
	if c.GuildID == "" {
		where = 1
	}
	for _, scope := range scopes {
		for _, raw := range w.commands[scope] {
			var found command
			if json.Unmarshal(raw, &found) != nil || found.Type != kind || found.Name != name {
				continue
			}
			if found.Contexts == nil || slices.Contains(found.Contexts, where) {
				return found, nil
			}
		}
	}
	return command{}, fmt.Errorf("no command %q is registered here", name)
}

// fill checks options as the client does and makes the interaction's data.
func (s *Server) fill(u *User, c *channel, command command, options []Option) (map[string]any, error) {
	filled := []map[string]any{}
	channels, attachments := map[string]any{}, map[string]any{}
	for _, o := range options {
		i := slices.IndexFunc(command.Options, func(known commandOption) bool { return known.Name == o.Name })
		if i < 0 {
			return nil, fmt.Errorf("command %q has no option %q", command.Name, o.Name)
		}
		known, value := command.Options[i], o.Value
		switch known.Type {
		case stringOption:
			text, ok := value.(string)
			if !ok || known.MaxLength != nil && len([]rune(text)) > *known.MaxLength {
				return nil, fmt.Errorf("option %q takes a text that is not too long", o.Name)
			}
		case integerOption:
			n, ok := value.(int)
			if !ok || known.MinValue != nil && float64(n) < *known.MinValue || known.MaxValue != nil && float64(n) > *known.MaxValue {
				return nil, fmt.Errorf("option %q takes a whole number within its bounds", o.Name)
			}
		case channelOption:
			id, _ := value.(string)
			_, named, err := s.actor(u.ID, id)
			if err != nil || named.GuildID != c.GuildID || known.Channels != nil && !slices.Contains(known.Channels, named.Kind) {
				return nil, fmt.Errorf("option %q takes a channel that the user sees", o.Name)
			}
			out := map[string]any{"id": named.ID, "name": named.Name, "type": named.Kind, "permissions": decimal(s.world.permissions(u.ID, named))}
			if named.thread() {
				out["parent_id"] = named.ParentID
			}
			channels[named.ID] = out
		case attachmentOption:
			if o.File == nil {
				return nil, fmt.Errorf("option %q takes a file", o.Name)
			}
			id := s.world.addFile("", *o.File)
			s.world.files[id].ephemeral = true
			out := s.world.renderAttachment(id, s.link)
			out.Ephemeral = true
			attachments[id], value = out, id
		default:
			return nil, fmt.Errorf("option type %d is not simulated", known.Type)
		}
		filled = append(filled, map[string]any{"name": o.Name, "type": known.Type, "value": value})
	}
	for _, known := range command.Options {
		if known.Required && !slices.ContainsFunc(options, func(o Option) bool { return o.Name == known.Name }) {
			return nil, fmt.Errorf("option %q is required", known.Name)
		}
	}
	data := map[string]any{"id": command.ID, "name": command.Name, "type": 1, "options": filled}
	if len(channels)+len(attachments) > 0 {
		data["resolved"] = map[string]any{"channels": channels, "attachments": attachments}
	}
	return data, nil
}

// slashName is the form of the names of slash commands and options
// (discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-naming).
var slashName = regexp.MustCompile(`^[-_'\p{Ll}\p{Lo}\p{N}]{1,32}$`)

// check refuses what Discord refuses of a command at its place in the list
// (discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-structure).
func (c command) check(place int) error {
	at := strconv.Itoa(place)
	length := func(n, low, high int) bool { return n >= low && n <= high }
	switch {
	case !length(len([]rune(c.Name)), 1, 32):
		return invalid(at+".name", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 32 in length.")
	case c.Type == 1 && !slashName.MatchString(c.Name):
		return invalid(at+".name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
	case c.Type == 1 && !length(len([]rune(c.Description)), 1, 100):
		return invalid(at+".description", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
	case c.Type != 1 && (c.Description != "" || len(c.Options) > 0):
		return invalid(at+".description", "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION_INVALID", "Context menu commands cannot have description")
	case len(c.Options) > 25:
		return invalid(at+".options", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
	}
	optional := false
	for j, o := range c.Options {
		path := at + ".options." + strconv.Itoa(j)
		switch {
		case !slashName.MatchString(o.Name):
			return invalid(path+".name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
		case !length(len([]rune(o.Description)), 1, 100):
			return invalid(path+".description", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
		case o.Required && optional:
			return invalid(path, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", "Required options must be placed before non-required options")
		}
		optional = optional || !o.Required
	}
	return nil
}
