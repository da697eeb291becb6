package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"parley/conversation"
	"parley/store/internal/dbsqlc"
)

// itemsPerTurn bounds how many messages one answer covers; the others become the next turn.
const itemsPerTurn = 50

// errNothingToDo says that the conversation owes no answer; its job is completed.
var errNothingToDo = errors.New("no open item")

// beginTurn takes the conversation's lease for this attempt of its job, and gives the turn to run: the unfinished
// one where there is one, else a new one with the oldest open items. It fails with ErrFenced when the attempt is not
// the job's current one.
func (s *Store) beginTurn(ctx context.Context, job *river.Job[turnArgs]) (conversation.Turn, error) {
	var t conversation.Turn
	done := false
	err := s.inTx(ctx, "begin turn", func(tx pgx.Tx) error {
		done = false
		c, err := s.takeLease(ctx, tx, job)
		if errors.Is(err, errNothingToDo) {
			done = true
			return completeJob(ctx, tx, job)
		}
		if err != nil {
			return err
		}
		t = c.turn(s.now())
		if err := s.resume(ctx, tx, c.Conversation, &t); err != nil || t.ID != 0 {
			return err
		}
		err = s.start(ctx, tx, c.Conversation, &t)
		if errors.Is(err, errNothingToDo) {
			done = true
			return completeJob(ctx, tx, job)
		}
		return err
	})
	if err == nil && done {
		err = errNothingToDo
	}
	if err == nil {
		err = s.describeItems(ctx, s.pool, t.Items)
	}
	return t, err
}

// besides is SQL for what a turn must know besides its conversation: the presence of the platform, and whether something
// was said here after the first mention that arrived before it (see noteStray), as far as two clocks can tell.
const besides = `(SELECT p.online_at FROM presence p WHERE p.platform = conversations.platform AND p.workspace = ''),
	(SELECT p.gap_at FROM presence p WHERE p.platform = conversations.platform AND p.workspace = ''),
	EXISTS (SELECT 1 FROM strays s WHERE s.platform = conversations.platform AND s.workspace = conversations.workspace
		AND s.channel = conversations.channel AND s.thread = conversations.thread AND s.at > conversations.first_at - interval '10 seconds')`

// takeLease locks the conversation and raises its lease, provided that the job's attempt is still this one.
func (s *Store) takeLease(ctx context.Context, tx pgx.Tx, job *river.Job[turnArgs]) (leased, error) {
	var none leased
	rows, err := tx.Query(ctx, `UPDATE conversations SET lease = lease + 1, queued = false
		WHERE id = $1 AND EXISTS (SELECT 1 FROM river_job WHERE id = $2 AND state = 'running' AND attempt = $3)
		RETURNING *, `+besides, job.Args.ConversationID, job.ID, job.Attempt)
	if err != nil {
		return none, fmt.Errorf("take lease: %w", err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[leased])
	if err == nil {
		return c, nil
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return none, fmt.Errorf("take lease: %w", err)
	}
	if _, err := s.q.LockConversationByID(ctx, tx, job.Args.ConversationID); errors.Is(err, pgx.ErrNoRows) {
		return none, errNothingToDo
	}
	return none, conversation.ErrFenced
}

// leased is a conversation whose lease was taken, with its platform's presence.
type leased struct {
	dbsqlc.Conversation
	OnlineAt, GapAt *time.Time
	Overtaken       bool
}

// turn begins a turn of the conversation.
func (c leased) turn(now time.Time) conversation.Turn {
	known := c.historyKnown(now)
	return conversation.Turn{
		ConversationID: c.ID, Lease: c.Lease, HistoryKnown: known, Overtaken: c.Overtaken && !known, Ref: refOf(c.Conversation),
	}
}

func refOf(c dbsqlc.Conversation) conversation.ThreadRef {
	return conversation.ThreadRef{Platform: conversation.Platform(c.Platform), Workspace: c.Workspace, Channel: c.Channel, Thread: c.Thread}
}

// historyKnown reports whether what is stored of the conversation is what the platform holds: it was read once, and
// since then no edit or delete can have been missed. Of a command the platform holds nothing.
func (c leased) historyKnown(now time.Time) bool {
	if !c.HistoryKnown || c.OnlineAt == nil || isCommand(c.Thread) {
		return c.HistoryKnown
	}
	var since time.Time
	if c.GapAt != nil {
		since = *c.GapAt
	}
	if gap := c.OnlineAt.Add(gapAfter); gap.Before(now) && gap.After(since) {
		since = gap // an absence that is not caught up yet
	}
	return !c.VerifiedAt.Before(since)
}

// resume fills t from the conversation's unfinished turn.
func (s *Store) resume(ctx context.Context, tx pgx.Tx, c dbsqlc.Conversation, t *conversation.Turn) error {
	unfinished, err := s.q.UnfinishedTurn(ctx, tx, c.ID)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for unfinished turn: %w", err)
	}
	unfinished.Attempt, err = s.q.ResumeTurn(ctx, tx, dbsqlc.ResumeTurnParams{ID: unfinished.ID, Lease: c.Lease})
	if err != nil {
		return fmt.Errorf("resume turn: %w", err)
	}
	unfinished.Lease = c.Lease
	return s.fill(ctx, tx, c, unfinished, t)
}

