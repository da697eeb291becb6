package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"parley/conversation"
	"parley/store/internal/dbsqlc"
)

// maxDerivedTurns bounds the pool that is derived from MaxConcurrentTurns: a turn holds no connection while it waits for
// the model or the platform, so that more connections would only make Postgres larger.
const maxDerivedTurns = 48

// Observer is told what happened, for metrics. A nil function is not called. The functions must be quick and safe
// for concurrent use.
type Observer struct {
	// TurnFinished is called after the outcome of a turn was committed.
	TurnFinished func(conversation.Turn, conversation.Outcome)
}

// Options are the settings of a Store. DatabaseURL and Logger are required.
type Options struct {
	// DatabaseURL is a Postgres URL or keyword string (Postgres 14 or newer).
	DatabaseURL string
	// MaxConns is the size of the pool, at least 6; 0 derives it from MaxConcurrentTurns. Beside it, Work opens two
	// connections, for River's LISTEN and for the liveness lock, and Join one, to renew leases.
	MaxConns int
	Logger   *slog.Logger
	// MaxConcurrentTurns is how many turns this process runs at once; 0 is 16.
	MaxConcurrentTurns int
	// MaxConcurrentTasks is how many tasks (summaries, long media) this process runs at once, beside the turns; 0 is 4.
	MaxConcurrentTasks int
	// Platforms are those whose turns this process works on, each from a queue of its own; none is all.
	Platforms []conversation.Platform
	// TurnTimeout is the engine's own limit for a turn. A turn that still runs after twice that time is cancelled
	// and tried again; 0 sets no such limit.
	TurnTimeout time.Duration
	// TaskTimeout is the same for a task.
	TaskTimeout time.Duration
	// DrainTimeout is how long running turns may go on after Stop; 0 is 25 s.
	DrainTimeout time.Duration
	// Alone says that no other process works on this database, as on a private one: the jobs of a predecessor are
	// taken over at once instead of after the 3 s that a living process may need to notice that it lost its lock.
	Alone bool
	// Budget limits what turns may use in a day.
	Budget Budget
	// Clock gives the time that is stored; nil is time.Now.
	Clock    func() time.Time
	Observer Observer
}

// Store is the database. It implements conversation.Store and is safe for concurrent use.
type Store struct {
	pool *pgxpool.Pool
	jobs *river.Client[pgx.Tx]
	q    *dbsqlc.Queries
	opts Options
	log  *slog.Logger
	// running are the turns of this process.
	running *running
}

var (
	_ conversation.Store      = (*Store)(nil)
	_ conversation.Watermarks = (*Store)(nil)
	_ conversation.Budget     = (*Store)(nil)
)

// Open connects to the database and checks that it can be used: reachable, new enough, and not behind a pooler
// that changes the session between transactions. It does not migrate. The error is one sentence that says what to
// do, and never holds the password.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.DatabaseURL == "" {
		return nil, errors.New("open store: DatabaseURL is required")
	}
	if o.Logger == nil {
		return nil, errors.New("open store: Logger is required")
	}
	if o.MaxConcurrentTurns <= 0 {
		o.MaxConcurrentTurns = 16
	}
	if o.MaxConcurrentTasks <= 0 {
		o.MaxConcurrentTasks = 4
	}
	if o.MaxConns <= 0 {
		o.MaxConns = 8 + min(o.MaxConcurrentTurns, maxDerivedTurns)/2
	}
	o.MaxConns = max(o.MaxConns, 6)
	if len(o.Platforms) == 0 {
		o.Platforms = []conversation.Platform{conversation.Slack, conversation.Discord, conversation.Terminal}
	}
	if o.DrainTimeout <= 0 {
		o.DrainTimeout = 25 * time.Second
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	config, err := pgxpool.ParseConfig(o.DatabaseURL)
	if err != nil {
		return nil, errors.New("the database URL cannot be read: it must look like postgres://user:password@host:5432/database")
	}
	config.MaxConns = int32(o.MaxConns)
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = 10 * time.Second
	}
	config.ConnConfig.RuntimeParams["application_name"] = "parley"
	// A process that is stopped or cut off inside a transaction must not hold its locks against its successor.
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, fmt.Sprintf(`SET idle_in_transaction_session_timeout = %d`, silence.Milliseconds()))
		return err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if err := probe(ctx, pool); err != nil {
		pool.Close()
		return nil, err
	}
	jobs, err := river.NewClient(riverpgxv5.New(pool), &river.Config{
		FetchCooldown:       fetchCooldown,
		Logger:              riverLogger(o.Logger),
		MaxAttempts:         maxAttempts,
		SkipUnknownJobCheck: true,
	})
	if err != nil {
		pool.Close()
		return nil, fmt.Errorf("open store: %w", err)
	}
	return &Store{pool: pool, jobs: jobs, q: dbsqlc.New(), opts: o, log: o.Logger, running: &running{turns: make(map[int64]attemptAt)}}, nil
}

// Close closes the pool. Stop the workers first.
func (s *Store) Close() { s.pool.Close() }

// Ping checks that the database answers.
func (s *Store) Ping(ctx context.Context) error {
	return fault("reach database", s.pool.Ping(ctx))
}

// Pool gives the pool, for packages that keep tables of their own in the same database (the queue page).
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// now is the clock at the precision that Postgres keeps.
func (s *Store) now() time.Time { return s.opts.Clock().Truncate(time.Microsecond) }
