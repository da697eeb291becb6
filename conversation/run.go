package conversation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"parley/conversation/failpoint"
)

// errTurnTimeout is the cause with which a turn's context ends by itself.
var errTurnTimeout = errors.New("turn took longer than TURN_TIMEOUT")

// errPanic marks a fault of our own.
var errPanic = errors.New("panic")

// errStore marks an error of the database: nothing can be recorded now, so the turn runs again.
var errStore = errors.New("store")

// storeError marks err, unless it is none or ErrFenced.
func storeError(err error) error {
	if err == nil || errors.Is(err, ErrFenced) {
		return err
	}
	return fmt.Errorf("%w: %w", errStore, err)
}

// closing is how long the last words of a turn may take once its own time is up.
const closing = 15 * time.Second

// run is one attempt at a turn.
type run struct {
	*Engine
	t       Turn
	m       Messenger
	log     *slog.Logger
	out     Outcome
	deliver *delivery
	// files are those that the question came with, or is about, as far as they were looked at.
	files []seen
	// senses is what takes files in, made when the first is.
	senses *Perceiver
	// partly is what was made of a file before the budget was used up.
	partly string
	// told is when people were last told how far a task is.
	told time.Time
	// grown is when a summary was last shown as it grew.
	grown time.Time
	// hushed says that somebody who reads here may not read what is worked on: nothing of it is told here, not even how much
	// it is.
	hushed bool
	// short says that the prompt gets half of the room for what was said before.
	short bool
}

// RunTurn answers the items of a turn and says how it ended. It returns an error only where nothing can be recorded
// now and the turn must run again: the database or the platform is unreachable, the lease is lost (ErrFenced), or
// ctx was cancelled from outside, whose cause the error then holds (ErrStale). Everything else is an outcome, a panic
// too.
func (e *Engine) RunTurn(ctx context.Context, t Turn) (Outcome, error) {
	m, ok := e.Messengers[t.Ref.Platform]
	if !ok {
		return Outcome{}, fmt.Errorf("run turn %d: platform %s is not set up here", t.ID, t.Ref.Platform)
	}
	r := &run{Engine: e, t: t, m: m, log: e.Logger.With("turn", t.ID, "attempt", t.Attempt, "ref", t.Ref.String())}
	r.out.Timings.Queued = r.elapsed()
	r.deliver = newDelivery(r)

	if t.Withdrawn {
		return r.withdraw(ctx)
	}
	limit := e.TurnTimeout
	if t.Task != nil {
		limit = e.TaskTimeout
	}
	turnCtx, cancel := context.WithTimeoutCause(ctx, limit, errTurnTimeout)
	defer cancel()
	err := r.guard(ctx, func() error { return r.answer(turnCtx) })
	if errors.Is(err, ErrBudget) && !r.silent() {
		err = r.guard(ctx, func() error { return r.refuseForBudget(turnCtx, err) })
	}
	if r.out.Task != nil && err == nil {
		return r.out, nil
	}
	if err != nil {
		err = r.guard(ctx, func() error { return r.fail(ctx, turnCtx, err) })
	}
	if errors.Is(err, errPanic) && ctx.Err() == nil { // while the failure was told
		r.out.Kind, r.out.Reason, r.out.Detail = Failed, CodeInternal, err.Error()
		err = nil
	}
	if err != nil {
		return Outcome{}, fmt.Errorf("run turn %d: %w", t.ID, err)
	}
	r.out.Parts = r.deliver.sent()
	r.out.Timings.FirstVisible = r.deliver.firstVisible
	r.out.Timings.Total = r.elapsed()
	failpoint.Hit(failpoint.Delivered)
	r.log.InfoContext(ctx, "turn ended", "outcome", r.out.Kind, "reason", r.out.Reason, "detail", r.out.Detail,
		"input_tokens", r.out.Usage.Input, "output_tokens", r.out.Usage.Output, "seconds", r.out.Timings.Total.Seconds())
	return r.out, nil
}

