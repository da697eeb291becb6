package conversation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"parley/conversation/prompts"
)

// Options is what an Engine is made of. Store, Model, Messengers and Logger are required.
type Options struct {
	Store Store
	Model Model
	// Watermarks lets the engine catch up what was missed; nil: it does not.
	Watermarks Watermarks
	// Budget is asked before each request to the model; nil: there is no limit.
	Budget Budget
	// ModelName is what people are told and what is recorded, such as google/gemma-3n-E4B-it.
	ModelName string
	// Messengers holds one for each platform that is on. Adapters need the engine and the engine needs them, so the
	// map may be filled until the first event. A platform may be down: its calls then fail with Retry.
	Messengers map[Platform]Messenger
	Policy     Policy
	// Persona replaces the built-in one where it is not empty.
	Persona string
	// Readings lets the engine make summaries; nil: it answers from what fits the window.
	Readings Readings
	// SummaryAskUSD is the cost from which on a person is asked before a summary is made; 0: never.
	SummaryAskUSD float64
	// Media and Files let the engine take files in; where one is nil they are only noted.
	Media Media
	Files Files
	// Vision describes pictures where Model cannot see, and Transcriber writes sound down where it cannot hear; nil: nobody.
	Vision      Model
	Transcriber Transcriber
	// TurnTimeout bounds a whole turn; 0 is five minutes.
	TurnTimeout time.Duration
	// TaskTimeout bounds a task, such as a summary of a long thread; 0 is an hour.
	TaskTimeout time.Duration
	// MaxOutput is the most tokens of one answer; 0 takes the profile's, and never more than a quarter of the window.
	MaxOutput int
	// Settle is how long a post with an unknown outcome may still be on its way before it is looked up; 0 is
	// three seconds.
	Settle  time.Duration
	Metrics *Metrics
	Logger  *slog.Logger
	Clock   func() time.Time
}

// Engine turns events into items and items into outcomes. It is safe for concurrent use.
type Engine struct {
	Options
	prompts    *prompts.Set
	summarizer *Summarizer
	owed       *owed
}

// New checks the options and makes an Engine.
func New(o Options) (*Engine, error) {
	switch {
	case o.Store == nil:
		return nil, errors.New("make engine: no store")
	case o.Model == nil:
		return nil, errors.New("make engine: no model")
	case o.Messengers == nil:
		return nil, errors.New("make engine: no messengers")
	case o.ModelName == "":
		return nil, errors.New("make engine: no model name")
	case o.Logger == nil:
		return nil, errors.New("make engine: no logger")
	}
	set, err := prompts.Load()
	if err != nil {
		return nil, fmt.Errorf("make engine: %w", err)
	}
	if o.Persona == "" {
		o.Persona = prompts.Persona
	}
	if o.TurnTimeout <= 0 {
		o.TurnTimeout = 5 * time.Minute
	}
	if o.TaskTimeout <= 0 {
		o.TaskTimeout = time.Hour
	}
	if o.Settle <= 0 {
		o.Settle = 3 * time.Second
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	summarizer, err := NewSummarizer(SummarizerOptions{Model: o.Model, ModelName: o.ModelName, Logger: o.Logger})
	if err != nil {
		return nil, fmt.Errorf("make engine: %w", err)
	}
	return &Engine{Options: o, prompts: set, summarizer: summarizer, owed: newOwed()}, nil
}

// Ingest takes an event in: when it returns nil the event is stored, or was stored before, and the platform may be
// acknowledged. Any error means that the platform should deliver again.
func (e *Engine) Ingest(ctx context.Context, ev Event) error {
	e.Metrics.event(ev)
	if posted, ok := ev.(Posted); ok && e.owed.has(posted.Message) {
		return nil
	}
	resolved, err := e.resolve(ctx, ev)
	if err != nil {
		return fmt.Errorf("find conversation of %s event: %w", ev.Kind(), err)
	}
	accepted, err := e.Store.Accept(ctx, e.measured(resolved), e.Policy.Decide)
	if err != nil {
		return fmt.Errorf("accept %s event: %w", ev.Kind(), err)
	}
	if accepted.Duplicate {
		e.Logger.DebugContext(ctx, "event accepted before", "ref", resolved.In(), "event", ev.Kind())
		return nil
	}
	if posted, ok := ev.(Posted); ok && accepted.Decision.Addressed {
		e.owed.add(posted.Message)
	}
	if _, gone := ev.(Deleted); !gone {
		e.Metrics.decision(resolved.In().Platform, accepted.Decision)
		e.Logger.DebugContext(ctx, "event accepted", "ref", resolved.In(), "event", ev.Kind(),
			"respond", accepted.Decision.Respond, "reason", accepted.Decision.Reason)
	}
	return nil
}

// measured notes what a message takes of a window, as far as that can be told without knowing the conversation.
func (e *Engine) measured(ev Event) Event {
	profile := e.Model.ProfileIn("")
	switch x := ev.(type) {
	case Posted:
		x.Message.Tokens = profile.Estimate(x.Message.Text)
		return x
	case Edited:
		x.Message.Tokens = profile.Estimate(x.Message.Text)
		return x
	}
	return ev
}

// resolve finds the conversation of a message that answers another by reference: the store knows the root of a chain
// that Parley takes part in; otherwise the platform is asked, but only about a message that is addressed to Parley.
func (e *Engine) resolve(ctx context.Context, ev Event) (Event, error) {
	message := func(m Message) (Message, error) {
		if m.ReplyTo == "" || m.Place != PlaceChannel {
			return m, nil
		}
		thread, known, err := e.Store.ThreadOf(ctx, m.Ref, m.ReplyTo)
		if err != nil {
			return m, err
		}
		if known {
			m.Ref.Thread = thread
			return m, nil
		}
		resolver, can := e.Messengers[m.Ref.Platform].(ThreadResolver)
		if !can || !e.Policy.Decide(m, View{}).Addressed {
			return m, nil
		}
		root, err := resolver.ResolveThread(ctx, m)
		if err != nil {
			// The nearest ancestor that the event names is a good key too: the answer must not wait for it.
			e.Logger.WarnContext(ctx, "cannot follow reply chain", "ref", m.Ref.String(), "error", err)
			return m, nil
		}
		m.Ref.Thread = root
		return m, nil
	}
	var err error
	switch x := ev.(type) {
	case Posted:
		x.Message, err = message(x.Message)
		return x, err
	case Edited:
		x.Message, err = message(x.Message)
		return x, err
	}
	return ev, nil
}
