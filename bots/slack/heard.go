package slack

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

// handshakeTimeout bounds the opening of a WebSocket.
const handshakeTimeout = 20 * time.Second

// dialer makes connections that tell when something is heard.
func (s *socket) dialer() *websocket.Dialer {
	var d net.Dialer
	return &websocket.Dialer{
		Proxy: http.ProxyFromEnvironment, HandshakeTimeout: handshakeTimeout,
		NetDialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := d.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return heardConn{conn, s.hear}, nil
		},
	}
}

func (s *socket) hear() {
	s.heard.Store(s.a.presence.now().UnixNano())
	s.a.presence.hear()
}

// heardConn calls heard whenever something was read.
type heardConn struct {
	net.Conn
	heard func()
}

// Read implements net.Conn.
func (c heardConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.heard()
	}
	return n, err
}

// silent reports whether the connection is there in name only. slack-go watches for pings too, but by a clock that
// stands still while the machine sleeps, and it does not miss a hello.
func (s *socket) silent() bool {
	now := s.a.presence.now()
	if !s.awaiting.IsZero() {
		return now.Sub(s.awaiting) > s.a.o.PingTimeout
	}
	return s.open && now.Sub(time.Unix(0, s.heard.Load())) > 3*s.a.o.PingTimeout/2
}
