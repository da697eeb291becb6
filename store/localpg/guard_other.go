//go:build !linux

package localpg

import (
	"os/exec"
	"syscall"
)

// startGuarded starts cmd so that it is told to shut down when this process ends, however it ends.
func startGuarded(cmd *exec.Cmd, as *syscall.Credential) (wait func() error, err error) {
	return startWatched(cmd, as)
}
