package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"parley/conversation"
	"parley/store/internal/dbsqlc"
)

// keepSource notes what the parts of an answer were derived from. The text of an answer whose source has changed while
// it was written is not kept. An answer that takes the place of an earlier one changes what was derived from that.
func (s *Store) keepSource(ctx context.Context, tx pgx.Tx, t conversation.Turn, o conversation.Outcome) error {
	var source conversation.Source
	if o.Source != nil {
		source = *o.Source
		source.Ref = normaliseRef(source.Ref)
		if err := s.q.LockDerived(ctx, tx, derivedLock(source.Ref)); err != nil { // first: replaced would only share it
			return fmt.Errorf("lock derived text: %w", err)
		}
	}
	if t.Attempt > 1 || len(t.Parts) > 0 {
		if err := s.replaced(ctx, tx, t, o); err != nil {
			return err
		}
	}
	if o.Source == nil {
		return s.keepDerived(ctx, tx, t, o)
	}
	channels, err := s.putSource(ctx, tx, t, source)
	if err != nil {
		return err
	}
	began, err := s.q.TurnBegan(ctx, tx, t.ID)
	if err != nil {
		return fmt.Errorf("look for turn: %w", err)
	}
	changed, err := s.q.SourceChangedSince(ctx, tx, dbsqlc.SourceChangedSinceParams{
		Platform: string(source.Ref.Platform), Workspace: source.Ref.Workspace, Channels: channels, Thread: source.Ref.Thread,
		FromID: clean(source.From.MessageID), ThroughID: clean(source.Through.MessageID), Began: began,
	})
	if err != nil {
		return fmt.Errorf("look for changes: %w", err)
	}
	for _, p := range o.Parts {
		if err := s.setSource(ctx, tx, t, source.Ref, p, changed); err != nil {
			return err
		}
	}
	return nil
}

// keepDerived hands the source of stored answers on to the answer that was made with them: it is erased with those.
func (s *Store) keepDerived(ctx context.Context, tx pgx.Tx, t conversation.Turn, o conversation.Outcome) error {
	if o.Derived == nil {
		return nil
	}
	at := normaliseRef(t.Ref)
	err := s.q.PutSource(ctx, tx, dbsqlc.PutSourceParams{
		Platform: string(at.Platform), Workspace: at.Workspace, Channel: at.Channel, TurnID: t.ID,
		FromAt: o.Derived.From.SentAt, FromID: clean(o.Derived.From.MessageID),
		ThroughAt: o.Derived.Through.SentAt, ThroughID: clean(o.Derived.Through.MessageID),
	})
	if err != nil {
		return fmt.Errorf("store source: %w", err)
	}
	for _, p := range o.Parts {
		if err := s.setSource(ctx, tx, t, normaliseRef(o.Derived.Ref), p, false); err != nil {
			return err
		}
	}
	return nil
}

// putSource stores the span for the channel that was named and for each that was read, and gives the channels.
func (s *Store) putSource(ctx context.Context, tx pgx.Tx, t conversation.Turn, source conversation.Source) ([]string, error) {
	channels := []string{source.Ref.Channel}
	read, err := s.q.ReadChannels(ctx, tx, t.ID)
	if err != nil {
		return nil, fmt.Errorf("look for channels that were read: %w", err)
	}
	for _, r := range read {
		if r.Platform == string(source.Ref.Platform) && r.Workspace == source.Ref.Workspace && !slices.Contains(channels, r.Channel) {
			channels = append(channels, r.Channel)
		}
	}
	for i, channel := range channels {
		p := dbsqlc.PutSourceParams{
			Platform: string(source.Ref.Platform), Workspace: source.Ref.Workspace, Channel: channel, TurnID: t.ID, Asked: i == 0 && source.Summary,
			FromAt: source.From.SentAt, FromID: clean(source.From.MessageID),
			ThroughAt: source.Through.SentAt, ThroughID: clean(source.Through.MessageID),
		}
		if i == 0 {
			p.Thread = source.Ref.Thread
		}
		if err := s.q.PutSource(ctx, tx, p); err != nil {
			return nil, fmt.Errorf("store source: %w", err)
		}
	}
	return channels, nil
}

// setSource says of a part's message what it was derived from; not in words where that is the conversation itself.
func (s *Store) setSource(ctx context.Context, tx pgx.Tx, t conversation.Turn, source conversation.ThreadRef, p conversation.SentPart, changed bool) error {
	at := normaliseRef(place(t, p))
	params := dbsqlc.SetSourceParams{
		Platform: string(at.Platform), Workspace: at.Workspace, Channel: at.Channel, MessageID: clean(p.MessageID),
		SourceTurn: t.ID, Changed: changed,
	}
	if at != source {
		params.SourceWorkspace, params.SourceChannel, params.SourceThread = source.Workspace, source.Channel, source.Thread
	}
	if err := s.q.SetSource(ctx, tx, params); err != nil {
		return fmt.Errorf("store source of answer: %w", err)
	}
	return nil
}

// replaced erases what was derived from the answer that stood in the place of these parts, and forgets its source.
func (s *Store) replaced(ctx context.Context, tx pgx.Tx, t conversation.Turn, o conversation.Outcome) error {
	if err := s.q.DropSources(ctx, tx, t.ID); err != nil {
		return fmt.Errorf("forget source: %w", err)
	}
	if err := s.q.ClearSource(ctx, tx, t.ID); err != nil {
		return fmt.Errorf("forget source of answer: %w", err)
	}
	for _, p := range o.Parts {
		if p.MessageID == "" {
			continue
		}
		err := s.changed(ctx, tx, change{ref: normaliseRef(place(t, p)), id: clean(p.MessageID), at: s.now(), sentAt: p.SentAt})
		if err != nil {
			return err
		}
	}
	return nil
}

// place is where a part of an answer stands.
func place(t conversation.Turn, p conversation.SentPart) conversation.ThreadRef {
	if p.Ref == (conversation.ThreadRef{}) {
		return t.Ref
	}
	return p.Ref
}

// LastSummary implements conversation.Readings.
func (s *Store) LastSummary(ctx context.Context, ref conversation.ThreadRef, userID string) (conversation.Position, bool, error) {
	ref = normaliseRef(ref)
	r, err := s.q.LastSummary(ctx, s.pool, dbsqlc.LastSummaryParams{
		Platform: string(ref.Platform), Workspace: ref.Workspace, Channel: ref.Channel, Thread: ref.Thread, UserID: clean(userID),
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return conversation.Position{}, false, nil
	}
	return conversation.Position{SentAt: r.ThroughAt.UTC(), MessageID: r.ThroughID}, err == nil, fault("read last summary", err)
}
