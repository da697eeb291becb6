package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/conversation"
	"parley/store/internal/dbsqlc"
)

// keepReadings is how long the copies of a task are kept at most that ended without a word.
const keepReadings = 24 * time.Hour

var _ conversation.Readings = (*Store)(nil)

// began gives the snapshot of the moment at which a turn began. It fails with ErrFenced when the turn is no longer ours.
func (s *Store) began(ctx context.Context, tx pgx.Tx, t conversation.Turn) (string, error) {
	began, err := s.q.TaskBegan(ctx, tx, dbsqlc.TaskBeganParams{ID: t.ID, Lease: t.Lease})
	if errors.Is(err, pgx.ErrNoRows) {
		return "", conversation.ErrFenced
	}
	if err != nil {
		return "", fmt.Errorf("look for turn: %w", err)
	}
	return began, nil
}

// Collect implements conversation.Readings. Messages of a page may stand in several channels of one workspace. What was
// deleted since the task began is left out, and so is a version that is older than an edit that was accepted: it was read
// just before.
func (s *Store) Collect(ctx context.Context, t conversation.Turn, page []conversation.Message) error {
	if len(page) == 0 {
		return nil
	}
	ids := make([]string, len(page))
	list := make([]conversation.Message, len(page))
	for i, m := range page {
		list[i] = normalise(m)
		ids[i] = list[i].ID
	}
	return s.inTx(ctx, "store what is read", func(tx pgx.Tx) error {
		changes, err := s.unchanged(ctx, tx, t, list[0].Ref, ids)
		if err != nil {
			return err
		}
		kept, err := s.withoutForgotten(ctx, tx, list)
		if err != nil {
			return err
		}
		params := make([]dbsqlc.CollectParams, 0, len(kept))
		for _, m := range kept {
			c, changed := changes[m.ID]
			if changed && c.Channel == m.Ref.Channel && (c.Deleted || m.EditedAt.Before(c.EditedAt)) {
				continue
			}
			p, err := s.reading(t, m)
			if err != nil {
				return err
			}
			params = append(params, p)
		}
		var failed error
		results := s.q.Collect(ctx, tx, params)
		results.Exec(func(_ int, err error) {
			if failed == nil {
				failed = err
			}
		})
		if err := errors.Join(failed, results.Close()); err != nil {
			return fmt.Errorf("insert copies: %w", err)
		}
		return nil
	})
}

func (s *Store) reading(t conversation.Turn, m conversation.Message) (dbsqlc.CollectParams, error) {
	r, err := row(m, s.now())
	return dbsqlc.CollectParams{
		TurnID: t.ID, Platform: r.Platform, Workspace: r.Workspace, Channel: r.Channel, MessageID: r.MessageID, Thread: r.Thread,
		Place: r.Place, Parent: r.Parent, Root: r.Root, AuthorID: r.AuthorID, AuthorName: r.AuthorName, AuthorKind: r.AuthorKind,
		Text: r.Text, Tokens: r.Tokens, Mentions: r.Mentions, Attachments: r.Attachments, ReplyTo: r.ReplyTo,
		ReplyToAuthor: r.ReplyToAuthor, ReplyToAuthorID: r.ReplyToAuthorID, SentAt: r.SentAt, EditedAt: r.EditedAt, ReadAt: r.StoredAt,
	}, err
}

// Collected implements conversation.Readings.
func (s *Store) Collected(ctx context.Context, t conversation.Turn, after conversation.Position, limit int) ([]conversation.Message, error) {
	rows, err := s.q.Collected(ctx, s.pool, dbsqlc.CollectedParams{
		TurnID: t.ID, AfterAt: after.SentAt, AfterID: clean(after.MessageID), Most: pageSize(limit),
	})
	if err != nil {
		return nil, fault("read copies", err)
	}
	list := make([]dbsqlc.Message, len(rows))
	for i, r := range rows {
		list[i] = dbsqlc.Message{
			Platform: r.Platform, Workspace: r.Workspace, Channel: r.Channel, MessageID: r.MessageID, Thread: r.Thread, Place: r.Place,
			Parent: r.Parent, Root: r.Root, AuthorID: r.AuthorID, AuthorName: r.AuthorName, AuthorKind: r.AuthorKind, Text: r.Text,
			Tokens: r.Tokens, Mentions: r.Mentions, Attachments: r.Attachments, ReplyTo: r.ReplyTo, ReplyToAuthor: r.ReplyToAuthor,
			ReplyToAuthorID: r.ReplyToAuthorID, SentAt: r.SentAt, EditedAt: r.EditedAt,
		}
	}
	return s.withFiles(ctx, s.pool, list)
}

// Since implements conversation.Readings.
func (s *Store) Since(ctx context.Context, ref conversation.ThreadRef, after conversation.Position, limit int) ([]conversation.Message, error) {
	ref = normaliseRef(ref)
	rows, err := s.q.Since(ctx, s.pool, dbsqlc.SinceParams{
		Platform: string(ref.Platform), Workspace: ref.Workspace, Channel: ref.Channel, Thread: ref.Thread,
		AfterAt: after.SentAt, AfterID: clean(after.MessageID), Most: pageSize(limit),
	})
	if err != nil {
		return nil, fault("read messages", err)
	}
	return s.withFiles(ctx, s.pool, rows)
}

// endReading takes away what a turn has read, and notes what its answer was derived from. It is called once the parts
// of the answer are stored, in the transaction that records the outcome.
func (s *Store) endReading(ctx context.Context, tx pgx.Tx, t conversation.Turn, o conversation.Outcome) error {
	if err := s.keepSource(ctx, tx, t, o); err != nil {
		return err
	}
	if err := s.q.EndReading(ctx, tx, t.ID); err != nil {
		return fmt.Errorf("drop what was read: %w", err)
	}
	return nil
}

// purgeReadings takes away what tasks have left that are gone, and changes that no running task can have missed.
func (s *Store) purgeReadings(ctx context.Context) error {
	before := s.now().Add(-keepReadings)
	if err := s.q.SweepReadings(ctx, s.pool, before); err != nil {
		return fault("purge copies", err)
	}
	_, err := s.q.SweepChanges(ctx, s.pool, before)
	return fault("purge changes", err)
}
