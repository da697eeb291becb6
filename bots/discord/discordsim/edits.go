package discordsim

import (
	"encoding/json"
	"fmt"
	"strings"
)

// EditMessage lets a user change the text of their own message.
func (s *Server) EditMessage(userID, messageID, content string) (Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.standing(messageID)
	if err != nil {
		return Message{}, fmt.Errorf("edit message: %w", err)
	}
	if m.author.ID != userID {
		return Message{}, fmt.Errorf("edit message: %q is by another author", messageID)
	}
	s.world.revise(m, strings.TrimSpace(content), nil)
	s.announce("MESSAGE_UPDATE", m)
	s.touched(m.channel.ID)
	return s.world.snapshotOf(m, s.link), nil
}

// DeleteMessage removes a message of anyone.
func (s *Server) DeleteMessage(messageID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.standing(messageID)
	if err != nil {
		return fmt.Errorf("delete message: %w", err)
	}
	s.remove(m)
	return nil
}

// BulkDelete removes several messages of one channel with one event.
func (s *Server) BulkDelete(channelID string, messageIDs ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.world.channels[channelID]
	if c == nil || c.GuildID == "" {
		return fmt.Errorf("bulk delete: %q is no guild channel", channelID)
	}
	for _, id := range messageIDs {
		m, err := s.standing(id)
		if err != nil || m.channel != c {
			return fmt.Errorf("bulk delete: no message %q in channel %q", id, channelID)
		}
	}
	for _, id := range messageIDs {
		s.world.messages[id].deleted = true
	}
	s.touched(c.ID)
	if s.world.canView(s.world.bot.ID, c) {
		s.dispatch(event{name: "MESSAGE_DELETE_BULK", intent: IntentGuildMessages, guildID: c.GuildID, data: fixed(map[string]any{
			"ids": messageIDs, "channel_id": c.ID, "guild_id": c.GuildID,
		})})
	}
	return nil
}

// ResolveEmbed adds a link preview to a message, as Discord does a moment after it was posted: a
// MESSAGE_UPDATE whose edited_timestamp did not change. It reports false, and changes nothing, on
// a message that suppresses embeds.
func (s *Server) ResolveEmbed(messageID string, embed json.RawMessage) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.standing(messageID)
	if err != nil {
		return false, fmt.Errorf("resolve embed: %w", err)
	}
	if !json.Valid(embed) {
		return false, fmt.Errorf("resolve embed: the embed is no JSON")
	}
	if m.flags&FlagSuppressEmbeds != 0 {
		return false, nil
	}
	m.embeds = append(m.embeds, embed)
	s.announce("MESSAGE_UPDATE", m)
	s.touched(m.channel.ID)
	return true, nil
}

// React lets a user add an emoji to a message; Unreact takes it away.
func (s *Server) React(userID, messageID, emoji string) error {
	return s.reaction(userID, messageID, func(m *message, u *User) { s.react(m, u, emoji) })
}

// Unreact takes a user's emoji away from a message.
func (s *Server) Unreact(userID, messageID, emoji string) error {
	return s.reaction(userID, messageID, func(m *message, u *User) { s.unreact(m, u, emoji) })
}

func (s *Server) reaction(userID, messageID string, change func(*message, *User)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.standing(messageID)
	if err != nil {
		return fmt.Errorf("react: %w", err)
	}
	u, _, err := s.actor(userID, m.channel.ID)
	if err != nil {
		return fmt.Errorf("react: %w", err)
	}
	change(m, u)
	return nil
}

// standing returns a message that is not deleted.
func (s *Server) standing(id string) (*message, error) {
	m := s.world.messages[id]
	if m == nil || m.deleted {
		return nil, fmt.Errorf("no message %q", id)
	}
	return m, nil
}
