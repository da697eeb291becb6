package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"parley/conversation"
	"parley/conversation/prompts"
	"parley/llm"
	"parley/llm/media"
)

// sensesDir begins the name of the temporary directories of describe and transcribe.
const sensesDir = "parley-senses-"

// senses is what describe and transcribe share: the models, a place for files, and what was used. It is for one file at a
// time.
type senses struct {
	*conversation.Perceiver
	language *language
	config   Config
	media    *mediaPort
	dir      string
	held     io.Closer // of dir, whose content goes with the next run where this one is killed
	prompts  *prompts.Set
	hearing  *hearing
	progress *progressLine
	sight    func() error // finds out, once, whether the chat model sees
	used     spending
	log      *slog.Logger
}

// spending is what the models have used.
type spending struct {
	Input   int     `json:"input_tokens"`
	Output  int     `json:"output_tokens"`
	Heard   float64 `json:"heard_seconds"` // of sound that is paid for by its length
	CostUSD float64 `json:"cost_usd"`
}

// openSenses sets everything up. Nothing is asked of a model yet. Files go to a temporary directory that close removes.
func (a *app) openSenses(ctx context.Context, config Config) (_ *senses, err error) {
	if os.Getenv("LOG_LEVEL") == "" {
		config.LogLevel = "error" // each file's fault is told in a sentence
	}
	log := newLogger(config, a.err)
	s := &senses{config: config, progress: newProgressLine(a.err), log: log}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.dir, s.held, err = media.TempDir(os.TempDir(), sensesDir); err != nil {
		return nil, fmt.Errorf("make temporary directory: %w", err)
	}
	here := config
	here.DataDir = s.dir
	if s.media, err = openMedia(here, log); err != nil {
		return nil, err
	}
	if s.language, err = openLanguage(ctx, config, log, prometheus.NewRegistry(), nil); err != nil {
		return nil, err
	}
	if s.prompts, err = prompts.Load(); err != nil {
		return nil, err
	}
	s.hearing = &hearing{Media: s.media}
	s.sight = sync.OnceValue(func() error { return s.look(ctx) })
	s.Perceiver, err = conversation.NewPerceiver(conversation.PerceiverOptions{
		Media: s.hearing, Model: s.language, Vision: s.language.vision(), Transcriber: s, Ask: s.ask,
		Tell: func(_ context.Context, text string) { s.progress.show(text) }, MaxOutput: config.LLMMaxOutputTokens,
	})
	return s, err
}

// close leaves nothing behind.
func (s *senses) close() {
	s.progress.clear()
	if s.language != nil {
		s.language.close()
	}
	if s.media != nil {
		if err := s.media.Close(); err != nil {
			s.log.Warn("media not closed", "error", err)
		}
	}
	if s.held == nil {
		return
	}
	if err := os.RemoveAll(s.dir); err != nil {
		s.log.Warn("temporary directory not removed", "error", err)
	}
	if err := s.held.Close(); err != nil {
		s.log.Warn("temporary directory not released", "error", err)
	}
}

// look finds out whether the chat model sees. Where no answer is to be had and nobody else sees either, the error says why.
func (s *senses) look(ctx context.Context) error {
	can, err := s.language.Abilities(ctx)
	if can.Sees.Ability != llm.Unknown || s.language.eyes != nil {
		return nil
	}
	if _, faulty := s.language.Check(ctx); faulty != nil { // it tells more than a probe
		err = faulty
	}
	if err == nil {
		return &conversation.Failure{Code: conversation.CodeModelBlind, Safe: "It cannot be found out whether the model sees: set LLM_VISION to on or off, or VISION_MODEL to a model that sees."}
	}
	return s.failed(s.language, err)
}

// findHearing finds out what the server tells of the chat model's hearing. One that does not answer is met again by whatever
// is asked of it.
func (s *senses) findHearing(ctx context.Context) {
	if !s.language.Profile().Hears && s.config.LLMAudio == string(llm.Auto) {
		_, _ = s.language.Probe(ctx)
	}
}

// ask implements the Perceiver's Ask.
func (s *senses) ask(ctx context.Context, m conversation.Model, r llm.Request) (string, error) {
	text, _, err := s.complete(ctx, m, r)
	return text, err
}

