package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"
)

// report is the result of a run, as it is written as JSON.
type report struct {
	Machine          string    `json:"machine"`
	Began            time.Time `json:"began"`
	Model            string    `json:"model"`
	LoadBefore       float64   `json:"machine_load_before"`
	LoadAfter        float64   `json:"machine_load_after"`
	IdleParley       float64   `json:"idle_parley_cpu_ms_per_second"`
	IdlePostgres     float64   `json:"idle_postgres_cpu_ms_per_second"`
	RoundTrips       float64   `json:"round_trips_per_turn,omitempty"` // to Postgres
	Steady           *figures  `json:"steady,omitempty"`
	Ramp             []step    `json:"ramp,omitempty"`
	Sustained        float64   `json:"sustained_turns_per_second,omitempty"`
	Threads          []thread  `json:"threads,omitempty"`
	Flight           *figures  `json:"in_flight,omitempty"`
	FlightWaitingRSS int64     `json:"in_flight_waiting_peak_rss_bytes,omitempty"`
	FlightLiveHeap   int64     `json:"in_flight_live_heap_bytes,omitempty"`
	Warnings         int       `json:"warnings_logged"`
}

type step struct {
	Offered int  `json:"offered"`
	Held    bool `json:"held"`
	figures
}

type thread struct {
	Messages int `json:"messages"`
	figures
}

// cost is a turn's CPU time in parley and Postgres, in milliseconds.
func (f figures) cost() float64 { return f.ParleyCPU + f.PostgresCPU }

func (r report) write(path string) error {
	raw, err := json.MarshalIndent(r, "", "  ")
	if err == nil {
		err = os.WriteFile(path, append(raw, '\n'), 0o644)
	}
	if err != nil {
		return fmt.Errorf("write results: %w", err)
	}
	return nil
}

// print writes the table.
func (r report) print(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s; Postgres with fsync, simulators and model on the same machine\n%s; load of the machine %.1f before, %.1f after\n\n",
		r.Machine, r.Model, r.LoadBefore, r.LoadAfter)
	if r.Steady != nil || len(r.Ramp) > 0 {
		fmt.Fprintln(w, "load\tanswered/s\tadded p50\tp95\tp99\tfirst visible p50\tp99\tCPU parley\tPostgres\ttransactions\tstatements\tpeak RSS")
	}
	if r.Steady != nil {
		row(w, fmt.Sprintf("%d/s, steady", steadyRate), *r.Steady)
	}
	for _, s := range r.Ramp {
		name := fmt.Sprintf("%d/s", s.Offered)
		if !s.Held {
			name += " (not held)"
		}
		row(w, name, s.figures)
	}
	if r.Flight != nil {
		row(w, fmt.Sprintf("%d in flight", r.Flight.Turns), *r.Flight)
	}
	_ = w.Flush()
	if len(r.Threads) > 0 {
		fmt.Fprintln(w, "\nmessages in thread\tadded p50\tp95\tfirst visible p50\tCPU parley\tPostgres\ttransactions\tstatements\tCPU ratio\tlatency ratio")
		first := r.Threads[0]
		for _, t := range r.Threads {
			fmt.Fprintf(w, "%d\t%.1f ms\t%.1f ms\t%.1f ms\t%.1f ms\t%.1f ms\t%.1f\t%.1f\t%.2f\t%.2f\n", t.Messages, t.Added.P50, t.Added.P95,
				t.Visible.P50, t.ParleyCPU, t.PostgresCPU, t.Transactions, t.Statements, t.cost()/first.cost(), t.Added.P50/first.Added.P50)
		}
		_ = w.Flush()
	}
	r.verdicts(out)
}

func row(w io.Writer, name string, f figures) {
	fmt.Fprintf(w, "%s\t%.1f\t%.1f ms\t%.1f ms\t%.1f ms\t%.1f ms\t%.1f ms\t%.1f ms\t%.1f ms\t%.1f\t%.1f\t%.0f MB\n", name, f.PerSecond,
		f.Added.P50, f.Added.P95, f.Added.P99, f.Visible.P50, f.Visible.P99, f.ParleyCPU, f.PostgresCPU, f.Transactions, f.Statements, megabytes(f.PeakRSS))
}

func megabytes(n int64) float64 { return float64(n) / (1 << 20) }

// verdicts holds the figures against what the project aims at.
func (r report) verdicts(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\naim\tmeasured\t")
	say := func(aim string, ok bool, format string, args ...any) {
		verdict := "missed"
		if ok {
			verdict = "met"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", aim, fmt.Sprintf(format, args...), verdict)
	}
	if s := r.Steady; s != nil {
		say("added latency at 20/s: p50 at most 10 ms", s.Added.P50 <= 10, "%.1f ms", s.Added.P50)
		say("added latency at 20/s: p99 at most 60 ms", s.Added.P99 <= 60, "%.1f ms", s.Added.P99)
		say("parley's CPU at 20/s: at most 8 ms a turn", s.ParleyCPU <= 8, "%.1f ms", s.ParleyCPU)
	}
	if len(r.Ramp) > 0 {
		say("at least 60 turns a second", r.Sustained >= 59.5, "%.1f", r.Sustained)
	}
	if n := len(r.Threads); n > 1 {
		ratio := r.Threads[n-1].cost() / r.Threads[0].cost()
		say(fmt.Sprintf("a turn among %d messages: at most 1.3 times one among %d", r.Threads[n-1].Messages, r.Threads[0].Messages), ratio <= 1.3, "%.2f", ratio)
	}
	if f := r.Flight; f != nil {
		say(fmt.Sprintf("peak RSS with %d turns in flight: at most 120 MB", f.Turns), f.PeakRSS <= 120<<20, "%.0f MB (%.0f MB while they wait, live heap %.0f MB)",
			megabytes(f.PeakRSS), megabytes(r.FlightWaitingRSS), megabytes(r.FlightLiveHeap))
	}
	_ = w.Flush()
	fmt.Fprintf(out, "\nidle: parley %.1f ms of CPU a second, Postgres %.1f ms; parley logged %d warnings\n", r.IdleParley, r.IdlePostgres, r.Warnings)
	if r.RoundTrips > 0 {
		fmt.Fprintf(out, "round trips to Postgres: %.1f a turn\n", r.RoundTrips)
	}
}

// describeMachine names the processor and how many of it there are.
func describeMachine() string {
	name := runtime.GOARCH
	if file, err := os.Open("/proc/cpuinfo"); err == nil {
		defer file.Close() //nolint:errcheck // read only
		for lines := bufio.NewScanner(file); lines.Scan(); {
			if key, value, found := strings.Cut(lines.Text(), ":"); found && strings.TrimSpace(key) == "model name" {
				name = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%d × %s, %s", runtime.NumCPU(), name, runtime.Version())
}
