package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"

	"parley/bots"
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

// printable drops what could steer the terminal.
func printable(s string) string { return bots.Printable(s) }

// newEncoder writes JSON for people and programs. What could steer a terminal is escaped: encoding/json itself leaves DEL, C1 and
// what turns the direction of text as it is.
func newEncoder(w io.Writer) *json.Encoder {
	encoder := json.NewEncoder(escaping{w})
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder
}

// escaping escapes what could steer a terminal in JSON, where it stands in strings only. An Encoder writes each value whole.
type escaping struct{ w io.Writer }

// Write implements io.Writer.
func (e escaping) Write(p []byte) (int, error) {
	var b strings.Builder
	b.Grow(len(p))
	for _, r := range string(p) {
		if c := string(r); bots.Printable(c) != c {
			fmt.Fprintf(&b, `\u%04x`, r)
			continue
		}
		b.WriteRune(r)
	}
	if _, err := io.WriteString(e.w, b.String()); err != nil {
		return 0, err
	}
	return len(p), nil
}
