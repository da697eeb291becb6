package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	"parley/conversation"
)

// terminal is the messenger of `parley chat`: it writes an answer as it grows. Text is shown as it is, except for control
// characters, which could steer the terminal.
type terminal struct {
	w io.Writer

	mu      sync.Mutex
	sent    int
	written map[string]string
}

func newTerminal(w io.Writer) *terminal { return &terminal{w: w, written: map[string]string{}} }

// Split implements conversation.Messenger: a terminal takes everything in one part.
func (t *terminal) Split(markdown string, _ int) []string {
	if strings.TrimSpace(markdown) == "" {
		return nil
	}
	return []string{markdown}
}

// Post implements conversation.Messenger.
func (t *terminal) Post(_ context.Context, out conversation.Outgoing) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sent++
	id := fmt.Sprintf("a%d", t.sent)
	return id, t.write(id, out)
}

// AwaitEdit implements conversation.Messenger: a terminal has no limits.
func (t *terminal) AwaitEdit(ctx context.Context, _ conversation.ThreadRef) error { return ctx.Err() }

// Edit implements conversation.Messenger.
func (t *terminal) Edit(_ context.Context, id string, out conversation.Outgoing) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.write(id, out)
}

// write prints what is new. What is printed cannot be taken back: where the text changed before its end, it is printed
// anew below.
func (t *terminal) write(id string, out conversation.Outgoing) error {
	text := printable(out.Text)
	if !out.Final {
		text = strings.TrimRight(strings.TrimSuffix(text, "…"), " \n")
	}
	before := t.written[id]
	fresh, grows := strings.CutPrefix(text, before)
	if !grows {
		fresh = "\n\n" + text
	}
	t.written[id] = text
	if _, err := io.WriteString(t.w, fresh); err != nil {
		return &conversation.Failure{Code: conversation.CodePlatformRefused, Err: err}
	}
	return nil
}

// printable drops control characters but line ends and tabs.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 {
			return -1
		}
		return r
	}, s)
}
