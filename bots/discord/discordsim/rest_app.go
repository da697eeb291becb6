package discordsim

import (
	"encoding/json"
	"time"
)

// Application flags that tell which privileged intents are switched on for an app in fewer than
// 100 servers (discord.com/developers/docs/resources/application#application-object-application-flags).
const (
	flagMembersLimited = 1 << 15
	flagContentLimited = 1 << 19
)

func (s *Server) applicationFlags() int {
	flags := 0
	if s.messageContent {
		flags |= flagContentLimited
	}
	if s.options.GuildMembersEnabled {
		flags |= flagMembersLimited
	}
	return flags
}

func (s *Server) getGateway(*request) (any, error) {
	return map[string]any{"url": s.gatewayURL()}, nil
}

func (s *Server) getGatewayBot(*request) (any, error) {
	return map[string]any{
		"url": s.gatewayURL(), "shards": s.shards,
		"session_start_limit": map[string]any{
			"total": 1000, "remaining": max(0, 1000-s.identifies),
			"reset_after": (24 * time.Hour).Milliseconds(), "max_concurrency": 1,
		},
	}, nil
}

func (s *Server) getApplication(*request) (any, error) {
	return map[string]any{
		"id": s.world.applicationID, "name": s.world.bot.Name, "icon": nil, "description": "", "summary": "",
		"bot_public": true, "bot_require_code_grant": false, "verify_key": "", "team": nil,
		"flags": s.applicationFlags(), "bot": s.world.renderUser(&s.world.bot),
		"approximate_guild_count": len(s.world.guildIDs),
	}, nil
}

// commandScope checks the application and returns under which key its commands are kept.
func (s *Server) commandScope(r *request) (string, error) {
	if r.PathValue("application") != s.world.applicationID {
		return "", errUnknown(10002, "Application")
	}
	guildID := r.PathValue("guild")
	if guildID != "" && s.world.guilds[guildID] == nil {
		return "", errUnknownGuild()
	}
	return guildID, nil
}

func (s *Server) getCommands(r *request) (any, error) {
	scope, err := s.commandScope(r)
	if err != nil {
		return nil, err
	}
	return append([]json.RawMessage{}, s.world.commands[scope]...), nil
}

// putCommands replaces all commands of a scope and gives each an id.
func (s *Server) putCommands(r *request) (any, error) {
	scope, err := s.commandScope(r)
	if err != nil {
		return nil, err
	}
	var commands []map[string]any
	if err := r.decode(&commands); err != nil {
		return nil, err
	}
	list := []json.RawMessage{}
	for i, c := range commands {
		if c["type"] == nil {
			c["type"] = 1
		}
		var typed command
		if plain, err := json.Marshal(c); err != nil || json.Unmarshal(plain, &typed) != nil {
			return nil, errBadJSON()
		}
		if err := typed.check(i); err != nil {
			return nil, err
		}
		c["id"], c["application_id"], c["version"] = s.world.newID(), s.world.applicationID, s.world.newID()
		if scope != "" {
			c["guild_id"] = scope
		}
		raw, err := json.Marshal(c)
		if err != nil {
			return nil, err
		}
		list = append(list, raw)
	}
	s.world.commands[scope] = list
	return list, nil
}
