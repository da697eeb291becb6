package main

import (
	"os"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

const (
	// calmPercent is GOGC while little is in use: to collect half as often costs a few megabytes.
	calmPercent = 200
	// calmMemory is what the process may hold, apart from its code, before garbage is kept to half of what is in use.
	calmMemory = 88 << 20
	// weighEvery is how often the limit is weighed anew.
	weighEvery = time.Second
)

// tuneMemory spends memory on time while the process is small and time on memory when it is large, unless GOGC or
// GOMEMLIMIT say what to do. The limit follows what is in use, so that it never makes the collector run all the time.
func tuneMemory() (stop func()) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return func() {}
	}
	percent, limit := debug.SetGCPercent(calmPercent), debug.SetMemoryLimit(calmMemory)
	ending := make(chan struct{})
	var tuning sync.WaitGroup
	tuning.Go(func() {
		tick := time.NewTicker(weighEvery)
		defer tick.Stop()
		for {
			select {
			case <-ending:
				return
			case <-tick.C:
				debug.SetMemoryLimit(memoryLimit())
			}
		}
	})
	return func() {
		close(ending)
		tuning.Wait()
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}
}

// memoryLimit is what the runtime may hold: what is no heap, and the live heap with half as much garbage.
func memoryLimit() int64 {
	samples := []metrics.Sample{
		{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}, {Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/unused:bytes"}, {Name: "/memory/classes/heap/free:bytes"}, {Name: "/gc/heap/live:bytes"},
	}
	metrics.Read(samples)
	value := func(i int) int64 { return int64(samples[i].Value.Uint64()) }
	rest := value(0) - value(1) - value(2) - value(3) - value(4)
	return max(calmMemory, rest+value(5)*3/2)
}
