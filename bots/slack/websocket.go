package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	// maxFrame bounds one Socket Mode frame: a message has at most 40,000 characters of text, and blocks beside it.
	maxFrame = 4 << 20
	// handshakeTimeout bounds the opening of a WebSocket, writeTimeout the writing of one frame.
	handshakeTimeout = 20 * time.Second
	writeTimeout     = 10 * time.Second
)

// webSocket is one connection of Socket Mode, with a goroutine that reads and one that acknowledges.
// Slack: docs.slack.dev/apis/events-api/using-socket-mode.
type webSocket struct {
	conn    *websocket.Conn
	frames  chan []byte
	ended   chan error // why there is nothing more to read, or no way to write
	done    chan struct{}
	running sync.WaitGroup
}

// dial asks Slack for an address and opens a WebSocket there. heard is called whenever something comes over it, and
// what comes through acks is acknowledged by it. Errors of apps.connections.open are of slack-go's types.
func dial(ctx context.Context, api webAPI, heard func(), acks <-chan acknowledgement) (*webSocket, error) {
	_, address, err := api.StartSocketModeContext(ctx)
	if err != nil {
		return nil, err
	}
	var d net.Dialer
	dialer := &websocket.Dialer{
		Proxy: http.ProxyFromEnvironment, HandshakeTimeout: handshakeTimeout,
		NetDialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := d.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return heardConn{conn, heard}, nil
		},
	}
	conn, resp, err := dialer.DialContext(ctx, address, nil)
	if resp != nil {
		_ = resp.Body.Close()
	}
	if err != nil && resp != nil {
		return nil, fmt.Errorf("open WebSocket: %w (%s)", err, resp.Status)
	}
	if err != nil {
		return nil, fmt.Errorf("open WebSocket: %w", err)
	}
	conn.SetReadLimit(maxFrame)
	l := &webSocket{conn: conn, frames: make(chan []byte), ended: make(chan error, 2), done: make(chan struct{})}
	l.running.Go(l.read)
	l.running.Go(func() { l.write(acks) })
	return l, nil
}

func (l *webSocket) read() {
	for {
		_, frame, err := l.conn.ReadMessage()
		if err != nil {
			l.ended <- fmt.Errorf("read WebSocket: %w", err)
			return
		}
		select {
		case l.frames <- frame:
		case <-l.done:
			return
		}
	}
}

// acknowledgement tells Slack that an envelope has arrived; that of a slash command may carry what the person sees.
type acknowledgement struct {
	EnvelopeID string `json:"envelope_id"`
	Payload    *reply `json:"payload,omitempty"`
}

func (l *webSocket) write(acks <-chan acknowledgement) {
	for {
		select {
		case <-l.done:
			return
		case ack := <-acks:
			if err := l.acknowledge(ack); err != nil {
				l.ended <- fmt.Errorf("acknowledge event, which Slack will deliver again: %w", err)
				return
			}
		}
	}
}

func (l *webSocket) acknowledge(ack acknowledgement) error {
	frame, err := json.Marshal(ack)
	if err != nil {
		return err
	}
	if err := l.conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	return l.conn.WriteMessage(websocket.TextMessage, frame)
}

// ping asks the other side for a sign of life. A connection that cannot even take that is found out by its silence.
func (l *webSocket) ping() {
	_ = l.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second))
}

// close ends the connection and waits for its goroutines.
func (l *webSocket) close() {
	close(l.done)
	_ = l.conn.Close() // the other side may have closed it already
	l.running.Wait()
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
