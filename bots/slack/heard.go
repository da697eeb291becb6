package slack

import (
	"errors"
	"time"
)

// errSilent says that a connection is there and nothing comes over it.
var errSilent = errors.New("nothing is heard over the socket")

// pongTicks is for how many looks at a connection a ping may stay without anything that comes back. Looks are counted
// and not the time, which passes while the process is stopped or the machine sleeps.
const pongTicks = 2

// watch keeps an eye on one connection: whether anything comes over it, be it an event, a ping or a pong. Slack pings
// each ten seconds or so, another server may never do, so that a quiet connection is pinged from here.
type watch struct {
	s       *socket
	begun   time.Time // when it was opened
	waiting int       // looks since the ping; 0: none is out
}

// look is called four times in each PingTimeout. It gives errSilent for a connection that is there in name only: where
// no hello came in time, or nothing at all after a ping. A silent socket stays while another is being replaced.
func (w *watch) look(ping func()) error {
	s, now := w.s, w.s.a.presence.now()
	limit := s.a.o.PingTimeout
	switch {
	case !s.open:
		if now.Sub(w.begun) > limit {
			return errSilent
		}
	case now.Sub(time.Unix(0, s.heard.Load())) <= limit/2:
		w.waiting = 0
	case w.waiting == 0:
		w.waiting = 1
		ping()
	case w.waiting < pongTicks:
		w.waiting++
	case s.replace():
		return errSilent
	}
	return nil
}

// hear notes that something came over the socket.
func (s *socket) hear() {
	s.heard.Store(s.a.presence.now().UnixNano())
	s.a.presence.hear()
}

// replace takes the right to cut the socket, which only one has at a time: until the hello of the next connection, or
// until that fails to open.
func (s *socket) replace() bool {
	s.replacing = s.replacing || s.a.replacing.CompareAndSwap(false, true)
	return s.replacing
}

func (s *socket) replaced() {
	if s.replacing {
		s.replacing = false
		s.a.replacing.Store(false)
	}
}
