package discord

import (
	"maps"
	"strconv"
	"sync"
	"time"
)

const (
	// guildsSettle is how long after the last GUILD_CREATE catching up begins without the guilds that READY has named
	// and that are still to come: Discord withholds guilds that have an outage.
	guildsSettle = 5 * time.Second
	// maxReach bounds what is remembered of channels until they are caught up, 16 bytes each.
	maxReach = 500_000
)

// absence is what a new session tells of what may have been missed before it: which guilds there are, since when the
// bot is in each, and how far each channel that it may read reaches. It is forgotten once that is caught up.
type absence struct {
	mu      sync.Mutex
	epoch   int
	due     bool
	direct  bool            // direct messages are due as well: shard 0 is new
	awaited map[string]bool // guilds that are named and have not come
	guilds  map[string]guildReach
	size    int
	moved   time.Time
	changed chan struct{}
}

// guildReach is how far the channels of a guild reach.
type guildReach struct {
	joined   time.Time
	channels []channelReach
}

// channelReach is a channel, or thread, and its newest message.
type channelReach struct{ id, last uint64 }

func newAbsence() *absence {
	return &absence{awaited: map[string]bool{}, guilds: map[string]guildReach{}, changed: make(chan struct{})}
}

func (s *absence) wake(now time.Time) {
	s.moved = now
	close(s.changed)
	s.changed = make(chan struct{})
}

// begin notes a session that is new, with the guilds that it will tell of.
func (s *absence) begin(now time.Time, guilds []string, direct bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range guilds {
		s.awaited[id] = true
	}
	s.epoch++
	s.due, s.direct = true, s.direct || direct
	s.wake(now)
}

// arrived notes a guild's GUILD_CREATE. That of a guild which the bot has just joined tells of nothing missed.
func (s *absence) arrived(now time.Time, id string, g guildReach) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.awaited[id] {
		return
	}
	delete(s.awaited, id)
	if s.size+len(g.channels) > maxReach {
		g.channels = g.channels[:maxReach-s.size]
	}
	s.size += len(g.channels) - len(s.guilds[id].channels)
	s.guilds[id] = g
	s.due = true
	s.wake(now)
}

// away notes GUILD_DELETE: the guild has an outage and will come again, or the bot is out of it.
func (s *absence) away(id string, outage bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.size -= len(s.guilds[id].channels)
	delete(s.guilds, id)
	delete(s.awaited, id)
	if outage {
		s.awaited[id] = true
	}
}

// outlook is the state of an absence at a moment.
type outlook struct {
	epoch int
	// due says that something is to be caught up, ready that it can begin; else it can after wait.
	due, ready bool
	wait       time.Duration
	changed    <-chan struct{}
}

func (s *absence) look(now time.Time) outlook {
	s.mu.Lock()
	defer s.mu.Unlock()
	wait := s.moved.Add(guildsSettle).Sub(now)
	return outlook{epoch: s.epoch, due: s.due, ready: s.due && (len(s.awaited) == 0 || wait <= 0), wait: wait, changed: s.changed}
}

// renewed reports whether another session has begun since epoch.
func (s *absence) renewed(epoch int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.epoch != epoch
}

// reach is what may have been missed.
func (s *absence) reach() (guilds map[string]guildReach, direct bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.guilds), s.direct
}

// take begins to catch up: what arrives from now on is due anew.
func (s *absence) take() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.due = false
}

// done forgets what is caught up, unless something has come meanwhile, which is caught up with it next time.
func (s *absence) done(epoch int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.epoch == epoch && !s.due {
		s.direct, s.size, s.guilds = false, 0, map[string]guildReach{}
	}
}

// failed makes what was taken due again.
func (s *absence) failed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.due = true
}

// reachOf gives the channels of a guild that the bot may read and in which something was said.
func reachOf(g payloadGuild, selfID string) guildReach {
	r := newReader(g, selfID)
	reach := guildReach{joined: snowflakeTime(g.ID)}
	if at, err := time.Parse(time.RFC3339, g.JoinedAt); err == nil {
		reach.joined = at
	}
	overwrites := make(map[string][]payloadOverwrite, len(g.Channels))
	add := func(c payloadChannel, list []payloadOverwrite) {
		id, errID := strconv.ParseUint(c.ID, 10, 64)
		last, errLast := strconv.ParseUint(c.LastMessageID, 10, 64)
		if errID == nil && errLast == nil && c.holdsMessages() && r.may(list) {
			reach.channels = append(reach.channels, channelReach{id, last})
		}
	}
	for _, c := range g.Channels {
		overwrites[c.ID] = c.Overwrites
		add(c, c.Overwrites)
	}
	for _, c := range g.Threads {
		add(c, overwrites[c.ParentID])
	}
	return reach
}

// holdsMessages reports whether last_message_id names a message of the channel: in a forum it names a thread.
func (c payloadChannel) holdsMessages() bool {
	switch c.Type {
	case channelCategory, channelDirectory, channelForum, channelMedia:
		return false
	}
	return true
}
