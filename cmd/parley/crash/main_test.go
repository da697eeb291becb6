//go:build crash

package crash

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"parley/store/storetest"
)

var (
	kills = flag.Int("kills", 0, "how often the long run kills; 0 is the short run")
	seed  = flag.Uint64("seed", 0, "seed of what is said and when is killed; 0 takes the time")
	logs  = flag.String("logs", "", "folder in which the processes' logs are kept")
)

// binary is the program under test.
var binary string

func TestMain(m *testing.M) {
	flag.Parse()
	if *seed == 0 {
		*seed = uint64(time.Now().UnixNano())
	}
	os.Exit(run(m))
}

// run builds the binary and runs the tests.
func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "crash")
	if err != nil {
		fmt.Fprintln(os.Stderr, "crash:", err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary = filepath.Join(dir, "parley")
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	build := exec.CommandContext(ctx, "go", "build", "-tags", "nodynamic,failpoints,bench", "-o", binary, "parley/cmd/parley")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "crash: build parley: %v\n%s", err, out)
		return 1
	}
	fmt.Println("seed", *seed)
	return storetest.Main(m).Run()
}