// guard turns a panic into an error, so that it ends the turn with a word to the person and not the process.
func (r *run) guard(ctx context.Context, work func() error) error { return caught(ctx, r.log, work) }

// caught is guard for work that runs in a goroutine of its own, which nobody else guards.
func caught(ctx context.Context, log *slog.Logger, work func() error) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			log.ErrorContext(ctx, "turn panicked", "panic", fault, "stack", string(debug.Stack()))
			err = fmt.Errorf("%w: %v", errPanic, fault)
		}
	}()
	return work()
}

// answer does the turn's work.
func (r *run) answer(ctx context.Context) error {
	if r.t.Stopped {
		return ErrStopped
	}
	if r.silent() {
		return r.digest(ctx)
	}
	if r.t.Overtaken && r.t.Task == nil { // it brings what is owed an answer too, whatever this turn is about
		if err := r.readHistory(ctx); err != nil {
			return err
		}
	}
	if code := r.t.Last().Refuse; code != "" {
		r.out.Kind, r.out.Reason = Refused, code
		if code == CodeMissed {
			r.out.Kind = Missed
		}
		return r.deliver.finish(ctx, refusal(code))
	}
	question := r.question()
	if r.asksHelp(question) {
		r.out.Kind = Answered
		return r.deliver.finish(ctx, r.help())
	}
	if r.nothingToStop() {
		r.out.Kind = Answered
		return r.deliver.finish(ctx, "Nothing is being written here right now.")
	}
	if ask := r.t.Last().Message.Ask; ask != nil && ask.Verb == VerbShare {
		return r.share(ctx, *ask)
	}
	if request, wanted := r.wantsSummary(); wanted {
		if sentence := r.unclear(request); sentence != "" {
			r.out.Kind = Answered
			return r.deliver.finish(ctx, sentence)
		}
		if r.t.Task == nil {
			r.out.Task = &Task{Kind: TaskSummary}
			return nil
		}
		return r.summarize(ctx, request)
	}
	stopStatus := r.showStatus(ctx)
	defer stopStatus()
	if err := r.readHistory(ctx); err != nil {
		return err
	}
	if err := r.spareBudget(ctx); err != nil {
		return err
	}
	if done, err := r.takeFiles(ctx); done || err != nil {
		return err
	}
	request, err := r.pack(ctx, r.question())
	if err != nil {
		return err
	}
	r.out.Timings.Packed = r.elapsed()
	failpoint.Hit(failpoint.Packed)
	return r.stream(ctx, request)
}

// withdraw takes away what an unfinished answer has left on the platform after its question was deleted.
func (r *run) withdraw(ctx context.Context) (Outcome, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, r.TurnTimeout, errTurnTimeout)
	defer cancel()
	err := r.guard(ctx, func() error {
		if err := r.deliver.trim(ctx, 0); err != nil {
			return err
		}
		return newDeliveryAt(r, asidePart).trim(ctx, 0)
	})
	if errors.Is(err, errPanic) {
		r.out.Detail = err.Error()
	} else if err != nil {
		return Outcome{}, fmt.Errorf("withdraw turn %d: %w", r.t.ID, err)
	}
	r.out.Kind = Withdrawn
	r.out.Timings.Total = r.elapsed()
	return r.out, nil
}

