package conversation

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// Stopped says that somebody wants an answer to end where it is: by the button under it, or by the platform's own.
type Stopped struct {
	Delivery Delivery
	// Ref is the conversation; its Thread may be empty where MessageID is set.
	Ref ThreadRef
	// MessageID is the part of the answer that the button stands under; empty: whatever is being answered in Ref.
	MessageID string
	// By is the id of the person. Only whoever asked can stop an answer; a Stopped by anybody else changes nothing.
	By string
}

// Meta implements Event.
func (e Stopped) Meta() Delivery { return e.Delivery }

// In implements Event.
func (e Stopped) In() ThreadRef { return e.Ref }

// Kind implements Event.
func (Stopped) Kind() string { return "stopped" }

func (Stopped) event() {}

// ErrStopped is the cause with which a turn's context ends when the person who asked wants no more of the answer.
var ErrStopped = errors.New("stopped by the person who asked")

// wantsStop reports whether the message says nothing but "stop", in one of the larger languages.
func wantsStop(m Message) bool {
	switch strings.ToLower(strings.Trim(withoutSelf(m), " \t\n/!.。！¡")) {
	case "stop", "stop it", "please stop", "stop please", "cancel", "halt", "stopp", "abbrechen", "arrête", "arrete", "arrêtez",
		"annule", "para", "detente", "basta", "pare", "parar", "ferma", "fermati", "стоп", "хватит", "停", "停止", "停下", "やめて",
		"止めて", "ストップ", "중지", "멈춰", "그만", "توقف", "قف", "रुको", "dur":
		return true
	}
	return false
}

// nothingToStop reports whether all that the turn asks is "stop": what that person asked in the same turn is taken back by it.
func (r *run) nothingToStop() bool {
	last := r.t.Last().Message
	if last.Ask != nil || len(last.Attachments) > 0 || !wantsStop(last) {
		return false
	}
	return !slices.ContainsFunc(r.t.Items, func(i Item) bool { return i.Message.Author.ID != last.Author.ID && !wantsStop(i.Message) })
}

const stoppedNote = "*(Stopped.)*"

// stop ends the turn where it is. What people have seen of the answer stays, with a mark, also what an attempt has shown
// that was cut off.
func (r *run) stop(outer context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(outer), closing)
	defer cancel()
	r.out.Kind, r.out.Reason, r.out.Detail = Withdrawn, CodeStopped, ErrStopped.Error()
	if shown := r.deliver.text(); shown == "" && !r.deliver.started() && r.deliver.calling == 0 && !r.deliver.private() {
		return r.stopEarlier(ctx)
	} else if shown != "" {
		return r.mark(ctx, shown+"\n\n"+stoppedNote)
	}
	return r.mark(ctx, stoppedNote)
}

// mark shows the last text of a stopped answer. That it cannot be shown is no reason to answer after all.
func (r *run) mark(ctx context.Context, text string) error {
	err := r.deliver.finish(ctx, text)
	if errors.Is(err, ErrFenced) || errors.Is(err, errStore) {
		return err
	}
	if err != nil {
		r.log.WarnContext(ctx, "cannot mark the answer as stopped", "error", err)
	}
	return nil
}
