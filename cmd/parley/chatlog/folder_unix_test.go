//go:build unix

package chatlog_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"parley/cmd/parley/chatlog"
)

// TestAPipeInAFolderIsPassedOver: reading it would wait for somebody who writes.
func TestAPipeInAFolderIsPassedOver(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "2024-05-01.json"), 0o600); err != nil {
		t.Skip("no pipes here:", err)
	}
	day := `[{"type":"message","user":"U1","ts":"1714557600.000100","text":"hello"}]`
	if err := os.WriteFile(filepath.Join(dir, "2024-05-02.json"), []byte(day), 0o600); err != nil {
		t.Fatal(err)
	}
	log, err := chatlog.Open(dir)
	if err != nil || len(log.Messages) != 1 {
		t.Errorf("%d messages, %v", len(log.Messages), err)
	}
}
