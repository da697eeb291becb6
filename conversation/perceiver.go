package conversation

import (
	"context"
	"errors"
	"time"

	"parley/conversation/prompts"
	"parley/llm"
)

// Perceiver makes text of files: what a picture shows, what is said in a sound, what a document holds. The engine and the
// commands of the terminal use it alike.
type Perceiver struct {
	PerceiverOptions
	prompts *prompts.Set
	// waited says that it was waited once for what the model sees: it is not done for each file.
	waited bool
}

// PerceiverOptions is what a Perceiver is made of. Media, Model and Ask are required.
type PerceiverOptions struct {
	Media Media
	// Model sees and hears where its profile says so. Vision describes pictures where it does not, Transcriber writes sound
	// down; nil: nobody does.
	Model, Vision Model
	Transcriber   Transcriber
	// Ask asks a model for a whole answer; it keeps to budgets and counts what was used.
	Ask func(ctx context.Context, m Model, r llm.Request) (string, error)
	// Tell is told how far long work is; nil: nobody is.
	Tell func(ctx context.Context, text string)
	// Conversation is whose ratio of tokens the models' profiles are for; empty: none.
	Conversation string
	// MaxOutput is the most tokens of one answer; 0: the profile's.
	MaxOutput int
}

// NewPerceiver checks the options and makes a Perceiver.
func NewPerceiver(o PerceiverOptions) (*Perceiver, error) {
	if o.Media == nil || o.Model == nil || o.Ask == nil {
		return nil, errors.New("make perceiver: no media, no model or no way to ask it")
	}
	set, err := prompts.Load()
	if err != nil {
		return nil, err
	}
	return &Perceiver{PerceiverOptions: o, prompts: set}, nil
}

func (p *Perceiver) profile(m Model) llm.Profile { return m.ProfileIn(p.Conversation) }

// Prober is an optional capability of a Model that finds out what it takes: at once where it is known, else by asking the
// server, until ctx ends. *llm.Client is one.
type Prober interface {
	Sight(ctx context.Context) llm.Ability
	Hearing(ctx context.Context) llm.Ability
}

// probeWait is how long a file waits for what its model takes to be found out: after a start the first may come before that
// is known.
const probeWait = 10 * time.Second

// sees tells whether the model that answers sees; Unknown where that cannot be found out now.
func (p *Perceiver) sees(ctx context.Context) llm.Ability {
	if p.profile(p.Model).Sees {
		return llm.Yes
	}
	prober, can := p.Model.(Prober)
	if !can {
		return llm.No
	}
	wait := probeWait
	if p.waited {
		wait = 0
	}
	p.waited = true
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	return prober.Sight(ctx)
}

// hears tells whether the model that answers hears.
func (p *Perceiver) hears(ctx context.Context) bool {
	prober, can := p.Model.(Prober)
	if !can || p.profile(p.Model).Hears {
		return p.profile(p.Model).Hears
	}
	ctx, cancel := context.WithTimeout(ctx, probeWait)
	defer cancel()
	return prober.Hearing(ctx) == llm.Yes
}

// maxOutput is the most tokens of a description or of a piece of a transcript.
func (p *Perceiver) maxOutput(m Model) int {
	profile := p.profile(m)
	most := describeMost
	for _, limit := range []int{p.MaxOutput, profile.MaxOutput, profile.Context / 4} {
		if limit > 0 {
			most = min(most, limit)
		}
	}
	return most
}

func (p *Perceiver) tell(ctx context.Context, text string) {
	if p.Tell != nil {
		p.Tell(ctx, text)
	}
}
