package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"parley/conversation"
	"parley/store/internal/dbsqlc"
)

// Chunk implements conversation.Readings.
func (s *Store) Chunk(ctx context.Context, ref conversation.ThreadRef, hash string) (conversation.Chunk, bool, error) {
	ref = normaliseRef(ref)
	r, err := s.q.GetChunk(ctx, s.pool, dbsqlc.GetChunkParams{
		Platform: string(ref.Platform), Workspace: ref.Workspace, Channel: ref.Channel, Thread: ref.Thread, Hash: clean(hash),
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return conversation.Chunk{}, false, nil
	}
	return chunk(r), err == nil, fault("read chunk", err)
}

// KeepChunk implements conversation.Readings.
func (s *Store) KeepChunk(ctx context.Context, t conversation.Turn, c conversation.Chunk) error {
	ref, ids, authors := normaliseRef(c.Ref), cleaned(c.MessageIDs), cleaned(c.AuthorIDs)
	return s.inTx(ctx, "keep chunk", func(tx pgx.Tx) error {
		changes, err := s.unchanged(ctx, tx, t, ref, ids)
		if err != nil || len(changes) > 0 {
			return err
		}
		forgotten, err := s.forgottenAmong(ctx, tx, ref.Platform, authors)
		if err != nil {
			return err
		}
		for _, at := range forgotten {
			if !at.Before(c.From.SentAt) {
				return nil
			}
		}
		err = s.q.PutChunk(ctx, tx, dbsqlc.PutChunkParams{
			Platform: string(ref.Platform), Workspace: ref.Workspace, Channel: ref.Channel, Thread: ref.Thread, Hash: clean(c.Hash),
			Standing: c.Standing, FromAt: c.From.SentAt, FromID: clean(c.From.MessageID), ThroughAt: c.Through.SentAt,
			ThroughID: clean(c.Through.MessageID), MessageIds: ids, AuthorIds: authors, Text: clean(c.Text),
			Tokens: int32(count(c.Tokens)), KeptAt: s.now(),
		})
		if err != nil {
			return fmt.Errorf("store chunk: %w", err)
		}
		return nil
	})
}

// Standing implements conversation.Readings.
func (s *Store) Standing(ctx context.Context, ref conversation.ThreadRef) ([]conversation.Chunk, error) {
	ref = normaliseRef(ref)
	rows, err := s.q.StandingChunks(ctx, s.pool, dbsqlc.StandingChunksParams{
		Platform: string(ref.Platform), Workspace: ref.Workspace, Channel: ref.Channel, Thread: ref.Thread,
	})
	if err != nil {
		return nil, fault("read standing summary", err)
	}
	list := make([]conversation.Chunk, len(rows))
	for i, r := range rows {
		list[i] = chunk(r)
	}
	return list, nil
}

func chunk(r dbsqlc.Chunk) conversation.Chunk {
	return conversation.Chunk{
		Ref:  conversation.ThreadRef{Platform: conversation.Platform(r.Platform), Workspace: r.Workspace, Channel: r.Channel, Thread: r.Thread},
		Hash: r.Hash, Standing: r.Standing,
		From:       conversation.Position{SentAt: r.FromAt.UTC(), MessageID: r.FromID},
		Through:    conversation.Position{SentAt: r.ThroughAt.UTC(), MessageID: r.ThroughID},
		MessageIDs: r.MessageIds, AuthorIDs: r.AuthorIds, Text: r.Text, Tokens: int(r.Tokens),
	}
}

// cleaned gives a list that can be stored: never nil, which would be NULL.
func cleaned(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = clean(s)
	}
	return out
}
