package slacksim

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// ChangeKind says what a Change is about.
type ChangeKind string

// The kinds of change that Changes reports.
const (
	MessagePosted   ChangeKind = "message_posted"
	MessageChanged  ChangeKind = "message_changed" // text, blocks, reactions, previews
	MessageDeleted  ChangeKind = "message_deleted"
	StatusChanged   ChangeKind = "status" // an app's "is thinking" line or session state
	ChannelChanged  ChangeKind = "channel"
	UserChanged     ChangeKind = "user"
	FileChanged     ChangeKind = "file"
	DeliveryChanged ChangeKind = "delivery" // an event was sent, acknowledged or given up
	SocketChanged   ChangeKind = "socket"   // a Socket Mode connection opened or closed
	CallMade        ChangeKind = "call"     // the app called a Web API method
)

// Change names something that differs from before; read the workspace for what it is now.
type Change struct {
	Kind     ChangeKind
	Channel  string
	TS       string // the message
	ThreadTS string
	User     string
}

const changeBuffer = 1024

// hub wakes everyone who waits for the workspace to change. Its lock is a leaf.
type hub struct {
	mu     sync.Mutex
	wake   chan struct{} // closed and replaced at each change
	subs   map[chan Change]struct{}
	closed bool
}

func newHub() *hub {
	return &hub{wake: make(chan struct{}), subs: map[chan Change]struct{}{}}
}

func (h *hub) publish(c Change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	close(h.wake)
	h.wake = make(chan struct{})
	for ch := range h.subs {
		select {
		case ch <- c:
		default:
			delete(h.subs, ch)
			close(ch)
		}
	}
}

func (h *hub) subscribe() (chan Change, func()) {
	ch := make(chan Change, changeBuffer)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		close(ch)
		return ch, func() {}
	}
	h.subs[ch] = struct{}{}
	return ch, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if _, ok := h.subs[ch]; ok {
			delete(h.subs, ch)
			close(ch)
		}
	}
}

func (h *hub) waiter() (<-chan struct{}, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.wake, h.closed
}

func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	h.closed = true
	close(h.wake)
	for ch := range h.subs {
		delete(h.subs, ch)
		close(ch)
	}
}

// Changes reports every change from now on, in order, until ctx ends. The channel is closed then,
// when the server closes, and when the reader falls 1,024 changes behind: read the workspace anew
// and call Changes again.
func (w *Workspace) Changes(ctx context.Context) <-chan Change {
	ch, cancel := w.hub.subscribe()
	context.AfterFunc(ctx, cancel)
	return ch
}

// ErrClosed is returned by WaitFor when the server closes first.
var ErrClosed = errors.New("the simulated workspace is closed")

// WaitFor returns nil as soon as done says true. It asks at once and after every change (deliveries,
// sockets and API calls included), and returns an error when ctx ends or the server closes first.
func (w *Workspace) WaitFor(ctx context.Context, done func(*Workspace) bool) error {
	for {
		wake, closed := w.hub.waiter()
		if done(w) {
			return nil
		}
		if closed {
			return fmt.Errorf("wait for workspace: %w", ErrClosed)
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return fmt.Errorf("wait for workspace: %w", context.Cause(ctx))
		}
	}
}
