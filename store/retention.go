package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/store/internal/dbsqlc"
)

const (
	// retentionBatch is how many rows a transaction of the sweep touches: its locks are held for milliseconds.
	retentionBatch = 500
	retentionEvery = 5 * time.Minute
	// retentionFirst is how soon after the start the first sweep comes.
	retentionFirst = 4 * time.Second
	// settleFor is how long the rows are kept at least, without text and names, that deliveries, edits and catching up
	// are known by. It must be longer than conversation.CatchUpOverlap and the window for edits.
	settleFor = 90 * time.Minute
)

// Swept counts the rows that a sweep was about.
type Swept struct {
	// Messages were erased or deleted, Turns stripped of what concerns a person, Conversations deleted.
	Messages, Turns, Conversations int64
}

// Retain deletes every few minutes, until ctx ends, what is older than keep: messages with all that was made of them,
// by the time they were written. 0 keeps everything. Replicas may all call it; one of them sweeps at a time.
func (s *Store) Retain(ctx context.Context, keep time.Duration) {
	if keep <= 0 {
		return
	}
	var r retention
	for wait := retentionFirst; ; wait = retentionEvery {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait/2 + rand.N(wait)):
		}
		r.store, r.before, r.settled = s, s.now().Add(-keep), s.now().Add(-max(keep, settleFor))
		swept, err := r.sweep(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			s.log.WarnContext(ctx, "deleting old messages failed and is tried again", "error", err)
		case swept != Swept{}:
			s.log.InfoContext(ctx, "old messages deleted", "messages", swept.Messages, "turns", swept.Turns, "conversations", swept.Conversations)
		}
	}
}

// Sweep deletes now what is older than keep, until nothing is left to do or another replica sweeps.
func (s *Store) Sweep(ctx context.Context, keep time.Duration) (Swept, error) {
	r := retention{store: s, before: s.now().Add(-keep), settled: s.now().Add(-max(keep, settleFor))}
	return r.sweep(ctx)
}

// retention is what goes on from sweep to sweep.
type retention struct {
	store *Store
	// before is the age limit; settled is no later than it, and long enough ago for nothing to be delivered again.
	before, settled time.Time
	// turns is up to where turns have been dealt with, so that each sweep begins where the last one ended.
	turns time.Time
	swept Swept
}

func (r *retention) sweep(ctx context.Context) (Swept, error) {
	r.swept = Swept{}
	after := time.Time{}
	for more := true; more; {
		err := r.batch(ctx, func(tx pgx.Tx) (err error) {
			after, more, err = r.messages(ctx, tx, after)
			return err
		}, &more)
		if err != nil {
			return r.swept, err
		}
	}
	for more := true; more; {
		err := r.batch(ctx, func(tx pgx.Tx) (err error) {
			more, err = r.derived(ctx, tx)
			return err
		}, &more)
		if err != nil {
			return r.swept, err
		}
	}
	for more := true; more; {
		err := r.batch(ctx, func(tx pgx.Tx) (err error) {
			more, err = r.blankTurns(ctx, tx)
			return err
		}, &more)
		if err != nil {
			return r.swept, err
		}
	}
	return r.swept, nil
}

