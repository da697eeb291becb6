//go:build unix

package main

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestWhatIsNoFileIsRefusedAndNotWaitedFor(t *testing.T) {
	t.Parallel()
	w := newTown(t, watcher())
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"describe", "transcribe", "summarize"} {
		for _, name := range []string{pipe, "/dev/zero", "/dev/full"} {
			code, stdout, stderr := w.run(t, seeing(), "", command, name)
			want := "parley: " + name + ": cannot be opened: it is a pipe, a socket or a device, and no file; what comes from a pipe is read from standard input, with - for the file\n"
			if code != exitFault || stdout != "" || stderr != want {
				t.Errorf("%s %s: exit %d, stdout %q, stderr %q", command, name, code, stdout, stderr)
			}
		}
	}
	if n := len(w.model.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
	if code, stdout, _ := w.run(t, seeing(), string(redPNG(t)), "describe", "-"); code != exitOK || !strings.HasPrefix(stdout, "A red field.") {
		t.Errorf("standard input: exit %d, %q", code, stdout)
	}
}
