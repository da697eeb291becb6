package store_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/conversation"
	"parley/store/storetest"
)

// A process that wakes up after its turn was taken over writes nothing more to the platform, not once.
func TestStoppedProcessWritesNothingAfterItWakes(t *testing.T) {
	t.Parallel()
	url := storetest.New(t)
	s := storetest.OpenURL(t, url)
	p := spawnAs(t, "write", url)
	accept(t, s, posted(post("t1", "a", 1, mention, root)))
	p.await(t, "wrote")
	tookOver := make(chan time.Time, 1)
	work(t, s, &turner{before: func(context.Context, conversation.Turn) error {
		tookOver <- time.Now()
		return nil
	}})
	if err := p.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	var at time.Time
	select {
	case at = <-tookOver:
	case <-time.After(20 * time.Second):
		t.Fatal("nobody took over")
	}
	answered(t, s, 5*time.Second)
	if err := p.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	for p.lines.Scan() {
		word, rest, _ := strings.Cut(p.lines.Text(), " ")
		switch word {
		case "wrote":
			if ns, err := strconv.ParseInt(rest, 10, 64); err != nil || time.Unix(0, ns).After(at) {
				t.Fatalf("wrote %s after the turn was taken over (%v)", time.Unix(0, ns).Sub(at), err)
			}
		case "ended":
			if rest != "true" {
				t.Error("the end is not told as ErrFenced")
			}
			return
		}
	}
	t.Fatal("the child ended before its turn")
}

func TestHoldsEndsWithTheTurn(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	var turn conversation.Turn
	f := &turner{before: func(_ context.Context, now conversation.Turn) error {
		turn = now
		return errors.Join(s.Holds(now))
	}}
	work(t, s, f)
	accept(t, s, posted(post("t1", "a", 1, mention, root)))
	answered(t, s, 5*time.Second)
	if n := len(f.seen()); n != 1 {
		t.Errorf("%d turns: the running one was not held", n)
	}
	eventually(t, time.Second, "the turn is let go", func() bool { return errors.Is(s.Holds(turn), conversation.ErrFenced) })
	turn.Lease++
	if err := s.Holds(turn); !errors.Is(err, conversation.ErrFenced) {
		t.Errorf("a lease that nobody has is held: %v", err)
	}
}
