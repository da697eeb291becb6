package media_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"parley/llm/media"
)

// TestMain also is the worker process, so that tests start this very binary as one.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "media-worker" {
		if err := media.Work(context.Background(), os.Args[2], os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}
