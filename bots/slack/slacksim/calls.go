package slacksim

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// Call is one call of a Web API method by the app.
type Call struct {
	Method string
	At     time.Time
	Args   map[string]string // without the token; JSON values as JSON text
	OK     bool
	Status int    // HTTP status
	Error  string // Slack's error code
}

const keptCalls = 10_000

// callJournal keeps the last calls. Its lock is a leaf.
type callJournal struct {
	mu    sync.Mutex
	calls []Call
}

func (j *callJournal) add(c Call) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.calls = append(j.calls, c)
	if extra := len(j.calls) - keptCalls; extra > 0 {
		j.calls = slices.Delete(j.calls, 0, extra)
	}
}

// Calls returns the app's calls of a method, oldest first; of all methods when method is empty. The
// last 10,000 calls are kept.
func (s *Server) Calls(method string) []Call {
	s.calls.mu.Lock()
	defer s.calls.mu.Unlock()
	var out []Call
	for _, c := range s.calls.calls {
		if method == "" || c.Method == method {
			c.Args = maps.Clone(c.Args)
			out = append(out, c)
		}
	}
	return out
}
