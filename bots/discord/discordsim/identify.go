package discordsim

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"
)

// resumeWindow is how long a session can be resumed after its connection is lost. Discord says
// "a few minutes".
const resumeWindow = 3 * time.Minute

// privileged lists the intents that must be switched on for the application.
func (s *Server) privileged() Intents {
	allowed := Intents(0)
	if s.messageContent {
		allowed |= IntentMessageContent
	}
	if s.options.GuildMembersEnabled {
		allowed |= IntentGuildMembers
	}
	return allowed
}

func (s *Server) identify(c *conn, data json.RawMessage) int {
	var d struct {
		Token   string   `json:"token"`
		Intents *Intents `json:"intents"`
		Shard   []int    `json:"shard"`
	}
	if json.Unmarshal(data, &d) != nil {
		return 4002
	}
	e := GatewayEvent{Conn: c.number, Kind: "identify"}
	if d.Intents != nil {
		e.Intents = *d.Intents
	}
	code := 0
	shard := [2]int{0, 1}
	switch {
	case c.session != nil:
		code = 4005
	case strings.TrimPrefix(d.Token, "Bot ") != s.token:
		code = 4004
	case d.Intents == nil:
		code = 4002
	case *d.Intents&^knownIntents != 0:
		code = 4013
	case *d.Intents&(IntentMessageContent|IntentGuildMembers|IntentGuildPresences)&^s.privileged() != 0:
		code = 4014
	case len(d.Shard) == 2:
		shard = [2]int(d.Shard)
		if shard[1] < 1 || shard[0] < 0 || shard[0] >= shard[1] {
			code = 4010
		}
	case len(d.Shard) != 0:
		code = 4010
	}
	e.Code = code
	if code != 0 {
		s.record(e)
		return code
	}
	session := &session{id: newSessionID(), intents: *d.Intents, shard: shard, conn: c}
	e.Session = session.id
	s.record(e)
	s.identifies++
	s.sessions[session.id] = session
	c.session = session
	s.ready(session, c.version)
	return 0
}

// ready sends READY and then one GUILD_CREATE for each guild of the shard.
func (s *Server) ready(session *session, version string) {
	guilds := []map[string]any{}
	for _, id := range s.world.guildIDs {
		if session.owns(id) {
			guilds = append(guilds, map[string]any{"id": id, "unavailable": true})
		}
	}
	user := s.world.renderUser(&s.world.bot)
	s.pushTo(session, "READY", map[string]any{
		"v": json.Number(version), "user": user, "guilds": guilds, "session_id": session.id, "session_type": "normal",
		"resume_gateway_url": s.gatewayURL(), "shard": session.shard, "private_channels": []any{}, "relationships": []any{},
		"user_settings": map[string]any{}, "presences": []any{}, "guild_join_requests": []any{}, "geo_ordered_rtc_regions": []any{},
		"application": map[string]any{"id": s.world.applicationID, "flags": s.applicationFlags()}, "_trace": []string{"discordsim"},
	})
	if session.intents&IntentGuilds == 0 {
		return
	}
	for _, id := range s.world.guildIDs {
		if session.owns(id) && !s.world.guilds[id].down {
			s.pushTo(session, "GUILD_CREATE", s.world.renderGuild(s.world.guilds[id], true))
		}
	}
}

func (s *Server) pushTo(session *session, name string, data any) {
	raw, err := json.Marshal(data)
	if err != nil {
		s.log.Error("discordsim: marshal event", "event", name, "error", err)
		return
	}
	session.push(name, raw)
}

func (s *Server) resume(c *conn, data json.RawMessage) int {
	var d struct {
		Token     string `json:"token"`
		SessionID string `json:"session_id"`
		Seq       int64  `json:"seq"`
	}
	if json.Unmarshal(data, &d) != nil {
		return 4002
	}
	e := GatewayEvent{Conn: c.number, Kind: "resume", Session: d.SessionID, Seq: d.Seq}
	session := s.sessions[d.SessionID]
	switch {
	case c.session != nil:
		e.Code = 4005
	case strings.TrimPrefix(d.Token, "Bot ") != s.token:
		e.Code = 4004
	case session != nil && d.Seq > session.seq:
		e.Code = 4007
		delete(s.sessions, session.id)
	}
	if e.Code != 0 {
		s.record(e)
		return e.Code
	}
	if session != nil && session.conn == nil && s.options.Clock().Sub(session.lostAt) > resumeWindow {
		delete(s.sessions, session.id)
		session = nil
	}
	if session == nil || !session.replay(c, d.Seq) {
		e.Kind = "resume refused"
		s.record(e)
		c.send(control(opInvalidSession, false))
		return 0
	}
	if old := session.conn; old != nil {
		old.session = nil
		old.close(0)
	}
	session.conn, c.session = c, session
	s.record(e)
	s.pushTo(session, "RESUMED", map[string]any{"_trace": []string{"discordsim"}})
	return 0
}

func newSessionID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}
