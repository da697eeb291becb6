package discord

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"
)

// The gateway opcodes that the tap looks at (discord.com/developers/docs/topics/opcodes-and-status-codes#gateway).
const (
	opDispatch       = 0
	opHeartbeat      = 1
	opReconnect      = 7
	opInvalidSession = 9
	opHello          = 10
	opHeartbeatAck   = 11
)

const (
	// greetingTimeout is how long a connection may take from the first byte to READY or RESUMED.
	greetingTimeout = 30 * time.Second
	// writeTimeout is for one frame.
	writeTimeout = 10 * time.Second
)

// errReconnect is what the tap reads instead of op 7.
var errReconnect = errors.New("gateway asks to reconnect")

// errSilent says that a connection is open but dead.
var errSilent = errors.New("gateway is silent")

// errMalformed says that the gateway sent what is no payload.
var errMalformed = errors.New("gateway sent no JSON object")

// invalidSession is what the tap reads instead of op 9.
type invalidSession struct{ resumable bool }

// Error says whether the session may be tried again.
func (e invalidSession) Error() string {
	return fmt.Sprintf("gateway refuses the session (resumable: %t)", e.resumable)
}

// closed is a close frame of the gateway.
type closed struct {
	code   int
	reason string
}

// Error names code and reason.
func (e closed) Error() string { return fmt.Sprintf("gateway closed with %d %s", e.code, e.reason) }

// tap is the gateway's connection below discordgo, which tells neither close codes nor the heartbeat interval,
// identifies again at once and without end on op 9, reads without a deadline, and says goodbye with 1000, which ends the
// session, whenever anything goes wrong. The tap sees the frames pass, puts deadlines on them, turns ops 7 and 9 into the
// end of the connection, and lets code 1000 through only when it is meant.
type tap struct {
	net.Conn
	clock func() time.Time
	greet time.Time // by when READY or RESUMED must be there

	// frames and held belong to the reader.
	frames frames
	held   error

	mu       sync.Mutex
	cause    error // why reading ended, or will
	greeted  bool
	interval time.Duration
	ack      time.Time
	leaving  bool
	reading  bool
	paused   bool // the watchdog saw that nobody read
}

func newTap(conn net.Conn, clock func() time.Time, greeting time.Duration) *tap {
	return &tap{Conn: conn, clock: clock, greet: time.Now().Add(greeting)}
}

// Read implements net.Conn.
func (t *tap) Read(p []byte) (int, error) {
	if t.held != nil {
		return 0, t.held
	}
	if err := t.SetReadDeadline(t.deadline()); err != nil {
		return 0, t.end(err)
	}
	t.read(true)
	n, err := t.Conn.Read(p)
	t.read(false)
	if err != nil {
		var timeout net.Error
		if errors.As(err, &timeout) && timeout.Timeout() {
			err = errSilent
		}
		return n, t.end(err)
	}
	for i := range n {
		f, whole := t.frames.next(p[i])
		if !whole {
			continue
		}
		if cause := t.look(f); cause != nil {
			// The last byte of the frame is withheld, so that discordgo never acts on it.
			t.held = t.hangUp(cause)
			if i == 0 {
				return 0, t.held
			}
			return i, nil
		}
	}
	return n, nil
}

// deadline is until when the next bytes must come. Before READY it stands still, so that a trickle cannot move it.
func (t *tap) deadline() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.greeted || t.interval == 0 {
		return t.greet
	}
	return time.Now().Add(2*t.interval + writeTimeout)
}

