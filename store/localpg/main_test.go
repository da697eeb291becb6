package localpg_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/store/localpg"
)

// serveEnv makes the test binary a process that runs a server on the folder which it names, until it is killed.
const serveEnv = "LOCALPG_TEST_SERVE"

func TestMain(m *testing.M) {
	if dir := os.Getenv(serveEnv); dir != "" {
		os.Exit(serve(dir))
	}
	goleak.VerifyTestMain(m)
}

func serve(dir string) int {
	s, err := localpg.Start(context.Background(), options(dir))
	if err != nil {
		fmt.Println("failed:", err)
		return 1
	}
	fmt.Println("ready")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	if err := s.Stop(); err != nil {
		return 1
	}
	return 0
}

func options(dir string) localpg.Options {
	return localpg.Options{DataDir: dir, Logger: slog.New(slog.DiscardHandler), StartTimeout: 50 * time.Second}
}
