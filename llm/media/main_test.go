package media_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"testing"

	"go.uber.org/goleak"

	"parley/llm/media"
)

// TestMain also is the worker process, so that tests start this very binary as one.
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == "measured-worker" {
		if err := measuredWorker(os.Args[2], os.Args[3]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if len(os.Args) == 3 {
		switch os.Args[1] {
		case "media-worker":
			work(os.Stdin)
		case "greedy-worker":
			work(greedy{})
		}
	}
	var err error
	if cache, err = os.MkdirTemp("", "parley-media-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if err := os.RemoveAll(cache); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(code)
	}))
}

// cache holds the compiled PDF engine for all boxes of a run of the tests.
var cache string

func work(in io.ReaderAt) {
	if err := media.Work(context.Background(), os.Args[2], in, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// greedy takes 6 GB when it is read, like a decoder that a file has taken over, and then answers as if all were well.
type greedy struct{}

func (greedy) ReadAt([]byte, int64) (int, error) {
	var hoard [][]byte
	for range 96 {
		b := make([]byte, 64<<20)
		for i := 0; i < len(b); i += 4096 {
			b[i] = 1
		}
		hoard = append(hoard, b)
	}
	fmt.Println(`{"Pictures":[{"Note":"got away with it"}]}`)
	os.Exit(len(hoard) - 96)
	return 0, nil
}
