package discord

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"parley/conversation"
)

// MayRead implements conversation.MembershipChecker. It asks Discord anew every time and computes the permissions itself:
// the gateway's copy of what a member is may be old, and what a library computes is wrong for threads.
func (a *Adapter) MayRead(ctx context.Context, ref conversation.ThreadRef, userID string) (bool, error) {
	c, ok, err := a.readable(ctx, ref)
	if err != nil || !ok {
		return false, failure(err, conversation.CodePlatformDown)
	}
	ok, err = a.mayRead(ctx, c, userID)
	return ok && err == nil, failure(err, conversation.CodePlatformDown)
}

// Covers implements conversation.MembershipChecker. A direct message is covered where its recipient may read source; a
// public thread has the readers of its channel, and a private thread some of them. Another channel of the guild is covered
// only where source is open to everybody in the guild and nothing about it is denied to anybody.
func (a *Adapter) Covers(ctx context.Context, source, audience conversation.ThreadRef) (bool, error) {
	if source.Platform != audience.Platform || !isSnowflake(source.Channel) || !isSnowflake(audience.Channel) {
		return false, nil
	}
	if source.Workspace == audience.Workspace && source.Channel == audience.Channel {
		return true, nil
	}
	covered, err := a.covers(ctx, source, audience)
	return covered && err == nil, failure(err, conversation.CodePlatformDown)
}

func (a *Adapter) covers(ctx context.Context, source, audience conversation.ThreadRef) (bool, error) {
	from, ok, err := a.readable(ctx, source)
	if err != nil || !ok || from.Type == channelDM {
		return false, err
	}
	to, ok, err := a.readable(ctx, audience)
	if err != nil || !ok {
		return false, err
	}
	if to.Type == channelDM {
		return a.mayRead(ctx, from, to.recipient())
	}
	if from.GuildID != to.GuildID || from.Type == channelPrivateThread {
		return false, nil
	}
	if from.holder() == to.holder() {
		return true, nil
	}
	g, holder, err := a.rules(ctx, from)
	if err != nil {
		return gone(err)
	}
	need := needed(holder)
	for _, o := range holder.Overwrites {
		if denied(o.Deny)&need != 0 {
			return false, nil
		}
	}
	everyone := access{guild: g}
	return everyone.in(holder)&need == need, nil
}

// readable fetches a channel that ref names; ok is false where there is none, where Parley may not see it, or where it
// is of a kind that nothing is read from.
func (a *Adapter) readable(ctx context.Context, ref conversation.ThreadRef) (c payloadChannel, ok bool, err error) {
	if ref.Platform != conversation.Discord || !isSnowflake(ref.Channel) {
		return c, false, nil
	}
	if c, err = a.fetchChannel(ctx, ref.Channel); err != nil {
		ok, err = gone(err)
		return c, ok, err
	}
	if ref.Workspace == directMessages {
		return c, c.Type == channelDM && c.GuildID == "", nil
	}
	switch c.Type {
	case channelText, channelVoice, channelAnnouncement, channelAnnouncementThread, channelPublicThread, channelPrivateThread,
		channelStage, channelForum, channelMedia:
		return c, c.GuildID != "" && c.GuildID == ref.Workspace, nil
	}
	return c, false, nil
}

// fetchChannel asks Discord for a channel as it is now.
func (a *Adapter) fetchChannel(ctx context.Context, id string) (payloadChannel, error) {
	var c payloadChannel
	if err := a.rest.getExact(ctx, routeChannel, join("channels", id), &c); err != nil {
		return c, err
	}
	if c.ID != id {
		return c, &callError{route: routeChannel, err: fmt.Errorf("answer is about another channel")}
	}
	a.names.addChannel(c)
	return c, nil
}

// mayRead reports whether a person may read a channel and its history.
func (a *Adapter) mayRead(ctx context.Context, c payloadChannel, userID string) (bool, error) {
	if !isSnowflake(userID) {
		return false, nil
	}
	if c.Type == channelDM {
		return c.recipient() == userID, nil
	}
	g, holder, err := a.rules(ctx, c)
	if err != nil {
		return gone(err)
	}
	person, err := a.accessOf(ctx, g, userID)
	if err != nil {
		return gone(err)
	}
	return a.reads(ctx, person, c, holder)
}

