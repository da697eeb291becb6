package discordsim

import (
	"fmt"
	"slices"
	"time"
)

// AddGuild makes a server with the given members. The bot joins it, with what @everyone may do.
func (s *Server) AddGuild(name string, memberIDs ...string) Guild {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.world.addGuild(name)
	for _, id := range memberIDs {
		if s.world.users[id] != nil {
			s.world.join(g, id)
		}
	}
	s.dispatch(event{name: "GUILD_CREATE", intent: IntentGuilds, guildID: g.ID, data: fixed(s.world.renderGuild(g, true))})
	return g.Guild
}

// Outage makes a guild unavailable to the sessions, as when a part of Discord is down: they are told that it is gone, and a
// new session is told nothing more than its id. End it with Recover.
func (s *Server) Outage(guildID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.world.guilds[guildID]
	if g == nil {
		return fmt.Errorf("begin outage: no guild %q", guildID)
	}
	g.down = true
	s.dispatch(event{name: "GUILD_DELETE", intent: IntentGuilds, guildID: g.ID, data: fixed(map[string]any{"id": g.ID, "unavailable": true})})
	return nil
}

// Recover ends an outage: the sessions get the guild anew.
func (s *Server) Recover(guildID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.world.guilds[guildID]
	if g == nil {
		return fmt.Errorf("end outage: no guild %q", guildID)
	}
	g.down = false
	s.dispatch(event{name: "GUILD_CREATE", intent: IntentGuilds, guildID: g.ID, data: fixed(s.world.renderGuild(g, true))})
	return nil
}

// Reinvite lets the bot leave a guild and join it again, now.
func (s *Server) Reinvite(guildID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.world.guilds[guildID]
	if g == nil {
		return fmt.Errorf("invite again: no guild %q", guildID)
	}
	g.since = s.options.Clock()
	s.dispatch(event{name: "GUILD_DELETE", intent: IntentGuilds, guildID: g.ID, data: fixed(map[string]any{"id": g.ID})})
	s.dispatch(event{name: "GUILD_CREATE", intent: IntentGuilds, guildID: g.ID, data: fixed(s.world.renderGuild(g, true))})
	return nil
}

// AddRole makes a role with guild-wide permissions and gives it to members.
func (s *Server) AddRole(guildID, name string, p Permissions, memberIDs ...string) (Role, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.world.guilds[guildID]
	if g == nil {
		return Role{}, fmt.Errorf("add role: no guild %q", guildID)
	}
	r := Role{ID: s.world.newID(), GuildID: guildID, Name: name, Permissions: p}
	g.roles = append(g.roles, r)
	for _, id := range memberIDs {
		if s.world.users[id] != nil {
			s.world.join(g, id, r.ID)
		}
	}
	s.dispatch(event{name: "GUILD_ROLE_CREATE", intent: IntentGuilds, guildID: g.ID, data: fixed(map[string]any{
		"guild_id": g.ID, "role": renderRoles(g)[len(g.roles)-1],
	})})
	return r, nil
}

// SetRole changes the permissions of a role; the role with the guild's id is @everyone.
func (s *Server) SetRole(guildID, roleID string, p Permissions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.world.guilds[guildID]
	if g == nil {
		return fmt.Errorf("set role: no guild %q", guildID)
	}
	i := slices.IndexFunc(g.roles, func(r Role) bool { return r.ID == roleID })
	if i < 0 {
		return fmt.Errorf("set role: no role %q", roleID)
	}
	g.roles[i].Permissions = p
	s.dispatch(event{name: "GUILD_ROLE_UPDATE", intent: IntentGuilds, guildID: g.ID, data: fixed(map[string]any{
		"guild_id": g.ID, "role": renderRoles(g)[i],
	})})
	return nil
}

// AddMember lets a user join a guild, with roles beside @everyone.
func (s *Server) AddMember(guildID, userID string, roleIDs ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.world.guilds[guildID]
	if g == nil || s.world.users[userID] == nil {
		return fmt.Errorf("add member: no guild %q or no user %q", guildID, userID)
	}
	m := s.world.renderMember(s.world.join(g, userID, roleIDs...), true)
	s.dispatch(event{name: "GUILD_MEMBER_ADD", intent: IntentGuildMembers, guildID: g.ID, data: fixed(struct {
		*wireMember
		GuildID string `json:"guild_id"`
	}{m, g.ID})})
	return nil
}

// RemoveMember makes a user leave a guild.
func (s *Server) RemoveMember(guildID, userID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.world.guilds[guildID]
	if g == nil || g.members[userID] == nil || userID == s.world.bot.ID {
		return fmt.Errorf("remove member: %q is no member of guild %q, or the bot", userID, guildID)
	}
	delete(g.members, userID)
	g.joined = slices.DeleteFunc(g.joined, func(id string) bool { return id == userID })
	s.dispatch(event{name: "GUILD_MEMBER_REMOVE", intent: IntentGuildMembers, guildID: g.ID, data: fixed(map[string]any{
		"guild_id": g.ID, "user": s.world.renderUser(s.world.users[userID]),
	})})
	return nil
}

// TimeOut keeps a member from doing anything but reading until a moment; the zero time ends it.
func (s *Server) TimeOut(guildID, userID string, until time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.world.guilds[guildID]
	if g == nil || g.members[userID] == nil {
		return fmt.Errorf("time out: %q is no member of guild %q", userID, guildID)
	}
	g.members[userID].timeout = until
	return nil
}

// Members lists the members of a guild in the order they joined, nil for an unknown guild.
func (s *Server) Members(guildID string) []Member {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.world.guilds[guildID]
	if g == nil {
		return nil
	}
	var list []Member
	for _, id := range g.joined {
		list = append(list, Member{User: *s.world.users[id], Roles: slices.Clone(g.members[id].roles)})
	}
	return list
}

// Guilds lists the guilds in the order they were made.
func (s *Server) Guilds() []Guild {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Guild
	for _, id := range s.world.guildIDs {
		list = append(list, s.world.guilds[id].Guild)
	}
	return list
}
