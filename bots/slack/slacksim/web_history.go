package slacksim

import (
	"cmp"
	"slices"
)

// readable finds a channel whose messages the bot may read.
func (s *Server) readableChannel(id string) (*channel, error) {
	c, err := s.conversation(id)
	if err != nil {
		return nil, err
	}
	if err := s.need(historyScope(c.Kind)); err != nil {
		return nil, err
	}
	if !c.has(s.bot.ID) {
		return nil, apiError{code: "not_in_channel"}
	}
	return c, nil
}

// history lists a channel newest first; its cursor goes back in time.
func (s *Server) history(args arguments) (object, error) {
	c, err := s.readableChannel(args["channel"])
	if err != nil {
		return nil, err
	}
	limit, err := args.limit(100, 1000)
	if err != nil {
		return nil, err
	}
	limit = min(limit, s.options.MaxPage)
	before, err := args.cursor("next_ts")
	if err != nil {
		return nil, err
	}
	within := timeRange(args)
	page := []object{}
	next := ""
	for _, m := range slices.Backward(c.messages) {
		switch {
		case !m.visible(), m.Ephemeral != "", !m.inChannel(), !within(m.TS), before != "" && m.TS >= before:
			continue
		case len(page) == limit:
			next = makeCursor("next_ts", cmp.Or(lastTS(page), m.TS))
		default:
			page = append(page, s.apiMessage(m, args))
			continue
		}
		break
	}
	return pageOf(page, next), nil
}

// replies lists a thread oldest first. The root stands first on every page, also when it is outside
// the asked time range.
func (s *Server) replies(args arguments) (object, error) {
	c, err := s.readableChannel(args["channel"])
	if err != nil {
		return nil, err
	}
	limit, err := args.limit(1000, 1000)
	if err != nil {
		return nil, err
	}
	limit = min(limit, s.options.MaxPage)
	after, err := args.cursor("next_ts")
	if err != nil {
		return nil, err
	}
	rootTS, err := c.threadRoot(args["ts"])
	if err != nil {
		return nil, apiError{code: "thread_not_found"}
	}
	within := timeRange(args)
	page := []object{}
	next := ""
	for _, m := range c.messages {
		switch {
		case !m.visible(), m.Ephemeral != "":
			continue
		case m.TS == rootTS:
			page = append(page, s.apiMessage(m, args))
			continue
		case m.ThreadTS != rootTS, !within(m.TS), after != "" && m.TS <= after:
			continue
		case len(page) >= max(limit, 2):
			next = makeCursor("next_ts", cmp.Or(lastTS(page), m.TS))
		default:
			page = append(page, s.apiMessage(m, args))
			continue
		}
		break
	}
	return pageOf(page, next), nil
}

func pageOf(page []object, next string) object {
	out := object{"messages": page, "has_more": next != ""}
	if next != "" {
		out["response_metadata"] = object{"next_cursor": next}
	}
	return out
}

func lastTS(page []object) string {
	if len(page) == 0 {
		return ""
	}
	ts, _ := page[len(page)-1]["ts"].(string)
	return ts
}

// timeRange reads oldest, latest and inclusive. Timestamps of one length order as text does.
func timeRange(args arguments) func(ts string) bool {
	oldest, latest, inclusive := normalTS(args["oldest"]), normalTS(args["latest"]), args.bool("inclusive", false)
	return func(ts string) bool {
		switch {
		case oldest != "" && (ts < oldest || ts == oldest && !inclusive):
			return false
		case latest != "" && (ts > latest || ts == latest && !inclusive):
			return false
		}
		return true
	}
}

// apiMessage adds the metadata when it is asked for.
func (s *Server) apiMessage(m *Message, args arguments) object {
	out := s.wire(m)
	if len(m.Metadata) > 0 && args.bool("include_all_metadata", false) {
		out["metadata"] = m.Metadata
	}
	return out
}
