package discordsim

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

// The gateway opcodes (discord.com/developers/docs/topics/opcodes-and-status-codes#gateway).
const (
	opDispatch       = 0
	opHeartbeat      = 1
	opIdentify       = 2
	opPresence       = 3
	opVoiceState     = 4
	opResume         = 6
	opReconnect      = 7
	opRequestMembers = 8
	opInvalidSession = 9
	opHello          = 10
	opHeartbeatAck   = 11
)

// maxPayload is the largest payload that a client may send, in bytes; more closes with 4002
// (discord.com/developers/docs/events/gateway#sending-events).
const maxPayload = 4096

// closeTimeout is the close code for a client that sends no heartbeats.
const closeTimeout = 4009

// serveGateway runs one gateway connection until it ends.
func (s *Server) serveGateway(w http.ResponseWriter, r *http.Request) {
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer ws.Close()
	ws.SetReadLimit(1 << 20)
	c, ok := s.attach(ws, r)
	if !ok {
		return
	}
	s.running.Go(c.write)
	code, goodbye := s.readGateway(c)
	if closed, by := c.close(0); closed {
		code, goodbye = by, false
	}
	<-c.written
	s.detach(c, code, goodbye)
}

// attach registers a connection and greets it.
func (s *Server) attach(ws *websocket.Conn, r *http.Request) (*conn, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, false
	}
	s.connections++
	c := newConn(ws, s.connections, r.URL.Query().Get("v"), r.URL.Query().Get("compress") == "zlib-stream")
	s.conns[c] = true
	s.record(GatewayEvent{Conn: c.number, Kind: "connect"})
	if c.version != "9" && c.version != "10" {
		c.close(4012)
	} else if !s.noHello {
		c.send(control(opHello, map[string]any{"heartbeat_interval": s.options.HeartbeatInterval.Milliseconds(), "_trace": []string{"discordsim"}}))
	}
	return c, true
}

// timeOut closes the connection of a silent client, and ends its session before the client can
// learn of it. A client that is silent because it was closed already keeps its session.
func (s *Server) timeOut(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if closed, _ := c.close(closeTimeout); !closed {
		s.release(c, true)
	}
}

// detach forgets a connection. Its session can be resumed unless this was a goodbye: the client
// closed with 1000 or 1001.
func (s *Server) detach(c *conn, code int, goodbye bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	s.record(GatewayEvent{Conn: c.number, Kind: "close", Code: code})
	s.release(c, goodbye)
}

// release parts a connection from its session, which can be resumed unless this ends it. The lock
// must be held.
func (s *Server) release(c *conn, ends bool) {
	session := c.session
	if session == nil {
		return
	}
	c.session, session.conn, session.lostAt = nil, nil, s.options.Clock()
	if ends {
		delete(s.sessions, session.id)
	}
}

// readGateway handles what the client sends until the connection ends. It returns the client's
// close code, 1006 without one, and whether that ends the session.
func (s *Server) readGateway(c *conn) (code int, goodbye bool) {
	patience := 3 * s.options.HeartbeatInterval
	for {
		c.mu.Lock()
		if !c.closed {
			_ = c.ws.SetReadDeadline(time.Now().Add(patience))
		}
		c.mu.Unlock()
		_, data, err := c.ws.ReadMessage()
		if err != nil {
			var closed *websocket.CloseError
			if errors.As(err, &closed) {
				return closed.Code, closed.Code == websocket.CloseNormalClosure || closed.Code == websocket.CloseGoingAway
			}
			var timeout net.Error
			if errors.As(err, &timeout) && timeout.Timeout() {
				s.timeOut(c)
			}
			return websocket.CloseAbnormalClosure, false
		}
		if code := s.receive(c, data); code != 0 {
			c.close(code)
		}
	}
}

// receive handles one payload and returns the code to close with, 0 to go on.
func (s *Server) receive(c *conn, data []byte) int {
	var f frame
	if len(data) > maxPayload || json.Unmarshal(data, &f) != nil {
		return 4002
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.done() {
		return 0
	}
	if s.tooMany(c) {
		return 4008
	}
	switch f.Op {
	case opHeartbeat:
		var seq *int64
		if json.Unmarshal(f.D, &seq) != nil {
			return 4002
		}
		e := GatewayEvent{Conn: c.number, Kind: "heartbeat"}
		if seq != nil {
			e.Seq = *seq
		}
		s.record(e)
		c.send(control(opHeartbeatAck, nil))
	case opIdentify, opResume:
		if s.noReady {
			return 0
		}
		if f.Op == opResume {
			return s.resume(c, f.D)
		}
		return s.identify(c, f.D)
	case opPresence, opVoiceState:
		if c.session == nil {
			return 4003
		}
	case opRequestMembers:
		if c.session == nil {
			return 4003
		}
		return s.requestMembers(c.session, f.D)
	default:
		return 4001
	}
	return 0
}

// tooMany holds a connection to 120 payloads in 60 s
// (discord.com/developers/docs/events/gateway#rate-limiting).
func (s *Server) tooMany(c *conn) bool {
	if !s.options.Limits {
		return false
	}
	now := s.options.Clock()
	kept := c.sends[:0]
	for _, t := range c.sends {
		if now.Sub(t) < time.Minute {
			kept = append(kept, t)
		}
	}
	c.sends = append(kept, now)
	return len(c.sends) > 120
}

// control encodes a payload that is no dispatch.
func control(op int, data any) []byte {
	raw, err := json.Marshal(data)
	if err != nil {
		raw = []byte("null")
	}
	payload, err := json.Marshal(frame{Op: op, D: raw})
	if err != nil {
		return nil
	}
	return payload
}
