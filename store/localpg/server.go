package localpg

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Options are the settings of a Server. DataDir and Logger are required.
type Options struct {
	// DataDir is the folder under which everything lies. It is made if it is missing.
	DataDir string
	Logger  *slog.Logger
	// Settings are further settings of the server. Tests turn fsync off; nobody else should.
	Settings map[string]string
	// StartTimeout bounds initdb and the start, recovery after a crash included; 0 is 60 s.
	StartTimeout time.Duration
}

// Server is a running private Postgres.
type Server struct {
	url    string
	lock   *os.File
	cmd    *exec.Cmd
	exited chan struct{} // closed when the server process has ended
	lines  *tail
	stop   sync.Once
}

// Start claims DataDir, makes the database there if it is missing, and starts the server. It waits for the server of
// a parley that was killed. Another process that owns DataDir makes it fail with ErrInUse. The database "parley" is
// there, and empty the first time, when it returns.
func Start(ctx context.Context, o Options) (*Server, error) {
	return start(ctx, o, time.Second)
}

// start gives a predecessor that is just ending the time to let go of its claim.
func start(ctx context.Context, o Options, patience time.Duration) (*Server, error) {
	if o.DataDir == "" || o.Logger == nil {
		return nil, errors.New("start private Postgres: DataDir and Logger are required")
	}
	dir, err := filepath.Abs(o.DataDir)
	if err != nil {
		return nil, fmt.Errorf("start private Postgres: %w", err)
	}
	limit := o.StartTimeout
	if limit <= 0 {
		limit = time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	as, err := serverOwner()
	if err != nil {
		return nil, err
	}
	mode := os.FileMode(0o700)
	if as != nil {
		mode = 0o711 // root's folder: the server's user goes through it to his own
	}
	if err := os.MkdirAll(dir, mode); err != nil {
		return nil, fmt.Errorf("make DATA_DIR: %w", err)
	}
	claim, err := retryLock(ctx, dir, patience)
	if err != nil {
		return nil, err
	}
	s := &Server{lock: claim, exited: make(chan struct{}), lines: &tail{}, url: urlOf(dir)}
	if err := s.start(ctx, dir, as, o); err != nil {
		_ = claim.Close()
		return nil, err
	}
	return s, nil
}

func (s *Server) start(ctx context.Context, dir string, as *owner, o Options) error {
	data, socket := filepath.Join(dir, "postgres"), socketFolder(dir)
	if err := as.reaches(data); err != nil {
		return err
	}
	programs, err := findFor(ctx, data)
	if err != nil {
		return err
	}
	if err := initialise(ctx, programs, dir, as); err != nil {
		return err
	}
	if err := makeSocketFolder(socket, as); err != nil {
		return err
	}
	if err := awaitPredecessor(ctx, data); err != nil {
		return err
	}
	if err := s.launch(programs, data, socket, as, o); err != nil {
		return err
	}
	if err := s.ready(ctx); err != nil {
		return errors.Join(err, s.shut())
	}
	return nil
}

// launch runs postgres itself: pg_ctl would leave a server behind that is nobody's child.
func (s *Server) launch(programs binaries, data, socket string, as *owner, o Options) error {
	args := []string{"-D", data, "-k", socket,
		"-c", "listen_addresses=", "-c", "port=5432", "-c", "unix_socket_permissions=0700",
		"-c", "max_connections=200", "-c", "log_min_messages=warning", "-c", "logging_collector=off"}
	names := make([]string, 0, len(o.Settings))
	for name := range o.Settings {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		args = append(args, "-c", name+"="+o.Settings[name])
	}
	cmd := exec.Command(programs.path("postgres"), args...)
	cmd.Dir, cmd.Env = "/", environment()
	out, in, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	cmd.Stderr = in
	wait, err := startGuarded(cmd, as.credential())
	_ = in.Close()
	if err != nil {
		_ = out.Close()
		return fmt.Errorf("start postgres: %w", err)
	}
	s.cmd = cmd
	go func() {
		defer close(s.exited)
		s.copyLog(out, o.Logger)
		_ = out.Close()
		if err := wait(); err != nil {
			o.Logger.Debug("postgres ended", "error", err)
		}
	}()
	return nil
}

func (s *Server) copyLog(out io.Reader, log *slog.Logger) {
	lines := bufio.NewReaderSize(out, 4096)
	for {
		line, _, err := lines.ReadLine()
		if len(line) > 0 {
			s.lines.add(string(line))
			log.Debug("postgres: " + string(line))
		}
		if err != nil {
			return
		}
	}
}

// ready waits until the server answers, and makes the database the first time.
func (s *Server) ready(ctx context.Context) error {
	for {
		err := s.create(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-s.exited:
			return fmt.Errorf("postgres ended at its start: %s", s.lines)
		case <-ctx.Done():
			return fmt.Errorf("postgres does not answer: %w: %s", err, s.lines)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func (s *Server) create(ctx context.Context) error {
	config, err := pgx.ParseConfig(s.url)
	if err != nil {
		return fmt.Errorf("parse own URL: %w", err)
	}
	database := config.Database
	config.Database = "postgres"
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	var there bool
	err = conn.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", database).Scan(&there)
	if err != nil || there {
		return err
	}
	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{database}.Sanitize())
	return err
}

// URL is the database's URL, for DATABASE_URL and psql alike. It holds no secret: only the owner reaches the socket.
func (s *Server) URL() string { return s.url }

func urlOf(dir string) string {
	query := url.Values{"host": {socketFolder(dir)}, "port": {"5432"}, "user": {superuser}, "sslmode": {"disable"}}
	return "postgres:///parley?" + query.Encode()
}

// Exited is closed when the server has ended, by Stop or by itself.
func (s *Server) Exited() <-chan struct{} { return s.exited }

// Stop shuts the server down and gives DataDir free. Open connections are cut. It does nothing on an attached one,
// and nothing the second time.
func (s *Server) Stop() error {
	if s.cmd == nil {
		return nil
	}
	err := s.shut()
	_ = s.lock.Close()
	return err
}

// shut ends the server process: fast first, at once where that takes too long (recovery follows at the next start).
func (s *Server) shut() error {
	var err error
	s.stop.Do(func() {
		for _, step := range []struct {
			signal   syscall.Signal
			patience time.Duration
		}{{syscall.SIGINT, 20 * time.Second}, {syscall.SIGQUIT, 5 * time.Second}, {syscall.SIGKILL, 5 * time.Second}} {
			if s.cmd == nil || s.cmd.Process == nil {
				return
			}
			_ = s.cmd.Process.Signal(step.signal)
			select {
			case <-s.exited:
				return
			case <-time.After(step.patience):
			}
		}
		err = fmt.Errorf("postgres (process %d) does not end", s.cmd.Process.Pid)
	})
	return err
}
