package media

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"time"
)

// answer is what the worker process writes.
type answer struct {
	Pictures []Picture `json:",omitempty"`
	Kind     ErrorKind `json:",omitempty"`
	Safe     string    `json:",omitempty"`
	Cause    string    `json:",omitempty"`
}

// maxAnswer bounds what is read from a worker.
const maxAnswer = 64 << 20

// delegate prepares a picture in a worker process.
func (b *Box) delegate(ctx context.Context, file *os.File, j job) ([]Picture, error) {
	if j.wasm() {
		j.Cache = b.warm(ctx, j.MIME)
	}
	order, err := json.Marshal(j)
	if err != nil {
		return nil, fmt.Errorf("encode job: %w", err)
	}
	// The worker gives up by itself a little earlier.
	bounded, cancel := context.WithTimeout(ctx, j.Limits.Time+2*time.Second)
	defer cancel()
	cmd := exec.CommandContext(bounded, b.self[0], append(b.self[1:len(b.self):len(b.self)], string(order))...)
	out, faults := &capped{most: maxAnswer}, &capped{most: 4 << 10}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = file, out, faults
	// No secret of this process's environment goes to one that may be taken over by a file.
	cmd.Env = []string{"GOMEMLIMIT=" + strconv.FormatInt(max(j.Cost, workerMemory), 10), "GOMAXPROCS=2", "GOTRACEBACK=none"}
	cmd.WaitDelay = time.Second
	if err := cmd.Run(); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return nil, fmt.Errorf("prepare picture: %w", cause)
		}
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			return nil, fmt.Errorf("run media worker: %w", err)
		}
		b.log.Warn("media worker ended", "type", j.MIME, "bytes", j.Size, "error", err, "stderr", faults.kept.String())
		return nil, damaged(fmt.Errorf("media worker: %w", err))
	}
	var a answer
	if err := json.Unmarshal(out.kept.Bytes(), &a); err != nil {
		return nil, damaged(fmt.Errorf("read media worker: %w", err))
	}
	if a.Kind != "" {
		return nil, &Error{Kind: a.Kind, Safe: a.Safe, Err: errors.New(a.Cause)}
	}
	return a.Pictures, nil
}

// Work is the worker process: it prepares the picture that in holds and writes the result to out. order is the last argument
// of its command line. It first takes limits of memory and time on the whole process, where the system has them, so
// that it is not to be called in a process that has anything else to do.
func Work(ctx context.Context, order string, in io.ReaderAt, out io.Writer) error {
	var j job
	if err := json.Unmarshal([]byte(order), &j); err != nil {
		return fmt.Errorf("read job: %w", err)
	}
	if j.Compile != "" {
		return compile(ctx, j.MIME, j.Compile)
	}
	if err := confine(j); err != nil {
		return fmt.Errorf("limit media worker: %w", err)
	}
	debug.SetGCPercent(25)
	var a answer
	var err error
	a.Pictures, err = prepare(ctx, &codecs{cache: j.Cache}, in, j)
	if err != nil {
		var known *Error
		if !errors.As(err, &known) {
			return err
		}
		a.Kind, a.Safe, a.Cause = known.Kind, known.Safe, fmt.Sprint(known.Err)
	}
	if err := json.NewEncoder(out).Encode(a); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}

// capped keeps what is written, up to most bytes, and then fails. The buffer is not embedded: its ReadFrom would go round
// the limit.
type capped struct {
	kept bytes.Buffer
	most int
}

func (c *capped) Write(p []byte) (int, error) {
	if c.kept.Len()+len(p) > c.most {
		return 0, errors.New("too much output")
	}
	return c.kept.Write(p)
}
