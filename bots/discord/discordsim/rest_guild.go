package discordsim

import "strconv"

func decimal(p Permissions) string { return strconv.FormatUint(uint64(p), 10) }

// renderGuild renders a guild; the event carries its channels, threads and the bot's own member.
func (w *world) renderGuild(g *guild, event bool) map[string]any {
	out := map[string]any{
		"id": g.ID, "name": g.Name, "icon": nil, "splash": nil, "discovery_splash": nil, "banner": nil, "description": nil,
		"owner_id": g.OwnerID, "afk_channel_id": nil, "afk_timeout": 300, "widget_enabled": false, "application_id": nil,
		"verification_level": 1, "default_message_notifications": 0, "explicit_content_filter": 0, "mfa_level": 0,
		"roles": renderRoles(g), "emojis": []any{}, "stickers": []any{}, "features": []string{},
		"system_channel_id": nil, "system_channel_flags": 0, "rules_channel_id": nil, "public_updates_channel_id": nil,
		"safety_alerts_channel_id": nil, "vanity_url_code": nil, "premium_tier": 0, "premium_subscription_count": 0,
		"premium_progress_bar_enabled": false, "preferred_locale": "en-US", "nsfw_level": 0, "max_members": 500000,
	}
	if !event {
		return out
	}
	threads := []*wireChannel{}
	for _, t := range w.visibleThreads(g) {
		threads = append(threads, w.renderChannel(t))
	}
	out["joined_at"], out["large"], out["unavailable"] = timestamp(g.since), false, false
	out["member_count"] = len(g.members)
	out["members"] = []*wireMember{w.renderMember(g.members[w.bot.ID], true)}
	out["channels"], out["threads"] = w.renderGuildChannels(g), threads
	out["voice_states"], out["presences"], out["stage_instances"] = []any{}, []any{}, []any{}
	out["guild_scheduled_events"], out["soundboard_sounds"] = []any{}, []any{}
	return out
}

// renderGuildChannels lists every channel, also those that the bot cannot see, as Discord does.
func (w *world) renderGuildChannels(g *guild) []*wireChannel {
	list := []*wireChannel{}
	for i, id := range g.channels {
		c := w.renderChannel(w.channels[id])
		c.Position = i
		list = append(list, c)
	}
	return list
}

// visibleThreads lists the threads of a guild that the bot can see.
func (w *world) visibleThreads(g *guild) []*channel {
	var list []*channel
	for _, id := range g.channels {
		for _, threadID := range w.channels[id].threads {
			if t := w.channels[threadID]; t.archived.IsZero() && w.canView(w.bot.ID, t) {
				list = append(list, t)
			}
		}
	}
	return list
}

func (s *Server) guild(r *request) (*guild, error) {
	g := s.world.guilds[r.PathValue("guild")]
	if g == nil {
		return nil, errUnknownGuild()
	}
	return g, nil
}

func (s *Server) getGuild(r *request) (any, error) {
	g, err := s.guild(r)
	if err != nil {
		return nil, err
	}
	return s.world.renderGuild(g, false), nil
}

func (s *Server) getGuildChannels(r *request) (any, error) {
	g, err := s.guild(r)
	if err != nil {
		return nil, err
	}
	return s.world.renderGuildChannels(g), nil
}

func (s *Server) getRoles(r *request) (any, error) {
	g, err := s.guild(r)
	if err != nil {
		return nil, err
	}
	return renderRoles(g), nil
}

func (s *Server) getMember(r *request) (any, error) {
	g, err := s.guild(r)
	if err != nil {
		return nil, err
	}
	if s.world.users[r.PathValue("user")] == nil {
		return nil, errUnknownUser()
	}
	m := g.members[r.PathValue("user")]
	if m == nil {
		return nil, errUnknownMember()
	}
	return s.world.renderMember(m, true), nil
}

func (s *Server) getActiveThreads(r *request) (any, error) {
	g, err := s.guild(r)
	if err != nil {
		return nil, err
	}
	threads, members := []*wireChannel{}, []*wireThreadMember{}
	for _, t := range s.world.visibleThreads(g) {
		threads = append(threads, s.world.renderChannel(t))
		if t.members[s.world.bot.ID] {
			members = append(members, renderThreadMember(t, s.world.bot.ID))
		}
	}
	return map[string]any{"threads": threads, "members": members}, nil
}
