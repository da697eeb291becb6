package store_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"parley/store"
	"parley/store/storetest"
)

func join(t testing.TB, s *store.Store) *store.Replica {
	t.Helper()
	r, err := s.Join(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Leave(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return r
}

func acquire(t testing.TB, r *store.Replica, names ...string) (*store.Lease, bool) {
	t.Helper()
	l, ok, err := r.Acquire(context.Background(), names...)
	if err != nil {
		t.Fatal(err)
	}
	return l, ok
}

func TestLeaseHasOneHolder(t *testing.T) {
	t.Parallel()
	url := storetest.New(t)
	a, b := join(t, storetest.OpenURL(t, url)), join(t, storetest.OpenURL(t, url))
	first, ok := acquire(t, a, "socket/0", "socket/1")
	if !ok || first.Name() != "socket/0" || !first.Held() {
		t.Fatalf("the first free name is not held: %v", ok)
	}
	second, ok := acquire(t, b, "socket/0", "socket/1")
	if !ok || second.Name() != "socket/1" {
		t.Fatal("the next free name is not taken")
	}
	for _, r := range []*store.Replica{a, b} {
		if _, ok := acquire(t, r, "socket/0", "socket/1"); ok {
			t.Error("a name was given out twice")
		}
	}
	if err := first.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-first.Lost()
	third, ok := acquire(t, b, "socket/0")
	if !ok || first.Held() {
		t.Fatal("a released name is not free at once")
	}
	if err := first.Release(t.Context()); err != nil || !third.Held() {
		t.Errorf("a second release takes the name from its new holder: %v", err)
	}
	if n := value[int](t, storetest.OpenURL(t, url), `SELECT count(*)::int FROM leases WHERE name LIKE 'socket/%'`); n != 2 {
		t.Errorf("%d rows for two leases", n)
	}
}

func TestManyWantTenNames(t *testing.T) {
	t.Parallel()
	url := storetest.New(t)
	var names []string
	for i := range 10 {
		names = append(names, fmt.Sprint("socket/", i))
	}
	var mu sync.Mutex
	var got []string
	var wanting sync.WaitGroup
	for range 3 {
		r := join(t, storetest.OpenURL(t, url))
		for range 6 {
			wanting.Go(func() {
				l, ok, err := r.Acquire(context.Background(), names...)
				if err != nil {
					t.Error(err)
				}
				if ok {
					mu.Lock()
					defer mu.Unlock()
					got = append(got, l.Name())
				}
			})
		}
	}
	wanting.Wait()
	slices.Sort(got)
	if !slices.Equal(got, names) {
		t.Errorf("18 asked for 10 names and got %v", got)
	}
}

func TestLeaseIsRenewed(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	l, _ := acquire(t, join(t, s), "a")
	begun := value[time.Time](t, s, `SELECT until FROM leases WHERE name = 'a'`)
	eventually(t, 20*time.Second, "the lease outlives its first term", func() bool {
		return value[bool](t, s, `SELECT clock_timestamp() > $1 AND until > clock_timestamp() FROM leases WHERE name = 'a'`, begun)
	})
	if !l.Held() {
		t.Error("the holder lost what the database renewed")
	}
}

// Turns that hold every connection of the pool cost neither the leases nor the liveness lock.
func TestRenewalsNeedNoConnectionOfThePool(t *testing.T) {
	t.Parallel()
	url := storetest.New(t)
	s, other := storetest.OpenURL(t, url), storetest.OpenURL(t, url)
	workers := work(t, s, &turner{})
	l, _ := acquire(t, join(t, s), "a")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for range s.Pool().Config().MaxConns {
		conn, err := s.Pool().Acquire(ctx)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(conn.Release)
	}
	begun := value[time.Time](t, other, `SELECT until FROM leases WHERE name = 'a'`)
	eventually(t, 20*time.Second, "the lease outlives its first term", func() bool {
		return value[bool](t, other, `SELECT clock_timestamp() > $1 FROM leases WHERE name = 'a'`, begun)
	})
	if !l.Held() || !value[bool](t, other, `SELECT until > clock_timestamp() FROM leases WHERE name = 'a'`) {
		t.Error("the lease was not renewed")
	}
	if !workers.Alive() {
		t.Error("the liveness lock is lost")
	}
}

// While the database renews nothing, the holder counts the lease as lost before others can take it.
func TestHolderNoticesTheLossFirst(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	r := join(t, s)
	l, _ := acquire(t, r, "a")
	if _, err := s.Pool().Exec(t.Context(), `ALTER TABLE leases RENAME TO away`); err != nil {
		t.Fatal(err)
	}
	select {
	case <-l.Lost():
	case <-time.After(20 * time.Second):
		t.Fatal("the loss is not noticed")
	}
	if l.Held() {
		t.Error("a lost lease is held")
	}
	if left := value[float64](t, s, `SELECT extract(epoch FROM until - clock_timestamp())::float8 FROM away WHERE name = 'a'`); left <= 0 {
		t.Errorf("the loss was noticed %.3f s after others could take the lease", -left)
	}
	if _, err := s.Pool().Exec(t.Context(), `ALTER TABLE away RENAME TO leases`); err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, "it can be taken again", func() bool { _, ok := acquire(t, r, "a"); return ok })
}

// leaseProcess is a replica in a process of its own that holds "a" and says so when it is asked.
type leaseProcess struct {
	cmd *exec.Cmd
	ask *os.File
	say *bufio.Scanner
}

func leaseChild(ctx context.Context, s *store.Store) int {
	r, err := s.Join(ctx)
	if err != nil {
		fmt.Println("failed", err)
		return 1
	}
	l, ok, err := r.Acquire(ctx, "a")
	fmt.Println("acquired", ok, err)
	for asked := bufio.NewScanner(os.Stdin); asked.Scan(); {
		fmt.Println("held", l.Held())
	}
	return 0
}

func spawnHolder(t *testing.T, url string) *leaseProcess {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), childEnv+"=lease", childURL+"="+url)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, ask, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdin = in
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &leaseProcess{cmd: cmd, ask: ask, say: bufio.NewScanner(out)}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = in.Close()
		_ = ask.Close()
	})
	p.hear(t, "acquired true <nil>")
	return p
}

