//go:build race

package media

// instrumented is what the race detector takes beside the program's own memory.
const instrumented = 1 << 30
