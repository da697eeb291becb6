package discord

import (
	"cmp"
	"context"
	"sync"
)

// maxNames bounds the directory: about 10 MB. Beyond it, what was learned first is forgotten and asked for again.
const maxNames = 50_000

// names is what the adapter knows of channels and roles: which channel is a thread and of which parent, and what
// people call them. It is filled on the gateway's read loop, in order, and read by the workers.
type names struct {
	mu       sync.RWMutex
	selfID   string
	selfName string
	channels bounded[payloadChannel]
	roles    bounded[string]
	// nicks holds nicknames by guild and user, as events told them: REST leaves them out of messages.
	nicks bounded[string]
	// managed holds the roles that Discord made for the bot itself: naming one of them is naming the bot.
	managed map[string]bool
}

func newNames() *names {
	return &names{channels: newBounded[payloadChannel](maxNames), roles: newBounded[string](maxNames), nicks: newBounded[string](maxNames), managed: map[string]bool{}}
}

func (n *names) setSelf(u payloadUser) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.selfID, n.selfName = u.ID, displayName(u, nil)
}

func (n *names) self() (id, name string) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.selfID, n.selfName
}

func (n *names) addGuild(g payloadGuild) {
	for _, r := range g.Roles {
		n.addRole(r)
	}
	for _, list := range [][]payloadChannel{g.Channels, g.Threads} {
		for _, c := range list {
			c.GuildID = g.ID
			n.addChannel(c)
		}
	}
}

func (n *names) addChannel(c payloadChannel) {
	if !isSnowflake(c.ID) {
		return
	}
	c.LastMessageID, c.Overwrites, c.Recipients, c.Thread = "", nil, nil, nil
	n.mu.Lock()
	defer n.mu.Unlock()
	n.channels.put(c.ID, c)
}

func (n *names) addRole(r payloadRole) {
	if !isSnowflake(r.ID) {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.roles.put(r.ID, r.Name)
	if n.selfID != "" && r.Tags.BotID == n.selfID {
		n.managed[r.ID] = true
	}
}

// addNicks keeps the nicknames that a message shows.
func (n *names) addNicks(p payloadMessage) {
	if p.GuildID == "" {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	note := func(u *payloadUser, m *payloadMember) {
		if u == nil || m == nil || !isSnowflake(u.ID) {
			return
		}
		if key := p.GuildID + "/" + u.ID; m.Nick != "" {
			n.nicks.put(key, m.Nick)
		} else {
			n.nicks.remove(key)
		}
	}
	note(p.Author, p.Member)
	for i := range p.Mentions {
		note(&p.Mentions[i], p.Mentions[i].Member)
	}
}

func (n *names) nick(guild, user string) string {
	n.mu.RLock()
	defer n.mu.RUnlock()
	nick, _ := n.nicks.get(guild + "/" + user)
	return nick
}

func (n *names) removeChannel(id string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.channels.remove(id)
}

func (n *names) channel(id string) (payloadChannel, bool) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.channels.get(id)
}

func (n *names) role(id string) (name string, managed bool) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	name, _ = n.roles.get(id)
	return name, n.managed[id]
}

// find gives a channel from the directory, else from REST.
func (a *Adapter) find(ctx context.Context, id string) (payloadChannel, error) {
	if c, ok := a.names.channel(id); ok {
		return c, nil
	}
	var c payloadChannel
	if err := a.rest.get(ctx, routeChannel, join("channels", id), &c); err != nil {
		return payloadChannel{}, err
	}
	a.names.addChannel(c)
	return c, nil
}

func (c payloadChannel) isThread() bool {
	return c.Type == channelAnnouncementThread || c.Type == channelPublicThread || c.Type == channelPrivateThread
}

// displayName is what people see: the nickname in the server, else the display name, else the user name.
func displayName(u payloadUser, m *payloadMember) string {
	if m == nil {
		m = u.Member
	}
	nick := ""
	if m != nil {
		nick = m.Nick
	}
	return cmp.Or(oneLine(nick), oneLine(u.GlobalName), oneLine(u.Username), u.ID)
}
