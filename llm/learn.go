package llm

import (
	"context"
	"strings"
	"time"
)

// Profile is the profile in use: the model's, with what the server has told or shown of itself.
func (c *Client) Profile() Profile { return c.ProfileIn("") }

// ProfileIn is the profile in use for one conversation, whose language has a ratio of its own (see [Request.Conversation]).
func (c *Client) ProfileIn(conversation string) Profile {
	p, f := c.profile, c.known.read()
	p.Calibration = c.known.calibration(conversation)
	rule := p.servers[c.serverKind(f)]
	if rule.Image != nil {
		p.Image = *rule.Image
	}
	if rule.SpeechPrice > 0 && !c.fixed.speech {
		p.SpeechPrice = rule.SpeechPrice
	}
	p.Image.Tokens = f.ImageTokens.of(p.Image.Tokens)
	if f.MaxImages > 0 && (p.Image.MaxImages == 0 || f.MaxImages < p.Image.MaxImages) {
		p.Image.MaxImages = f.MaxImages
	}
	can := c.abilities()
	p.Sees, p.Hears = can.Sees.Ability == Yes, can.Hears.Ability == Yes
	if f.Probed.Context > 0 && !c.fixed.context {
		p.Context = f.Probed.Context
	}
	if f.Corrected > 0 {
		p.Context = min(p.Context, f.Corrected)
	}
	p.MaxOutput = min(p.MaxOutput, max(p.Context/4, 1)) // a quarter of the window at most is for the answer
	if f.Probed.InputPrice+f.Probed.OutputPrice > 0 && !c.fixed.prices {
		p.InputPrice, p.OutputPrice = f.Probed.InputPrice, f.Probed.OutputPrice
	}
	return p
}

// cutBelow is the part of the estimate below which a count means that the prompt was cut: no text errs by so much.
const cutBelow = 0.6

// learnUsage compares what the server counted with what was expected.
func (c *Client) learnUsage(ctx context.Context, req Request, usage *Usage) {
	if pictures, recordings := countFiles(req); pictures+recordings > 0 {
		c.learnFiles(req, usage, pictures, recordings)
		return
	}
	plain := c.profile // without what was learnt so far: the ratio is to the rule itself
	guessed := plain.EstimateRequest(req)
	if usage == nil || usage.Input == 0 {
		c.countLater(req, guessed)
		return
	}
	expected := c.ProfileIn(req.Conversation).EstimateRequest(req)
	if expected < 10*smallestSample || float64(usage.Input) >= cutBelow*float64(expected) {
		c.known.learn(req.Conversation, guessed, usage.Input)
		return
	}
	c.known.change(func(f *facts) {
		f.Cut = &CutPrompt{Sent: expected, Counted: usage.Input, At: time.Now().UTC()}
		if !c.fixed.context {
			f.Corrected = (usage.Input + 1023) / 1024 * 1024
		}
	})
	c.log.WarnContext(ctx, "the model server cut the prompt without a word: give it a larger window, or set LLM_CONTEXT_TOKENS to the one that it has",
		"sent_tokens", expected, "read_tokens", usage.Input, "window", c.Profile().Context)
	c.probeSoon()
}

// learnFailure takes the true window, and the true count, out of a refusal.
func (c *Client) learnFailure(ctx context.Context, req Request, fail *Error) {
	switch fail.Kind {
	case KindModality:
		c.learnRefusal(ctx, req, fail)
	case KindModelNotFound:
		c.probeSoon()
	case KindContextOverflow:
		c.probeSoon()
		if pictures, recordings := countFiles(req); fail.Used > 0 && pictures+recordings == 0 {
			c.known.learn(req.Conversation, c.profile.EstimateRequest(req), fail.Used)
		}
		if fail.Limit >= smallestWindow && fail.Limit != c.Profile().Context {
			c.log.WarnContext(ctx, "the model server tells its window in a refusal", "window", fail.Limit, "was", c.Profile().Context)
			c.known.change(func(f *facts) { f.Corrected = fail.Limit })
		}
	}
}

// smallestWindow keeps a refusal that was misread from making the window useless.
const smallestWindow = 512

// Cut tells the last prompt that the server shortened without a word, unless it has run with another window since.
func (c *Client) Cut() (cut CutPrompt, was bool) {
	f := c.known.read()
	if f.Cut == nil {
		return CutPrompt{}, false
	}
	return *f.Cut, true
}

// probeSoon asks Run for a probe.
func (c *Client) probeSoon() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// uncounted is a prompt that the server answered without telling its tokens.
type uncounted struct {
	conversation string
	text         string
	turns        int
	guessed      int
}

// countLater leaves a prompt to be counted by Run, where the server has a tokenizer; one at a time, the others are let go.
func (c *Client) countLater(req Request, guessed int) {
	if !c.known.read().Probed.Tokenizer || guessed < smallestSample {
		return
	}
	messages, err := Shape(c.profile, req.Messages)
	if err != nil {
		return
	}
	var text strings.Builder
	for _, m := range messages {
		only, isText := onlyText(m)
		if !isText {
			return
		}
		text.WriteString(only + "\n")
	}
	select {
	case c.uncounted <- uncounted{req.Conversation, text.String(), len(messages), guessed}:
	default:
	}
}

const (
	probeEvery  = time.Hour
	probeAtMost = 30 * time.Second // between two probes that failures ask for
	saveEvery   = 10 * time.Second
	saveTimeout = 3 * time.Second
)

// Run keeps what is known of the server up to date until ctx ends: it probes at once, every hour, and after refusals that a
// probe may explain; it has prompts counted that came back without a count; and it saves what was learnt. Call Recall first.
func (c *Client) Run(ctx context.Context) {
	defer func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTimeout)
		defer cancel()
		c.save(last)
	}()
	hourly, saving := time.NewTicker(probeEvery), time.NewTicker(saveEvery)
	defer hourly.Stop()
	defer saving.Stop()
	var last time.Time
	probe := func() {
		last = time.Now()
		if _, err := c.Probe(ctx); err != nil && ctx.Err() == nil {
			c.log.InfoContext(ctx, "the model server cannot be probed", "error", err)
		}
		c.look(ctx)
		c.save(ctx)
	}
	probe()
	for {
		select {
		case <-ctx.Done():
			return
		case <-hourly.C:
			probe()
		case <-c.wake:
			if time.Since(last) >= probeAtMost {
				probe()
			}
		case u := <-c.uncounted:
			if n, err := c.Count(ctx, u.text); err == nil {
				c.known.learn(u.conversation, u.guessed, n+u.turns*c.profile.PerMessage+perRequest)
			}
		case <-saving.C:
			c.save(ctx)
		}
	}
}
