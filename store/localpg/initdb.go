package localpg

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// superuser is the role that owns everything in the private database.
const superuser = "parley"

// initialise makes the data folder where there is none. It is made beside and then renamed: an interrupted start
// leaves nothing that looks like a database.
func initialise(ctx context.Context, b binaries, dir string, o *owner) error {
	data := filepath.Join(dir, "postgres")
	if major, err := dataVersion(data); err != nil || major != 0 {
		return err
	}
	// The owner may not write in dir, so the new folder lies in one of his.
	nest := filepath.Join(dir, "postgres.new")
	if err := os.RemoveAll(nest); err != nil {
		return fmt.Errorf("remove interrupted initdb: %w", err)
	}
	if err := o.folder(nest); err != nil {
		return err
	}
	fresh := filepath.Join(nest, "data")
	cmd := exec.CommandContext(ctx, b.path("initdb"), "--pgdata="+fresh, "--username="+superuser, "--auth=trust",
		"--encoding=UTF8", "--no-locale", "--no-sync", "--no-instructions")
	cmd.Dir = "/"
	cmd.Env = environment()
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: o.credential()}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb in %s failed: %w: %s", dir, err, lastLines(out))
	}
	if err := os.Rename(fresh, data); err != nil {
		return fmt.Errorf("put data folder in place: %w", err)
	}
	if err := os.Remove(nest); err != nil {
		return fmt.Errorf("remove folder of initdb: %w", err)
	}
	return nil
}

// environment is what the server gets: no PG* variable of the caller, which would change where and how it starts.
func environment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
}

// lastLines keeps an error short.
func lastLines(out []byte) string {
	const most = 600
	if len(out) > most {
		out = out[len(out)-most:]
	}
	return string(out)
}
