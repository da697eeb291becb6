package slacksim

import (
	"cmp"
	"slices"
	"strings"
)

// conversation finds a channel that the bot may know of: public ones, and those that it is in.
func (s *Server) conversation(id string) (*channel, error) {
	c := s.channels[id]
	if c == nil || c.Kind != PublicChannel && !c.has(s.bot.ID) {
		return nil, apiError{code: "channel_not_found"}
	}
	return c, nil
}

// postable resolves the channel argument of the chat methods: an id, a #name, or a user id, which
// means the DM with that person.
func (s *Server) postable(ref string) (*channel, error) {
	if user := s.users[ref]; user != nil && !user.Bot {
		return s.dm(ref)
	}
	if c := s.channelNamed(strings.TrimPrefix(ref, "#")); c != nil {
		ref = c.ID
	}
	c, err := s.conversation(ref)
	switch {
	case err != nil:
		return nil, err
	case c.Archived:
		return nil, apiError{code: "is_archived"}
	case !c.has(s.bot.ID):
		return nil, apiError{code: "not_in_channel"}
	}
	return c, nil
}

func (s *Server) dm(user string) (*channel, error) {
	if c := s.dmOf(user); c != nil {
		return c, nil
	}
	opened, err := s.addChannel("D", "", DirectMessage, []string{user, s.bot.ID})
	if err != nil {
		return nil, apiError{code: "user_not_found"}
	}
	return s.channels[opened.ID], nil
}

func (s *Server) channelInfo(args arguments) (object, error) {
	c, err := s.conversation(args["channel"])
	if err != nil {
		return nil, err
	}
	if err := s.need(readScope(c.Kind)); err != nil {
		return nil, err
	}
	out := s.wireChannel(c)
	if args.bool("include_num_members", false) {
		out["num_members"] = len(c.Members)
	}
	return object{"channel": out}, nil
}

func (s *Server) channelMembers(args arguments) (object, error) {
	c, err := s.conversation(args["channel"])
	if err != nil {
		return nil, err
	}
	if err := s.need(readScope(c.Kind)); err != nil {
		return nil, err
	}
	page, next, err := paged(c.Members, args, 100, 1000)
	if err != nil {
		return nil, err
	}
	return object{"members": slices.Clone(page), "response_metadata": object{"next_cursor": next}}, nil
}

func (s *Server) channelList(args arguments) (object, error) {
	return s.listChannels(args, "")
}

// userConversations lists where a person is: of private channels only those that the bot shares.
func (s *Server) userConversations(args arguments) (object, error) {
	user := cmp.Or(args["user"], s.bot.ID)
	if s.users[user] == nil {
		return nil, apiError{code: "user_not_found"}
	}
	return s.listChannels(args, user)
}

func (s *Server) listChannels(args arguments, member string) (object, error) {
	var kinds []ChannelKind
	for _, name := range strings.Split(cmp.Or(args["types"], "public_channel"), ",") {
		kind, known := map[string]ChannelKind{
			"public_channel": PublicChannel, "private_channel": PrivateChannel, "im": DirectMessage, "mpim": GroupMessage,
		}[strings.TrimSpace(name)]
		if !known {
			return nil, apiError{code: "invalid_types"}
		}
		if err := s.need(readScope(kind)); err != nil {
			return nil, err
		}
		kinds = append(kinds, kind)
	}
	all := []object{}
	for _, view := range s.sortedChannels() {
		c := s.channels[view.ID]
		switch {
		case !slices.Contains(kinds, c.Kind), c.Kind != PublicChannel && !c.has(s.bot.ID):
		case member != "" && !c.has(member):
		case c.Archived && args.bool("exclude_archived", false):
		default:
			all = append(all, s.wireChannel(c))
		}
	}
	page, next, err := paged(all, args, 100, 1000)
	if err != nil {
		return nil, err
	}
	return object{"channels": page, "response_metadata": object{"next_cursor": next}}, nil
}

func (s *Server) openConversation(args arguments) (object, error) {
	if id := args["channel"]; id != "" {
		c, err := s.conversation(id)
		if err != nil {
			return nil, err
		}
		return object{"channel": s.wireChannel(c), "already_open": true}, nil
	}
	users := strings.Split(args["users"], ",")
	for _, id := range users {
		if s.users[id] == nil {
			return nil, apiError{code: "user_not_found"}
		}
	}
	if len(users) == 1 {
		existing := s.dmOf(users[0]) != nil
		c, err := s.dm(users[0])
		if err != nil {
			return nil, err
		}
		return object{"channel": s.wireChannel(c), "already_open": existing, "no_op": existing}, nil
	}
	opened, err := s.addChannel("C", "mpdm-"+strings.ToLower(randomText(6))+"-1", GroupMessage, append(users, s.bot.ID))
	if err != nil {
		return nil, apiError{code: "user_not_found"}
	}
	return object{"channel": s.wireChannel(s.channels[opened.ID])}, nil
}
