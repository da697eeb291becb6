package slacksim

import (
	"strings"
)

func (s *Server) apiTest(args arguments) (object, error) {
	if code := args["error"]; code != "" {
		return nil, apiError{code: code}
	}
	return object{"args": args}, nil
}

func (s *Server) authTest(arguments) (object, error) {
	return object{
		"url": "https://" + s.team.Domain + ".slack.com/", "team": s.team.Name, "user": s.bot.Name,
		"team_id": s.team.ID, "user_id": s.bot.ID, "bot_id": s.team.BotID, "is_enterprise_install": false,
	}, nil
}

// connectionsOpen gives out a link that opens one socket. The HTTP Events API and Socket Mode
// exclude each other, as in an app's settings.
func (s *Server) connectionsOpen(arguments) (object, error) {
	s.courier.mu.Lock()
	hook := s.courier.hook
	s.courier.mu.Unlock()
	if hook != "" {
		return nil, apiError{code: "socket_mode_not_enabled"}
	}
	ticket := s.ids.uuid()
	s.sockets.ticket(ticket)
	host := strings.TrimPrefix(s.base, "http://")
	return object{"url": "ws://" + host + "/link/?ticket=" + ticket + "&app_id=" + s.team.AppID}, nil
}

func (s *Server) setStatus(args arguments) (object, error) {
	c, thread, err := s.threadOf(args)
	if err != nil {
		return nil, err
	}
	line := status{text: args["status"], expires: s.clock().Add(s.statusTTL)}
	if raw := args["loading_messages"]; raw != "" {
		if line.loading = listOf(raw); len(line.loading) > 10 {
			return nil, apiError{code: "invalid_arguments", messages: []string{"[ERROR] no more than 10 items allowed [json-pointer:/loading_messages]"}}
		}
	}
	if line.text == "" {
		delete(c.statuses, thread)
	} else {
		c.statuses[thread] = line
	}
	s.publish(Change{Kind: StatusChanged, Channel: c.ID, ThreadTS: thread})
	return object{}, nil
}

func (s *Server) setTitle(args arguments) (object, error) {
	c, thread, err := s.threadOf(args)
	if err != nil {
		return nil, err
	}
	if args["title"] == "" {
		return nil, apiError{code: "invalid_arguments"}
	}
	c.titles[thread] = args["title"]
	s.publish(Change{Kind: StatusChanged, Channel: c.ID, ThreadTS: thread})
	return object{}, nil
}

func (s *Server) setPrompts(args arguments) (object, error) {
	c, err := s.conversation(args["channel_id"])
	if err != nil {
		return nil, err
	}
	prompts, ok := decode[[]Prompt](args["prompts"])
	if !ok || len(prompts) == 0 || len(prompts) > 4 {
		return nil, apiError{code: "invalid_arguments", messages: []string{"[ERROR] between 1 and 4 prompts are required [json-pointer:/prompts]"}}
	}
	c.prompts[args["thread_ts"]] = prompts
	s.publish(Change{Kind: StatusChanged, Channel: c.ID, ThreadTS: args["thread_ts"]})
	return object{}, nil
}

func (s *Server) setSession(args arguments) (object, error) {
	c, thread, err := s.threadOf(args)
	if err != nil {
		return nil, err
	}
	switch args["status"] {
	case "active", "processing", "suspended", "closed":
	default:
		return nil, apiError{code: "invalid_arguments", messages: []string{"[ERROR] unknown status [json-pointer:/status]"}}
	}
	session := c.sessions[thread]
	if session == nil {
		session = &Session{Title: args["title"]}
		c.sessions[thread] = session
	}
	session.Status = args["status"]
	s.publish(Change{Kind: StatusChanged, Channel: c.ID, ThreadTS: thread})
	return object{"status": session.Status, "agent_status": session.Status, "title": session.Title}, nil
}

// threadOf reads channel_id and thread_ts of the assistant methods.
func (s *Server) threadOf(args arguments) (*channel, string, error) {
	c, err := s.conversation(args["channel_id"])
	if err != nil {
		return nil, "", err
	}
	if !c.has(s.bot.ID) {
		return nil, "", apiError{code: "not_in_channel"}
	}
	thread := args["thread_ts"]
	if thread == "" {
		return c, "", nil
	}
	if m := c.message(thread); m == nil || m.isReply() {
		return nil, "", apiError{code: "invalid_thread_ts"}
	}
	return c, thread, nil
}

// listOf reads a JSON array of strings, or a list with commas.
func listOf(raw string) []string {
	if list, ok := decode[[]string](raw); ok {
		return list
	}
	return strings.Split(raw, ",")
}
