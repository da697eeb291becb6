package slacksim

import (
	"strings"
)

func (s *Server) userInfo(args arguments) (object, error) {
	user := s.users[args["user"]]
	if user == nil {
		return nil, apiError{code: "user_not_found"}
	}
	return object{"user": s.wireUser(*user)}, nil
}

func (s *Server) userList(args arguments) (object, error) {
	all := []object{}
	for _, user := range s.sortedUsers() {
		all = append(all, s.wireUser(user))
	}
	page, next, err := paged(all, args, 100, 1000)
	if err != nil {
		return nil, err
	}
	return object{"members": page, "cache_ts": s.clock().Unix(), "response_metadata": object{"next_cursor": next}}, nil
}

func (s *Server) botInfo(args arguments) (object, error) {
	if args["bot"] != s.team.BotID {
		return nil, apiError{code: "bot_not_found"}
	}
	return object{"bot": s.wireBot()}, nil
}

func (s *Server) addReaction(args arguments) (object, error) {
	c, err := s.conversation(args["channel"])
	if err != nil {
		return nil, err
	}
	m := c.message(args["timestamp"])
	name := strings.Trim(args["name"], ":")
	switch {
	case m == nil || m.Deleted:
		return nil, apiError{code: "message_not_found"}
	case !c.has(s.bot.ID):
		return nil, apiError{code: "not_in_channel"}
	case c.Archived:
		return nil, apiError{code: "is_archived"}
	case name == "":
		return nil, apiError{code: "invalid_name"}
	case !s.react(c, m, s.bot.ID, name):
		return nil, apiError{code: "already_reacted"}
	}
	return object{}, nil
}
