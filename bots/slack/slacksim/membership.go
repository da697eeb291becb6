package slacksim

import (
	"fmt"
	"slices"
)

// Invite adds a user or the bot to a channel. Members see the join line; the app hears
// member_joined_channel and the channel_join message.
func (w *Workspace) Invite(channelID, user, inviter string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, err := w.membershipOf(channelID, user)
	if err != nil {
		return fmt.Errorf("invite: %w", err)
	}
	if c.has(user) {
		return nil
	}
	c.Members = append(c.Members, user)
	w.publish(Change{Kind: ChannelChanged, Channel: c.ID})
	w.systemLine(c, user, joinSubtype(c.Kind), fmt.Sprintf("<@%s> has joined the channel", user))
	event := object{"user": user, "channel": c.ID, "channel_type": "C", "team": w.team.ID}
	if c.Kind != PublicChannel {
		event["channel_type"] = "G"
	}
	if inviter != "" {
		event["inviter"] = inviter
	}
	if c.has(w.bot.ID) {
		w.emit("member_joined_channel", "member_joined_channel", c, event)
	}
	return nil
}

// Kick removes a user or the bot from a channel. The bot hears channel_left or group_left of its
// own removal, and member_left_channel of others'.
func (w *Workspace) Kick(channelID, user string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, err := w.membershipOf(channelID, user)
	if err != nil {
		return fmt.Errorf("kick: %w", err)
	}
	if !c.has(user) {
		return fmt.Errorf("kick %s: not a member of %s", user, channelID)
	}
	c.Members = slices.DeleteFunc(c.Members, func(id string) bool { return id == user })
	w.publish(Change{Kind: ChannelChanged, Channel: c.ID})
	w.systemLine(c, user, leaveSubtype(c.Kind), fmt.Sprintf("<@%s> has left the channel", user))
	if user == w.bot.ID {
		name := "channel_left"
		if c.Kind != PublicChannel {
			name = "group_left"
		}
		w.emit(name, name, c, object{"channel": c.ID, "actor_id": user})
		return nil
	}
	if c.has(w.bot.ID) {
		w.emit("member_left_channel", "member_left_channel", c, object{"user": user, "channel": c.ID, "team": w.team.ID})
	}
	return nil
}

func (w *Workspace) membershipOf(channelID, user string) (*channel, error) {
	c := w.channels[channelID]
	if c == nil {
		return nil, fmt.Errorf("channel %q: %w", channelID, ErrNoSuchChannel)
	}
	if w.users[user] == nil {
		return nil, fmt.Errorf("user %q: %w", user, ErrNoSuchUser)
	}
	if c.Kind == DirectMessage || c.Kind == GroupMessage {
		return nil, fmt.Errorf("channel %s: members of a direct message do not change", channelID)
	}
	return c, nil
}

func (w *Workspace) systemLine(c *channel, user, subtype, text string) {
	m := &Message{Channel: c.ID, TS: w.ids.ts(w.clock()), User: user, Subtype: subtype, Text: text}
	w.post(c, m, announce)
}

func joinSubtype(kind ChannelKind) string {
	if kind == PublicChannel {
		return "channel_join"
	}
	return "group_join"
}

func leaveSubtype(kind ChannelKind) string {
	if kind == PublicChannel {
		return "channel_leave"
	}
	return "group_leave"
}