// batch runs do in a transaction, unless another replica sweeps: then there is nothing more to do.
func (r *retention) batch(ctx context.Context, do func(pgx.Tx) error, more *bool) error {
	before := r.swept
	return r.store.inTx(ctx, "delete old messages", func(tx pgx.Tx) error {
		r.swept = before
		var mine bool
		err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock(hashtextextended('parley/retention', 0))`).Scan(&mine)
		if err != nil || !mine {
			*more = false
			return err
		}
		return do(tx)
	})
}

// messages deals with one batch, beginning at a time, and gives the time to go on at.
func (r *retention) messages(ctx context.Context, tx pgx.Tx, after time.Time) (next time.Time, more bool, err error) {
	old, err := r.store.q.OldMessages(ctx, tx, dbsqlc.OldMessagesParams{
		After: after, Before: r.before, Settled: r.settled, Most: retentionBatch,
	})
	if err != nil || len(old) == 0 {
		return after, false, err
	}
	idle, err := r.idle(ctx, tx, old)
	if err != nil {
		return after, false, err
	}
	var spent, rest keys
	for _, m := range old {
		switch {
		case m.ConversationID != 0 && !slices.Contains(idle, m.ConversationID):
		case m.Spent:
			spent.add(m.Platform, m.Workspace, m.Channel, m.MessageID)
		default:
			rest.add(m.Platform, m.Workspace, m.Channel, m.MessageID)
		}
	}
	deleted, err := r.store.q.DeleteMessages(ctx, tx, dbsqlc.DeleteMessagesParams(spent))
	if err != nil {
		return after, false, fmt.Errorf("delete messages: %w", err)
	}
	blanked, err := r.store.blank(ctx, tx, rest)
	if err != nil {
		return after, false, err
	}
	conversations, err := r.store.q.DeleteSpentConversations(ctx, tx, dbsqlc.DeleteSpentConversationsParams{Ids: idle, Before: r.before})
	if err != nil {
		return after, false, fmt.Errorf("delete conversations: %w", err)
	}
	r.swept.Messages += deleted + blanked
	r.swept.Conversations += conversations
	next = old[len(old)-1].SentAt
	if deleted+blanked == 0 {
		next = next.Add(time.Microsecond) // what is left here is in use
	}
	return next, len(old) == retentionBatch, nil
}

// idle locks the messages' conversations, and gives those that nobody else has locked and that owe nothing.
func (r *retention) idle(ctx context.Context, tx pgx.Tx, old []dbsqlc.OldMessagesRow) ([]int64, error) {
	var ids []int64
	for _, m := range old {
		if m.ConversationID != 0 {
			ids = append(ids, m.ConversationID)
		}
	}
	slices.Sort(ids)
	locked, err := r.store.q.LockConversations(ctx, tx, slices.Compact(ids))
	if err != nil {
		return nil, fmt.Errorf("lock conversations: %w", err)
	}
	busy, err := r.store.q.BusyConversations(ctx, tx, locked)
	if err != nil {
		return nil, fmt.Errorf("look for open items: %w", err)
	}
	return slices.DeleteFunc(locked, func(id int64) bool { return slices.Contains(busy, id) }), nil
}

// derived deletes what was made of old messages: chunks that hold one, descriptions of files, copies; and sources of
// answers that are old themselves.
func (r *retention) derived(ctx context.Context, tx pgx.Tx) (more bool, err error) {
	q := r.store.q
	files, err := q.OldFiles(ctx, tx, dbsqlc.OldFilesParams{Before: r.before, Most: retentionBatch})
	if err != nil {
		return false, fmt.Errorf("look for old files: %w", err)
	}
	var k keys
	for _, f := range files {
		k.add(f.Platform, f.Workspace, f.Channel, f.MessageID)
	}
	if err := r.store.dropFiles(ctx, tx, k, []string{}); err != nil {
		return false, err
	}
	if len(files) == retentionBatch {
		return true, nil
	}
	if _, err := q.SweepChunks(ctx, tx, r.before); err != nil {
		return false, fmt.Errorf("delete chunks: %w", err)
	}
	if err := q.SweepSources(ctx, tx, r.before); err != nil {
		return false, fmt.Errorf("delete sources: %w", err)
	}
	if err := q.SweepReadings(ctx, tx, r.before); err != nil {
		return false, fmt.Errorf("delete copies: %w", err)
	}
	return false, nil
}

func (r *retention) blankTurns(ctx context.Context, tx pgx.Tx) (more bool, err error) {
	times, err := r.store.q.BlankTurns(ctx, tx, dbsqlc.BlankTurnsParams{After: r.turns, Before: r.settled, Most: retentionBatch})
	if err != nil {
		return false, fmt.Errorf("blank turns: %w", err)
	}
	r.swept.Turns += int64(len(times))
	if len(times) == retentionBatch {
		return true, nil
	}
	r.turns = r.settled
	return false, nil
}

// keys are the keys of messages, column by column.
type keys struct {
	Platforms, Workspaces, Channels, MessageIds []string
}

func (k *keys) add(platform, workspace, channel, id string) {
	k.Platforms = append(k.Platforms, platform)
	k.Workspaces = append(k.Workspaces, workspace)
	k.Channels = append(k.Channels, channel)
	k.MessageIds = append(k.MessageIds, id)
}

// blank takes text, names and people out of messages and their lines in the ledger. What is left are ids that a
// redelivery is known by.
func (s *Store) blank(ctx context.Context, tx pgx.Tx, k keys) (int64, error) {
	n, err := s.q.BlankMessages(ctx, tx, dbsqlc.BlankMessagesParams{
		Platforms: k.Platforms, Workspaces: k.Workspaces, Channels: k.Channels, MessageIds: k.MessageIds, At: s.now(),
	})
	if err != nil {
		return 0, fmt.Errorf("blank messages: %w", err)
	}
	return n, nil
}
