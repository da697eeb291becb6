package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/conversation"
	"parley/conversation/failpoint"
	"parley/store/internal/dbsqlc"
)

// errDuplicate rolls an acceptance back: there is nothing to change.
var errDuplicate = errors.New("duplicate")

// intake is one transaction that takes messages in.
type intake struct {
	*Store
	tx     pgx.Tx
	now    time.Time
	decide conversation.DecideFunc
	// caughtUp says that the message was read after an absence, and not delivered.
	caughtUp bool
	// fresh says that this transaction made the conversation's row.
	fresh bool
	// stale are the unfinished turns whose questions this transaction changes, stopped those that it stops.
	stale   []dbsqlc.MarkStaleRow
	stopped []dbsqlc.StopAnswersRow
}

// Accept implements conversation.Store. The text of a message is stored only where it belongs to a conversation in
// which Parley takes part.
func (s *Store) Accept(ctx context.Context, e conversation.Event, decide conversation.DecideFunc) (conversation.Accepted, error) {
	switch e := e.(type) {
	case conversation.Posted:
		return s.accept(ctx, "accept message", decide, func(in *intake) (conversation.Accepted, error) {
			in.caughtUp = e.Delivery.CaughtUp
			if in.caughtUp {
				return in.catchUp(ctx, e.Delivery, normalise(e.Message))
			}
			return in.post(ctx, e.Delivery, normalise(e.Message))
		})
	case conversation.Edited:
		return s.accept(ctx, "accept edit", decide, func(in *intake) (conversation.Accepted, error) {
			in.caughtUp = e.Delivery.CaughtUp
			return in.edit(ctx, e.Delivery, normalise(e.Message))
		})
	case conversation.Deleted:
		return s.acceptDeleted(ctx, e)
	case conversation.Asked:
		return s.accept(ctx, "accept command", decide, func(in *intake) (conversation.Accepted, error) {
			return in.command(ctx, e.Delivery, normalise(e.Message))
		})
	case conversation.Stopped:
		return s.accept(ctx, "accept stop", decide, func(in *intake) (conversation.Accepted, error) {
			return in.stop(ctx, e)
		})
	}
	return conversation.Accepted{}, fmt.Errorf("accept event: unknown kind %T", e)
}

func (s *Store) accept(ctx context.Context, action string, decide conversation.DecideFunc, fn func(*intake) (conversation.Accepted, error)) (conversation.Accepted, error) {
	var accepted conversation.Accepted
	var in *intake
	err := s.inTx(ctx, action, func(tx pgx.Tx) error {
		var err error
		in = &intake{Store: s, tx: tx, now: s.now(), decide: decide}
		accepted, err = fn(in)
		failpoint.Hit(failpoint.Accepting)
		return err
	})
	failpoint.Hit(failpoint.Accepted)
	if err == nil {
		in.interrupt()
	}
	if errors.Is(err, errDuplicate) {
		return conversation.Accepted{Duplicate: true}, nil
	}
	if err != nil {
		return conversation.Accepted{}, err
	}
	return accepted, nil
}

// interrupt ends what this process does for questions that the committed transaction has changed, or for people who
// want no more of it. Other processes find it out by their sweep.
func (in *intake) interrupt() {
	for _, t := range in.stale {
		in.running.interrupt(t.ID, t.Lease)
	}
	for _, t := range in.stopped {
		in.running.stop(t.ID, t.Lease)
	}
}

// post takes in a message. The lock comes first, the channel's watermark last: every transaction takes them in that
// order.
func (in *intake) post(ctx context.Context, d conversation.Delivery, m conversation.Message) (conversation.Accepted, error) {
	c, decision, err := in.enter(ctx, m)
	if errors.Is(err, errNotFound) {
		return conversation.Accepted{Decision: decision}, in.moveWatermark(ctx, m)
	}
	if err != nil {
		return conversation.Accepted{}, err
	}
	if m.Author.Kind != conversation.Self { // our own are known by their ids
		if err := in.firstDelivery(ctx, m.Ref, d); err != nil {
			return conversation.Accepted{}, err
		}
	}
	m.Seq = c.LastSeq
	decision, err = in.judge(ctx, c, m)
	if err != nil {
		return conversation.Accepted{}, err
	}
	if !c.Ours && !decision.Addressed {
		return conversation.Accepted{Decision: decision}, in.moveWatermark(ctx, m)
	}
	if err := in.insert(ctx, m); err != nil {
		return conversation.Accepted{}, err
	}
	if err := in.open(ctx, &c, m, decision); err != nil {
		return conversation.Accepted{}, err
	}
	return conversation.Accepted{Decision: decision, ConversationID: c.ID, Seq: m.Seq}, in.moveWatermark(ctx, m)
}

// insert stores the message, or finds it to be a duplicate.
func (in *intake) insert(ctx context.Context, m conversation.Message) error {
	params, err := row(m, in.now)
	if err != nil {
		return err
	}
	params.Judged = true
	_, err = in.q.InsertMessage(ctx, in.tx, params)
	if errors.Is(err, pgx.ErrNoRows) {
		return errDuplicate
	}
	if err != nil {
		return fmt.Errorf("insert message: %w", err)
	}
	return nil
}

// firstDelivery fails with errDuplicate when the platform delivered this event before.
func (in *intake) firstDelivery(ctx context.Context, ref conversation.ThreadRef, d conversation.Delivery) error {
	if d.ID == "" {
		return nil
	}
	n, err := in.q.InsertDelivery(ctx, in.tx, dbsqlc.InsertDeliveryParams{
		Platform: string(ref.Platform), Workspace: ref.Workspace, EventID: clean(d.ID), At: in.now,
	})
	if err != nil {
		return fmt.Errorf("note delivery: %w", err)
	}
	if n == 0 {
		return errDuplicate
	}
	return nil
}
