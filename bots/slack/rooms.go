package slack

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"parley/conversation"
)

const (
	roomsPage  = 500
	roomsPages = 10
	// maxRooms bounds the conversations that one catch-up looks into.
	maxRooms = 1000
)

// wireRoom is a conversation. Slack: docs.slack.dev/reference/objects/conversation-object.
type wireRoom struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	IsIM      bool   `json:"is_im"`
	IsMPIM    bool   `json:"is_mpim"`
	IsPrivate bool   `json:"is_private"`
	// IsMember says that the bot is in it.
	IsMember bool `json:"is_member"`
	// IsShared and its like say that people of another workspace or company are, or are about to be, in it.
	IsShared        bool `json:"is_shared"`
	IsExtShared     bool `json:"is_ext_shared"`
	IsOrgShared     bool `json:"is_org_shared"`
	IsPendingShared bool `json:"is_pending_ext_shared"`
	// IsArchived, IsFrozen and IsReadOnly say that nobody writes there, Properties who does.
	IsArchived bool           `json:"is_archived"`
	IsFrozen   bool           `json:"is_frozen"`
	IsReadOnly bool           `json:"is_read_only"`
	Properties roomProperties `json:"properties"`
	// User is the person of a direct conversation.
	User string `json:"user"`
}

// listed is the type under which users.conversations lists the conversation.
func (w wireRoom) listed() string {
	switch {
	case w.IsIM:
		return "im"
	case w.IsMPIM:
		return "mpim"
	case w.IsPrivate:
		return "private_channel"
	}
	return "public_channel"
}

// eventType is the channel_type of the events of a conversation that is listed under a type.
func eventType(listed string) string {
	switch listed {
	case "private_channel":
		return "group"
	case "public_channel":
		return "channel"
	}
	return listed
}

// room is a conversation to be caught up.
type room struct {
	channel, kind, team string
	mark                conversation.Mark // zero where nothing was ever accepted
	threads             []conversation.Mark
}

// rooms lists the conversations that the bot is in, those in which something happened last first, direct ones without
// a mark before channels without one. Of a kind that it may not list, and of all where there is no list, it takes those
// with a mark in the channel or in a thread.
// Slack: docs.slack.dev/reference/methods/users.conversations.
func (a *Adapter) rooms(ctx context.Context, marks conversation.Marks) ([]room, error) {
	found := map[string]wireRoom{}
	unlisted, err := a.listRooms(ctx, []string{"im", "mpim", "private_channel", "public_channel"}, found)
	if err != nil {
		return nil, err
	}
	self, _ := a.Self()
	all := map[string]*room{}
	for id, w := range found {
		all[id] = &room{channel: id, kind: eventType(w.listed()), team: self.TeamID}
	}
	for _, m := range marks.Channels {
		p := all[m.Ref.Channel]
		if listed := guessListed(m); p == nil && slices.Contains(unlisted, listed) {
			p = &room{channel: m.Ref.Channel, kind: eventType(listed)}
			all[m.Ref.Channel] = p
		}
		if p != nil && !m.Newest.SentAt.Before(p.mark.Newest.SentAt) {
			p.mark, p.team = m, m.Ref.Workspace
		}
	}
	for _, m := range marks.Threads[:min(len(marks.Threads), maxThreads)] {
		p := all[m.Ref.Channel]
		if listed := guessListed(m); p == nil && slices.Contains(unlisted, listed) {
			p = &room{channel: m.Ref.Channel, kind: eventType(listed), team: m.Ref.Workspace}
			all[m.Ref.Channel] = p
		}
		if p != nil {
			p.threads = append(p.threads, m)
		}
	}
	list := make([]room, 0, len(all))
	for _, p := range all {
		list = append(list, *p)
	}
	slices.SortFunc(list, func(x, y room) int {
		return cmp.Or(y.mark.Newest.SentAt.Compare(x.mark.Newest.SentAt), cmp.Compare(rank(x.kind), rank(y.kind)),
			cmp.Compare(x.channel, y.channel))
	})
	if len(list) > maxRooms {
		a.log.WarnContext(ctx, "the bot is in more conversations than are caught up", "conversations", len(list), "read", maxRooms)
		list = list[:maxRooms]
	}
	return list, nil
}

func rank(kind string) int { return slices.Index([]string{"im", "mpim", "group", "channel"}, kind) }

// guessListed guesses the type under which a marked conversation would be listed. A private channel without a listing
// cannot be told from a public one: it counts as public, and reading it says the rest.
func guessListed(m conversation.Mark) string {
	switch {
	case m.Place == conversation.PlaceDM || strings.HasPrefix(m.Ref.Channel, "D"):
		return "im"
	case m.Place == conversation.PlaceGroup:
		return "mpim"
	case strings.HasPrefix(m.Ref.Channel, "G"):
		return "private_channel"
	}
	return "public_channel"
}

// listRooms adds the conversations of these types to found. It gives the types that are not to be listed: the app lacks
// the scope for them, or there is no list at all.
func (a *Adapter) listRooms(ctx context.Context, types []string, found map[string]wireRoom) (unlisted []string, err error) {
	const method = "users.conversations"
	arguments := url.Values{"types": {strings.Join(types, ",")}, "exclude_archived": {"true"}, "limit": {strconv.Itoa(roomsPage)}}
	for range roomsPages {
		p, err := a.readLater(ctx, method, "", arguments)
		if unreadable(err) {
			if code := errorCode(err); len(types) == 1 || code != "missing_scope" && code != "no_permission" {
				a.unlisted(ctx, err)
				return types, nil
			}
			for _, one := range types {
				missing, err := a.listRooms(ctx, []string{one}, found)
				if err != nil {
					return nil, err
				}
				unlisted = append(unlisted, missing...)
			}
			return unlisted, nil
		}
		if err != nil {
			return nil, err
		}
		for _, w := range p.Channels {
			if w.ID != "" {
				found[w.ID] = w
			}
		}
		if p.Meta.NextCursor == "" {
			return nil, nil
		}
		arguments.Set("cursor", p.Meta.NextCursor)
	}
	return nil, nil
}

// unlisted says once that conversations are not listed.
func (a *Adapter) unlisted(ctx context.Context, err error) {
	if !a.noList.Swap(true) {
		a.log.WarnContext(ctx, "not all conversations can be listed: what was missed is read where something was said before",
			"reason", errorCode(err))
	}
}
