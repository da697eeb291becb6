package slacksim

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ChannelKind is the channel_type of Slack's message events.
type ChannelKind string

// The kinds of conversation that a workspace has.
const (
	PublicChannel  ChannelKind = "channel"
	PrivateChannel ChannelKind = "group"
	DirectMessage  ChannelKind = "im"
	GroupMessage   ChannelKind = "mpim"
)

// Channel is a conversation as its members see it.
type Channel struct {
	ID        string // C… (also private and group DM), D… for a DM
	Name      string // empty for a DM
	Kind      ChannelKind
	Members   []string // user ids in order of joining
	Archived  bool
	ExtShared bool // shared with another organisation (Slack Connect)
	Created   time.Time
}

type channel struct {
	Channel
	messages []*Message // ordered by TS, replies among them
	statuses map[string]status
	sessions map[string]*Session
	titles   map[string]string
	prompts  map[string][]Prompt
}

func (c *channel) has(user string) bool { return slices.Contains(c.Members, user) }

func (c *channel) snapshot() Channel {
	out := c.Channel
	out.Members = slices.Clone(c.Members)
	return out
}

// AddChannel adds a channel with these members (user ids). The bot is in it only when it is named
// or invited later.
func (w *Workspace) AddChannel(name string, private bool, members ...string) (Channel, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	name = slug(strings.TrimPrefix(name, "#"))
	if w.channelNamed(name) != nil {
		return Channel{}, fmt.Errorf("add channel #%s: the name is taken", name)
	}
	kind := PublicChannel
	if private {
		kind = PrivateChannel
	}
	return w.addChannel("C", name, kind, members)
}

// OpenDM returns the direct message of a person with the bot, opening it the first time.
func (w *Workspace) OpenDM(user string) (Channel, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c := w.dmOf(user); c != nil {
		return c.snapshot(), nil
	}
	return w.addChannel("D", "", DirectMessage, []string{user, w.bot.ID})
}

// OpenGroupDM opens a new group direct message of these people and the bot.
func (w *Workspace) OpenGroupDM(users ...string) (Channel, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	members := append(slices.Clone(users), w.bot.ID)
	name := "mpdm-" + strings.ToLower(randomText(6)) + "-1"
	return w.addChannel("C", name, GroupMessage, members)
}

func (w *Workspace) addChannel(prefix, name string, kind ChannelKind, members []string) (Channel, error) {
	for _, id := range members {
		if w.users[id] == nil {
			return Channel{}, fmt.Errorf("add member %q: %w", id, ErrNoSuchUser)
		}
	}
	c := &channel{
		Channel:  Channel{ID: w.ids.id(prefix), Name: name, Kind: kind, Members: slices.Clone(members), Created: w.clock()},
		statuses: map[string]status{}, sessions: map[string]*Session{}, titles: map[string]string{}, prompts: map[string][]Prompt{},
	}
	w.channels[c.ID] = c
	w.publish(Change{Kind: ChannelChanged, Channel: c.ID})
	return c.snapshot(), nil
}

// Archive closes a channel for new messages.
func (w *Workspace) Archive(id string) error {
	return w.editChannel(id, func(c *channel) { c.Archived = true })
}

// ShareExternally marks a channel as shared with another organisation (Slack Connect).
func (w *Workspace) ShareExternally(id string) error {
	return w.editChannel(id, func(c *channel) { c.ExtShared = true })
}

func (w *Workspace) editChannel(id string, edit func(*channel)) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.channels[id]
	if c == nil {
		return fmt.Errorf("change channel %q: %w", id, ErrNoSuchChannel)
	}
	edit(c)
	w.publish(Change{Kind: ChannelChanged, Channel: id})
	return nil
}

// Channel returns the conversation with this id.
func (w *Workspace) Channel(id string) (Channel, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c := w.channels[id]; c != nil {
		return c.snapshot(), true
	}
	return Channel{}, false
}

// Channels returns all conversations, ordered by id.
func (w *Workspace) Channels() []Channel {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sortedChannels()
}

func (w *Workspace) sortedChannels() []Channel {
	all := make([]Channel, 0, len(w.channels))
	for _, c := range w.channels {
		all = append(all, c.snapshot())
	}
	slices.SortFunc(all, func(a, b Channel) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

func (w *Workspace) channelNamed(name string) *channel {
	for _, c := range w.channels {
		if c.Name != "" && c.Name == name {
			return c
		}
	}
	return nil
}

func (w *Workspace) dmOf(user string) *channel {
	for _, c := range w.channels {
		if c.Kind == DirectMessage && c.has(user) {
			return c
		}
	}
	return nil
}

func slug(name string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '@' || r == '<' || r == '>' || r == '|' {
			return '-'
		}
		return r
	}, strings.ToLower(strings.TrimSpace(name)))
}
