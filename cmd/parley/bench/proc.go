package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of times in /proc (USER_HZ, which is 100 on Linux).
const tick = 10 * time.Millisecond

// stat is what /proc says of a process.
type stat struct {
	parent      int
	own, reaped time.Duration // CPU time: its own, and that of children that have ended
}

func readStat(pid int) (stat, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return stat{}, fmt.Errorf("read CPU time: %w", err)
	}
	// The name in brackets may hold spaces; what follows it does not.
	fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
	number := func(i int) int {
		n, _ := strconv.Atoi(fields[i])
		return n
	}
	if len(fields) < 15 {
		return stat{}, fmt.Errorf("read CPU time of process %d: too few fields", pid)
	}
	return stat{
		parent: number(1), own: time.Duration(number(11)+number(12)) * tick, reaped: time.Duration(number(13)+number(14)) * tick,
	}, nil
}

// familyCPU is the CPU time of a process and all its children, ended ones included.
func familyCPU(pid int) (time.Duration, error) {
	root, err := readStat(pid)
	if err != nil {
		return 0, err
	}
	total := root.own + root.reaped
	folders, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return 0, err
	}
	for _, folder := range folders {
		child, err := strconv.Atoi(filepath.Base(folder))
		if err != nil {
			continue
		}
		if s, err := readStat(child); err == nil && s.parent == pid { // it may have ended meanwhile
			total += s.own + s.reaped
		}
	}
	return total, nil
}

// peakRSS is the most memory that a process held since the last forgetPeak.
func peakRSS(pid int) (int64, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("read memory: %w", err)
	}
	_, rest, found := strings.Cut(string(raw), "VmHWM:")
	fields := strings.Fields(rest)
	if !found || len(fields) == 0 {
		return 0, fmt.Errorf("read memory of process %d: no VmHWM", pid)
	}
	kilobytes, err := strconv.ParseInt(fields[0], 10, 64)
	return kilobytes << 10, err
}

func forgetPeak(pid int) error {
	return os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0)
}

// loadAverage is the machine's load of the last minute: figures taken on a busy machine say little.
func loadAverage() float64 {
	raw, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return -1
	}
	first, _, _ := strings.Cut(string(raw), " ")
	load, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return -1
	}
	return load
}