// look acts on a frame of the gateway; its error ends the connection.
func (t *tap) look(f frame) error {
	if f.opcode == frameClose {
		e := closed{code: 1005}
		if len(f.payload) >= 2 {
			e.code, e.reason = int(f.payload[0])<<8|int(f.payload[1]), oneLine(string(f.payload[2:]))
		}
		_ = t.hangUp(e)
		return nil // discordgo gets to see it
	}
	if f.opcode != frameText {
		return nil
	}
	if f.first != '{' {
		return errMalformed
	}
	if !f.complete {
		return nil // too long for what is looked for
	}
	var p struct {
		Op int             `json:"op"`
		D  json.RawMessage `json:"d"`
		T  string          `json:"t"`
	}
	if json.Unmarshal(f.payload, &p) != nil {
		return nil
	}
	switch p.Op {
	case opHeartbeat:
		if t.isLeaving() {
			return net.ErrClosed // discordgo answers it on a connection that it may have let go of, and panics
		}
	case opDispatch:
		if string(p.D) == "null" && strings.HasPrefix(p.T, "GUILD_") {
			return errMalformed // discordgo looks into the guild without looking whether there is one
		}
	case opReconnect:
		return errReconnect
	case opInvalidSession:
		return invalidSession{resumable: string(p.D) == "true"}
	case opHello:
		var hello struct {
			Interval int64 `json:"heartbeat_interval"`
		}
		if json.Unmarshal(p.D, &hello) != nil || hello.Interval < 1 || hello.Interval > 3_600_000 {
			return errMalformed // discordgo's ticker does not survive 0
		}
		t.mu.Lock()
		t.interval, t.ack = time.Duration(hello.Interval)*time.Millisecond, t.clock()
		t.mu.Unlock()
	case opHeartbeatAck:
		t.mu.Lock()
		t.ack = t.clock()
		t.mu.Unlock()
	}
	return nil
}

// Write implements net.Conn. After the end nothing is written any more: least of all a goodbye.
func (t *tap) Write(p []byte) (int, error) {
	t.mu.Lock()
	ended, leaving := t.cause != nil, t.leaving
	t.mu.Unlock()
	if ended || !leaving && isGoodbye(p) {
		return 0, net.ErrClosed
	}
	if err := t.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return 0, err
	}
	return t.Conn.Write(p)
}

// Close implements net.Conn.
func (t *tap) Close() error {
	_ = t.end(net.ErrClosed)
	return t.Conn.Close()
}

// resumableClose is a close frame with code 4000, masked with zeroes: any code but 1000 and 1001 keeps the session
// (discord.com/developers/docs/events/gateway#initiating-a-disconnect).
var resumableClose = []byte{0x80 | frameClose, 0x80 | 2, 0, 0, 0, 0, 4000 >> 8, 4000 & 0xff}

// hangUp ends the connection at once: discordgo would take another second for it.
func (t *tap) hangUp(cause error) error {
	cause = t.end(cause)
	if t.SetWriteDeadline(time.Now().Add(time.Second)) == nil {
		_, _ = t.Conn.Write(resumableClose)
	}
	_ = t.Conn.Close()
	return cause
}

// end records why the connection ended; the first cause counts.
func (t *tap) end(cause error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cause == nil {
		t.cause = cause
	}
	return t.cause
}

func (t *tap) ended() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.cause
}

// settle notes READY or RESUMED.
func (t *tap) settle() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.greeted = true
}

func (t *tap) isGreeted() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.greeted
}

// leave allows code 1000.
func (t *tap) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.leaving = true
}

func (t *tap) isLeaving() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.leaving
}

// overdue reports whether the last heartbeat acknowledgement is older than two intervals
// (discord.com/developers/docs/events/gateway#heartbeat-interval-example-heartbeat-ack).
func (t *tap) overdue() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.interval > 0 && t.clock().Sub(t.ack) > 2*t.interval
}

func (t *tap) read(reading bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reading = reading
	if reading && t.paused {
		t.paused, t.ack = false, t.clock() // what waited in the buffers comes now
	}
}

// busy reports whether nobody reads at the moment: the reader waits for the store, and no acknowledgement can be seen.
func (t *tap) busy() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.paused = t.paused || !t.reading
	return !t.reading
}

// heartbeat is the interval of Hello, 0 before.
func (t *tap) heartbeat() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.interval
}

// isGoodbye recognises a client's close frame with code 1000: it is written at once, masked (RFC 6455 5.2, 5.3).
func isGoodbye(p []byte) bool {
	if len(p) < 8 || p[0] != 0x80|frameClose || p[1]&0x80 == 0 {
		return false
	}
	return int(p[6]^p[2])<<8|int(p[7]^p[3]) == 1000
}
