package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestExportAndForgetOnePerson(t *testing.T) {
	t.Parallel()
	w := newTown(t, echo())
	for name, args := range map[string][]string{
		"no platform":      {"--user", "U1"},
		"unknown platform": {"--platform", "irc", "--user", "U1"},
		"no person":        {"--platform", "slack"},
	} {
		for _, command := range []string{"export", "forget"} {
			if code, stdout, stderr := w.run(t, nil, "", append([]string{command}, args...)...); code != exitConfig || stdout != "" || !strings.Contains(stderr, "--") {
				t.Errorf("%s, %s: exit %d, stdout %q, stderr %q", command, name, code, stdout, stderr)
			}
		}
	}
	st := w.store(t, nil)
	ask(t, st, "one", "U1", time.Now())
	ask(t, st, "two", "U2", time.Now())
	export := func(user string) string {
		code, stdout, stderr := w.run(t, nil, "", "export", "--platform", "slack", "--user", user)
		var any struct {
			User                    string
			Messages, Ledger, Turns []map[string]any
		}
		if err := json.Unmarshal([]byte(stdout), &any); err != nil || code != exitOK || any.User != user || any.Messages == nil || any.Ledger == nil || any.Turns == nil {
			t.Fatalf("exit %d, %v\n%s%s", code, err, stdout, stderr)
		}
		return stdout
	}
	if text := export("U1"); !strings.Contains(text, "the words of one") || strings.Contains(text, "the words of two") || !strings.Contains(text, `"why":"mention"`) {
		t.Errorf("exported is\n%s", text)
	}
	code, stdout, stderr := w.run(t, nil, "", "forget", "--platform", "slack", "--user", "U1")
	var r receipt
	if err := json.Unmarshal([]byte(stdout), &r); err != nil || code != exitOK {
		t.Fatalf("exit %d, %v\n%s%s", code, err, stdout, stderr)
	}
	if r.User != "U1" || r.Erased["messages"] != 1 || r.Erased["items"] != 1 || r.Messages["written"] != 1 {
		t.Errorf("the receipt says %+v", r)
	}
	if text := export("U1"); strings.Contains(text, "message_id") {
		t.Errorf("left is\n%s", text)
	}
	if text := export("U2"); !strings.Contains(text, "the words of two") {
		t.Errorf("somebody else was forgotten:\n%s", text)
	}
	if code, stdout, _ := w.run(t, nil, "", "lost"); code != exitOK || !strings.HasSuffix(stdout, "0 lost, 1 pending\n") {
		t.Errorf("the ledger: exit %d, %s", code, stdout)
	}
}
