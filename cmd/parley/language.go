package main

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"parley/conversation"
	"parley/llm"
	"parley/llm/llmsim"
)

// language is the connection to the model, and what its last request told about it.
type language struct {
	*llm.Client
	name     string
	stop     func() error
	fallback *llm.Client        // nil: none
	eyes     *llm.Client        // describes pictures where the chat model cannot see; nil: nobody
	ears     *llm.Client        // writes speech down where the chat model cannot hear
	asked    conversation.Model // what answers: the client, or both

	requests *prometheus.CounterVec

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
		server := llmsim.New(llmsim.Options{Model: c.LLMModel, Responder: llmsim.Offline{}, Forget: true})
		if err := server.Start(ctx); err != nil {
			return nil, fmt.Errorf("start the offline model: %w", err)
		}
		base, l.stop = server.URL(), server.Close
	}
	free := 0.0
	if c.LLMBaseURL == offline {
		c.LLMInputPrice, c.LLMOutputPrice = &free, &free
		if c.TranscribeBaseURL == "" {
			c.TranscribePrice = &free
		}
	}
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "parley_model_requests_total", Help: "Requests to the model server, retries included."},
		[]string{"model", "purpose", "outcome"})
	registry.MustRegister(requests)
	l.requests = requests
	options := llm.Options{
		BaseURL: base, APIKey: c.LLMAPIKey, Model: c.LLMModel, Logger: log, Memory: memory,
		Vision: llm.Setting(c.LLMVision), Audio: llm.Setting(c.LLMAudio),
		Context: c.LLMContextTokens, InputPrice: c.LLMInputPrice, OutputPrice: c.LLMOutputPrice,
		Total: c.TurnTimeout, MaxConcurrent: c.MaxConcurrentModelCalls,
		Observe: func(o llm.Observation) {
			requests.WithLabelValues(l.name, o.Purpose, o.Outcome).Inc()
			l.observe(o)
		},
	}
	var err error
	if l.Client, err = llm.New(options); err != nil {
		_ = l.stop()
		return nil, fmt.Errorf("set up the model: %w", err)
	}
	l.asked = l.Client
	if err := l.openSenses(c, options); err != nil {
		l.close()
		return nil, err
	}
	if c.LLMFallbackBaseURL == "" {
		return l, nil
	}
	// Nothing of the first endpoint holds for the second: not the key, the window or the prices.
	second := llm.Options{
		BaseURL: c.LLMFallbackBaseURL, APIKey: c.LLMFallbackAPIKey, Model: c.LLMFallbackModel, Logger: log, Memory: memory,
		Total: c.TurnTimeout, MaxConcurrent: c.MaxConcurrentModelCalls,
		Observe: func(o llm.Observation) { requests.WithLabelValues(o.Model, o.Purpose, o.Outcome).Inc() },
	}
	if l.fallback, err = llm.New(second); err == nil {
		l.asked, err = llm.NewFallback(llm.FallbackOptions{First: l.Client, Second: l.fallback, Logger: log})
	}
	if err != nil {
		l.close()
		return nil, fmt.Errorf("set up the fallback model: %w", err)
	}
	return l, nil
}

// openSenses makes the clients of the models that see and hear in the chat model's place. A key goes to its own server
// only: the chat server's serves them where they are on it too.
func (l *language) openSenses(c Config, chat llm.Options) error {
	another := func(base, key, model string) (*llm.Client, error) {
		o := llm.Options{SpeechPrice: c.TranscribePrice, BaseURL: base, APIKey: key, Model: model, Logger: chat.Logger, Memory: chat.Memory, Total: chat.Total, MaxConcurrent: chat.MaxConcurrent,
			Observe: func(o llm.Observation) { l.requests.WithLabelValues(o.Model, o.Purpose, o.Outcome).Inc() }}
		if base == "" || base == c.LLMBaseURL {
			o.BaseURL, o.APIKey = chat.BaseURL, chat.APIKey
		}
		return llm.New(o)
	}
	var err error
	if c.VisionModel != "" {
		if l.eyes, err = another(c.VisionBaseURL, c.VisionAPIKey, c.VisionModel); err != nil {
			return fmt.Errorf("set up the model that sees: %w", err)
		}
	}
	if l.ears, err = another(c.TranscribeBaseURL, c.TranscribeAPIKey, c.TranscribeModel); err != nil {
		return fmt.Errorf("set up the model that hears: %w", err)
	}
	return nil
}

// vision is the model that describes pictures in the chat model's place.
func (l *language) vision() conversation.Model {
	if l.eyes == nil {
		return nil
	}
	return l.eyes
}

// Stream implements conversation.Model.
func (l *language) Stream(ctx context.Context, r llm.Request) iter.Seq2[llm.Delta, error] {
	return l.asked.Stream(ctx, r)
}

// ProfileIn implements conversation.Model.
func (l *language) ProfileIn(conversation string) llm.Profile { return l.asked.ProfileIn(conversation) }

// Sight implements conversation.Prober, for the one that answers now: while the chat server is down, that is the fallback.
func (l *language) Sight(ctx context.Context) llm.Ability {
	found := l.Client.Sight(ctx)
	if found == llm.Yes && !l.ProfileIn("").Sees {
		return llm.No
	}
	return found
}

// Hearing implements conversation.Prober likewise.
func (l *language) Hearing(ctx context.Context) llm.Ability {
	found := l.Client.Hearing(ctx)
	if found == llm.Yes && !l.ProfileIn("").Hears {
		return llm.No
	}
	return found
}

// AtMost implements conversation.Pricer: the request goes to one endpoint or, when that fails, to the other.
func (l *language) AtMost(r llm.Request) (tokens int, usd float64) {
	tokens, usd = conversation.AtMost(l.Client.ProfileIn(r.Conversation), r)
	if l.fallback != nil {
		otherTokens, otherUSD := conversation.AtMost(l.fallback.ProfileIn(r.Conversation), r)
		tokens, usd = max(tokens, otherTokens), max(usd, otherUSD)
	}
	return tokens, usd
}

// Recall loads what is known of the endpoints.
func (l *language) Recall(ctx context.Context) error {
	for _, c := range l.clients() {
		if err := c.Recall(ctx); err != nil {
			return err
		}
	}
	return nil
}

// clients are those that there are.
func (l *language) clients() []*llm.Client {
	var all []*llm.Client
	for _, c := range []*llm.Client{l.Client, l.fallback, l.eyes, l.ears} {
		if c != nil {
			all = append(all, c)
		}
	}
	return all
}

// Run keeps that up to date until ctx ends.
func (l *language) Run(ctx context.Context) {
	var all sync.WaitGroup
	defer all.Wait()
	for _, c := range l.clients() {
		if c != l.ears { // a model for speech has no window to ask for
			all.Go(func() { c.Run(ctx) })
		}
	}
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
	for _, c := range l.clients() {
		c.Close()
	}
	_ = l.stop()
}
