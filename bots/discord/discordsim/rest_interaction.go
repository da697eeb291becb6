package discordsim

import (
	"net/http"
	"slices"
)

type callbackBody struct {
	Type int      `json:"type"`
	Data sendBody `json:"data"`
}

// postCallback is the first response to an interaction.
func (s *Server) postCallback(r *request) (any, error) {
	i := s.world.interactions[r.PathValue("token")]
	if i == nil || i.id != r.PathValue("interaction") || s.options.Clock().Sub(i.created) > responseTime && i.response == 0 {
		return nil, errUnknown(10062, "interaction")
	}
	if i.response != 0 {
		return nil, &apiError{status: http.StatusBadRequest, code: 40060, message: "Interaction has already been acknowledged."}
	}
	var body callbackBody
	if err := r.decode(&body); err != nil {
		return nil, err
	}
	switch {
	case body.Type == 4:
		m, err := s.respond(r, i, body.Data)
		if err != nil {
			return nil, err
		}
		i.original = m
	case body.Type == 5:
		i.original = s.place(i, draft{flags: body.Data.Flags&FlagEphemeral | FlagLoading})
	case body.Type == 6 && i.on != nil:
		i.original = i.on
	default:
		return nil, invalid("type", "BASE_TYPE_CHOICES", "Value must be one of {4, 5, 6}.")
	}
	i.response = body.Type
	s.touched(i.channel.ID)
	return nil, nil
}

// respond makes a message of what the bot sends by an interaction's token.
func (s *Server) respond(r *request, i *interaction, body sendBody) (*message, error) {
	body.Reference = nil
	d, err := s.draft(r, i.channel, body)
	if err != nil {
		return nil, err
	}
	d.flags |= body.Flags & FlagEphemeral
	return s.place(i, d), nil
}

// place stores a response: in the channel, or where only the user sees it.
func (s *Server) place(i *interaction, d draft) *message {
	d.author, d.typ = &s.world.bot, ChatInputCommand
	if d.flags&FlagEphemeral == 0 {
		return s.post(i.channel, d)
	}
	m := s.world.whisper(i.channel, d, i.user.ID)
	s.touched(i.channel.ID)
	return m
}

// whisper stores a message that one user sees.
func (w *world) whisper(c *channel, d draft, userID string) *message {
	m := &message{
		id: w.newID(), channel: c, typ: d.typ, author: d.author, revisions: []string{d.content}, flags: d.flags,
		embeds: d.embeds, components: d.components, created: w.clock(), onlyFor: userID,
	}
	for _, f := range d.files {
		m.attachments = append(m.attachments, w.addFile(c.ID, f))
	}
	w.whispers[m.id] = m
	return m
}

// tokenFor returns the interaction of a request that goes by its token.
func (s *Server) tokenFor(r *request) (*interaction, error) {
	i := s.world.interactions[r.PathValue("token")]
	switch {
	case i == nil || r.PathValue("application") != s.world.applicationID:
		return nil, errUnknown(10015, "Webhook")
	case s.options.Clock().Sub(i.created) > tokenTime:
		return nil, &apiError{status: http.StatusUnauthorized, code: 50027, message: "Invalid Webhook Token"}
	case i.response == 0:
		return nil, errUnknown(10015, "Webhook")
	}
	return i, nil
}

func (s *Server) tokenMessage(r *request) (*interaction, *message, error) {
	i, err := s.tokenFor(r)
	if err != nil {
		return nil, nil, err
	}
	m := i.original
	if id := r.PathValue("message"); id != "@original" {
		n := slices.IndexFunc(i.followups, func(m *message) bool { return m.id == id })
		if n < 0 {
			return nil, nil, errUnknownMessage()
		}
		m = i.followups[n]
	}
	if m == nil || m.deleted {
		return nil, nil, errUnknownMessage()
	}
	return i, m, nil
}

func (s *Server) getTokenMessage(r *request) (any, error) {
	_, m, err := s.tokenMessage(r)
	if err != nil {
		return nil, err
	}
	return s.world.renderMessage(m, s.restView()), nil
}

func (s *Server) patchTokenMessage(r *request) (any, error) {
	i, m, err := s.tokenMessage(r)
	if err != nil {
		return nil, err
	}
	var body editBody
	if err := r.decode(&body); err != nil {
		return nil, err
	}
	if err := s.edit(r, m, body); err != nil {
		return nil, err
	}
	m.flags &^= FlagLoading
	if m.onlyFor == "" {
		s.announce("MESSAGE_UPDATE", m)
	}
	s.touched(i.channel.ID)
	return s.world.renderMessage(m, s.restView()), nil
}

func (s *Server) deleteTokenMessage(r *request) (any, error) {
	i, m, err := s.tokenMessage(r)
	if err != nil {
		return nil, err
	}
	if m.onlyFor == "" {
		s.remove(m)
		return nil, nil
	}
	m.deleted = true
	s.touched(i.channel.ID)
	return nil, nil
}

// postFollowup sends a further message. The first one after a deferred response takes its place
// (discord.com/developers/docs/interactions/receiving-and-responding#followup-messages).
func (s *Server) postFollowup(r *request) (any, error) {
	i, err := s.tokenFor(r)
	if err != nil {
		return nil, err
	}
	var body sendBody
	if err := r.decode(&body); err != nil {
		return nil, err
	}
	if o := i.original; o != nil && o.flags&FlagLoading != 0 && !o.deleted {
		edit := editBody{Content: &body.Content, Embeds: &body.Embeds, AllowedMentions: body.AllowedMentions, Components: body.Components}
		if err := s.edit(r, o, edit); err != nil {
			return nil, err
		}
		o.flags &^= FlagLoading
		s.touched(i.channel.ID)
		return s.world.renderMessage(o, s.restView()), nil
	}
	m, err := s.respond(r, i, body)
	if err != nil {
		return nil, err
	}
	i.followups = append(i.followups, m)
	return s.world.renderMessage(m, s.restView()), nil
}
