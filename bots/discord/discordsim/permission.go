package discordsim

import "slices"

// Permissions is Discord's permission bit set
// (discord.com/developers/docs/topics/permissions).
type Permissions uint64

// The permissions that the simulator enforces, and those that it only reports.
const (
	Administrator         Permissions = 1 << 3
	ManageChannels        Permissions = 1 << 4
	AddReactions          Permissions = 1 << 6
	ViewChannel           Permissions = 1 << 10
	SendMessages          Permissions = 1 << 11
	ManageMessages        Permissions = 1 << 13
	EmbedLinks            Permissions = 1 << 14
	AttachFiles           Permissions = 1 << 15
	ReadMessageHistory    Permissions = 1 << 16
	MentionEveryone       Permissions = 1 << 17
	Connect               Permissions = 1 << 20
	ManageThreads         Permissions = 1 << 34
	CreatePublicThreads   Permissions = 1 << 35
	CreatePrivateThreads  Permissions = 1 << 36
	SendMessagesInThreads Permissions = 1 << 38
)

// DefaultPermissions is what @everyone may do in a guild from [Server.AddGuild], close to what
// Discord grants in a new server.
const DefaultPermissions = AddReactions | ViewChannel | SendMessages | EmbedLinks | AttachFiles |
	ReadMessageHistory | MentionEveryone | Connect | CreatePublicThreads | CreatePrivateThreads | SendMessagesInThreads

const allPermissions Permissions = 1<<52 - 1

// OverwriteKind says whom an [Overwrite] is for.
type OverwriteKind int

// Discord: overwrite object, field type.
const (
	OverwriteRole   OverwriteKind = 0
	OverwriteMember OverwriteKind = 1
)

// Overwrite changes the permissions of one role or one member in one channel. The role @everyone
// has the id of its guild.
type Overwrite struct {
	ID    string
	Kind  OverwriteKind
	Allow Permissions
	Deny  Permissions
}

// permissions computes what a user may do in a channel, by the order that Discord documents:
// owner, @everyone and roles, administrator, then the overwrites of @everyone, of the roles and of
// the member. A thread takes the overwrites of its parent; a private thread is only for its
// members and for those who manage threads.
func (w *world) permissions(userID string, c *channel) Permissions {
	if c.GuildID == "" {
		if slices.Contains(c.recipients, userID) {
			return allPermissions &^ ManageMessages
		}
		return 0
	}
	g := w.guilds[c.GuildID]
	m := g.members[userID]
	if m == nil {
		return 0
	}
	p := g.base(m)
	if p == allPermissions {
		return p
	}
	source := c
	if c.thread() {
		source = w.channels[c.ParentID]
	}
	p = overwrite(p, source.overwrites, m, g.ID)
	if p&ViewChannel == 0 {
		return 0
	}
	if m.timeout.After(w.clock()) {
		p &= ViewChannel | ReadMessageHistory
	}
	if c.Kind == PrivateThread && !c.members[userID] && p&ManageThreads == 0 {
		return 0
	}
	if c.thread() {
		p &^= SendMessages
		if p&SendMessagesInThreads != 0 {
			p |= SendMessages
		}
	}
	return p
}

// base returns the guild-wide permissions of a member.
func (g *guild) base(m *member) Permissions {
	if m.userID == g.OwnerID {
		return allPermissions
	}
	var p Permissions
	for _, r := range g.roles {
		if r.ID == g.ID || slices.Contains(m.roles, r.ID) {
			p |= r.Permissions
		}
	}
	if p&Administrator != 0 {
		return allPermissions
	}
	return p
}

func overwrite(p Permissions, list []Overwrite, m *member, guildID string) Permissions {
	apply := func(match func(Overwrite) bool) {
		var allow, deny Permissions
		for _, o := range list {
			if match(o) {
				allow |= o.Allow
				deny |= o.Deny
			}
		}
		p = p&^deny | allow
	}
	apply(func(o Overwrite) bool { return o.ID == guildID })
	apply(func(o Overwrite) bool {
		return o.Kind == OverwriteRole && o.ID != guildID && slices.Contains(m.roles, o.ID)
	})
	apply(func(o Overwrite) bool { return o.Kind == OverwriteMember && o.ID == m.userID })
	return p
}

func (w *world) canView(userID string, c *channel) bool {
	return w.permissions(userID, c)&ViewChannel != 0
}
