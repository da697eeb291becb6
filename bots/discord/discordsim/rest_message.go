package discordsim

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// restView is how the bot sees messages over REST: content follows the application's toggle.
func (s *Server) restView() view { return view{content: s.messageContent, link: s.link} }

// messageFor returns the channel and the message of a request.
func (s *Server) messageFor(r *request) (*channel, *message, error) {
	c, err := s.channelFor(r)
	if err != nil {
		return nil, nil, err
	}
	m := s.world.messages[r.PathValue("message")]
	if m == nil || m.deleted || m.channel != c {
		return nil, nil, errUnknownMessage()
	}
	return c, m, nil
}

func (s *Server) getMessage(r *request) (any, error) {
	c, m, err := s.messageFor(r)
	if err != nil {
		return nil, err
	}
	if !s.may(ReadMessageHistory, c) {
		return nil, errMissingPermissions()
	}
	return s.world.renderMessage(m, s.restView()), nil
}

// getMessages returns a page of history, newest first. Without READ_MESSAGE_HISTORY it is empty
// (discord.com/developers/docs/resources/message#get-channel-messages).
func (s *Server) getMessages(r *request) (any, error) {
	c, err := s.channelFor(r)
	if err != nil {
		return nil, err
	}
	query := r.URL.Query()
	limit := 50
	if text := query.Get("limit"); text != "" {
		limit, err = strconv.Atoi(text)
		if err != nil || limit < 1 || limit > 100 {
			return nil, invalid("limit", "NUMBER_TYPE_MAX", "int value should be between 1 and 100.")
		}
	}
	list := []*wireMessage{}
	if !s.may(ReadMessageHistory, c) {
		return list, nil
	}
	for _, m := range slices.Backward(page(c.live(), query.Get("around"), query.Get("before"), query.Get("after"), limit)) {
		list = append(list, s.world.renderMessage(m, s.restView()))
	}
	return list, nil
}

// page cuts a channel's messages, oldest first, to what was asked for.
func page(all []*message, around, older, newer string, limit int) []*message {
	at := func(id string) int {
		i, _ := slices.BinarySearchFunc(all, id, func(m *message, id string) int {
			if before(m.id, id) {
				return -1
			}
			return 1
		})
		return i
	}
	switch {
	case around != "":
		start := max(0, at(around)-limit/2)
		return all[start:min(len(all), start+limit)]
	case older != "":
		end := at(older)
		return all[max(0, end-limit):end]
	case newer != "":
		start := at(newer)
		if start < len(all) && all[start].id == newer {
			start++
		}
		return all[start:min(len(all), start+limit)]
	}
	return all[max(0, len(all)-limit):]
}

func (s *Server) deleteMessage(r *request) (any, error) {
	c, m, err := s.messageFor(r)
	if err != nil {
		return nil, err
	}
	if m.author.ID != s.world.bot.ID && !s.may(ManageMessages, c) {
		return nil, errMissingPermissions()
	}
	s.remove(m)
	return nil, nil
}

func (s *Server) remove(m *message) {
	m.deleted = true
	s.touched(m.channel.ID)
	if !s.world.canView(s.world.bot.ID, m.channel) {
		return
	}
	data := map[string]any{"id": m.id, "channel_id": m.channel.ID}
	if m.channel.GuildID != "" {
		data["guild_id"] = m.channel.GuildID
	}
	s.dispatch(event{name: "MESSAGE_DELETE", intent: messageIntent(m.channel), guildID: m.channel.GuildID, data: fixed(data)})
}

// patchMessage edits a message. Only its author may change the text; others need MANAGE_MESSAGES
// and may only hide the previews.
func (s *Server) patchMessage(r *request) (any, error) {
	c, m, err := s.messageFor(r)
	if err != nil {
		return nil, err
	}
	var body editBody
	if err := r.decode(&body); err != nil {
		return nil, err
	}
	if m.author.ID != s.world.bot.ID {
		if body.Flags == nil || body.Content != nil || !s.may(ManageMessages, c) {
			return nil, errOtherAuthor()
		}
		m.flags = m.flags&^FlagSuppressEmbeds | *body.Flags&FlagSuppressEmbeds
		s.announce("MESSAGE_UPDATE", m)
		return s.world.renderMessage(m, s.restView()), nil
	}
	if err := s.edit(r, m, body); err != nil {
		return nil, err
	}
	s.announce("MESSAGE_UPDATE", m)
	s.touched(c.ID)
	s.answered(m)
	return s.world.renderMessage(m, s.restView()), nil
}

// editTooOften is error 30046, for messages older than an hour.
func (s *Server) editTooOften(m *message) error {
	if s.options.OldEdits == 0 || s.options.Clock().Sub(m.created) < time.Hour {
		return nil
	}
	s.world.oldEdits[m.id]++
	if s.world.oldEdits[m.id] <= s.options.OldEdits {
		return nil
	}
	return &apiError{
		status: http.StatusTooManyRequests, code: 30046, retryAfter: 60,
		message: "Maximum number of edits to messages older than 1 hour reached. Try again later",
	}
}
