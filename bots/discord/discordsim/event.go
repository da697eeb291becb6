package discordsim

import "encoding/json"

// event is something that happened, before it is cut to what a session may see.
type event struct {
	name    string
	intent  Intents
	guildID string
	// data is rendered once for sessions with the content intent and once for those without.
	data func(content bool) any
}

// dispatch hands an event to every session that wants it. The server's lock must be held, which
// is what keeps the order.
func (s *Server) dispatch(e event) {
	times := 1
	if s.duplicates > 0 {
		s.duplicates--
		times = 2
	}
	var rendered [2]json.RawMessage
	for _, session := range s.sessions {
		if !session.wants(e) {
			continue
		}
		content := session.intents&IntentMessageContent != 0
		i := 0
		if content {
			i = 1
		}
		if rendered[i] == nil {
			raw, err := json.Marshal(e.data(content))
			if err != nil {
				s.log.Error("discordsim: marshal event", "event", e.name, "error", err)
				return
			}
			rendered[i] = raw
		}
		for range times {
			session.push(e.name, rendered[i])
		}
	}
	s.watchers.wake()
}

// fixed is the data of an event that looks the same to every session.
func fixed(data any) func(bool) any { return func(bool) any { return data } }

// announce dispatches a message event when the bot may see the channel.
func (s *Server) announce(name string, m *message) {
	g := s.world.guilds[m.channel.GuildID]
	if !s.world.canView(s.world.bot.ID, m.channel) || g != nil && g.down {
		return
	}
	s.dispatch(event{
		name: name, intent: messageIntent(m.channel), guildID: m.channel.GuildID,
		data: func(content bool) any {
			return s.world.renderMessage(m, view{content: content, event: true, nonce: name == "MESSAGE_CREATE", link: s.link})
		},
	})
}

func (s *Server) announceChannel(name string, c *channel, newlyCreated bool) {
	if !s.world.canView(s.world.bot.ID, c) {
		return
	}
	out := s.world.renderChannel(c)
	out.NewlyCreated = newlyCreated
	s.dispatch(event{name: name, intent: IntentGuilds, guildID: c.GuildID, data: fixed(out)})
}
