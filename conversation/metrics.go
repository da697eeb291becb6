package conversation

import "github.com/prometheus/client_golang/prometheus"

// Metrics are the engine's counters, by the names of the README. A nil *Metrics counts nothing.
type Metrics struct {
	events    *prometheus.CounterVec
	decisions *prometheus.CounterVec
	turns     *prometheus.CounterVec
	seconds   *prometheus.HistogramVec
	tokens    *prometheus.CounterVec
	cost      *prometheus.CounterVec
	heard     *prometheus.CounterVec
	files     *prometheus.CounterVec
}

// NewMetrics registers the engine's metrics.
func NewMetrics(r prometheus.Registerer) *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
		r.MustRegister(c)
		return c
	}
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "parley_turn_seconds", Help: "Time from the acceptance of a message to each stage of its turn.",
		Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300},
	}, []string{"platform", "stage"})
	r.MustRegister(seconds)
	return &Metrics{
		events:    counter("parley_events_total", "Events taken in, duplicates included.", "platform", "kind"),
		decisions: counter("parley_decisions_total", "Decisions on messages.", "platform", "decision", "reason"),
		turns:     counter("parley_turns_total", "Turns that ended.", "platform", "kind", "outcome"),
		seconds:   seconds,
		tokens:    counter("parley_tokens_total", "Tokens of recorded turns.", "model", "direction"),
		cost:      counter("parley_cost_usd_total", "US dollars of recorded turns.", "model"),
		heard:     counter("parley_heard_seconds_total", "Seconds of sound written down in recorded turns.", "model"),
		files:     counter("parley_attachments_total", "Files that were looked at.", "kind", "verdict"),
	}
}

func (m *Metrics) event(ev Event) {
	if m != nil {
		m.events.WithLabelValues(string(ev.In().Platform), ev.Kind()).Inc()
	}
}

func (m *Metrics) decision(p Platform, d Decision) {
	if m == nil {
		return
	}
	decision := "ignore"
	switch {
	case d.Refuse != "":
		decision = "refuse"
	case d.Respond:
		decision = "respond"
	}
	m.decisions.WithLabelValues(string(p), decision, string(d.Reason)).Inc()
}

// attachment counts a file that was looked at.
func (m *Metrics) attachment(a Attachment) {
	if m != nil {
		m.files.WithLabelValues(string(a.Kind), string(a.Verdict)).Inc()
	}
}

// kindOf is what a turn did, for a label.
func kindOf(t Turn) string {
	if t.Task != nil {
		return string(t.Task.Kind)
	}
	return "reply"
}

// TurnFinished counts a turn whose outcome has been recorded.
func (m *Metrics) TurnFinished(t Turn, o Outcome) {
	if m == nil {
		return
	}
	platform := string(t.Ref.Platform)
	m.turns.WithLabelValues(platform, kindOf(t), string(o.Kind)).Inc()
	for stage, d := range map[string]float64{
		"queued": o.Timings.Queued.Seconds(), "packed": o.Timings.Packed.Seconds(),
		"first_token": o.Timings.FirstToken.Seconds(), "first_visible": o.Timings.FirstVisible.Seconds(),
		"total": o.Timings.Total.Seconds(),
	} {
		if d > 0 {
			m.seconds.WithLabelValues(platform, stage).Observe(d)
		}
	}
	for _, s := range o.ByModel() {
		m.tokens.WithLabelValues(s.Model, "input").Add(float64(s.Usage.Input))
		m.tokens.WithLabelValues(s.Model, "output").Add(float64(s.Usage.Output))
		m.cost.WithLabelValues(s.Model).Add(s.CostUSD)
		if s.Heard > 0 {
			m.heard.WithLabelValues(s.Model).Add(s.Heard.Seconds())
		}
	}
}
