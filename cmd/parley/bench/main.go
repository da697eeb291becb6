// Command bench puts load on a real parley, built with the tag bench, and prints what it costs: added latency, turns a second
// up to saturation, CPU time, memory and the work of the database, for short threads and for long ones.
//
// Parley runs as a process of its own, on a private Postgres with fsync on; the simulated platforms (limits off) and the
// simulated model run in this one, so that parley's and Postgres's own CPU can be told from theirs. All share the machine:
// latencies include the time that the simulators take, and the highest rate is that of everything together.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// plan is what the command line asks for.
type plan struct {
	parley  string
	out     string
	profile string
	short   bool
	only    string
	listing bool
}

func main() {
	var p plan
	flag.StringVar(&p.parley, "parley", "", "the parley binary, built with the tag bench (required)")
	flag.StringVar(&p.out, "out", os.Getenv("BENCH_OUT"), "write the results as JSON to this file; default $BENCH_OUT")
	flag.StringVar(&p.profile, "profile", "", "write CPU profiles of parley into this folder")
	flag.BoolVar(&p.short, "short", false, "a quick look: shorter steps, small threads")
	flag.BoolVar(&p.listing, "statements", false, "list what the database was asked at the steady rate, on stderr")
	flag.StringVar(&p.only, "only", "", "one part: trips, latency, ramp, threads or flight")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := p.run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func (p plan) run(ctx context.Context, stdout *os.File) error {
	if p.parley == "" {
		return errors.New("-parley is required: go build -tags 'nodynamic bench' -o FILE ./cmd/parley")
	}
	r := report{Machine: describeMachine(), Began: time.Now().UTC().Truncate(time.Second), Model: modelNote, LoadBefore: loadAverage()}
	if p.only == "" || p.only == "trips" {
		fmt.Fprintln(os.Stderr, "bench: trips")
		if err := p.countTrips(ctx, &r); err != nil {
			return fmt.Errorf("count round trips: %w", err)
		}
	}
	if err := p.measureAll(ctx, &r); err != nil {
		return err
	}
	r.print(stdout)
	if p.out != "" {
		return r.write(p.out)
	}
	return nil
}

func (p plan) measureAll(ctx context.Context, r *report) error {
	if p.only == "trips" {
		return nil
	}
	w, err := openWorld(ctx)
	if err != nil {
		return err
	}
	defer w.close()
	b := &bench{plan: p, world: w}
	if b.parley, err = startParley(ctx, p.parley, w, w.db.server.URL()); err != nil {
		return err
	}
	defer b.parley.stop()
	if err := b.measure(ctx, r); err != nil {
		return fmt.Errorf("%w; parley's last lines:\n%s", err, b.parley.tail())
	}
	return nil
}

// bench is one run.
type bench struct {
	plan
	world  *world
	parley *process
	asked  int // questions so far
	warmed bool
}

// measure goes through the parts in order.
func (b *bench) measure(ctx context.Context, r *report) error {
	parts := []struct {
		name string
		run  func(context.Context, *report) error
	}{
		{"latency", b.latency}, {"ramp", b.ramp}, {"threads", b.threads}, {"flight", b.flight},
	}
	for _, part := range parts {
		if b.only != "" && b.only != part.name {
			continue
		}
		fmt.Fprintf(os.Stderr, "bench: %s\n", part.name)
		if err := part.run(ctx, r); err != nil {
			return fmt.Errorf("measure %s: %w", part.name, err)
		}
	}
	r.Warnings = b.parley.warnings()
	r.LoadAfter = loadAverage()
	return nil
}
