package main

import (
	"runtime"
	"runtime/debug"
	"testing"
)

// Not parallel: the collector's settings are the whole process's.
func TestMemoryIsTuned(t *testing.T) {
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	before := debug.SetMemoryLimit(-1)

	stop := tuneMemory()
	if got := debug.SetMemoryLimit(-1); got != calmMemory {
		t.Errorf("the limit at the start is %d, want %d", got, calmMemory)
	}
	stop()
	if got := debug.SetMemoryLimit(-1); got != before {
		t.Errorf("the limit afterwards is %d, want %d as before", got, before)
	}

	held := make([]byte, 200<<20)
	runtime.GC()
	if got := memoryLimit(); got < int64(len(held))*3/2 {
		t.Errorf("with %d bytes in use the limit is %d: the collector would never rest", len(held), got)
	}
	runtime.KeepAlive(held)

	t.Setenv("GOGC", "50")
	tuneMemory()()
	if got := debug.SetMemoryLimit(-1); got != before {
		t.Errorf("GOGC is set, and the limit is %d all the same", got)
	}
}
