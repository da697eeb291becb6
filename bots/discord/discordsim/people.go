package discordsim

import (
	"fmt"
	"slices"
)

// AddUser makes a person. They see a guild only after they join it.
func (s *Server) AddUser(name string) User {
	s.mu.Lock()
	defer s.mu.Unlock()
	return *s.world.addUser(name, false)
}

// AddBot makes another bot that can talk through Say. It has no token.
func (s *Server) AddBot(name string) User {
	s.mu.Lock()
	defer s.mu.Unlock()
	return *s.world.addUser(name, true)
}

// Users lists everyone, the bot and the owners of guilds included, oldest first.
func (s *Server) Users() []User {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []User
	for _, id := range s.world.userIDs {
		list = append(list, *s.world.users[id])
	}
	return list
}

// StartTyping shows a user as typing for 10 s.
func (s *Server) StartTyping(userID, channelID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, c, err := s.actor(userID, channelID)
	if err != nil {
		return fmt.Errorf("start typing: %w", err)
	}
	s.startTyping(u, c)
	return nil
}

// Typing lists who is typing in a channel now.
func (s *Server) Typing(channelID string) []User {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.world.channels[channelID]
	if c == nil {
		return nil
	}
	var list []User
	for _, id := range s.world.userIDs {
		if at, ok := c.typing[id]; ok && s.options.Clock().Sub(at) < typingTime {
			list = append(list, *s.world.users[id])
		}
	}
	return list
}

// Messages lists what stands in a channel, oldest first, without what was deleted.
func (s *Server) Messages(channelID string) []Message {
	return slices.DeleteFunc(s.History(channelID), func(m Message) bool { return m.Deleted })
}

// History lists everything that was ever said in a channel, deleted messages included.
func (s *Server) History(channelID string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.world.channels[channelID]
	if c == nil {
		return nil
	}
	var list []Message
	for _, m := range c.messages {
		list = append(list, s.world.snapshotOf(m, s.link))
	}
	return list
}

// Message returns one message, also when it is deleted.
func (s *Server) Message(id string) (Message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.world.messages[id]
	if m == nil {
		return Message{}, false
	}
	return s.world.snapshotOf(m, s.link), true
}

// actor returns a user and a channel that the user may see.
func (s *Server) actor(userID, channelID string) (*User, *channel, error) {
	u, c := s.world.users[userID], s.world.channels[channelID]
	switch {
	case u == nil:
		return nil, nil, fmt.Errorf("no user %q", userID)
	case c == nil:
		return nil, nil, fmt.Errorf("no channel %q", channelID)
	case !s.world.canView(userID, c):
		return nil, nil, fmt.Errorf("%s cannot see channel %q", u.Name, c.Name)
	}
	return u, c, nil
}
