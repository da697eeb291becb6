package localpg

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// watcher becomes the server, and leaves a child that shuts it down when the pipe on file descriptor 3 closes, which
// it does when the process at its other end is gone. A line on the pipe says that the server has ended by itself.
const watcher = `{ read -r _ <&3 || kill -INT $$; } >/dev/null 2>&1 &
exec "$@" 3<&-`

// startWatched starts cmd under a small shell that watches this process: for systems whose kernel sends no signal
// when a parent ends.
func startWatched(cmd *exec.Cmd, as *syscall.Credential) (wait func() error, err error) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		return nil, fmt.Errorf("find shell: %w", err)
	}
	alive, held, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make pipe: %w", err)
	}
	cmd.Args = append([]string{"sh", "-c", watcher, "sh", cmd.Path}, cmd.Args[1:]...)
	cmd.Path = shell
	cmd.ExtraFiles = []*os.File{alive}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as, Setpgid: true}
	if err := cmd.Start(); err != nil {
		_ = alive.Close()
		_ = held.Close()
		return nil, err
	}
	_ = alive.Close()
	return func() error {
		err := cmd.Wait()
		_, _ = held.WriteString("ended\n")
		_ = held.Close()
		return err
	}, nil
}
