package slack

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"parley/conversation"
)

const (
	// trusted is how long what Slack has told of a person is believed, current how long that of a conversation, doubted how
	// long that somebody is not a member. That somebody is one is asked anew each time: they may have left since.
	trusted = 20 * time.Second
	current = 2 * time.Second
	doubted = 5 * time.Second
	// membersPage is how many members are asked for at once, membersPages how often.
	// Slack: docs.slack.dev/reference/methods/conversations.members.
	membersPage  = 500
	membersPages = 400
	// maxAudience is how many people an answer about another conversation may be for: each is looked up.
	maxAudience = 50
)

// members remembers for a short while what Slack has told of conversations and people, but not that somebody is in one.
type members struct {
	rooms *brief[string, wireRoom]
	out   *brief[[2]string, bool] // channel and user: who is no member
	users *brief[string, wireUser]
	named *brief[string, string] // channels by name
}

func newMembers(now func() time.Time) *members {
	return &members{rooms: newBrief[string, wireRoom](now), out: newBrief[[2]string, bool](now),
		users: newBrief[string, wireUser](now), named: newBrief[string, string](now)}
}

// wireUser is a person as far as what they may read goes. Slack: docs.slack.dev/reference/objects/user-object.
type wireUser struct {
	ID      string `json:"id"`
	TeamID  string `json:"team_id"`
	Deleted bool   `json:"deleted"`
	IsAdmin bool   `json:"is_admin"`
	IsOwner bool   `json:"is_owner"`
	IsBot   bool   `json:"is_bot"`
	// IsRestricted and IsUltraRestricted are guests, of several channels and of one.
	IsRestricted      bool `json:"is_restricted"`
	IsUltraRestricted bool `json:"is_ultra_restricted"`
	// IsStranger is somebody of another company.
	IsStranger bool `json:"is_stranger"`
	Enterprise struct {
		Teams []string `json:"teams"`
	} `json:"enterprise_user"`
}

// full reports whether the user is a full member of the workspace, who may read all its public channels.
func (u wireUser) full(team string) bool {
	return !u.Deleted && !u.IsRestricted && !u.IsUltraRestricted && !u.IsStranger &&
		(u.TeamID == team || slices.Contains(u.Enterprise.Teams, team))
}

func (w wireRoom) shared() bool {
	return w.IsShared || w.IsExtShared || w.IsOrgShared || w.IsPendingShared
}

// open reports whether every full member of the workspace may read the channel, and nobody else who is not in it.
func (w wireRoom) open() bool {
	return !w.IsIM && !w.IsMPIM && !w.IsPrivate && !w.shared()
}

// MayRead implements conversation.MembershipChecker. Members of a conversation may read it, and of a public channel that
// is not shared with others every full member of the workspace: guests and people of other companies only where they are
// members. Membership is asked of Slack at this moment.
func (a *Adapter) MayRead(ctx context.Context, ref conversation.ThreadRef, userID string) (bool, error) {
	room, ok, err := a.room(ctx, ref)
	if err != nil || !ok {
		return false, err
	}
	return a.mayRead(ctx, room, userID)
}

// Covers implements conversation.MembershipChecker. A direct message is covered where its person may read source.
// Another conversation of up to 50 people is covered where source is a public channel that is not shared with others, and
// each of them may read it.
func (a *Adapter) Covers(ctx context.Context, source, audience conversation.ThreadRef) (bool, error) {
	if source.Platform != audience.Platform || source.Workspace != audience.Workspace {
		return false, nil
	}
	from, ok, err := a.room(ctx, source)
	if err != nil || !ok {
		return false, err
	}
	if source.Channel == audience.Channel {
		return true, nil
	}
	to, ok, err := a.room(ctx, audience)
	if err != nil || !ok || from.IsIM {
		return false, err
	}
	if to.IsIM {
		return a.mayRead(ctx, from, to.User)
	}
	if !from.open() || to.shared() {
		return false, nil
	}
	self, _ := a.Self()
	var people []string
	found, err := a.eachMember(ctx, to.ID, func(page []string) bool {
		people = append(people, page...)
		return len(people) > maxAudience
	})
	if err != nil || found || len(people) == 0 {
		return false, err
	}
	for _, id := range people {
		if id == self.UserID {
			continue
		}
		if may, err := a.mayRead(ctx, from, id); err != nil || !may {
			return false, err
		}
	}
	return true, nil
}

