//go:build bench

package main

import (
	"net/http"
	"net/http/pprof"
)

// unlimited says that the platforms are simulators which count no calls: the bench asks for more turns a second than a
// workspace's limits allow.
const unlimited = true

// watchSelf adds the profiler.
func watchSelf(mux *http.ServeMux) {
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
}
