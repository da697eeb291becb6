package discordsim

import (
	"fmt"
	"slices"
)

// AddChannel makes a Text, Announcement, Voice or Forum channel in a guild.
func (s *Server) AddChannel(guildID, name string, kind Kind, overwrites ...Overwrite) (Channel, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.world.guilds[guildID] == nil {
		return Channel{}, fmt.Errorf("add channel: no guild %q", guildID)
	}
	if kind != Text && kind != Announcement && kind != Voice && kind != Forum {
		return Channel{}, fmt.Errorf("add channel: kind %d is not text, announcement, voice or forum", kind)
	}
	c := s.world.addChannel(Channel{GuildID: guildID, Name: name, Kind: kind}, "", slices.Clone(overwrites))
	s.announceChannel("CHANNEL_CREATE", c, false)
	s.touched(c.ID)
	return c.Channel, nil
}

// SetOverwrites replaces the permission overwrites of a channel.
func (s *Server) SetOverwrites(channelID string, overwrites ...Overwrite) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.world.channels[channelID]
	if c == nil || c.GuildID == "" || c.thread() {
		return fmt.Errorf("set overwrites: %q is no guild channel", channelID)
	}
	c.overwrites = slices.Clone(overwrites)
	s.dispatch(event{name: "CHANNEL_UPDATE", intent: IntentGuilds, guildID: c.GuildID, data: fixed(s.world.renderChannel(c))})
	s.touched(c.ID)
	return nil
}

// OpenDM returns the direct messages between a user and the bot. As on Discord, the bot learns of
// them with the first message only.
func (s *Server) OpenDM(userID string) (Channel, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.world.users[userID]
	if u == nil || u.Bot {
		return Channel{}, fmt.Errorf("open dm: %q is no person", userID)
	}
	c := s.world.dm(userID)
	s.touched(c.ID)
	return c.Channel, nil
}

// StartThread makes a thread in a Text or Announcement channel. fromMessageID is the message that
// it starts from, empty for none; a private thread has none.
func (s *Server) StartThread(userID, channelID, fromMessageID, name string, private bool) (Channel, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, c, err := s.actor(userID, channelID)
	if err != nil {
		return Channel{}, fmt.Errorf("start thread: %w", err)
	}
	if c.Kind != Text && c.Kind != Announcement {
		return Channel{}, fmt.Errorf("start thread: channel kind %d has no threads", c.Kind)
	}
	kind := threadKind(c)
	if private {
		kind = PrivateThread
	}
	var from *message
	if fromMessageID != "" {
		from = s.world.messages[fromMessageID]
		if from == nil || from.deleted || from.channel != c || from.threadID != "" || private {
			return Channel{}, fmt.Errorf("start thread: no thread can start from message %q", fromMessageID)
		}
	}
	return s.startThread(c, u, from, name, kind).Channel, nil
}

// ForumPost makes a post in a Forum channel and returns its thread; the first message has the
// thread's id.
func (s *Server) ForumPost(userID, channelID, title, content string, opts ...SayOption) (Channel, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, c, err := s.actor(userID, channelID)
	if err != nil {
		return Channel{}, fmt.Errorf("forum post: %w", err)
	}
	if c.Kind != Forum {
		return Channel{}, fmt.Errorf("forum post: channel %q is no forum", channelID)
	}
	d, err := s.said(u, c, content, opts)
	if err != nil {
		return Channel{}, fmt.Errorf("forum post: %w", err)
	}
	return s.startPost(c, title, d).Channel, nil
}

// AddThreadMember adds a user to a thread; a private thread becomes visible to them.
func (s *Server) AddThreadMember(threadID, userID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.world.channels[threadID]
	if c == nil || !c.thread() || s.world.users[userID] == nil {
		return fmt.Errorf("add thread member: no thread %q or no user %q", threadID, userID)
	}
	seen := s.world.canView(s.world.bot.ID, c)
	c.members[userID] = true
	if userID == s.world.bot.ID && !seen {
		s.announceChannel("THREAD_CREATE", c, false)
	}
	s.touched(c.ID)
	return nil
}

// Channels lists the channels of a guild with each channel's threads after it, in the order they
// were made.
func (s *Server) Channels(guildID string) []Channel {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.world.guilds[guildID]
	if g == nil {
		return nil
	}
	var list []Channel
	for _, id := range g.channels {
		c := s.world.channels[id]
		list = append(list, c.Channel)
		for _, threadID := range c.threads {
			list = append(list, s.world.channels[threadID].Channel)
		}
	}
	return list
}

// Channel returns one channel, thread or DM.
func (s *Server) Channel(id string) (Channel, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.world.channels[id]
	if c == nil {
		return Channel{}, false
	}
	return c.Channel, true
}

// Permissions computes what a user may do in a channel, 0 for an unknown one.
func (s *Server) Permissions(userID, channelID string) Permissions {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.world.channels[channelID]
	if c == nil {
		return 0
	}
	return s.world.permissions(userID, c)
}
