package discordsim

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// How long an interaction may wait for its first response, and how long its token works
// (discord.com/developers/docs/interactions/receiving-and-responding#responding-to-an-interaction).
const (
	responseTime = 3 * time.Second
	tokenTime    = 15 * time.Minute
)

// InteractionKind is Discord's interaction type.
type InteractionKind int

// The kinds that the simulator makes (discord.com/developers/docs/interactions/receiving-and-responding#interaction-object-interaction-type).
const (
	CommandInteraction   InteractionKind = 2
	ComponentInteraction InteractionKind = 3
)

// Interaction is what a user did by a command or a button, and what came of it.
type Interaction struct {
	ID        string
	Kind      InteractionKind
	UserID    string
	ChannelID string
	// Response is the type of the first response, 0 for none yet: 4 a message, 5 a message that is to come, 6 an update
	// of the button's message that is to come, 7 such an update.
	Response int
	// Message is what the response shows; of a button without a message of its own, the message that it is under.
	Message *Message
}

// interaction is the stored form.
type interaction struct {
	id, token string
	kind      InteractionKind
	user      *User
	channel   *channel
	on        *message // the button's message
	created   time.Time
	response  int
	original  *message
	followups []*message
}

// Option fills in an option of a slash command. File is for an option that takes an attachment, Value for the others: a
// string, a number, or the id of a channel.
type Option struct {
	Name  string
	Value any
	File  *File
}

// InvokeCommand lets a user give a slash command that the bot has registered. The bot need not see the channel.
func (s *Server) InvokeCommand(userID, channelID, name string, options ...Option) (Interaction, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, c, err := s.actor(userID, channelID)
	if err != nil {
		return Interaction{}, fmt.Errorf("invoke command: %w", err)
	}
	command, err := s.world.command(1, name, c)
	if err != nil {
		return Interaction{}, fmt.Errorf("invoke command: %w", err)
	}
	data, err := s.fill(u, c, command, options)
	if err != nil {
		return Interaction{}, fmt.Errorf("invoke command: %w", err)
	}
	return s.interact(CommandInteraction, u, c, nil, data), nil
}

// InvokeMessageCommand lets a user choose a message command from a message's menu.
func (s *Server) InvokeMessageCommand(userID, messageID, name string) (Interaction, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.standing(messageID)
	if err != nil {
		return Interaction{}, fmt.Errorf("invoke message command: %w", err)
	}
	u, c, err := s.actor(userID, m.channel.ID)
	if err != nil {
		return Interaction{}, fmt.Errorf("invoke message command: %w", err)
	}
	command, err := s.world.command(3, name, c)
	if err != nil {
		return Interaction{}, fmt.Errorf("invoke message command: %w", err)
	}
	// The target of a message command comes whole, without the content intent
	// (discord.com/developers/docs/events/gateway#message-content-intent).
	target := s.world.renderMessage(m, view{content: true, link: s.link})
	return s.interact(CommandInteraction, u, c, nil, map[string]any{
		"id": command.ID, "name": command.Name, "type": 3, "target_id": m.id,
		"resolved": map[string]any{"messages": map[string]any{m.id: target}},
	}), nil
}

// Press lets a user press the button with a custom_id under a message that they see, which may be one that only they
// see.
func (s *Server) Press(userID, messageID, customID string) (Interaction, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.world.messages[messageID]
	if w := s.world.whispers[messageID]; w != nil && w.onlyFor == userID {
		m = w
	}
	if m == nil || m.deleted {
		return Interaction{}, fmt.Errorf("press: no message %q", messageID)
	}
	u, c, err := s.actor(userID, m.channel.ID)
	if err != nil {
		return Interaction{}, fmt.Errorf("press: %w", err)
	}
	if !slices.Contains(buttons(m.components), customID) {
		return Interaction{}, fmt.Errorf("press: message %q has no button %q", messageID, customID)
	}
	return s.interact(ComponentInteraction, u, c, m, map[string]any{"custom_id": customID, "component_type": 2, "id": 1}), nil
}

// Interaction returns what became of an interaction.
func (s *Server) Interaction(id string) (Interaction, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range s.world.interactions {
		if i.id == id {
			return s.snapshotOfInteraction(i), true
		}
	}
	return Interaction{}, false
}

// Whispers lists the messages of a channel that only this user sees, oldest first.
func (s *Server) Whispers(userID, channelID string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Message
	for _, m := range s.world.whispers {
		if m.onlyFor == userID && m.channel.ID == channelID && !m.deleted {
			list = append(list, s.world.snapshotOf(m, s.link))
		}
	}
	slices.SortFunc(list, func(x, y Message) int {
		if before(x.ID, y.ID) {
			return -1
		}
		return 1
	})
	return list
}

func (s *Server) snapshotOfInteraction(i *interaction) Interaction {
	out := Interaction{ID: i.id, Kind: i.kind, UserID: i.user.ID, ChannelID: i.channel.ID, Response: i.response}
	if i.original != nil {
		m := s.world.snapshotOf(i.original, s.link)
		out.Message = &m
	}
	return out
}

// interact stores an interaction and tells the session of its guild. No intent is needed for it.
func (s *Server) interact(kind InteractionKind, u *User, c *channel, on *message, data map[string]any) Interaction {
	i := &interaction{
		id: s.world.newID(), token: newToken(u.ID) + newToken(c.ID), kind: kind, user: u, channel: c, on: on, created: s.options.Clock(),
	}
	s.world.interactions[i.token] = i
	s.dispatch(event{name: "INTERACTION_CREATE", guildID: c.GuildID, data: fixed(s.renderInteraction(i, data))})
	return s.snapshotOfInteraction(i)
}

// renderInteraction writes INTERACTION_CREATE
// (discord.com/developers/docs/interactions/receiving-and-responding#interaction-object).
func (s *Server) renderInteraction(i *interaction, data map[string]any) map[string]any {
	w := s.world
	out := map[string]any{
		"id": i.id, "application_id": w.applicationID, "type": i.kind, "token": i.token, "version": 1, "data": data,
		"channel_id": i.channel.ID, "channel": w.renderChannel(i.channel), "locale": "en-US", "entitlements": []any{},
		"app_permissions": decimal(w.permissions(w.bot.ID, i.channel)), "authorizing_integration_owners": map[string]string{}, "context": 1,
	}
	if i.on != nil {
		out["message"] = w.renderMessage(i.on, view{content: true, link: s.link})
	}
	g := w.guilds[i.channel.GuildID]
	if g == nil {
		out["user"] = w.renderUser(i.user)
		return out
	}
	raw, _ := json.Marshal(w.renderMember(g.members[i.user.ID], true))
	var member map[string]any
	_ = json.Unmarshal(raw, &member)
	member["permissions"] = decimal(w.permissions(i.user.ID, i.channel))
	out["member"], out["guild_id"], out["guild_locale"], out["context"] = member, g.ID, "en-US", 0
	out["guild"] = map[string]any{"id": g.ID, "locale": "en-US", "features": []string{}}
	out["authorizing_integration_owners"] = map[string]string{"0": g.ID}
	return out
}

// buttons lists the custom_ids in a message's components.
func buttons(raw json.RawMessage) []string {
	var rows []struct {
		CustomID   string          `json:"custom_id"`
		Components json.RawMessage `json:"components"`
	}
	if json.Unmarshal(raw, &rows) != nil {
		return nil
	}
	var list []string
	for _, r := range rows {
		if r.CustomID != "" {
			list = append(list, r.CustomID)
		}
		list = append(list, buttons(r.Components)...)
	}
	return list
}