// fill fills t from an unfinished turn whose lease was taken. One of which every item was withdrawn has still to take away
// what it has sent; where that is nothing it is closed, and t stays empty.
func (s *Store) fill(ctx context.Context, tx pgx.Tx, c dbsqlc.Conversation, unfinished dbsqlc.Turn, t *conversation.Turn) error {
	rows, err := s.q.TurnItems(ctx, tx, unfinished.ID)
	if err != nil {
		return fmt.Errorf("read items of turn: %w", err)
	}
	sends, err := s.q.TurnSends(ctx, tx, unfinished.ID)
	if err != nil {
		return fmt.Errorf("read parts of turn: %w", err)
	}
	digest := unfinished.TaskKind == string(conversation.TaskDigest)
	switch {
	case digest && unfinished.Attempt > digestAttempts:
		return s.close(ctx, tx, unfinished, conversation.Outcome{
			Kind: conversation.Failed, Reason: conversation.CodeInternal, Detail: "it was cut off too often",
		})
	case !digest && len(rows) == 0 && len(sends) == 0:
		return s.close(ctx, tx, unfinished, conversation.Outcome{Kind: conversation.Withdrawn})
	}
	for _, r := range rows {
		if err := add(t, r.Item, r.Message); err != nil {
			return err
		}
	}
	if len(rows) == 0 {
		t.Withdrawn = !digest
		if t.Place, err = s.placeOf(ctx, tx, c, unfinished.ID); err != nil {
			return err
		}
	}
	for _, r := range sends {
		t.Parts = append(t.Parts, part(r, t.Ref))
	}
	if unfinished.TaskKind != "" {
		t.Task = &conversation.Task{Kind: conversation.TaskKind(unfinished.TaskKind), Data: unfinished.TaskData}
	}
	t.ID, t.Lease, t.Attempt, t.QueuedAt = unfinished.ID, unfinished.Lease, int(unfinished.Attempt), unfinished.QueuedAt.UTC()
	t.Stopped = unfinished.Stopped
	return nil
}

// close records the outcome of a turn that nobody needs to run.
func (s *Store) close(ctx context.Context, tx pgx.Tx, t dbsqlc.Turn, o conversation.Outcome) error {
	_, err := s.q.FinishTurn(ctx, tx, dbsqlc.FinishTurnParams{
		ID: t.ID, Lease: t.Lease, FinishedAt: s.now(), Outcome: string(o.Kind), Reason: string(o.Reason), Detail: o.Detail,
	})
	if err != nil {
		return fmt.Errorf("record turn: %w", err)
	}
	return s.settle(ctx, tx, t.ID, conversation.Outcome{})
}

