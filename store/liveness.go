package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// pulse is how often the lock's connection is checked, pulseTimeout how long the check may take. Together they
	// stay under takeOverAfter: a process knows that it lost its lock before others act on it.
	pulse        = 500 * time.Millisecond
	pulseTimeout = 2 * time.Second
	// certainFor is how long after a pulse the lock is surely held: others wait takeOverAfter from the moment when it is
	// gone, which may be that of the pulse.
	certainFor = 2 * time.Second
	// silence is how long the server keeps the lock of a process that is stopped or cut off and sends no pulse.
	silence = 5 * time.Second
)

// errNotAlive says that this process does not hold its liveness lock, so it must not run turns.
var errNotAlive = errors.New("this process lost its lock in the database")

// liveness holds a session advisory lock, named after the River client, on a connection of its own. The lock ends
// with the process, which is how others know that its jobs are orphans.
type liveness struct {
	store *Store
	id    string
	pid   uint32 // of the session that held the lock last; only run uses it

	mu    sync.Mutex
	alive context.Context // cancelled when the lock is lost
	beat  time.Time       // when the last pulse that came back was sent
}

// lockKey is SQL for the key of a client's lock, with the client's id in the given expression.
func lockKey(id string) string { return `hashtextextended('parley/worker/' || ` + id + `, 0)` }

// held gives a context that is cancelled when the lock is lost; it is cancelled already when the lock is not held.
func (l *liveness) held() context.Context {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.alive
}

func (l *liveness) set(ctx context.Context) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.alive = ctx
}

// certain reports whether the last pulse is so recent that nobody can have taken over. The monotonic clock goes on while
// the process is stopped, the wall clock also while the machine sleeps.
func (l *liveness) certain() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	return now.Sub(l.beat) < certainFor && now.Round(0).Sub(l.beat.Round(0)) < certainFor
}

func (l *liveness) pulsed(at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.beat = at
}

// take connects and takes the lock.
func (l *liveness) take(ctx context.Context) (*pgx.Conn, error) {
	begun := time.Now()
	conn, err := pgx.ConnectConfig(ctx, l.store.pool.Config().ConnConfig.Copy())
	if err != nil {
		return nil, fault("connect for liveness lock", err)
	}
	err = l.lock(ctx, conn)
	if err != nil {
		_ = conn.Close(context.WithoutCancel(ctx))
		return nil, err
	}
	l.pid = conn.PgConn().PID()
	l.pulsed(begun)
	return conn, nil
}

func (l *liveness) lock(ctx context.Context, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, fmt.Sprintf(`SET idle_session_timeout = %d`, silence.Milliseconds())); err != nil {
		return fault("prepare liveness lock", err)
	}
	var got bool
	err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock(`+lockKey("$1::text")+`)`, l.id).Scan(&got)
	if err != nil {
		return fault("take liveness lock", err)
	}
	if got {
		return nil
	}
	// Our own former session: the server has not noticed yet that its connection is gone.
	if _, err := conn.Exec(ctx, `SELECT pg_terminate_backend($1)`, int32(l.pid)); err != nil {
		return fault("end former session", err)
	}
	return fmt.Errorf("take liveness lock: %w", errNotAlive)
}

// run keeps the lock until ctx ends, beginning with conn, and takes it again whenever it was lost.
func (l *liveness) run(ctx context.Context, conn *pgx.Conn) {
	for {
		alive, lost := context.WithCancelCause(ctx)
		l.set(alive)
		err := l.watch(ctx, conn)
		lost(errNotAlive)
		_ = conn.Close(context.WithoutCancel(ctx))
		if ctx.Err() != nil {
			return
		}
		l.store.log.ErrorContext(ctx, "lost the liveness lock, running turns are cancelled", "error", err)
		if conn = l.retake(ctx); conn == nil {
			return
		}
		l.store.log.InfoContext(ctx, "holds the liveness lock again")
	}
}

// watch returns when the connection no longer answers.
func (l *liveness) watch(ctx context.Context, conn *pgx.Conn) error {
	tick := time.NewTicker(pulse)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		sent := time.Now()
		ping, cancel := context.WithTimeout(ctx, pulseTimeout)
		err := conn.Ping(ping)
		cancel()
		if err != nil {
			return err
		}
		l.pulsed(sent)
	}
}

func (l *liveness) retake(ctx context.Context) *pgx.Conn {
	for {
		conn, err := l.take(ctx)
		if err == nil {
			return conn
		}
		l.store.log.WarnContext(ctx, "cannot take the liveness lock", "error", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pulse):
		}
	}
}
