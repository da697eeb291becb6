package slacksim

import (
	"encoding/json"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// socket is one open Socket Mode connection.
type socket struct {
	number int
	conn   *websocket.Conn
	out    chan []byte
	gone   chan struct{}
	once   sync.Once
	silent atomic.Bool // half open: nothing is sent and nothing is heard
}

const (
	socketBuffer = 1024
	writeTimeout = 5 * time.Second
	// ackLimit is the size from which Slack drops an acknowledgement without a word.
	ackLimit = 20_000
)

// write queues a frame; a client that does not read loses it, as behind a dead connection.
func (s *socket) write(frame []byte) {
	select {
	case s.out <- frame:
	default:
	}
}

func (s *socket) close() {
	s.once.Do(func() { close(s.gone) })
	_ = s.conn.Close() // the peer may have closed it already
}

// drop ends the connection without a close frame, as a broken network does.
func (s *socket) drop() {
	if tcp, ok := s.conn.NetConn().(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // without it the peer sees an orderly end, which is a lesser fault
	}
	s.close()
}

// pump writes frames, and pings where there is an interval, until the socket ends.
func (s *socket) pump(ping time.Duration) {
	var due <-chan time.Time
	if ping > 0 {
		ticker := time.NewTicker(ping)
		defer ticker.Stop()
		due = ticker.C
	}
	for {
		kind, frame := websocket.TextMessage, []byte(nil)
		select {
		case <-s.gone:
			return
		case <-due:
			kind, frame = websocket.PingMessage, []byte("Ping from applink-simulated")
		case frame = <-s.out:
		}
		if s.silent.Load() {
			continue
		}
		_ = s.conn.SetWriteDeadline(time.Now().Add(writeTimeout)) // fails only with the connection
		if err := s.conn.WriteMessage(kind, frame); err != nil {
			s.close()
			return
		}
	}
}

// sockets holds the open connections. Its lock is a leaf.
type sockets struct {
	mu      sync.Mutex
	open    []*socket
	tickets map[string]bool
	counter int
	max     int
	mute    atomic.Bool // no hello
	pings   atomic.Int64
}

// pick chooses any open connection, as Slack does; nil when there is none.
func (s *sockets) pick() *socket {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.open) == 0 {
		return nil
	}
	return s.open[rand.IntN(len(s.open))]
}

func (s *sockets) all() []*socket {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.open)
}

// add registers a connection and returns how many are open; ok is false when there are too many.
func (s *sockets) add(k *socket) (n int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.open) >= s.max {
		return len(s.open), false
	}
	s.counter++
	k.number = s.counter
	s.open = append(s.open, k)
	return len(s.open), true
}

func (s *sockets) remove(k *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open = slices.DeleteFunc(s.open, func(other *socket) bool { return other == k })
}

func (s *sockets) ticket(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tickets[id] = true
}

func (s *sockets) redeem(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	ok := s.tickets[id]
	delete(s.tickets, id)
	return ok
}

// Sockets returns how many Socket Mode connections are open.
func (s *Server) Sockets() int { return len(s.sockets.all()) }

// Pings returns how many WebSocket pings have come from the app.
func (s *Server) Pings() int { return int(s.sockets.pings.Load()) }

// serveSocket upgrades a request that carries a ticket from apps.connections.open.
func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	if !s.sockets.redeem(r.URL.Query().Get("ticket")) {
		http.Error(w, "unknown ticket", http.StatusUnauthorized)
		return
	}
	// Clients send the Origin of Slack's API host, which is not ours.
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		s.options.Logger.Debug("upgrade socket", "error", err)
		return
	}
	k := &socket{conn: conn, out: make(chan []byte, socketBuffer), gone: make(chan struct{})}
	conn.SetReadLimit(1 << 20)
	conn.SetPingHandler(func(data string) error {
		s.sockets.pings.Add(1)
		if k.silent.Load() {
			return nil
		}
		return conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(writeTimeout))
	})
	debug := object{"host": "applink-simulated", "build_number": 1, "approximate_connection_time": 18060}
	n, ok := s.sockets.add(k)
	if !ok {
		_ = conn.WriteJSON(object{"type": "disconnect", "reason": "too_many_websockets", "debug_info": debug}) // it is closed next
		k.close()
		return
	}
	if !s.sockets.mute.Load() {
		k.write(mustJSON(object{
			"type": "hello", "num_connections": n, "debug_info": debug,
			"connection_info": object{"app_id": s.team.AppID},
		}))
	}
	ping := s.options.Timing.Ping
	if s.options.NoPings {
		ping = 0
	}
	s.start(func() { k.pump(ping) })
	if s.closed() { // Close may have looked before we were registered
		k.close()
	}
	s.publish(Change{Kind: SocketChanged})
	s.readSocket(k)
	s.sockets.remove(k)
	k.close()
	s.publish(Change{Kind: SocketChanged})
}

// readSocket hears acknowledgements until the connection ends.
func (s *Server) readSocket(k *socket) {
	for {
		_, frame, err := k.conn.ReadMessage()
		if err != nil {
			return
		}
		var ack struct {
			EnvelopeID string          `json:"envelope_id"`
			Payload    json.RawMessage `json:"payload"`
		}
		if k.silent.Load() || len(frame) >= ackLimit || json.Unmarshal(frame, &ack) != nil {
			continue
		}
		if !s.ackInteraction(ack.EnvelopeID, k, ack.Payload) {
			s.courier.acked(ack.EnvelopeID, k)
		}
	}
}
