package conversation

import (
	"context"
	"fmt"
	"slices"
	"time"

	"parley/conversation/failpoint"
)

// send makes sure that part number stands on the platform exactly once. The intent is stored before the call and the
// platform's id after it; where the outcome of a call is unknown, by an error or because an earlier attempt was cut
// off, the platform is asked before anything is sent again. posted is false when the message was already there.
func (d *delivery) send(ctx context.Context, number int, call func(context.Context, string) (string, error)) (id string, posted bool, err error) {
	intent, err := d.Store.Intend(ctx, d.t, d.base+number)
	if err != nil {
		return "", false, storeError(err)
	}
	failpoint.Hit(failpoint.Intended)
	if intent.MessageID != "" {
		return intent.MessageID, false, nil
	}
	unknown := d.intendedBefore(number) || d.calling == number+1
	for try, lost := 0, 0; ; try++ {
		if unknown {
			id, err := d.find(ctx, number, intent)
			if err != nil {
				return "", false, err
			}
			if id != "" {
				return id, false, storeError(d.Store.Sent(ctx, d.t, d.base+number, id))
			}
		}
		failpoint.Hit(failpoint.Posting)
		if err := d.Store.Holds(d.t); err != nil {
			return "", false, err
		}
		d.calling = number + 1
		id, err := call(d.fenced(ctx), intent.SendID)
		if err == nil || FailureOf(err).Code != CodeSendUnknown {
			d.calling = 0 // else it is looked for, also where the next to send it has another context
		}
		if err == nil {
			failpoint.Hit(failpoint.Posted)
			err = storeError(d.Store.Sent(ctx, d.t, d.base+number, id))
			failpoint.Hit(failpoint.Sent)
			return id, true, err
		}
		f := FailureOf(err)
		unknown = f.Code == CodeSendUnknown
		if unknown {
			lost++
		}
		switch {
		case lost == maxLost:
			return "", false, final(err)
		case !unknown && !f.Retry:
			return "", false, err
		}
		d.log.WarnContext(ctx, "send failed, trying again", "part", number, "try", try+1, "error", err)
		pause := backoff(try)
		if unknown {
			pause = d.Settle << (lost - 1) // and Settle again before it is looked for
		}
		if !sleep(ctx, pause) {
			return "", false, err
		}
		if ctx.Err() != nil {
			return "", false, err
		}
	}
}

// maxLost is how often a post may be lost without a trace before it is given up: a server that takes posts and shows
// none would get one more copy with each try. With the pauses between them that is after a minute and three quarters.
const maxLost = 6

// final makes a failure one that another attempt at the turn would not mend.
func final(err error) error {
	f := *FailureOf(err)
	f.Retry = false
	return &f
}

// intendedBefore reports whether an earlier attempt meant to send this part and left no word of it.
func (d *delivery) intendedBefore(number int) bool {
	for _, p := range d.t.Parts {
		if p.Number == number {
			return p.MessageID == ""
		}
	}
	return false
}

// find looks for a part that may have been sent. A lost request may still be on its way: it gets Settle, from the
// moment of the intent, before the platform is asked.
func (d *delivery) find(ctx context.Context, number int, intent Part) (string, error) {
	finder, can := d.m.(SentFinder)
	if !can {
		return "", nil
	}
	wait := d.Settle
	if d.intendedBefore(number) {
		wait -= d.Clock().Sub(intent.IntendedAt)
	}
	if wait > 0 && !sleep(ctx, wait) {
		return "", &Failure{Code: CodeSendUnknown, Retry: true, Err: fmt.Errorf("%w: %w", errUnknownSend, context.Cause(ctx))}
	}
	out := d.outgoing(number, "", false)
	out.Ref, out.ReplyTo = d.standsIn(number), d.replyTo()
	out.SendID = intent.SendID
	out.KnownIDs = d.recorded()
	for try := 0; ; {
		id, found, err := finder.FindSent(ctx, out, intent.IntendedAt.Add(-time.Minute))
		switch {
		case err == nil && (!found || slices.Contains(out.KnownIDs, id)):
			return "", nil
		case err == nil:
			recorded, err := d.Store.Recorded(ctx, out.Ref, id)
			if err != nil || !recorded {
				return id, storeError(err)
			}
			out.KnownIDs = append(out.KnownIDs, id) // it looks like ours, but is a part of another answer
		case !FailureOf(err).Retry || !sleep(ctx, backoff(try)):
			return "", err
		default:
			try++
		}
	}
}

// recorded gives the messages of this answer of which the platform's id is known.
func (d *delivery) recorded() []string {
	var ids []string
	for _, p := range d.t.Parts {
		if p.MessageID != "" {
			ids = append(ids, p.MessageID)
		}
	}
	for _, p := range d.parts {
		ids = append(ids, p.MessageID)
	}
	return ids
}
