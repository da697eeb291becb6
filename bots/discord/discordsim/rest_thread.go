package discordsim

import "net/http"

type threadBody struct {
	Name    string    `json:"name"`
	Type    *Kind     `json:"type"`
	Message *sendBody `json:"message"`
}

func (s *Server) threadRequest(r *request) (*channel, threadBody, error) {
	var body threadBody
	c, err := s.channelFor(r)
	if err != nil {
		return nil, body, err
	}
	if err := r.decode(&body); err != nil {
		return nil, body, err
	}
	if n := len([]rune(body.Name)); n < 1 || n > 100 {
		return nil, body, invalid("name", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
	}
	if c.Kind != Text && c.Kind != Announcement && c.Kind != Forum {
		return nil, body, errChannelType()
	}
	return c, body, nil
}

func (s *Server) postMessageThread(r *request) (any, error) {
	c, body, err := s.threadRequest(r)
	if err != nil {
		return nil, err
	}
	m := s.world.messages[r.PathValue("message")]
	if m == nil || m.deleted || m.channel != c {
		return nil, errUnknownMessage()
	}
	if !s.may(CreatePublicThreads, c) {
		return nil, errMissingPermissions()
	}
	if m.threadID != "" {
		return nil, &apiError{status: http.StatusBadRequest, code: 160004, message: "A thread has already been created for this message"}
	}
	return created{s.world.renderChannel(s.startThread(c, &s.world.bot, m, body.Name, threadKind(c)))}, nil
}

func (s *Server) postThread(r *request) (any, error) {
	c, body, err := s.threadRequest(r)
	if err != nil {
		return nil, err
	}
	if c.Kind == Forum {
		return s.postForum(r, c, body)
	}
	kind := PrivateThread // Discord: default of this endpoint.
	if body.Type != nil {
		kind = *body.Type
	}
	if kind != PrivateThread && kind != threadKind(c) {
		return nil, invalid("type", "BASE_TYPE_CHOICES", "Value must be one of {10, 11, 12}.")
	}
	need := CreatePublicThreads
	if kind == PrivateThread {
		need = CreatePrivateThreads
	}
	if !s.may(need, c) {
		return nil, errMissingPermissions()
	}
	return created{s.world.renderChannel(s.startThread(c, &s.world.bot, nil, body.Name, kind))}, nil
}

func (s *Server) postForum(r *request, forum *channel, body threadBody) (any, error) {
	if body.Message == nil {
		return nil, invalid("message", "BASE_TYPE_REQUIRED", "This field is required")
	}
	if !s.may(SendMessages, forum) {
		return nil, errMissingPermissions()
	}
	d, err := s.draft(r, forum, *body.Message)
	if err != nil {
		return nil, err
	}
	thread := s.startPost(forum, body.Name, d)
	out := s.world.renderChannel(thread)
	out.StarterMessage = s.world.renderMessage(s.world.messages[thread.ID], s.restView())
	return created{out}, nil
}

func (s *Server) getThreadMember(r *request) (any, error) {
	c, err := s.channelFor(r)
	if err != nil {
		return nil, err
	}
	userID := r.PathValue("user")
	if userID == "@me" {
		userID = s.world.bot.ID
	}
	if !c.thread() {
		return nil, errChannelType()
	}
	if !c.members[userID] {
		return nil, errUnknownMember()
	}
	return renderThreadMember(c, userID), nil
}

func (s *Server) joinThread(r *request) (any, error) {
	c, err := s.channelFor(r)
	if err != nil {
		return nil, err
	}
	if !c.thread() {
		return nil, errChannelType()
	}
	c.members[s.world.bot.ID] = true
	return nil, nil
}

func errChannelType() error {
	return &apiError{status: http.StatusBadRequest, code: 50024, message: "Cannot execute action on this channel type"}
}
