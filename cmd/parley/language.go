package main

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"parley/llm"
	"parley/llm/llmsim"
)

// language is the connection to the model, and what its last request told about it.
type language struct {
	*llm.Client
	name string
	stop func() error

	mu   sync.Mutex
	last error
}

// openLanguage makes the client. With LLM_BASE_URL=offline it also starts the built-in demo model on loopback, so that
// everything goes the way that it goes with a real server.
//
// What the client learns of the server is kept in memory, which may be nil.
func openLanguage(ctx context.Context, c Config, log *slog.Logger, registry prometheus.Registerer, memory llm.Memory) (*language, error) {
	l := &language{name: c.LLMModel, stop: func() error { return nil }}
	base := c.LLMBaseURL
	if base == offline {
		l.name = "offline demo model"
		server := llmsim.New(llmsim.Options{Model: c.LLMModel, Responder: llmsim.Offline{}})
		if err := server.Start(ctx); err != nil {
			return nil, fmt.Errorf("start the offline model: %w", err)
		}
		base, l.stop = server.URL(), server.Close
	}
	free := 0.0
	if c.LLMBaseURL == offline {
		c.LLMInputPrice, c.LLMOutputPrice = &free, &free
	}
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "parley_model_requests_total", Help: "Requests to the model server, retries included."},
		[]string{"model", "purpose", "outcome"})
	registry.MustRegister(requests)
	client, err := llm.New(llm.Options{
		BaseURL: base, APIKey: c.LLMAPIKey, Model: c.LLMModel, Logger: log, Memory: memory,
		Context: c.LLMContextTokens, InputPrice: c.LLMInputPrice, OutputPrice: c.LLMOutputPrice,
		Total: c.TurnTimeout, MaxConcurrent: c.MaxConcurrentModelCalls,
		Observe: func(o llm.Observation) {
			requests.WithLabelValues(l.name, o.Purpose, o.Outcome).Inc()
			l.observe(o)
		},
	})
	if err != nil {
		_ = l.stop()
		return nil, fmt.Errorf("set up the model: %w", err)
	}
	l.Client = client
	return l, nil
}

func (l *language) observe(o llm.Observation) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch o.Outcome {
	case "ok":
		l.last = nil
	case string(llm.KindCancelled):
	default:
		l.last = fmt.Errorf("the last request to the model failed: %s", o.Outcome)
	}
}

// state is the entry of /readyz: how the last request went.
func (l *language) state(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}

func (l *language) close() {
	l.Close()
	_ = l.stop()
}