// fail turns an error into the turn's outcome and tells the person, or gives the error back where the turn must run
// again. What was already shown of the answer stays, with the sentence below it.
func (r *run) fail(outer, turn context.Context, err error) error {
	switch {
	case errors.Is(err, ErrFenced):
		return err
	case errors.Is(err, ErrStopped), errors.Is(context.Cause(outer), ErrStopped):
		return r.stop(outer)
	case outer.Err() != nil: // also where that looks like a fault of the database
		return fmt.Errorf("%w: %w", context.Cause(outer), err)
	case errors.Is(err, errStore):
		return err
	}
	f := FailureOf(err)
	if errors.Is(context.Cause(turn), errTurnTimeout) {
		if f.Code == CodePlatformDown || f.Code == CodeSendUnknown {
			return err
		}
		f = &Failure{Code: CodeTimeout, Err: errTurnTimeout,
			Safe: "This took longer than I am allowed to work on one answer, so I stopped. Please try again, perhaps with a smaller question."}
	}
	r.out.Kind, r.out.Reason, r.out.Detail = Failed, f.Code, f.Error()
	if f.Code == CodeNotReadable || f.Code == CodeNotPostable {
		r.out.Kind = Refused
	}
	switch f.Code {
	case CodePlatformDown, CodeSendUnknown:
		if f.Retry {
			return err
		}
		r.log.WarnContext(outer, "nobody knows whether the answer was posted", "error", err)
		return nil
	case CodePlatformRefused:
		// Nothing can be said where nothing may be posted: the log and the ledger hold the reason.
		r.log.WarnContext(outer, "platform refused the answer", "error", err)
		return nil
	case CodeMessageGone:
		return nil
	}
	r.log.WarnContext(outer, "turn failed", "error", err)
	if r.silent() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(outer), closing)
	defer cancel()
	text := f.Safe
	if shown := r.deliver.text(); shown != "" {
		text = shown + "\n\n*" + f.Safe + "*"
	}
	saying := r.deliver.finish(ctx, text)
	if code := FailureOf(saying).Code; saying != nil && (code == CodeCallRefused || code == CodeEditRefused) && text != f.Safe {
		saying = r.deliver.finish(ctx, f.Safe) // it may have been the text that was refused
	}
	if saying == nil {
		return nil
	}
	switch code := FailureOf(saying).Code; {
	case errors.Is(saying, ErrFenced), errors.Is(saying, errStore):
		return saying
	case code == CodePlatformRefused, code == CodeCallRefused, code == CodeEditRefused, code == CodeMessageGone:
		r.log.WarnContext(outer, "cannot say that the turn failed", "error", saying)
		return nil
	default:
		return saying
	}
}

// silent reports whether nobody waits for what the turn does.
func (r *run) silent() bool { return r.t.Task != nil && r.t.Task.Kind == TaskDigest }

// elapsed is the time since the oldest item of the turn was accepted.
func (r *run) elapsed() time.Duration { return r.Clock().Sub(r.t.QueuedAt) }

// refusal is the sentence for a person who gets no answer.
func refusal(code Code) string {
	switch code {
	case CodeDenied:
		return "I am not set up to answer you. Please ask whoever runs me."
	case CodeChannelNotAllowed:
		return "I am not set up to answer in this place. Please ask whoever runs me where I am."
	case CodeMissed:
		return "I was away when this was written, and too much time has passed to answer unasked. Please ask again if it still matters."
	case CodeRate:
		return "You have asked me a lot within a minute. Please wait a little and ask again."
	default:
		return "I cannot answer this. Please ask whoever runs me."
	}
}

// statusAfter is how long an answer may take before people are told that it is being worked on: a quick one needs none.
const statusAfter = 300 * time.Millisecond

// showStatus shows that the answer is being worked on, without delaying it, until the returned function is called
// or the first text is visible.
func (r *run) showStatus(ctx context.Context) (stop func()) {
	setter, can := r.m.(StatusSetter)
	if !can {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	visible := r.deliver.visible // the turn may go on with another delivery
	first := time.AfterFunc(statusAfter, func() {
		defer close(done)
		r.keepStatus(ctx, setter, visible)
	})
	return func() {
		cancel()
		if !first.Stop() {
			<-done
		}
	}
}

// keepStatus sets the status again and again until ctx ends or the first text is visible.
func (r *run) keepStatus(ctx context.Context, setter StatusSetter, visible <-chan struct{}) {
	tick := time.NewTicker(setter.StatusEvery())
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-visible:
			return
		default:
		}
		if err := setter.SetStatus(ctx, r.t.Ref, "is thinking…"); err != nil && ctx.Err() == nil {
			r.log.DebugContext(ctx, "cannot show status", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-visible:
		case <-tick.C:
		}
	}
}