// room asks for a conversation of this workspace; ok is false where there is none that the bot is in.
// Slack: docs.slack.dev/reference/methods/conversations.info.
func (a *Adapter) room(ctx context.Context, ref conversation.ThreadRef) (w wireRoom, ok bool, err error) {
	const method = "conversations.info"
	self, known := a.Self()
	if !known || ref.Platform != conversation.Slack || ref.Workspace != self.TeamID || !isID(ref.Channel) {
		return w, false, nil
	}
	w, ok = a.members.rooms.get(ref.Channel)
	if !ok {
		p, err := a.read(ctx, method, ref.Channel, url.Values{"channel": {ref.Channel}})
		if nobody(err) {
			return w, false, nil
		}
		if err != nil {
			return w, false, a.fail(method, err, false)
		}
		if w = p.Channel; w.ID != ref.Channel {
			return w, false, nil
		}
		a.members.rooms.put(w.ID, w, current)
	}
	// Of a direct conversation Slack does not say that the bot is in it: it would not be told otherwise.
	return w, w.IsMember || w.IsIM || w.IsMPIM, nil
}

// nobody reports whether Slack says that somebody or something is not there, or not for the bot to see.
func nobody(err error) bool {
	switch errorCode(err) {
	case "channel_not_found", "not_in_channel", "user_not_found", "user_not_visible", "users_not_found", "method_not_supported_for_channel_type":
		return true
	}
	return false
}

func (a *Adapter) mayRead(ctx context.Context, w wireRoom, userID string) (bool, error) {
	if !isID(userID) {
		return false, nil
	}
	if w.IsIM {
		return w.User == userID, nil
	}
	u, ok, err := a.user(ctx, userID)
	if err != nil || !ok || u.Deleted {
		return false, err
	}
	self, _ := a.Self()
	if w.open() && u.full(self.TeamID) {
		return true, nil
	}
	return a.isMember(ctx, w.ID, userID)
}

// user asks for a person; ok is false where there is none.
func (a *Adapter) user(ctx context.Context, id string) (u wireUser, ok bool, err error) {
	const method = "users.info"
	if u, ok = a.members.users.get(id); ok {
		return u, true, nil
	}
	p, err := a.read(ctx, method, "", url.Values{"user": {id}})
	if nobody(err) {
		return u, false, nil
	}
	if err != nil {
		return u, false, a.fail(method, err, false)
	}
	if u = p.User; u.ID != id {
		return u, false, nil
	}
	a.members.users.put(id, u, trusted)
	return u, true, nil
}

func (a *Adapter) isMember(ctx context.Context, channel, userID string) (bool, error) {
	key := [2]string{channel, userID}
	if _, out := a.members.out.get(key); out {
		return false, nil
	}
	in, err := a.eachMember(ctx, channel, func(page []string) bool { return slices.Contains(page, userID) })
	if err != nil {
		return false, err
	}
	if !in {
		a.members.out.put(key, true, doubted)
	}
	return in, nil
}

// eachMember calls stop with the members of a conversation, page by page, until it says so, which is reported.
func (a *Adapter) eachMember(ctx context.Context, channel string, stop func(page []string) bool) (bool, error) {
	const method = "conversations.members"
	arguments := url.Values{"channel": {channel}, "limit": {strconv.Itoa(membersPage)}}
	for range membersPages {
		p, err := a.read(ctx, method, channel, arguments)
		if nobody(err) {
			return false, nil
		}
		if err != nil {
			return false, a.fail(method, err, false)
		}
		if stop(p.Members) {
			return true, nil
		}
		if p.Meta.NextCursor == "" {
			return false, nil
		}
		arguments.Set("cursor", p.Meta.NextCursor)
	}
	return false, nil
}
