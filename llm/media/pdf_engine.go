package media

import (
	"context"
	"errors"
	"fmt"
	"io"
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
	pdfAtOnce = 2                // documents open at one time; the next one waits
	pdfStep   = 20 * time.Second // for opening a document, and for each page
)

// pdfEngine runs PDFium inside WebAssembly, without any file or clock of ours, so that a hostile document can harm nothing but
// its own sandbox. It is compiled at the first PDF, which takes some seconds, and kept. The zero pdfEngine is ready.
type pdfEngine struct {
	mu     sync.Mutex
	pool   pdfium.Pool
	closed bool
}

// sandbox gives a fresh instance for one document. It is taken away when ctx ends.
func (e *pdfEngine) sandbox(ctx context.Context) (*pdfSandbox, error) {
	pool, err := e.start()
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

func (e *pdfEngine) start() (pdfium.Pool, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, errors.New("pdf engine is closed")
	}
	if e.pool != nil {
		return e.pool, nil
	}
	pool, err := webassembly.Init(webassembly.Config{
		MinIdle: 0, MaxIdle: pdfAtOnce, MaxTotal: pdfAtOnce,
		FSConfig: wazero.NewFSConfig(),
		Stdout:   io.Discard,
		Stderr:   io.Discard,
		RuntimeConfig: wazero.NewRuntimeConfig().
			WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling).
			WithMemoryLimitPages(pdfMemory >> 16).
			WithCloseOnContextDone(true),
	})
	if err != nil {
		return nil, fmt.Errorf("start pdf engine: %w", err)
	}
	e.pool = pool
	return pool, nil
}

// close ends the engine. Documents that are open fail.
func (e *pdfEngine) close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	if e.pool == nil {
		return nil
	}
	pool := e.pool
	e.pool = nil
	return pool.Close()
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
