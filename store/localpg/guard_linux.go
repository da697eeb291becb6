package localpg

import (
	"os/exec"
	"runtime"
	"syscall"
)

// startGuarded starts cmd so that it is told to shut down when this process ends, however it ends. The kernel sends
// the signal when the *thread* ends that started cmd, so that thread does nothing else until cmd has ended.
func startGuarded(cmd *exec.Cmd, as *syscall.Credential) (wait func() error, err error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as, Pdeathsig: syscall.SIGINT, Setpgid: true}
	started, ended := make(chan error, 1), make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		started <- nil
		ended <- cmd.Wait()
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return func() error { return <-ended }, nil
}