// placeOf is where a turn was asked that has no items left, or that never had any.
func (s *Store) placeOf(ctx context.Context, tx pgx.Tx, c dbsqlc.Conversation, turnID int64) (conversation.Place, error) {
	place, err := s.q.TurnPlace(ctx, tx, turnID)
	if errors.Is(err, pgx.ErrNoRows) {
		place, err = s.q.PlaceOfConversation(ctx, tx, dbsqlc.PlaceOfConversationParams{
			Platform: c.Platform, Workspace: c.Workspace, Channel: c.Channel, Thread: c.Thread,
		})
	}
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("read place of turn: %w", err)
	}
	return conversation.Place(place), nil
}

// start fills t with the oldest open item and those that follow it by the same author.
func (s *Store) start(ctx context.Context, tx pgx.Tx, c dbsqlc.Conversation, t *conversation.Turn) error {
	rows, err := s.q.OpenItems(ctx, tx, dbsqlc.OpenItemsParams{ConversationID: c.ID, Most: itemsPerTurn})
	if err != nil {
		return fmt.Errorf("read open items: %w", err)
	}
	if len(rows) == 0 {
		return errNothingToDo
	}
	var ids []string
	for _, r := range rows {
		if r.Item.AuthorID != rows[0].Item.AuthorID || r.Item.Refuse != rows[0].Item.Refuse {
			break
		}
		if err := add(t, r.Item, r.Message); err != nil {
			return err
		}
		ids = append(ids, r.Item.MessageID)
		if t.QueuedAt.IsZero() || r.Item.AcceptedAt.Before(t.QueuedAt) {
			t.QueuedAt = r.Item.AcceptedAt.UTC()
		}
	}
	t.Attempt = 1
	t.ID, err = s.q.InsertTurn(ctx, tx, dbsqlc.InsertTurnParams{
		Platform: c.Platform, Workspace: c.Workspace, ConversationID: c.ID, Channel: c.Channel,
		AuthorID: rows[0].Item.AuthorID, Lease: c.Lease, QueuedAt: t.QueuedAt, BegunAt: s.now(),
	})
	if err != nil {
		return fmt.Errorf("insert turn: %w", err)
	}
	err = s.q.AssignItems(ctx, tx, dbsqlc.AssignItemsParams{
		TurnID: t.ID, Platform: c.Platform, Workspace: c.Workspace, Channel: c.Channel, MessageIds: ids,
	})
	if err != nil {
		return fmt.Errorf("assign items: %w", err)
	}
	return nil
}

func add(t *conversation.Turn, i dbsqlc.Item, r dbsqlc.Message) error {
	m, err := message(r)
	if err != nil {
		return err
	}
	t.Items = append(t.Items, conversation.Item{
		Message: m, Reason: conversation.Reason(i.Reason), Refuse: conversation.Code(i.Refuse),
	})
	t.Place = m.Place
	return nil
}

// completeJob completes the job in the transaction, and fails with ErrFenced unless this attempt of it runs: River's own
// JobCompleteTx would complete a successor's attempt as readily, says nothing when the job no longer runs, and takes
// several times as long. A job that was deleted by hand is as good as completed.
func completeJob[T river.JobArgs](ctx context.Context, tx pgx.Tx, job *river.Job[T]) error {
	completed, err := tx.Exec(ctx, `UPDATE river_job SET state = 'completed', finalized_at = now()
		WHERE id = $1 AND attempt = $2 AND state = 'running'`, job.ID, job.Attempt)
	if err != nil {
		return fmt.Errorf("complete job: %w", err)
	}
	if completed.RowsAffected() == 1 {
		return nil
	}
	var there bool
	if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM river_job WHERE id = $1)`, job.ID).Scan(&there); err != nil {
		return fmt.Errorf("read job: %w", err)
	}
	if there {
		return conversation.ErrFenced
	}
	return nil
}
