package discordsim

func (s *Server) getMe(*request) (any, error) {
	me := s.world.renderUser(&s.world.bot)
	return struct {
		wireUser
		Verified bool `json:"verified"`
		MFA      bool `json:"mfa_enabled"`
	}{me, true, true}, nil
}

func (s *Server) getUser(r *request) (any, error) {
	u := s.world.users[r.PathValue("user")]
	if u == nil {
		return nil, errUnknownUser()
	}
	return s.world.renderUser(u), nil
}

func (s *Server) getMyGuilds(*request) (any, error) {
	list := []map[string]any{}
	for _, id := range s.world.guildIDs {
		g := s.world.guilds[id]
		list = append(list, map[string]any{
			"id": g.ID, "name": g.Name, "icon": nil, "owner": false, "features": []string{},
			"permissions": decimal(g.base(g.members[s.world.bot.ID])),
		})
	}
	return list, nil
}

// postDM opens the direct messages with a user; it answers with the same channel every time.
func (s *Server) postDM(r *request) (any, error) {
	var body struct {
		RecipientID string `json:"recipient_id"`
	}
	if err := r.decode(&body); err != nil {
		return nil, err
	}
	u := s.world.users[body.RecipientID]
	if u == nil {
		return nil, invalid("recipient_id", "UNKNOWN_USER", "Unknown user")
	}
	if u.Bot {
		return nil, &apiError{status: 403, code: 50007, message: "Cannot send messages to this user"}
	}
	return s.world.renderChannel(s.world.dm(u.ID)), nil
}
