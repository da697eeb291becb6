package llmsim

import (
	"context"
	"fmt"
	"net/http"
)

// Message is one turn of a request as the server saw it.
type Message struct {
	Role   string
	Text   string // all text parts, joined by LF
	Images []Image
	Audio  []Audio
}

// Image is a picture of a request, decoded from its data URI.
type Image struct {
	MIME  string
	Bytes []byte
}

// Request is one entry of the journal.
type Request struct {
	Model        string
	Messages     []Message
	Stream       bool
	IncludeUsage bool
	MaxTokens    int
	Temperature  *float64
	TopP         *float64
	TopK         *int
	Tokens       int         // of the prompt, as this server counts
	Status       int         // of the answer; 0 while it is worked on, or when the connection was reset
	Output       int         // tokens of the answer that were sent
	Left         bool        // the client hung up before the end
	Header       http.Header // as received
	Body         []byte      // as received
}

// Requests is a copy of the journal, oldest first, with refused requests among them.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Request, 0, len(s.requests))
	for _, r := range s.requests {
		out = append(out, *r)
	}
	return out
}

// WaitRequests waits until the journal holds n requests.
func (s *Server) WaitRequests(ctx context.Context, n int) ([]Request, error) {
	err := s.wait(ctx, func() bool { return len(s.requests) >= n })
	if err != nil {
		return nil, fmt.Errorf("wait for %d model requests: %w", n, err)
	}
	return s.Requests(), nil
}

// WaitIdle waits until no request is being answered.
func (s *Server) WaitIdle(ctx context.Context) error {
	if err := s.wait(ctx, func() bool { return s.running == 0 }); err != nil {
		return fmt.Errorf("wait for the model server to be idle: %w", err)
	}
	return nil
}

// wait returns when the condition, looked at under the lock, holds.
func (s *Server) wait(ctx context.Context, holds func() bool) error {
	for {
		s.mu.Lock()
		ok, changed := holds(), s.changed
		s.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// update changes the state and wakes who waits for it.
func (s *Server) update(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
	close(s.changed)
	s.changed = make(chan struct{})
}
