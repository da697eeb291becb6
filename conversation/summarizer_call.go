package conversation

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"time"

	"parley/conversation/prompts"
	"parley/conversation/summary"
	"parley/llm"
)

// summing is one job while it runs.
type summing struct {
	*Summarizer
	SummaryJob
	reading  *reading
	profile  llm.Profile
	sizes    summary.Sizes
	cost     func(string) int // without calibration, so that chunks stay the same
	language string           // to write in; "" is the conversation's own
	spoken   string           // the conversation's own, "" where it is not clear

	mu        sync.Mutex
	result    SummaryResult
	notRead   int   // messages that the model has not read
	excerpted int   // messages about which it said nothing
	why       error // they were not read
}

// answerMost bounds an answer of the model in bytes: more than any MaxOutput that is asked for.
const answerMost = 128 << 10

// mapTemperature keeps notes close to the text.
const mapTemperature = 0.2

// begin prepares a job for the model as it is known now.
func (s *Summarizer) begin(job SummaryJob) (*summing, error) {
	if job.Source == nil {
		return nil, errors.New("sum up: no source")
	}
	j := &summing{Summarizer: s, SummaryJob: job, profile: s.Model.ProfileIn(job.Ref.String())}
	j.sizes = summary.SizesFor(j.profile.Context)
	plain := j.profile
	plain.Calibration = llm.Calibration{}
	j.cost = plain.Bound
	j.reading = &reading{source: job.Source, location: job.Location, clean: summary.Normaliser{Cost: j.cost, Most: j.sizes.Paste}}
	j.result.Model = s.ModelName
	return j, nil
}

// errTooLarge says that a request would not fit the window; the server was not asked.
var errTooLarge = errors.New("request does not fit the window")

// call is one request. each is called as text comes, with all there is so far; nil: nobody looks.
func (j *summing) call(ctx context.Context, prompt string, maxOutput int, each func(text string) error) (text string, finish llm.Finish, err error) {
	temperature := mapTemperature
	request := llm.Request{Messages: []llm.Message{llm.TextMessage(llm.RoleUser, prompt)}, MaxOutput: maxOutput,
		Temperature: &temperature, Purpose: "summary", Conversation: j.Ref.String()}
	if j.profile.BoundRequest(request)+maxOutput > j.profile.Context {
		return "", "", errTooLarge
	}
	settle := func(Spend) {}
	if j.Ask != nil {
		account, err := j.Ask(ctx, request)
		if err != nil {
			return "", "", err
		}
		if account != nil {
			settle = account
		}
	}
	begun := j.Clock()
	var written strings.Builder
	var usage *llm.Usage
	var served *llm.Served
	for delta, streamErr := range j.Model.Stream(ctx, request) {
		if streamErr != nil {
			err = streamErr
			break
		}
		written.WriteString(delta.Text)
		if delta.Finish != "" {
			finish = delta.Finish
		}
		if delta.Usage != nil {
			usage = delta.Usage
		}
		if delta.Served != nil {
			served = delta.Served
		}
		if written.Len() > answerMost {
			finish = llm.FinishLength
			break
		}
		if each != nil && strings.Contains(delta.Text, "\n") {
			if err = each(written.String()); err != nil {
				break
			}
		}
	}
	text = written.String()
	settle(j.account(request, text, usage, served))
	if err == nil {
		j.learnPace(j.Clock().Sub(begun))
	}
	return text, finish, err
}

// account adds what a request has used: the server's figures, or the estimate where it gives none.
func (j *summing) account(request llm.Request, text string, usage *llm.Usage, served *llm.Served) Spend {
	profile, model := j.profile, j.ModelName
	if served != nil {
		profile, model = served.Profile, served.Model
	}
	var used Usage
	switch {
	case usage != nil:
		used = Usage{Input: usage.Input, Cached: usage.Cached, Output: usage.Output}
	case text != "":
		used = Usage{Input: profile.EstimateRequest(request), Output: profile.Estimate(text), Estimated: true}
	}
	usd := profile.Cost(llm.Usage{Input: used.Input, Cached: used.Cached, Output: used.Output})
	j.mu.Lock()
	j.result.Calls++
	j.result.Usage = j.result.Usage.plus(used)
	j.result.InputTokens, j.result.OutputTokens = j.result.Usage.Input, j.result.Usage.Output
	j.result.CostUSD += usd
	if served != nil {
		j.result.Model = served.Model
	}
	j.mu.Unlock()
	return Spend{Model: model, Usage: used, CostUSD: usd}
}

// learnPace keeps a moving mean of how long a request takes.
func (s *Summarizer) learnPace(took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pace == 0 {
		s.pace = took
	}
	s.pace += (took - s.pace) / 5
}

// tries is how often a request is made whose server is busy, beyond what the client does itself.
const tries = 3

// patient calls again after a failure that may pass.
func (j *summing) patient(ctx context.Context, prompt string, maxOutput int, each func(string) error) (text string, finish llm.Finish, err error) {
	for try := range tries {
		if try > 0 && !sleep(ctx, backoff(try)) {
			return "", "", context.Cause(ctx)
		}
		text, finish, err = j.call(ctx, prompt, maxOutput, each)
		var failed *llm.Error
		if err == nil || !errors.As(err, &failed) || !failed.Temporary() {
			break
		}
	}
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return text, finish, err
}

// fatal reports whether a failure ends the whole job: it would meet every other request too, or is none of the model's.
func fatal(err error) bool {
	var failed *llm.Error
	if !errors.As(err, &failed) {
		return !errors.Is(err, errTooLarge)
	}
	switch failed.Kind {
	case llm.KindAuth, llm.KindQuota, llm.KindModelNotFound, llm.KindBadTemplate, llm.KindCancelled:
		return true
	}
	return false
}

// overflows reports whether a smaller request may pass.
func overflows(err error) bool {
	return errors.Is(err, errTooLarge) || llm.KindOf(err) == llm.KindContextOverflow
}

// newFence makes a delimiter that no message can contain, because nobody knew it before.
func newFence() string { return "=== " + rand.Text()[:8] + " ===" }

// rows are messages as a prompt shows them.
func rows(messages []summary.Message) []prompts.Row {
	out := make([]prompts.Row, len(messages))
	for i, r := range summary.Rows(messages) {
		out[i] = prompts.Row{Line: prompts.Line{N: r.N, Name: r.Author, Text: r.Text}, Mark: r.Mark, Day: r.Day}
	}
	return out
}

// mapOutput is the room for the notes of a chunk.
func (j *summing) mapOutput() int { return min(1200, j.profile.Context/8) }

// writeOutput is the room for a summary.
func (j *summing) writeOutput() int { return min(1200, j.profile.Context/6) }

// wholeOutput is the room for a summary with all its lines.
func (j *summing) wholeOutput() int { return min(2400, j.profile.Context/5) }
