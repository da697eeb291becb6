package localpg

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// helperEnv makes the test binary start a sleeper under the watcher and print its process id.
const helperEnv = "LOCALPG_TEST_WATCH"

// TestWatcherHelper is the process that TestWatcherEndsTheServer kills.
func TestWatcherHelper(t *testing.T) {
	if os.Getenv(helperEnv) == "" {
		t.Skip("only a helper")
	}
	cmd := exec.Command("/bin/bash", "-c", `trap 'exit 0' INT; echo "pid $$"; while :; do sleep 0.05; done`)
	cmd.Stdout = os.Stdout
	wait, err := startWatched(cmd, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = wait()
}

func TestWatcherEndsTheServer(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/bin/bash"); err != nil {
		t.Skip("no bash")
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(exe, "-test.run=^TestWatcherHelper$")
	child.Env = append(os.Environ(), helperEnv+"=1")
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	pid := 0
	for pid == 0 && lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), "pid "); ok {
			for _, digit := range text {
				pid = pid*10 + int(digit-'0')
			}
		}
	}
	if pid == 0 {
		t.Fatal("the helper started nothing")
	}
	if err := child.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for lines.Scan() { // the pipe ends when the last process that holds it is gone
		}
	}()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		_ = syscall.Kill(pid, syscall.SIGKILL)
		t.Error("the server outlived the process that started it")
	}
	_ = child.Wait()
}
