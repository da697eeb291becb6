package discordsim

import "slices"

func (s *Server) putReaction(r *request) (any, error) {
	c, m, err := s.messageFor(r)
	if err != nil {
		return nil, err
	}
	if !s.may(AddReactions, c) || !s.may(ReadMessageHistory, c) {
		return nil, errMissingPermissions()
	}
	s.react(m, &s.world.bot, r.PathValue("emoji"))
	return nil, nil
}

func (s *Server) deleteReaction(r *request) (any, error) {
	_, m, err := s.messageFor(r)
	if err != nil {
		return nil, err
	}
	s.unreact(m, &s.world.bot, r.PathValue("emoji"))
	return nil, nil
}

func (s *Server) react(m *message, u *User, emoji string) {
	i := slices.IndexFunc(m.reactions, func(r Reaction) bool { return r.Emoji == emoji })
	if i < 0 {
		m.reactions = append(m.reactions, Reaction{Emoji: emoji})
		i = len(m.reactions) - 1
	}
	if slices.Contains(m.reactions[i].UserIDs, u.ID) {
		return
	}
	m.reactions[i].UserIDs = append(m.reactions[i].UserIDs, u.ID)
	s.announceReaction("MESSAGE_REACTION_ADD", m, u, emoji)
}

func (s *Server) unreact(m *message, u *User, emoji string) {
	for i, r := range m.reactions {
		at := slices.Index(r.UserIDs, u.ID)
		if r.Emoji != emoji || at < 0 {
			continue
		}
		m.reactions[i].UserIDs = slices.Delete(slices.Clone(r.UserIDs), at, at+1)
		if len(m.reactions[i].UserIDs) == 0 {
			m.reactions = slices.Delete(m.reactions, i, i+1)
		}
		s.announceReaction("MESSAGE_REACTION_REMOVE", m, u, emoji)
		return
	}
}

func (s *Server) announceReaction(name string, m *message, u *User, emoji string) {
	s.touched(m.channel.ID)
	if !s.world.canView(s.world.bot.ID, m.channel) {
		return
	}
	data := map[string]any{
		"user_id": u.ID, "channel_id": m.channel.ID, "message_id": m.id, "emoji": wireEmoji{Name: emoji},
		"burst": false, "type": 0, "message_author_id": m.author.ID,
	}
	if g := s.world.guilds[m.channel.GuildID]; g != nil {
		data["guild_id"] = g.ID
		if name == "MESSAGE_REACTION_ADD" {
			data["member"] = s.world.renderMember(g.members[u.ID], true)
		}
	}
	s.dispatch(event{name: name, intent: reactionIntent(m.channel), guildID: m.channel.GuildID, data: fixed(data)})
}
