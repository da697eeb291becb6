package media

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"sync"
	"time"
)

// maxCompile bounds the compiling of what runs as WebAssembly: 4 s for PDF on an idle machine, half a second for pictures.
const maxCompile = 3 * time.Minute

// compileApart has a worker process fill a cache with what reads a type of files; where it is full already that takes a tenth
// of a second.
func compileApart(ctx context.Context, self []string, mime, cache string) error {
	order, err := json.Marshal(job{MIME: mime, Compile: cache})
	if err != nil {
		return fmt.Errorf("encode job: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, maxCompile)
	defer cancel()
	cmd := exec.CommandContext(ctx, self[0], append(self[1:len(self):len(self)], string(order))...)
	cmd.Env = []string{"GOGC=25", "GOMEMLIMIT=240MiB", "GOTRACEBACK=none"}
	cmd.WaitDelay = time.Second
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("run media worker: %w", err)
	}
	return nil
}

// compile is the worker's part.
func compile(ctx context.Context, mime, cache string) error {
	if (job{MIME: mime}).wasm() {
		k, err := compileCodec(ctx, mime, cache)
		if err != nil {
			return err
		}
		return k.close()
	}
	_, stop, err := startPDF(ctx, cache)
	if err != nil {
		return err
	}
	return stop()
}

// warmth is which decoders are in the cache.
type warmth struct {
	mu    sync.Mutex
	types map[string]bool
}

// warm gives the cache for worker processes, which may read it but not write to it, with the decoder of a type in it; empty
// where that fails, and each of them compiles for itself.
func (b *Box) warm(ctx context.Context, mime string) string {
	b.warmth.mu.Lock()
	defer b.warmth.mu.Unlock()
	if b.warmth.types[mime] {
		return b.codecs.cache
	}
	if err := compileApart(ctx, b.self, mime, b.codecs.cache); err != nil {
		b.log.Warn("decoder is compiled for each picture", "type", mime, "error", err)
		return ""
	}
	if b.warmth.types == nil {
		b.warmth.types = map[string]bool{}
	}
	b.warmth.types[mime] = true
	return b.codecs.cache
}