func (p *leaseProcess) hear(t *testing.T, want string) {
	t.Helper()
	if !p.say.Scan() || p.say.Text() != want {
		t.Fatalf("the child says %q, want %q", p.say.Text(), want)
	}
}

func (p *leaseProcess) question(t *testing.T) {
	t.Helper()
	if _, err := p.ask.WriteString("held?\n"); err != nil {
		t.Fatal(err)
	}
}

func TestLeaseOfAKilledProcessIsFree(t *testing.T) {
	t.Parallel()
	url := storetest.New(t)
	p := spawnHolder(t, url)
	r := join(t, storetest.OpenURL(t, url))
	eventually(t, 20*time.Second, "the other replica is known", func() bool { return r.Replicas() == 2 })
	if _, ok := acquire(t, r, "a"); ok {
		t.Fatal("the lease of a living process was taken")
	}
	killed := time.Now()
	_ = p.cmd.Process.Kill()
	eventually(t, 15*time.Second, "the lease is free", func() bool { _, ok := acquire(t, r, "a"); return ok })
	t.Logf("taken %s after the kill", time.Since(killed))
	eventually(t, 15*time.Second, "the dead replica no longer counts", func() bool { return r.Replicas() == 1 })
}

func TestLeaseOfAPredecessorIsFreeAtOnceWhenAlone(t *testing.T) {
	t.Parallel()
	url := storetest.New(t)
	p := spawnHolder(t, url)
	_ = p.cmd.Process.Kill()
	r := join(t, storetest.OpenURL(t, url, func(o *store.Options) { o.Alone = true }))
	if _, ok := acquire(t, r, "a"); !ok || r.Replicas() != 1 {
		t.Errorf("a dead process's lease is in the way of the only one that lives, among %d", r.Replicas())
	}
}

// A process that was stopped for longer than its lease must say so when it goes on, before it does anything.
func TestStoppedProcessNoticesThatItLostTheLease(t *testing.T) {
	t.Parallel()
	url := storetest.New(t)
	p := spawnHolder(t, url)
	p.question(t)
	p.hear(t, "held true")
	r := join(t, storetest.OpenURL(t, url))
	if err := p.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	var taken *store.Lease
	eventually(t, 15*time.Second, "the lease is free", func() (ok bool) { taken, ok = acquire(t, r, "a"); return ok })
	p.question(t) // it is asked as soon as it goes on
	if err := p.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	p.hear(t, "held false")
	if !taken.Held() {
		t.Error("the stopped process took the lease back")
	}
}

func TestReplicasAreCounted(t *testing.T) {
	t.Parallel()
	url := storetest.New(t)
	a, b := join(t, storetest.OpenURL(t, url)), storetest.OpenURL(t, url)
	leaving, err := b.Join(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n := leaving.Replicas(); n != 2 {
		t.Errorf("the second of two counts %d", n)
	}
	held, _ := acquire(t, leaving, "a")
	eventually(t, 10*time.Second, "the first knows", func() bool { return a.Replicas() == 2 })
	if err := leaving.Leave(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, ok := acquire(t, a, "a"); !ok || held.Held() {
		t.Error("who left still holds a lease")
	}
	eventually(t, 10*time.Second, "the first is alone again", func() bool { return a.Replicas() == 1 })
}
