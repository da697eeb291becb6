//go:build failpoints

package failpoint

import (
	"testing"
	"time"
)

func TestStepsAreCounted(t *testing.T) {
	t.Parallel()
	r, err := parse("posted:3:delay:5ms,sent:0:stop")
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= 4; n++ {
		a, ok := r.at(Posted)
		if ok != (n == 3) || ok && (a.kind != delay || a.wait != 5*time.Millisecond) {
			t.Errorf("hit %d: %+v, %v", n, a, ok)
		}
		if a, ok := r.at(Sent); !ok || a.kind != stop {
			t.Errorf("each hit of a step with nth 0 counts: %+v, %v", a, ok)
		}
	}
	if _, ok := r.at(Packed); ok {
		t.Error("a step that is not named does nothing")
	}
}

func TestRandomIsRepeatable(t *testing.T) {
	t.Parallel()
	draw := func() (hits []bool) {
		r, err := parse("random:0.2:42")
		if err != nil {
			t.Fatal(err)
		}
		for range 200 {
			_, ok := r.at(Packed)
			hits = append(hits, ok)
		}
		return hits
	}
	first, n := draw(), 0
	for i, hit := range draw() {
		if hit != first[i] {
			t.Fatal("the same seed gives another run")
		}
		if hit {
			n++
		}
	}
	if n < 20 || n > 60 {
		t.Errorf("%d hits of 200 at a probability of 0.2", n)
	}
}

func TestBadPlansAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"posted", "nowhere:1", "posted:x", "posted:-1", "posted:1:jump", "posted:1:delay", "posted:1:delay:soon",
		"posted:1:kill:now", "random:often:1", "random:0.5", "random:0.5:seed"} {
		if _, err := parse(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
