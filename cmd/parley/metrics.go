package main

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"parley/bots"
	"parley/conversation"
	"parley/store"
)

// scrapeTimeout bounds what a scrape may ask of the database.
const scrapeTimeout = 2 * time.Second

// platformMetrics tells whether each platform is connected and how long ago it last said something.
type platformMetrics struct {
	registry   prometheus.Registerer
	deliveries *prometheus.CounterVec
}

func newPlatformMetrics(registry prometheus.Registerer) *platformMetrics {
	deliveries := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "parley_deliveries_total", Help: "What the platforms delivered, by what became of it in the adapter.",
	}, []string{"platform", "kind"})
	registry.MustRegister(deliveries)
	return &platformMetrics{registry: registry, deliveries: deliveries}
}

// observer counts an adapter's deliveries and keeps the age of the last.
func (p *platformMetrics) observer(platform conversation.Platform) func(kind string) {
	var last atomic.Int64
	last.Store(time.Now().UnixNano())
	p.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "parley_last_event_age_seconds", Help: "Time since the platform last delivered anything; since the start where it has not.",
		ConstLabels: prometheus.Labels{"platform": string(platform)},
	}, func() float64 { return time.Since(time.Unix(0, last.Load())).Seconds() }))
	return func(kind string) {
		last.Store(time.Now().UnixNano())
		p.deliveries.WithLabelValues(string(platform), kind).Inc()
	}
}

func (p *platformMetrics) connected(r bots.Runner) {
	p.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "parley_platform_connected", Help: "1 while the platform is connected.", ConstLabels: prometheus.Labels{"platform": r.Name()},
	}, func() float64 {
		if r.Ready() != nil {
			return 0
		}
		return 1
	}))
}

// watchStore registers the gauges that are asked of the database at each scrape; -1 says that it did not answer.
func watchStore(registry prometheus.Registerer, s *store.Store) {
	gauge := func(name, help string, ask func(context.Context) (int, error)) {
		registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 {
			ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
			defer cancel()
			n, err := ask(ctx)
			if err != nil {
				return -1
			}
			return float64(n)
		}))
	}
	gauge("parley_unanswered", "Addressed messages without an outcome.", s.Unanswered)
	gauge("parley_queue_depth", "Turns that wait for a worker.", s.QueueDepth)
}
