package discordsim

import (
	"bytes"
	"compress/zlib"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// maxQueued bounds what waits for a client that does not read; beyond it the connection is cut, as
// a real gateway does.
const maxQueued = 50_000

// conn is one gateway connection. Writes are queued, so that a slow reader never holds the
// server's lock.
type conn struct {
	ws      *websocket.Conn
	number  int
	version string
	deflate bool

	mu     sync.Mutex
	queue  [][]byte
	closed bool
	code   int
	muted  bool
	wake   chan struct{}
	// written is closed when nothing more will be written.
	written chan struct{}

	// The rest belongs to the server's lock.
	session *session
	sends   []time.Time
}

func newConn(ws *websocket.Conn, number int, version string, deflate bool) *conn {
	return &conn{ws: ws, number: number, version: version, deflate: deflate, wake: make(chan struct{}, 1), written: make(chan struct{})}
}

func (c *conn) send(payload []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.muted {
		return
	}
	c.queue = append(c.queue, payload)
	if len(c.queue) > maxQueued {
		c.closed, c.queue = true, nil
	}
	c.signal()
}

// close sends what is queued and then a close frame; code 0 cuts the connection without a frame.
// It reports whether the server had closed the connection before, and with which code.
func (c *conn) close(code int) (before bool, by int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return true, c.code
	}
	c.closed, c.code = true, code
	if code == 0 {
		c.queue = nil
	}
	c.signal()
	return false, 0
}

func (c *conn) done() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

// mute makes the connection go silent: nothing is sent any more, the connection stays open.
func (c *conn) mute() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.muted, c.queue = true, nil
}

func (c *conn) signal() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// write runs until the connection is closed. After a close frame the client has a second to
// answer it.
func (c *conn) write() {
	defer close(c.written)
	var flow bytes.Buffer
	deflater := zlib.NewWriter(&flow)
	for range c.wake {
		c.mu.Lock()
		batch, closed, code := c.queue, c.closed, c.code
		c.queue = nil
		c.mu.Unlock()
		for _, payload := range batch {
			if err := c.writeOne(payload, deflater, &flow); err != nil {
				_ = c.ws.Close()
				return
			}
		}
		if !closed {
			continue
		}
		if code == 0 {
			_ = c.ws.Close()
			return
		}
		_ = c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, closeText(code)), time.Now().Add(time.Second))
		_ = c.ws.SetReadDeadline(time.Now().Add(time.Second))
		return
	}
}

func (c *conn) writeOne(payload []byte, deflater *zlib.Writer, flow *bytes.Buffer) error {
	_ = c.ws.SetWriteDeadline(time.Now().Add(10 * time.Second))
	if !c.deflate {
		return c.ws.WriteMessage(websocket.TextMessage, payload)
	}
	flow.Reset()
	if _, err := deflater.Write(payload); err != nil {
		return err
	}
	if err := deflater.Flush(); err != nil {
		return err
	}
	return c.ws.WriteMessage(websocket.BinaryMessage, flow.Bytes())
}

// final tells whether a close code ends the session.
func final(code int) bool {
	return code == 4003 || code == 4004 || code == 4007 || code == closeTimeout || code >= 4010 && code <= 4014
}

// closeText is the reason that Discord writes beside a close code
// (discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes).
func closeText(code int) string {
	switch code {
	case 4001:
		return "Unknown opcode."
	case 4002:
		return "Error while decoding payload."
	case 4003:
		return "Not authenticated."
	case 4004:
		return "Authentication failed."
	case 4005:
		return "Already authenticated."
	case 4007:
		return "Invalid seq."
	case 4008:
		return "Rate limited."
	case 4009:
		return "Session timed out."
	case 4010:
		return "Invalid shard."
	case 4012:
		return "Invalid API version."
	case 4013:
		return "Invalid intent(s)."
	case 4014:
		return "Disallowed intent(s)."
	}
	return ""
}
