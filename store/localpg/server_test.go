package localpg_test

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/store/localpg"
)

// folder gives a data folder that the server's user can reach.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "localpg")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func start(t *testing.T, dir string) *localpg.Server {
	t.Helper()
	s, err := localpg.Start(t.Context(), options(dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// ask runs one statement and gives its text.
func ask(t *testing.T, url, statement string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	var text string
	if err := conn.QueryRow(t.Context(), statement).Scan(&text); err != nil {
		t.Fatal(err)
	}
	return text
}

func TestStart(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(folder(t), "made", "by", "start")
	first, err := localpg.Start(t.Context(), options(dir))
	if err != nil {
		t.Fatal(err)
	}
	if got := ask(t, first.URL(), "SHOW fsync"); got != "on" {
		t.Errorf("fsync is %s", got)
	}
	if got := ask(t, first.URL(), "SHOW listen_addresses"); got != "" {
		t.Errorf("listens on %q", got)
	}
	conn, err := pgx.Connect(t.Context(), first.URL())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "CREATE TABLE kept AS SELECT 'here' AS what"); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	attached, err := localpg.Attach(t.Context(), options(dir))
	if err != nil {
		t.Fatal(err)
	}
	if err := attached.Stop(); err != nil {
		t.Error(err)
	}
	if got := ask(t, first.URL(), "SELECT 'alive'"); got != "alive" {
		t.Error("the server ended with one that was only attached")
	}
	if _, err := localpg.Start(t.Context(), options(dir)); !errors.Is(err, localpg.ErrInUse) {
		t.Errorf("a second server on the folder: %v", err)
	} else if !strings.Contains(err.Error(), dir) {
		t.Errorf("the refusal does not name the folder: %v", err)
	}
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}

	began := time.Now()
	second := start(t, dir)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("start of an initialised server took %s", took)
	} else {
		t.Logf("start of an initialised server took %s", took)
	}
	if got := ask(t, second.URL(), "SELECT what FROM kept"); got != "here" {
		t.Errorf("kept %q", got)
	}
}

func TestAttachStartsWhereNothingRuns(t *testing.T) {
	t.Parallel()
	s, err := localpg.Attach(t.Context(), options(folder(t)))
	if err != nil {
		t.Fatal(err)
	}
	if got := ask(t, s.URL(), "SELECT current_database()"); got != "parley" {
		t.Errorf("database %q", got)
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	select {
	case <-s.Exited():
	case <-time.After(10 * time.Second):
		t.Error("the server goes on after Stop")
	}
}

func TestLongPathsGetAShortSocket(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(folder(t), strings.Repeat("long", 20), strings.Repeat("path", 20))
	s := start(t, dir)
	if got := ask(t, s.URL(), "SELECT 'reached'"); got != "reached" {
		t.Errorf("got %q", got)
	}
}

func TestOtherMajorVersionIsOneSentence(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	data := filepath.Join(dir, "postgres")
	if err := os.MkdirAll(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := localpg.Start(t.Context(), options(dir))
	if err == nil || !strings.Contains(err.Error(), "PostgreSQL 9") || !strings.Contains(err.Error(), data) {
		t.Errorf("got %v", err)
	}
}

func TestServerEndsWithAKilledParent(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	for round := range 2 {
		exe, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		child := exec.Command(exe)
		child.Env = append(os.Environ(), serveEnv+"="+dir)
		stdin, err := child.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		stdout, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(stdout).ReadString('\n')
		if err != nil || line != "ready\n" {
			t.Fatalf("round %d: child says %q: %v", round, line, err)
		}
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait()
		_ = stdin.Close()
	}
	began := time.Now()
	s := start(t, dir)
	t.Logf("start after a kill took %s", time.Since(began))
	if got := ask(t, s.URL(), "SELECT 'back'"); got != "back" {
		t.Errorf("got %q", got)
	}
}
