package localpg

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
)

// Attach gives the running server on DataDir, or starts one where none runs. Stop ends only a server that was
// started here. It is for sub-commands, which may run beside `serve`.
func Attach(ctx context.Context, o Options) (*Server, error) {
	dir, err := filepath.Abs(o.DataDir)
	if err != nil {
		return nil, fmt.Errorf("attach to private Postgres: %w", err)
	}
	for {
		s, err := start(ctx, o, 0)
		if !errors.Is(err, ErrInUse) {
			return s, err
		}
		// Its owner may still be starting it, or may end before we are connected.
		running := &Server{url: urlOf(dir), exited: make(chan struct{})}
		if running.answers(ctx) {
			return running, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("attach to private Postgres: %w", ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (s *Server) answers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.url)
	if err != nil {
		return false
	}
	_ = conn.Close(context.WithoutCancel(ctx))
	return true
}
