package discordsim

import (
	"encoding/json"
	"time"
)

// world is everything that the simulated Discord remembers. It knows no network; the server's lock
// guards it.
type world struct {
	clock func() time.Time
	ids   snowflakes

	bot           User
	applicationID string

	users    map[string]*User
	userIDs  []string
	guilds   map[string]*guild
	guildIDs []string
	channels map[string]*channel
	dms      []string
	messages map[string]*message
	files    map[string]*storedFile
	nonces   map[string]sent
	commands map[string][]json.RawMessage
	oldEdits map[string]int
	// whispers are the messages that one user sees, interactions what users did by commands and buttons, by its token.
	whispers     map[string]*message
	interactions map[string]*interaction
}

type guild struct {
	Guild
	roles    []Role
	members  map[string]*member
	joined   []string
	channels []string
	since    time.Time
	// down says that the guild has an outage: its messages reach no session.
	down bool
}

type member struct {
	userID string
	roles  []string
	since  time.Time
	// timeout is until when the member is timed out.
	timeout time.Time
}

type channel struct {
	Channel
	ownerID    string
	recipients []string
	overwrites []Overwrite
	members    map[string]bool
	threads    []string
	messages   []*message
	typing     map[string]time.Time
	since      time.Time
	archived   time.Time // zero for what is not
}

// sent remembers the message that a nonce made.
type sent struct {
	messageID string
	at        time.Time
}

func newWorld(clock func() time.Time, botName string) *world {
	w := &world{
		clock:    clock,
		ids:      newSnowflakes(),
		users:    map[string]*User{},
		guilds:   map[string]*guild{},
		channels: map[string]*channel{},
		messages: map[string]*message{},
		files:    map[string]*storedFile{},
		nonces:   map[string]sent{},
		commands: map[string][]json.RawMessage{},
		oldEdits: map[string]int{},
		whispers: map[string]*message{}, interactions: map[string]*interaction{},
	}
	w.bot = *w.addUser(botName, true)
	w.applicationID = w.bot.ID
	return w
}

func (w *world) newID() string { return w.ids.next(w.clock()) }

func (w *world) addUser(name string, bot bool) *User {
	u := &User{ID: w.newID(), Name: name, Bot: bot}
	w.users[u.ID] = u
	w.userIDs = append(w.userIDs, u.ID)
	return u
}

func (w *world) addGuild(name string) *guild {
	owner := w.addUser(name+" owner", false)
	g := &guild{
		Guild:   Guild{ID: w.newID(), Name: name, OwnerID: owner.ID},
		members: map[string]*member{},
		since:   w.clock(),
	}
	g.roles = []Role{{ID: g.ID, GuildID: g.ID, Name: "@everyone", Permissions: DefaultPermissions}}
	w.guilds[g.ID] = g
	w.guildIDs = append(w.guildIDs, g.ID)
	w.join(g, owner.ID)
	w.join(g, w.bot.ID)
	return g
}

func (w *world) join(g *guild, userID string, roles ...string) *member {
	m := g.members[userID]
	if m == nil {
		m = &member{userID: userID, since: w.clock()}
		g.members[userID] = m
		g.joined = append(g.joined, userID)
	}
	m.roles = append(m.roles, roles...)
	return m
}

func (w *world) addChannel(c Channel, ownerID string, overwrites []Overwrite) *channel {
	if c.ID == "" {
		c.ID = w.newID()
	}
	added := &channel{
		Channel: c, ownerID: ownerID, overwrites: overwrites,
		members: map[string]bool{}, typing: map[string]time.Time{}, since: w.clock(),
	}
	w.channels[c.ID] = added
	switch {
	case added.thread():
		parent := w.channels[c.ParentID]
		parent.threads = append(parent.threads, c.ID)
		added.members[ownerID] = true
	case c.GuildID != "":
		g := w.guilds[c.GuildID]
		g.channels = append(g.channels, c.ID)
	default:
		w.dms = append(w.dms, c.ID)
	}
	return added
}

// dm returns the direct messages between the bot and a user, and makes them when there are none.
func (w *world) dm(userID string) *channel {
	for _, id := range w.dms {
		if c := w.channels[id]; c.recipients[0] == userID {
			return c
		}
	}
	c := w.addChannel(Channel{Kind: DM}, "", nil)
	c.recipients = []string{userID, w.bot.ID}
	return c
}

func (c *channel) thread() bool {
	return c.Kind == PublicThread || c.Kind == PrivateThread || c.Kind == AnnouncementThread
}

// live returns the messages that are not deleted, oldest first.
func (c *channel) live() []*message {
	var list []*message
	for _, m := range c.messages {
		if !m.deleted {
			list = append(list, m)
		}
	}
	return list
}