// rules gives the guild with its roles, and the channel whose overwrites count: a thread has those of its parent
// (discord.com/developers/docs/topics/threads#permissions).
func (a *Adapter) rules(ctx context.Context, c payloadChannel) (g payloadGuild, holder payloadChannel, err error) {
	if err := a.rest.getExact(ctx, routeGuild, join("guilds", c.GuildID), &g); err != nil {
		return g, c, err
	}
	if g.ID != c.GuildID || len(g.Roles) == 0 {
		return g, c, &callError{route: routeGuild, err: fmt.Errorf("answer tells no roles")}
	}
	holder = c
	if c.isThread() {
		if holder, err = a.fetchChannel(ctx, c.ParentID); err != nil {
			return g, holder, err
		}
	}
	if holder.GuildID != c.GuildID || holder.isThread() || holder.Overwrites == nil {
		err = &callError{route: routeChannel, err: fmt.Errorf("answer tells no permissions")}
	}
	return g, holder, err
}

// accessOf asks for a member's roles.
func (a *Adapter) accessOf(ctx context.Context, g payloadGuild, userID string) (access, error) {
	p := access{guild: g, userID: userID, now: a.clock()}
	err := a.rest.getExact(ctx, routeMember, join("guilds", g.ID, "members", userID), &p.member)
	if err == nil && p.member.User.ID != userID {
		err = &callError{route: routeMember, err: fmt.Errorf("answer is about another member")}
	}
	return p, err
}

// reads reports whether a member may read a channel whose overwrites holder has. A private thread is for its members and
// for those who manage threads.
func (a *Adapter) reads(ctx context.Context, p access, c, holder payloadChannel) (bool, error) {
	may, need := p.in(holder), needed(holder)
	if may&need != need {
		return false, nil
	}
	if c.Type != channelPrivateThread || may&permissionManageThreads != 0 {
		return true, nil
	}
	var member struct {
		UserID string `json:"user_id"`
	}
	if err := a.rest.getExact(ctx, routeThreadMember, join("channels", c.ID, "thread-members", p.userID), &member); err != nil {
		return gone(err)
	}
	return member.UserID == p.userID, nil
}

// gone turns a definite no, which says that something or somebody is not there or not to be seen, into a plain no.
func gone(err error) (bool, error) {
	if isRefused(err, http.StatusForbidden, http.StatusNotFound) {
		return false, nil
	}
	return false, err
}

// payloadAccess is a member as far as permissions go (discord.com/developers/docs/resources/guild#guild-member-object).
type payloadAccess struct {
	User     payloadUser `json:"user"`
	Roles    []string    `json:"roles"`
	TimedOut string      `json:"communication_disabled_until"`
	Pending  bool        `json:"pending"`
}

// access computes what a member may do. Without a user it is what everybody may.
type access struct {
	guild  payloadGuild
	userID string
	member payloadAccess
	now    time.Time
}

// in computes the permissions in a channel that is no thread, in the order that Discord documents
// (discord.com/developers/docs/topics/permissions#permission-overwrites). A member who is timed out keeps
// only what is needed to read (discord.com/developers/docs/topics/permissions#permissions-for-timed-out-members).
func (p access) in(c payloadChannel) uint64 {
	const all = ^uint64(0)
	if p.userID != "" && p.userID == p.guild.OwnerID {
		return all
	}
	var base uint64
	for _, r := range p.guild.Roles {
		if r.ID == p.guild.ID || slices.Contains(p.member.Roles, r.ID) {
			base |= bits(r.Permissions)
		}
	}
	if base&permissionAdministrator != 0 {
		return all
	}
	may := overwritten(base, c.Overwrites, p.guild.ID, p.userID, func(id string) bool { return slices.Contains(p.member.Roles, id) })
	if may&permissionView == 0 {
		return 0
	}
	if until, err := time.Parse(time.RFC3339, p.member.TimedOut); p.member.TimedOut != "" && (err != nil || until.After(p.now)) {
		may &= permissionView | permissionReadHistory
	}
	return may
}

// needed is what reading a channel takes; in voice and stage channels connecting is part of it
// (discord.com/developers/docs/topics/permissions#implicit-permissions).
func needed(c payloadChannel) uint64 {
	const both = permissionView | permissionReadHistory
	if c.Type == channelVoice || c.Type == channelStage {
		return both | permissionConnect
	}
	return both
}

// holder is the channel whose overwrites count.
func (c payloadChannel) holder() string {
	if c.isThread() {
		return c.ParentID
	}
	return c.ID
}

// recipient is the person of a direct conversation, empty where there is not exactly one.
func (c payloadChannel) recipient() string {
	if len(c.Recipients) != 1 {
		return ""
	}
	return c.Recipients[0].ID
}
