package localpg

import (
	"strings"
	"sync"
)

// tail keeps the server's last lines, for the sentence that says why it did not start.
type tail struct {
	mu    sync.Mutex
	lines []string
}

func (t *tail) add(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines = append(t.lines, line)
	if len(t.lines) > 6 {
		t.lines = t.lines[1:]
	}
}

// String gives the lines as one.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.lines, "; ")
}
