package store_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"parley/conversation"
	"parley/store"
	"parley/store/storetest"
)

type contextT = context.Context

// process is a worker in a process of its own that never answers.
type process struct {
	cmd   *exec.Cmd
	lines *bufio.Scanner
}

func spawn(t *testing.T, databaseURL string) *process {
	t.Helper()
	return spawnAs(t, "hang", databaseURL)
}

func spawnAs(t *testing.T, role, databaseURL string) *process {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), childEnv+"="+role, childURL+"="+databaseURL)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: cmd, lines: bufio.NewScanner(out)}
	t.Cleanup(p.kill)
	p.await(t, "ready")
	return p
}

func (p *process) await(t *testing.T, prefix string) {
	t.Helper()
	for p.lines.Scan() {
		if strings.HasPrefix(p.lines.Text(), prefix) {
			return
		}
	}
	t.Fatalf("the child ended before it said %q", prefix)
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

func TestKilledWorkerIsTakenOver(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"by a process that is alive", "by its next start", "at once when alone"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			url := storetest.New(t)
			s := storetest.OpenURL(t, url, func(o *store.Options) { o.Alone = mode == "at once when alone" })
			p := spawn(t, url)
			accept(t, s, posted(post("t1", "a", 1, mention, root)))
			p.await(t, "began")
			began := make(chan conversation.Turn, 1)
			f := &turner{before: func(_ context.Context, turn conversation.Turn) error {
				began <- turn
				return nil
			}}
			if mode == "by a process that is alive" {
				work(t, s, f)
			}
			killed := time.Now()
			p.kill()
			if mode != "by a process that is alive" {
				work(t, s, f)
			}
			select {
			case turn := <-began:
				took := time.Since(killed)
				t.Logf("new turn %s after the kill", took)
				if took > 5*time.Second {
					t.Errorf("took %s", took)
				}
				if turn.Attempt != 2 {
					t.Errorf("turn %+v", turn)
				}
			case <-time.After(20 * time.Second):
				t.Fatal("nobody took over")
			}
			answered(t, s, 5*time.Second)
			if n := value[int](t, s, `SELECT count(*)::int FROM turns`); n != 1 {
				t.Errorf("%d turns for one message", n)
			}
		})
	}
}

// A process that loses its connection cancels its turns, and runs them again when the connection is back.
func TestLostLockCancelsTurns(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	began := make(chan conversation.Turn, 4)
	cancelled := make(chan struct{}, 4)
	f := &turner{before: func(ctx context.Context, turn conversation.Turn) error {
		began <- turn
		if turn.Attempt > 1 {
			return nil
		}
		<-ctx.Done()
		cancelled <- struct{}{}
		return ctx.Err()
	}}
	w := work(t, s, f)
	accept(t, s, posted(post("t1", "a", 1, mention, root)))
	<-began
	ended := value[int](t, s, `SELECT count(pg_terminate_backend(pid))::int FROM pg_locks
		WHERE locktype = 'advisory' AND objsubid = 1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)
	if ended != 1 {
		t.Fatalf("%d sessions held a lock", ended)
	}
	select {
	case <-cancelled:
	case <-time.After(5 * time.Second):
		t.Fatal("the turn goes on without the lock")
	}
	answered(t, s, 10*time.Second)
	if !w.Alive() {
		t.Error("the lock was not taken again")
	}
}

// Somebody else runs the conversation's turn while ours is asleep: what we finish then counts for nothing.
func TestStaleOutcomeIsNotRecorded(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	began, goOn := make(chan struct{}), make(chan struct{})
	first := true
	f := &turner{before: func(_ context.Context, turn conversation.Turn) error {
		if !first {
			return nil
		}
		first = false
		close(began)
		<-goOn
		return nil
	}}
	work(t, s, f)
	accept(t, s, posted(post("t1", "a", 1, mention, root)))
	<-began
	// The sweep of another process frees the job and another attempt begins, as after a long stop of this process.
	if _, err := s.Pool().Exec(t.Context(), `UPDATE river_job SET state = 'available', scheduled_at = now()`); err != nil {
		t.Fatal(err)
	}
	answered(t, s, 10*time.Second)
	before := value[string](t, s, `SELECT lease || ' ' || attempt || ' ' || finished_at FROM turns`)
	close(goOn)
	eventually(t, 5*time.Second, "job is completed", func() bool {
		return value[string](t, s, `SELECT state::text FROM river_job`) == "completed"
	})
	if after := value[string](t, s, `SELECT lease || ' ' || attempt || ' ' || finished_at FROM turns`); after != before {
		t.Errorf("the turn was %s and is %s", before, after)
	}
	if n := value[int](t, s, `SELECT count(*)::int FROM river_job`); n != 1 {
		t.Errorf("%d jobs", n)
	}
	if n := fmt.Sprint(len(f.seen())); n != "2" {
		t.Errorf("%s turns ran", n)
	}
}
