// Package storetest gives each test a migrated Postgres database of its own.
//
// One private server runs per test binary, with fsync off; each database is a copy of a migrated template, dropped
// when its test ends. It works as root. It is for tests only.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/store"
	"parley/store/localpg"
)

const template = "parley_template"

// Runner runs the tests of a package and stops the server after them. goleak.VerifyTestMain takes it.
type Runner struct {
	m      *testing.M
	server server
}

// server is the test binary's one Postgres. Tests find it through the environment of their own process, which a
// child process of a test inherits.
type server struct {
	mu      sync.Mutex
	running *localpg.Server
	dir     string
}

const urlEnv = "PARLEY_STORETEST_URL"

// Main starts the server around the tests of a package:
//
//	func TestMain(m *testing.M) { goleak.VerifyTestMain(storetest.Main(m)) }
func Main(m *testing.M) *Runner { return &Runner{m: m} }

// Run implements goleak.TestingM.
func (r *Runner) Run() int {
	if err := r.server.start(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "storetest:", err)
		return 1
	}
	code := r.m.Run()
	if err := r.server.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "storetest:", err)
		return 1
	}
	return code
}

func (s *server) start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	dir, err := os.MkdirTemp("", "storetest")
	if err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	s.dir = dir
	if err := os.Chmod(dir, 0o711); err != nil {
		return fmt.Errorf("open folder: %w", err)
	}
	s.running, err = localpg.Start(ctx, localpg.Options{
		DataDir: dir, Logger: slog.New(slog.DiscardHandler),
		Settings: map[string]string{
			"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off",
			"max_connections": "500", "shared_buffers": "128MB", "max_wal_size": "4GB",
		},
	})
	if err != nil {
		return err
	}
	if err := migrate(ctx, s.running.URL()); err != nil {
		return errors.Join(err, s.running.Stop())
	}
	return os.Setenv(urlEnv, s.running.URL())
}

func (s *server) stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(s.running.Stop(), os.RemoveAll(s.dir))
}

// migrate makes the template.
func migrate(ctx context.Context, serverURL string) error {
	if err := admin(ctx, serverURL, "CREATE DATABASE "+template); err != nil {
		return err
	}
	templateURL, err := database(serverURL, template)
	if err != nil {
		return err
	}
	s, err := store.Open(ctx, store.Options{DatabaseURL: templateURL, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer s.Close()
	return s.Migrate(ctx)
}

// New gives the URL of a migrated database that nobody else uses. The package's TestMain must use Main.
func New(t testing.TB) string {
	t.Helper()
	return create(t, " TEMPLATE "+template)
}

// Empty gives the URL of a database without any table.
func Empty(t testing.TB) string {
	t.Helper()
	return create(t, "")
}

func create(t testing.TB, how string) string {
	t.Helper()
	serverURL := os.Getenv(urlEnv)
	if serverURL == "" {
		t.Fatal("storetest: TestMain must run the tests through storetest.Main")
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	name := fmt.Sprintf("t%d_%d", os.Getpid(), time.Now().UnixNano())
	if err := admin(ctx, serverURL, "CREATE DATABASE "+name+how); err != nil {
		t.Fatal("storetest:", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := admin(ctx, serverURL, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error("storetest:", err)
		}
	})
	u, err := database(serverURL, name)
	if err != nil {
		t.Fatal("storetest:", err)
	}
	return u
}

// admin runs one statement outside the tests' databases. Copies of one template may not run side by side while a
// connection to it is open; none is, so Postgres needs no lock of ours.
func admin(ctx context.Context, serverURL, statement string) error {
	conn, err := pgx.Connect(ctx, serverURL)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

func database(serverURL, name string) (string, error) {
	u, err := url.Parse(serverURL)
	if err != nil {
		return "", fmt.Errorf("parse URL: %w", err)
	}
	u.Path = "/" + name
	return u.String(), nil
}

// Open gives a Store on a database of its own, closed when the test ends.
func Open(t testing.TB, change ...func(*store.Options)) *store.Store {
	t.Helper()
	return OpenURL(t, New(t), change...)
}

// OpenURL gives a further Store on a database, as another process would have.
func OpenURL(t testing.TB, databaseURL string, change ...func(*store.Options)) *store.Store {
	t.Helper()
	o := store.Options{DatabaseURL: databaseURL, Logger: slog.New(slog.DiscardHandler)}
	for _, f := range change {
		f(&o)
	}
	s, err := store.Open(context.Background(), o)
	if err != nil {
		t.Fatal("storetest:", err)
	}
	t.Cleanup(s.Close)
	return s
}
