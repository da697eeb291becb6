package discord

import "strconv"

// Permission bits (discord.com/developers/docs/topics/permissions#permissions-bitwise-permission-flags).
const (
	permissionAdministrator = 1 << 3
	permissionView          = 1 << 10
	permissionReadHistory   = 1 << 16
	permissionConnect       = 1 << 20
	permissionManageThreads = 1 << 34
)

// reader tells which channels of a guild the bot may read, from what GUILD_CREATE says. It spares calls that would be
// refused: Discord bans addresses with too many of them. What the bot may tell to whom is no matter of it.
type reader struct {
	selfID, guildID string
	// everything says that the bot owns the guild, administers it, or that Discord did not tell its roles.
	everything bool
	base       uint64
	roles      map[string]bool
}

func newReader(g payloadGuild, selfID string) reader {
	r := reader{selfID: selfID, guildID: g.ID, everything: true, roles: map[string]bool{}}
	for _, m := range g.Members {
		if m.User.ID != selfID {
			continue
		}
		r.everything = g.OwnerID == selfID
		for _, id := range m.Roles {
			r.roles[id] = true
		}
	}
	for _, role := range g.Roles {
		if role.ID == g.ID || r.roles[role.ID] {
			r.base |= bits(role.Permissions)
		}
	}
	r.everything = r.everything || r.base&permissionAdministrator != 0
	return r
}

// may reports whether the bot may read a channel with these overwrites. A thread has those of its parent
// (discord.com/developers/docs/topics/permissions#permission-overwrites).
func (r reader) may(list []payloadOverwrite) bool {
	if r.everything {
		return true
	}
	const both = permissionView | permissionReadHistory
	return overwritten(r.base, list, r.guildID, r.selfID, func(id string) bool { return r.roles[id] })&both == both
}

// overwritten applies overwrites in the order that Discord documents: those of everyone, of the member's roles together,
// and of the member (discord.com/developers/docs/topics/permissions#permission-overwrites).
func overwritten(p uint64, list []payloadOverwrite, guildID, userID string, hasRole func(id string) bool) uint64 {
	for _, match := range []func(id string) bool{
		func(id string) bool { return id == guildID },
		func(id string) bool { return id != guildID && hasRole(id) },
		func(id string) bool { return userID != "" && id == userID },
	} {
		var allow, deny uint64
		for _, o := range list {
			if match(o.ID) {
				allow |= bits(o.Allow)
				deny |= denied(o.Deny)
			}
		}
		p = p&^deny | allow
	}
	return p
}

// denied reads a set of denials; what cannot be read denies everything.
func denied(s string) uint64 {
	if n := bits(s); n != 0 || s == "" || s == "0" {
		return n
	}
	return ^uint64(0)
}

// bits reads a permission set, which Discord writes as a decimal in a string; no set is none.
func bits(s string) uint64 {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
