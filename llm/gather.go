package llm

import (
	"context"
	"io"
	"time"
)

// gatherFor is the least time between two reads of an answer that has begun. Servers send a few tokens at a time, and to
// wake up for each costs more than to read them; no reader of an answer sees the difference. A read that brings
// gathered bytes is not followed by a wait: such a server is fast.
const (
	gatherFor = 40 * time.Millisecond
	gathered  = 2 << 10
)

// gathering reads a body, and once the answer has begun lets what comes gather for a moment.
type gathering struct {
	ctx   context.Context //nolint:containedctx // of the one request whose body it is
	src   io.Reader
	begun bool
	last  time.Time
	much  bool // the last read brought gathered bytes
}

// Read implements io.Reader.
func (g *gathering) Read(p []byte) (int, error) {
	if wait := gatherFor - time.Since(g.last); g.begun && !g.much && wait > 0 {
		sleep(g.ctx, wait) // the body is closed with the context: the read tells
	}
	n, err := g.src.Read(p)
	g.last, g.much = time.Now(), n >= gathered
	return n, err
}
