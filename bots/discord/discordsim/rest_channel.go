package discordsim

import "time"

// typingTime is how long a typing indicator stays
// (discord.com/developers/docs/resources/channel#trigger-typing-indicator).
const typingTime = 10 * time.Second

// channelFor returns the channel of a request, if the bot may see it.
func (s *Server) channelFor(r *request) (*channel, error) {
	c := s.world.channels[r.PathValue("channel")]
	if c == nil {
		return nil, errUnknownChannel()
	}
	if !s.world.canView(s.world.bot.ID, c) {
		return nil, errMissingAccess()
	}
	return c, nil
}

// may tells whether the bot has a permission in a channel.
func (s *Server) may(p Permissions, c *channel) bool {
	return s.world.permissions(s.world.bot.ID, c)&p == p
}

func (s *Server) getChannel(r *request) (any, error) {
	c, err := s.channelFor(r)
	if err != nil {
		return nil, err
	}
	return s.world.renderChannel(c), nil
}

func (s *Server) postTyping(r *request) (any, error) {
	c, err := s.channelFor(r)
	if err != nil {
		return nil, err
	}
	if !s.may(SendMessages, c) {
		return nil, errMissingPermissions()
	}
	s.startTyping(&s.world.bot, c)
	return nil, nil
}

// startTyping shows a user as typing and tells the sessions.
func (s *Server) startTyping(u *User, c *channel) {
	now := s.options.Clock()
	c.typing[u.ID] = now
	s.touched(c.ID)
	if !s.world.canView(s.world.bot.ID, c) {
		return
	}
	data := map[string]any{"channel_id": c.ID, "user_id": u.ID, "timestamp": now.Unix()}
	if g := s.world.guilds[c.GuildID]; g != nil {
		data["guild_id"], data["member"] = g.ID, s.world.renderMember(g.members[u.ID], true)
	}
	s.dispatch(event{name: "TYPING_START", intent: typingIntent(c), guildID: c.GuildID, data: fixed(data)})
}
