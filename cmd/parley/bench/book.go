package main

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"
)

const (
	// lastWord ends every answer, so that a finished one is known.
	lastWord = "Finis."
	mark     = "load-"
)

var token = regexp.MustCompile(mark + `\d{6}`)

// turn is one question on its way. Times that were not reached are zero.
type turn struct {
	token string
	sent  time.Time // the person has written
	asked time.Time // the model server has got the request
	told  time.Time // the model server sends the first delta
	seen  time.Time // the first text is visible
	done  time.Time // the whole answer is visible
}

func (t *turn) question() string {
	return t.token + " what do you make of this, and what would you do in our place?"
}

// book holds all turns. Questions and answers carry a token, by which everybody finds the turn.
type book struct {
	mu      sync.Mutex
	turns   map[string]*turn
	open    int
	changed chan struct{} // closed and replaced when a turn is done
}

func newBook() *book {
	return &book{turns: map[string]*turn{}, changed: make(chan struct{})}
}

// begin makes a turn that is sent now.
func (b *book) begin() *turn {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := &turn{token: fmt.Sprintf("%s%06d", mark, len(b.turns)), sent: time.Now()}
	b.turns[t.token] = t
	b.open++
	return t
}

// note sets one of a turn's times, if it is not set.
func (b *book) note(token string, field func(*turn) *time.Time, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.turns[token]
	if t == nil {
		return
	}
	if when := field(t); when.IsZero() {
		*when = at
	}
}

// shown takes what a platform shows of an answer now.
func (b *book) shown(text string) {
	now := time.Now()
	name := token.FindString(text)
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.turns[name]
	if t == nil {
		return
	}
	if t.seen.IsZero() {
		t.seen = now
	}
	if t.done.IsZero() && strings.HasSuffix(strings.TrimSpace(text), lastWord) {
		t.done = now
		b.open--
		close(b.changed)
		b.changed = make(chan struct{})
	}
}

// settle waits until no turn is open, and fails after the given time without any that ends.
func (b *book) settle(ctx context.Context, patience time.Duration) error {
	return b.until(ctx, patience, func() bool { return b.open == 0 })
}

// until waits for a condition, which is looked at under the lock whenever a turn ends, and ten times a second.
func (b *book) until(ctx context.Context, patience time.Duration, ok func() bool) error {
	stuck := time.NewTimer(patience)
	defer stuck.Stop()
	for {
		b.mu.Lock()
		met, open, changed := ok(), b.open, b.changed
		b.mu.Unlock()
		if met {
			return nil
		}
		select {
		case <-changed:
			stuck.Reset(patience)
		case <-time.After(100 * time.Millisecond):
		case <-stuck.C:
			return fmt.Errorf("%d questions have no answer, and none came for %s", open, patience)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// copies gives turns as they stand.
func (b *book) copies(turns []*turn) []turn {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]turn, len(turns))
	for i, t := range turns {
		out[i] = *t
	}
	return out
}