// complete asks a model for a whole answer, patiently, and counts what was used.
func (s *senses) complete(ctx context.Context, m conversation.Model, r llm.Request) (text string, finish llm.Finish, err error) {
	err = patiently(ctx, func() error {
		text, finish, err = s.once(ctx, m, r)
		return err
	})
	if err != nil {
		return "", "", s.failed(m, err)
	}
	if text == "" {
		return "", "", &conversation.Failure{Code: conversation.CodeModelEmpty, Safe: "The model gave an empty answer."}
	}
	return text, finish, nil
}

func (s *senses) once(ctx context.Context, m conversation.Model, r llm.Request) (text string, finish llm.Finish, err error) {
	var b strings.Builder
	var last llm.Delta
	for delta, streamErr := range m.Stream(ctx, r) {
		if err = streamErr; err != nil {
			break
		}
		b.WriteString(delta.Text)
		last = delta
	}
	profile := m.ProfileIn(r.Conversation)
	if last.Served != nil {
		profile = last.Served.Profile
	}
	used := llm.Usage{}
	if last.Usage != nil {
		used = *last.Usage
	} else if b.Len() > 0 {
		used = llm.Usage{Input: profile.EstimateRequest(r), Output: profile.Estimate(b.String())}
	}
	s.used.Input, s.used.Output, s.used.CostUSD = s.used.Input+used.Input, s.used.Output+used.Output, s.used.CostUSD+profile.Cost(used)
	return strings.TrimSpace(b.String()), last.Finish, err
}

// Transcribe implements conversation.Transcriber.
func (s *senses) Transcribe(ctx context.Context, r llm.TranscribeRequest) (t llm.Transcript, err error) {
	err = patiently(ctx, func() error {
		t, err = s.language.ears.Transcribe(ctx, r)
		return err
	})
	heard := conversation.SpeechHeard(r, t, err)
	s.used.Heard, s.used.CostUSD = s.used.Heard+heard.Seconds(), s.used.CostUSD+s.language.ears.SpeechCost(heard)
	if err != nil {
		return t, s.failed(s.language.ears, err)
	}
	s.hearing.told = t.Segments
	return t, nil
}

// patience is how often a request is made whose server is busy, beyond what the client does itself: an hour of sound is
// not lost for it.
const patience = 3

// patiently calls again after a failure that may pass.
func patiently(ctx context.Context, call func() error) error {
	wait := 2 * time.Second
	for try := 1; ; try++ {
		err := call()
		failed, of := errors.AsType[*llm.Error](err)
		if !of || !failed.Temporary() || try == patience {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
			wait *= 2
		}
	}
}

// modelFault is a model's failure as whoever runs Parley reads it: the cause, and what to check.
type modelFault struct{ sentence string }

// Error gives the sentence.
func (f *modelFault) Error() string { return f.sentence }

// failed makes a modelFault of what a model's client returned.
func (s *senses) failed(m any, err error) error {
	failure, of := errors.AsType[*llm.Error](err)
	if !of {
		return err
	}
	hint := modelHint(failure.Kind)
	switch m {
	case s.language.eyes:
		hint = hintFor(hint, "VISION_", s.config.VisionBaseURL)
	case s.language.ears:
		hint = hintFor(hint, "TRANSCRIBE_", s.config.TranscribeBaseURL)
	}
	fault := &modelFault{fmt.Sprintf("%v (%s)", err, hint)}
	return &conversation.Failure{Code: conversation.CodeModelUnavailable, Retry: failure.Temporary(), Safe: fault.sentence, Err: fault}
}

// hintFor is a hint about another client's variables; where that has no server of its own, address and key are the chat
// server's.
func hintFor(hint, prefix, base string) string {
	hint = strings.ReplaceAll(hint, "LLM_MODEL", prefix+"MODEL")
	if base != "" {
		hint = strings.ReplaceAll(strings.ReplaceAll(hint, "LLM_BASE_URL", prefix+"BASE_URL"), "LLM_API_KEY", prefix+"API_KEY")
	}
	return hint
}
