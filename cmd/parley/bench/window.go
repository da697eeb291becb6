package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"
)

// figures are what a window of load came to. Times are in milliseconds, memory in bytes.
type figures struct {
	Turns        int       `json:"turns"`
	PerSecond    float64   `json:"turns_per_second"`
	Added        quantiles `json:"added_latency_ms"` // event sent until the model request is received
	Visible      quantiles `json:"first_visible_ms"` // first delta sent until the first text is visible
	ParleyCPU    float64   `json:"parley_cpu_ms_per_turn"`
	PostgresCPU  float64   `json:"postgres_cpu_ms_per_turn"`
	Transactions float64   `json:"transactions_per_turn"`
	Statements   float64   `json:"statements_per_turn"` // as Postgres counts them; 0: not known
	PeakRSS      int64     `json:"peak_rss_bytes"`
	Load         float64   `json:"machine_load"`
}

// quantiles of a time.
type quantiles struct {
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
	P99 float64 `json:"p99"`
}

func quantilesOf(times []time.Duration) quantiles {
	if len(times) == 0 {
		return quantiles{}
	}
	slices.Sort(times)
	at := func(q float64) float64 {
		i := int(math.Ceil(q*float64(len(times)))) - 1
		return float64(times[max(i, 0)].Microseconds()) / 1000
	}
	return quantiles{P50: at(0.50), P95: at(0.95), P99: at(0.99)}
}

// spent is a reading of what was used so far.
type spent struct {
	at     time.Time
	parley time.Duration
	db     work
}

func (b *bench) read(ctx context.Context) (spent, error) {
	s := spent{at: time.Now()}
	var err error
	if s.parley, err = b.parley.cpu(); err != nil {
		return s, err
	}
	s.db, err = b.world.db.work(ctx)
	return s, err
}

// window measures what send's questions cost until all of them are answered.
func (b *bench) window(ctx context.Context, send func() ([]*turn, error)) (figures, error) {
	if err := forgetPeak(b.parley.pid()); err != nil {
		return figures{}, fmt.Errorf("forget peak of memory: %w", err)
	}
	before, err := b.read(ctx)
	if err != nil {
		return figures{}, err
	}
	sent, err := send()
	if err != nil {
		return figures{}, err
	}
	if err := b.world.book.settle(ctx, 30*time.Second); err != nil {
		return figures{}, err
	}
	after, err := b.read(ctx)
	if err != nil {
		return figures{}, err
	}
	f := figures{Turns: len(sent), Load: loadAverage()}
	if f.PeakRSS, err = peakRSS(b.parley.pid()); err != nil {
		return f, err
	}
	turns := b.world.book.copies(sent)
	var added, visible []time.Duration
	var last time.Time
	for _, t := range turns {
		added = append(added, t.asked.Sub(t.sent))
		visible = append(visible, t.seen.Sub(t.told))
		if t.done.After(last) {
			last = t.done
		}
	}
	f.Added, f.Visible = quantilesOf(added), quantilesOf(visible)
	n := float64(len(sent))
	// The last answer's own time is not load.
	busy := last.Sub(turns[0].sent) - (firstToken + (chunks-1)*chunkPace)
	f.PerSecond = n / busy.Seconds()
	f.ParleyCPU = milliseconds(after.parley-before.parley) / n
	f.PostgresCPU = milliseconds(after.db.cpu-before.db.cpu) / n
	f.Transactions = float64(after.db.commits-before.db.commits) / n
	f.Statements = float64(after.db.statements-before.db.statements) / n
	return f, nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// offer lets people ask at a steady rate, whether answers come or not.
func (b *bench) offer(ctx context.Context, rate int, d time.Duration, mentions bool) ([]*turn, error) {
	var sent []*turn
	begun := time.Now()
	for n := 0; ; n++ {
		due := begun.Add(time.Duration(n) * time.Second / time.Duration(rate))
		if due.Sub(begun) >= d {
			return sent, nil
		}
		if wait := time.Until(due); wait > 0 {
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(wait):
			}
		}
		t, err := b.world.ask(b.asked, mentions)
		if err != nil {
			return nil, err
		}
		b.asked++
		sent = append(sent, t)
	}
}
