package slack

import (
	"context"
	"testing"
	"time"
)

// present makes a presence with a clock to set, of a process whose one socket is open and that has caught up.
func present(t *testing.T) (*presence, *time.Time) {
	t.Helper()
	now := time.Unix(1_800_000_000, 0)
	p := newPresence(Options{AppToken: "xapp-1", PingTimeout: 30 * time.Second, Clock: func() time.Time { return now }})
	p.begin(testSelf())
	if p.complete() {
		t.Fatal("complete before it has caught up")
	}
	p.hear()
	p.opened()
	catchUpNow(t, p)
	if !p.complete() || p.ready(2) != nil {
		t.Fatal("not complete after it has caught up")
	}
	return p, &now
}

func catchUpNow(t *testing.T, p *presence) {
	t.Helper()
	absence, err := p.pending(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p.caughtUp(absence)
}

func TestTimeWithoutASocketIsAnAbsence(t *testing.T) {
	t.Parallel()
	for gap, missed := range map[time.Duration]bool{100 * time.Millisecond: false, 2 * time.Second: true, time.Hour: true} {
		p, now := present(t)
		p.closed()
		if p.ready(2) == nil || p.complete() {
			t.Error("ready without a socket")
		}
		*now = now.Add(gap)
		p.hear()
		p.opened()
		if p.complete() == missed {
			t.Errorf("after %s without a socket: complete is %v", gap, !missed)
		}
	}
}

func TestSleepIsAnAbsence(t *testing.T) {
	t.Parallel()
	p, now := present(t)
	*now = now.Add(time.Hour) // nothing closed the socket meanwhile
	if p.complete() || p.ready(2) == nil {
		t.Error("online although nothing was heard for an hour")
	}
	p.hear() // what the kernel kept
	if p.complete() {
		t.Error("complete as soon as something is heard again")
	}
	catchUpNow(t, p)
	if !p.complete() {
		t.Error("not complete after it has caught up")
	}
}

func TestPauseBetweenPingsIsNoAbsence(t *testing.T) {
	t.Parallel()
	p, now := present(t)
	for range 20 {
		*now = now.Add(25 * time.Second)
		p.hear()
	}
	if !p.complete() {
		t.Error("missed something between two pings")
	}
}

func TestAbsenceDuringACatchUpIsCaughtUpToo(t *testing.T) {
	t.Parallel()
	p, _ := present(t)
	p.missed()
	first, err := p.pending(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p.missed()
	p.caughtUp(first)
	if p.complete() {
		t.Error("the second absence is forgotten")
	}
	catchUpNow(t, p)
	if !p.complete() {
		t.Error("not complete after both")
	}
}

func TestCatchUpWaitsForASocket(t *testing.T) {
	t.Parallel()
	p, _ := present(t)
	p.closed()
	p.missed()
	ctx, cancel := context.WithCancel(t.Context())
	got := make(chan error, 1)
	go func() {
		_, err := p.pending(ctx)
		got <- err
	}()
	p.hear()
	p.opened()
	if err := <-got; err != nil {
		t.Error(err)
	}
	p.closed()
	cancel()
	if _, err := p.pending(ctx); err == nil {
		t.Error("catches up without a socket")
	}
}

func TestStandbyIsReady(t *testing.T) {
	t.Parallel()
	p := newPresence(Options{AppToken: "xapp-1", PingTimeout: time.Minute, Clock: time.Now})
	p.begin(testSelf())
	p.stand(true)
	if p.ready(2) == nil {
		t.Error("ready while one socket is being opened")
	}
	p.stand(true)
	if err := p.ready(2); err != nil {
		t.Errorf("Ready = %v while others hold all sockets", err)
	}
	if p.complete() {
		t.Error("a process that receives nothing says that nothing is missed")
	}
}
