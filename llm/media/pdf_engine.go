package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

const (
	pdfMemory = 192 << 20        // of one document's sandbox, in bytes
	pdfAtOnce = 1                // documents open at one time; the next one waits for some pages
	pdfStep   = 20 * time.Second // for opening a document, and for each page
)

// pdfEngine runs PDFium inside WebAssembly, without any file or clock of ours, so that a hostile document can harm nothing but
// its own sandbox. To compile it takes some seconds and 350 MB, which a worker process does at the first PDF; what comes out
// lies in the cache and takes 50 MB.
type pdfEngine struct {
	cache string   // directory that nobody else can write to
	self  []string // command line of the worker process; empty compiles in this one
	log   *slog.Logger

	mu     sync.Mutex
	pool   pdfium.Pool
	stop   func() error // of the pool
	closed bool
}

// sandbox gives a fresh instance for one document. It is taken away when ctx ends.
func (e *pdfEngine) sandbox(ctx context.Context) (*pdfSandbox, error) {
	pool, err := e.start(ctx)
	if err != nil {
		return nil, err
	}
	instance, err := pool.GetInstanceWithContext(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("take pdf sandbox: %w", err), context.Cause(ctx))
	}
	s := &pdfSandbox{Pdfium: instance}
	s.limit = time.AfterFunc(pdfStep, s.kill)
	s.detach = context.AfterFunc(ctx, s.kill)
	return s, nil
}

func (e *pdfEngine) start(ctx context.Context) (pdfium.Pool, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, errors.New("pdf engine is closed")
	}
	if e.pool != nil {
		return e.pool, nil
	}
	if len(e.self) > 0 {
		if err := compileApart(ctx, e.self, "application/pdf", e.cache); err != nil {
			e.log.Warn("pdf engine is compiled in this process", "error", err)
		}
	}
	var err error
	e.pool, e.stop, err = startPDF(ctx, e.cache)
	return e.pool, err
}

// startPDF compiles PDFium or takes it from the cache. The pool outlives ctx, which is that of the first file.
func startPDF(ctx context.Context, cache string) (pool pdfium.Pool, stop func() error, err error) {
	ctx = context.WithoutCancel(ctx)
	compiled, err := wazero.NewCompilationCacheWithDir(cache)
	if err != nil {
		return nil, nil, fmt.Errorf("open cache of pdf engine: %w", err)
	}
	pool, err = webassembly.Init(webassembly.Config{
		Context: ctx,
		MinIdle: 0, MaxIdle: pdfAtOnce, MaxTotal: pdfAtOnce,
		FSConfig: wazero.NewFSConfig(),
		Stdout:   io.Discard,
		Stderr:   io.Discard,
		RuntimeConfig: wazero.NewRuntimeConfig().
			WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling).
			WithMemoryLimitPages(pdfMemory >> 16).
			WithCloseOnContextDone(true).
			WithCompilationCache(compiled),
	})
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("start pdf engine: %w", err), compiled.Close(ctx))
	}
	return pool, func() error { return errors.Join(pool.Close(), compiled.Close(ctx)) }, nil
}

// close ends the engine. Documents that are open fail.
func (e *pdfEngine) close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	if e.pool == nil {
		return nil
	}
	e.pool = nil
	return e.stop()
}

// pdfSandbox is one instance of PDFium, for one document. Its methods fail after it was killed.
type pdfSandbox struct {
	pdfium.Pdfium
	limit  *time.Timer
	detach func() bool

	mu     sync.Mutex
	ended  bool
	killed bool
}

// step allows the next step its time.
func (s *pdfSandbox) step() { s.limit.Reset(pdfStep) }

// kill ends a call that runs.
func (s *pdfSandbox) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		s.ended, s.killed = true, true
		_ = s.Kill() // it can only say that it is dead already
	}
}

// over reports whether the sandbox was killed: out of time, or cancelled.
func (s *pdfSandbox) over() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.killed
}

// end gives the sandbox back.
func (s *pdfSandbox) end() {
	s.limit.Stop()
	s.detach()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		s.ended = true
		_ = s.Close() // the sandbox is thrown away whatever it says
	}
}
