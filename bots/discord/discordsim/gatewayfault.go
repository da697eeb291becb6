package discordsim

import "encoding/json"

// DropGateway closes every gateway connection with a close code; 0 cuts them without a close
// frame. Sessions stay and can be resumed, except with the codes that end a session: 4003, 4004,
// 4007, 4009 and 4010 to 4014.
func (s *Server) DropGateway(code int) {
	s.eachConn(func(c *conn) {
		s.release(c, final(code))
		c.close(code)
	})
}

// SilenceGateway makes the connections that are open now go dead: they stay open, but nothing is
// sent on them any more, no acknowledgement of heartbeats either. New connections work, and a
// resume replays what was missed.
func (s *Server) SilenceGateway() {
	s.eachConn(func(c *conn) { c.mute() })
}

// NoHello makes new gateway connections hang without Hello while on is true.
func (s *Server) NoHello(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.noHello = on
}

// NoReady makes the gateway leave an identify or a resume without an answer while on is true.
func (s *Server) NoReady(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.noReady = on
}

// SetShards changes the number of shards that GET /gateway/bot recommends.
func (s *Server) SetShards(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shards = n
}

// InvalidateSession sends op 9 to every connection. A session that is not resumable is forgotten.
func (s *Server) InvalidateSession(resumable bool) {
	s.eachConn(func(c *conn) {
		if c.session == nil {
			return
		}
		c.send(control(opInvalidSession, resumable))
		s.release(c, !resumable)
	})
}

// ForgetSessions drops the sessions that have no connection, so that a resume is refused.
func (s *Server) ForgetSessions() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, session := range s.sessions {
		if session.conn == nil {
			delete(s.sessions, id)
		}
	}
}

// Reconnect sends op 7 to every connection: the client should reconnect and resume.
func (s *Server) Reconnect() {
	s.eachConn(func(c *conn) { c.send(control(opReconnect, nil)) })
}

// RequestHeartbeat sends op 1 to every connection: the client should send a heartbeat at once.
func (s *Server) RequestHeartbeat() {
	s.eachConn(func(c *conn) { c.send(control(opHeartbeat, nil)) })
}

// DuplicateDispatches delivers each of the next n events twice.
func (s *Server) DuplicateDispatches(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.duplicates = n
}

// UnknownEvent dispatches an event that no client knows yet.
func (s *Server) UnknownEvent() {
	s.Dispatch("FUTURE_THING_CREATE", json.RawMessage(`{"id":"1","shape":{"nested":[1,2,3]}}`))
}

// MalformedEvent dispatches a MESSAGE_CREATE whose fields have the wrong types.
func (s *Server) MalformedEvent() {
	s.Dispatch("MESSAGE_CREATE", json.RawMessage(`{"id":17,"channel_id":{},"author":"nobody","content":["x"],"mentions":"none"}`))
}

// Dispatch sends any event with any data to every session, whatever its intents.
func (s *Server) Dispatch(name string, data json.RawMessage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, session := range s.sessions {
		session.push(name, data)
	}
}

// SetMessageContent switches the privileged Message Content intent on or off, as in the developer
// portal. Sessions that are open keep what they have.
func (s *Server) SetMessageContent(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messageContent = on
}

func (s *Server) eachConn(do func(*conn)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		do(c)
	}
}
