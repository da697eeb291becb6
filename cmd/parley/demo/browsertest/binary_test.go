//go:build peers

package browsertest_test

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestBinary uses the page of the real `parley demo`: simulated platforms, and everything else as it is served.
func TestBinary(t *testing.T) {
	need(t)
	url := startDemo(t)
	drive(t, url, pictures(t, "demo"))
}

// TestPicture makes the README's picture. It runs only where PARLEY_PICTURE names the file to write.
func TestPicture(t *testing.T) {
	file := os.Getenv("PARLEY_PICTURE")
	if file == "" {
		t.Skip("PARLEY_PICTURE is not set: `make picture` sets it")
	}
	need(t)
	folder := t.TempDir()
	drive(t, startDemo(t), folder, "picture")
	data, err := os.ReadFile(filepath.Join(folder, "picture.png"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// startDemo builds parley and runs `parley demo` with the offline model on a free port and in a folder of its own.
func startDemo(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	binary := filepath.Join(folder, "parley")
	build := exec.CommandContext(t.Context(), "go", "build", "-tags", "nodynamic", "-o", binary, "parley/cmd/parley")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build parley: %v\n%s", err, out)
	}
	addr := freeAddr(t)
	data, err := os.MkdirTemp("", "parley") // short: the path of a Unix socket may have 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(data, 0o711); err != nil { // as root, Postgres runs as another user, who must get through
		t.Fatal(err)
	}
	var log buffer
	cmd := exec.Command(binary, "demo")
	cmd.Env = append(os.Environ(), "HTTP_ADDR="+addr, "DATA_DIR="+data, "LLM_BASE_URL=offline", "DATABASE_URL=")
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	t.Cleanup(func() {
		stop(t, cmd, exited)
		_ = os.RemoveAll(data)
		if t.Failed() {
			t.Logf("parley demo said:\n%s", log.String())
		}
	})
	url := "http://" + addr + "/"
	await(t, url+"readyz", exited, &log)
	await(t, url, exited, &log)
	return url
}

func freeAddr(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// stop asks parley to drain, and ends it when it does not.
func stop(t *testing.T, cmd *exec.Cmd, exited <-chan error) {
	_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended already
	select {
	case err := <-exited:
		if err != nil {
			t.Errorf("parley demo ended with %v, want a clean drain", err)
		}
	case <-time.After(40 * time.Second):
		_ = cmd.Process.Kill()
		<-exited
		t.Error("parley demo did not end within 40 s of SIGTERM")
	}
}

// await asks url until it answers 200.
func await(t *testing.T, url string, exited chan error, log *buffer) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if res, err := client.Do(req); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-tick.C:
		case err := <-exited:
			exited <- err
			t.Fatalf("parley demo ended before %s answered: %v\n%s", url, err, log.String())
		case <-ctx.Done():
			t.Fatalf("%s did not answer within 90 s\n%s", url, log.String())
		}
	}
}

// buffer collects what a process writes; it may be read at any time.
type buffer struct {
	mu   sync.Mutex
	data bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data.String()
}
