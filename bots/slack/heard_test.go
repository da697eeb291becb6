package slack

import (
	"errors"
	"testing"
	"time"

	slackapi "github.com/slack-go/slack"
)

// quiet makes an adapter with two open sockets over which nothing was heard for so long.
func quiet(t *testing.T, silence time.Duration) (a *Adapter, first, second *watch) {
	t.Helper()
	p, now := present(t)
	a = &Adapter{o: Options{PingTimeout: 30 * time.Second}, presence: p}
	make := func() *watch {
		s := &socket{a: a, open: true}
		s.hear()
		return &watch{s: s, begun: p.now()}
	}
	first, second = make(), make()
	*now = now.Add(silence)
	return a, first, second
}

func TestQuietSocketIsPingedBeforeItIsCut(t *testing.T) {
	t.Parallel()
	_, w, _ := quiet(t, time.Hour) // as after a sleep
	pings := 0
	for range pongTicks {
		if err := w.look(func() { pings++ }); err != nil || pings != 1 {
			t.Fatalf("%v after %d pings, want one ping and time for its answer", err, pings)
		}
	}
	w.s.hear() // a pong
	for range 2 * pongTicks {
		if err := w.look(func() { pings++ }); err != nil || pings != 1 {
			t.Fatalf("%v after an answer and %d pings", err, pings)
		}
	}
}

func TestSilentSocketsAreNotCutAtOnce(t *testing.T) {
	t.Parallel()
	a, first, second := quiet(t, time.Minute)
	ping := func() {}
	for range pongTicks {
		if err := errors.Join(first.look(ping), second.look(ping)); err != nil {
			t.Fatal(err)
		}
	}
	if err := first.look(ping); !errors.Is(err, errSilent) {
		t.Fatalf("look = %v at a socket that answers no ping", err)
	}
	for range 5 {
		if err := second.look(ping); err != nil {
			t.Fatalf("look = %v while the other socket is being replaced", err)
		}
	}
	first.s.replaced()
	if err := second.look(ping); !errors.Is(err, errSilent) || !a.replacing.Load() {
		t.Errorf("look = %v after the other socket was replaced", err)
	}
}

func TestPausesBetweenTries(t *testing.T) {
	t.Parallel()
	for range 100 {
		if d := pauseAfter(0, errSilent); d < minBackoff/2 || d > minBackoff {
			t.Errorf("first pause %s", d)
		}
		if d := pauseAfter(1000, errSilent); d < maxBackoff/2 || d > maxBackoff {
			t.Errorf("pause %s over a network that does not answer", d)
		}
		if d := pauseAfter(1000, slackapi.SlackErrorResponse{Err: "missing_scope"}); d < maxRefusal/2 || d > maxRefusal {
			t.Errorf("pause %s after a refusal", d)
		}
		if d := pauseAfter(0, &slackapi.RateLimitedError{RetryAfter: time.Minute}); d != time.Minute {
			t.Errorf("pause %s, Slack has said a minute", d)
		}
	}
}
