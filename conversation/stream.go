package conversation

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"parley/conversation/failpoint"
	"parley/llm"
)

// answerText is the answer as far as the model has written it. One goroutine writes, one reads.
type answerText struct {
	mu      sync.Mutex
	text    strings.Builder
	finish  llm.Finish
	usage   *llm.Usage
	served  *llm.Served // set when another model answered than the configured one
	err     error
	changed chan struct{} // holds one token when there is new text
	done    chan struct{}
}

func (a *answerText) snapshot() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.text.String()
}

// add takes a delta and reports whether it brought the first visible text.
func (a *answerText) add(d llm.Delta) (first bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	before := a.text.Len()
	if before > 0 || strings.TrimSpace(d.Text) != "" {
		a.text.WriteString(d.Text)
	}
	if d.Finish != "" {
		a.finish = d.Finish
	}
	if d.Usage != nil {
		sum := *d.Usage
		if a.usage != nil { // an answer and its rest are two requests
			sum.Input, sum.Cached, sum.Output = sum.Input+a.usage.Input, sum.Cached+a.usage.Cached, sum.Output+a.usage.Output
		}
		a.usage = &sum
	}
	if d.Served != nil {
		a.served = d.Served
	}
	if a.text.Len() > before {
		select {
		case a.changed <- struct{}{}:
		default:
		}
	}
	return before == 0 && a.text.Len() > 0
}

// stream asks the model and shows the answer as it grows. A request that turns out not to fit the window is packed
// anew, once: into the window that the refusal told, or into three quarters of the one that was thought to be there.
func (r *run) stream(ctx context.Context, request llm.Request) error {
	tried := r.profile()
	err := r.say(ctx, request)
	var refused *llm.Error
	if !errors.As(err, &refused) || refused.Kind != llm.KindContextOverflow || refused.Partial != "" {
		return err
	}
	smaller := r.profile()
	if refused.Limit > 0 {
		smaller.Context = min(smaller.Context, refused.Limit)
	}
	if smaller.Context >= tried.Context {
		smaller.Context = tried.Context * 3 / 4
	}
	r.log.InfoContext(ctx, "the prompt did not fit, packing less", "window", smaller.Context, "was", tried.Context, "error", refused)
	again, packErr := r.packInto(ctx, r.question(), smaller)
	if packErr != nil {
		return packErr
	}
	return r.say(ctx, again)
}

// say is one request and its answer. Reading the model never waits for the platform.
func (r *run) say(ctx context.Context, request llm.Request) error {
	if err := r.askBudget(ctx, r.Model, request, r.out.Usage, r.out.CostUSD); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	answer := &answerText{changed: make(chan struct{}, 1), done: make(chan struct{})}
	go func() {
		defer close(answer.done)
		defer func() {
			if fault := recover(); fault != nil {
				r.log.ErrorContext(ctx, "turn panicked", "panic", fault, "stack", string(debug.Stack()))
				answer.err = fmt.Errorf("%w: %v", errPanic, fault)
			}
		}()
		answer.err = r.read(ctx, request, answer)
		if more, can := r.continuation(request, answer); can && r.readRest(ctx, request, more, answer) != nil {
			answer.finish = llm.FinishLength // what there is stays, and it is said that it was cut
		}
	}()
	defer func() { cancel(); <-answer.done }()

	err := r.follow(ctx, answer)
	if err != nil {
		cancel()
		<-answer.done
	}
	r.account(r.Model, request, answer) // it is paid for, whether people could be shown it or not
	if err != nil {
		return err
	}
	if answer.err != nil {
		r.deliver.shown = answer.snapshot()
		return modelFailure(answer.err)
	}
	text := strings.TrimSpace(answer.snapshot())
	if text == "" {
		return &Failure{Code: CodeModelEmpty, Err: errEmptyAnswer,
			Safe: "The model gave an empty answer. Please try again, or put the question another way."}
	}
	r.out.Kind = Answered
	if answer.finish == llm.FinishLength {
		r.out.Reason = CodeTruncated
		text += "\n\n*(The answer reached its length limit and stops here.)*"
	}
	return r.deliver.finish(ctx, text+verdicts(r.files))
}

