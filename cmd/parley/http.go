package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// check is one entry of /readyz.
type check struct {
	// ask gives nil when all is well, else a sentence that may be shown.
	ask func(context.Context) error
	// counts says that the replica is not ready while this fails.
	counts bool
}

// readiness answers /readyz from its checks.
type readiness struct {
	mu     sync.Mutex
	checks map[string]check
}

func (r *readiness) add(name string, counts bool, ask func(context.Context) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.checks == nil {
		r.checks = map[string]check{}
	}
	r.checks[name] = check{ask: ask, counts: counts}
}

// verdict is one entry as /readyz shows it.
type verdict struct {
	OK    bool   `json:"ok"`
	Error string `json:"error,omitempty"`
}

func (r *readiness) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	ctx, cancel := context.WithTimeout(req.Context(), 2*time.Second)
	defer cancel()
	r.mu.Lock()
	ready, entries := len(r.checks) > 0, make(map[string]verdict, len(r.checks))
	checks := make(map[string]check, len(r.checks))
	for name, c := range r.checks {
		checks[name] = c
	}
	r.mu.Unlock()
	for name, c := range checks {
		v := verdict{OK: true}
		if err := c.ask(ctx); err != nil {
			v = verdict{Error: err.Error()}
			ready = ready && !c.counts
		}
		entries[name] = v
	}
	w.Header().Set("Content-Type", "application/json")
	if !ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"ready": ready, "checks": entries})
}

// newMux has the endpoints that every server process has.
func newMux(ready *readiness, registry *prometheus.Registry) *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.Handle("GET /readyz", ready)
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return mux
}

// listen opens HTTP_ADDR, with a sentence about what to do when it is taken.
func listen(ctx context.Context, addr string) (net.Listener, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("HTTP_ADDR: cannot listen on %s: %w; choose another address, or stop what uses it", addr, unwrapNet(err))
	}
	return listener, nil
}

func unwrapNet(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

// serveHTTP serves until ctx ends, then lets requests finish for a moment. Streams of the demo page end with their
// contexts.
func serveHTTP(ctx context.Context, listener net.Listener, handler http.Handler) error {
	base, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		BaseContext: func(net.Listener) context.Context { return base }}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve HTTP: %w", err)
	case <-ctx.Done():
	}
	cancel()
	closing, done := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer done()
	if err := server.Shutdown(closing); err != nil {
		_ = server.Close()
	}
	<-failed
	return nil
}
