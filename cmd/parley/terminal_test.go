package main

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"parley/conversation"
)

const steering = "\x1b[2J\x1b]0;owned\x07 red\u009b31m \x7f\u202egpj.exe\u2066"

// steers reports whether something is left that could drive a terminal.
func steers(s string) bool {
	return strings.ContainsAny(s, "\x1b\x07\x7f\u009b\u202e\u2066")
}

func TestTheTerminalShowsNothingThatSteersIt(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	w := newTerminal(&b)
	if _, err := w.Post(context.Background(), conversation.Outgoing{Text: steering, Final: true}); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); steers(got) || !strings.Contains(got, "gpj.exe") {
		t.Errorf("the terminal is sent %q", got)
	}
}

func TestJSONShowsNothingThatSteersTheTerminal(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := newEncoder(&b).Encode(map[string]string{"text": steering + "ü <&> 😀"}); err != nil {
		t.Fatal(err)
	}
	if steers(b.String()) {
		t.Errorf("printed is %q", b.String())
	}
	var back map[string]string
	if err := json.Unmarshal([]byte(b.String()), &back); err != nil || back["text"] != steering+"ü <&> 😀" {
		t.Errorf("%q is read as %q, %v", b.String(), back["text"], err)
	}
}

func TestWhatIsFoundAndToldOfFilesSteersNoTerminal(t *testing.T) {
	t.Parallel()
	var out, failed strings.Builder
	a := &app{stdio: stdio{out: &out, err: &failed}}
	a.tell(perceived{File: steering, Description: steering, Error: steering}, true, false)
	if steers(out.String()) || steers(failed.String()) || !strings.Contains(out.String(), "gpj.exe") {
		t.Errorf("printed is %q and %q", out.String(), failed.String())
	}
	failed.Reset()
	if code := run(context.Background(), []string{steering}, stdio{in: strings.NewReader(""), out: &out, err: &failed}); code == exitOK || steers(failed.String()) {
		t.Errorf("code %d, printed is %q", code, failed.String())
	}
}