// read takes one answer of the model in.
func (r *run) read(ctx context.Context, request llm.Request, answer *answerText) error {
	for delta, err := range r.Model.Stream(ctx, request) {
		if err != nil {
			return err
		}
		if answer.add(delta) {
			r.out.Timings.FirstToken = r.elapsed()
			failpoint.Hit(failpoint.FirstToken)
		}
	}
	return nil
}

// readRest takes the rest of an answer in, where the budget suffices for both.
func (r *run) readRest(ctx context.Context, first, rest llm.Request, answer *answerText) error {
	spent, usd := r.spent(r.Model, first, answer)
	if err := r.askBudget(ctx, r.Model, rest, r.out.Usage.plus(spent), r.out.CostUSD+usd); err != nil {
		return err
	}
	return r.read(ctx, rest, answer)
}

const (
	goOn = "Your answer was cut off by its length limit. Continue it exactly where it stopped, without repeating or announcing anything."
	// leastRest is the room, in tokens, that makes it worth asking for the rest of an answer.
	leastRest = 128
)

// continuation asks for the rest of an answer that reached its length limit, where the window has room for it.
func (r *run) continuation(request llm.Request, answer *answerText) (llm.Request, bool) {
	text := answer.snapshot()
	if answer.err != nil || answer.finish != llm.FinishLength || strings.TrimSpace(text) == "" {
		return request, false
	}
	request.Messages = append(slices.Clone(request.Messages), llm.TextMessage(llm.RoleAssistant, text), llm.TextMessage(llm.RoleUser, goOn))
	profile := r.profile()
	request.MaxOutput = min(request.MaxOutput, profile.Context-profile.BoundRequest(request))
	request.Purpose = "rest"
	return request, request.MaxOutput >= leastRest
}

// follow shows what the model writes until it has written everything. A busy or unreachable platform is no reason to
// stop: the next edit, or the last one, catches up.
func (r *run) follow(ctx context.Context, answer *answerText) error {
	paced, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		select {
		case <-answer.done:
			stop()
		case <-paced.Done():
		}
	}()
	for {
		select {
		case <-answer.done:
			return nil
		case <-answer.changed:
		}
		if sparer, can := r.m.(Sparer); can && !r.deliver.started() && sparer.Scarce(r.deliver.t.Target()) {
			continue
		}
		if r.deliver.started() && r.m.AwaitEdit(paced, r.deliver.t.Target()) != nil {
			<-answer.done
			return nil
		}
		if err := r.deliver.show(ctx, answer.snapshot()); err != nil {
			f := FailureOf(err)
			switch {
			case f.Retry && ctx.Err() == nil:
				r.log.DebugContext(ctx, "interim text not shown", "error", err)
				continue
			case r.deliver.started() && (f.Code == CodeEditRefused || f.Code == CodeCallRefused):
				r.log.WarnContext(ctx, "the platform takes no edits, the answer is shown when it is whole", "error", err)
				<-answer.done
				return nil
			}
			return err
		}
	}
}

// account adds what an answer has used to the turn's tokens and cost. The model that is recorded is the one that the
// person heard last.
func (r *run) account(model Model, request llm.Request, answer *answerText) {
	name := r.ModelName
	switch {
	case answer.served != nil:
		name = answer.served.Model
	case model != r.Model:
		name = nameOf(model, "vision")
	}
	if model == r.Model || r.out.Model == "" {
		r.out.Model = name
	}
	used, usd := r.spent(model, request, answer)
	r.out.spend(Spend{Model: name, Usage: used, CostUSD: usd})
}

// spent is what an answer has used so far: the server's figures, or the estimate where it gives none.
func (r *run) spent(model Model, request llm.Request, answer *answerText) (used Usage, usd float64) {
	profile := model.ProfileIn(r.t.Ref.String())
	if answer.served != nil {
		profile = answer.served.Profile
	}
	if answer.usage != nil {
		used = Usage{Input: answer.usage.Input, Cached: answer.usage.Cached, Output: answer.usage.Output}
	} else if text := answer.snapshot(); text != "" {
		used = Usage{Input: profile.EstimateRequest(request), Output: profile.Estimate(text), Estimated: true}
	}
	return used, profile.Cost(llm.Usage{Input: used.Input, Cached: used.Cached, Output: used.Output})
}
