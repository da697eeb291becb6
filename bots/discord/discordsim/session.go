package discordsim

import (
	"encoding/json"
	"time"
)

// maxReplay bounds the events that a session keeps for a resume.
const maxReplay = 10_000

// session is what a client may resume on another connection.
type session struct {
	id      string
	intents Intents
	shard   [2]int
	seq     int64
	events  []sequenced
	conn    *conn
	lostAt  time.Time
}

type sequenced struct {
	seq     int64
	payload []byte
}

// frame is a gateway payload. S and T are null on everything but dispatches.
type frame struct {
	Op int             `json:"op"`
	D  json.RawMessage `json:"d"`
	S  *int64          `json:"s"`
	T  *string         `json:"t"`
}

// push numbers an event, keeps it for a resume and sends it if a connection is there.
func (s *session) push(name string, data json.RawMessage) {
	s.seq++
	seq := s.seq
	payload, err := json.Marshal(frame{D: data, S: &seq, T: &name})
	if err != nil {
		return
	}
	s.events = append(s.events, sequenced{seq, payload})
	if len(s.events) > maxReplay {
		s.events = append([]sequenced(nil), s.events[len(s.events)-maxReplay:]...)
	}
	if s.conn != nil {
		s.conn.send(payload)
	}
}

// replay sends what came after seq; false when that is no longer known.
func (s *session) replay(c *conn, seq int64) bool {
	if seq < s.events[0].seq-1 {
		return false
	}
	for _, e := range s.events {
		if e.seq > seq {
			c.send(e.payload)
		}
	}
	return true
}

// wants tells whether an event of a guild (empty for DMs, which live on shard 0) is for this
// session (discord.com/developers/docs/events/gateway#sharding).
func (s *session) wants(e event) bool {
	if e.intent != 0 && s.intents&e.intent == 0 {
		return false
	}
	return s.owns(e.guildID)
}

func (s *session) owns(guildID string) bool {
	if s.shard[1] <= 1 {
		return true
	}
	if guildID == "" {
		return s.shard[0] == 0
	}
	return int((snowflake(guildID)>>22)%uint64(s.shard[1])) == s.shard[0]
}
