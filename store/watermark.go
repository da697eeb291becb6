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

// moveWatermark notes how far the channel has been read. It is the last lock that a transaction takes.
func (in *intake) moveWatermark(ctx context.Context, m conversation.Message) error {
	err := in.q.MoveWatermark(ctx, in.tx, dbsqlc.MoveWatermarkParams{
		Platform: string(m.Ref.Platform), Workspace: m.Ref.Workspace, Channel: m.Ref.Channel,
		SentAt: m.SentAt, MessageID: m.ID, Place: string(m.Place),
	})
	if err != nil {
		return fmt.Errorf("move watermark: %w", err)
	}
	return nil
}

// noteStray remembers that a thread that is not ours has messages which were not stored.
func (in *intake) noteStray(ctx context.Context, ref conversation.ThreadRef) error {
	err := in.q.NoteStray(ctx, in.tx, dbsqlc.NoteStrayParams{
		Platform: string(ref.Platform), Workspace: ref.Workspace, Channel: ref.Channel, Thread: ref.Thread, At: in.now,
	})
	if err != nil {
		return fmt.Errorf("note stray: %w", err)
	}
	return nil
}

const (
	// gapAfter is how long a platform may go without word that it is being read before that counts as an absence, in
	// which edits and deletes were missed.
	gapAfter = time.Minute
	// threadMarks and threadsFor bound the conversations that are looked at after an absence.
	threadMarks = 500
	threadsFor  = 30 * 24 * time.Hour
)

// Marks implements conversation.Watermarks. What was accepted after Online may have holes, so no mark lies after it.
func (s *Store) Marks(ctx context.Context, p conversation.Platform) (conversation.Marks, error) {
	var marks conversation.Marks
	presence, err := s.q.GetPresence(ctx, s.pool, string(p))
	if errors.Is(err, pgx.ErrNoRows) {
		return marks, nil
	}
	if err != nil {
		return marks, fault("read presence", err)
	}
	marks.Online = presence.OnlineAt.UTC()
	channels, err := s.q.ChannelMarks(ctx, s.pool, string(p))
	if err != nil {
		return marks, fault("read marks of channels", err)
	}
	places := make(map[conversation.ThreadRef]conversation.Place, len(channels))
	for _, r := range channels {
		ref := conversation.ThreadRef{Platform: p, Workspace: r.Workspace, Channel: r.Channel}
		places[ref] = conversation.Place(r.Place)
		marks.Channels = append(marks.Channels, mark(ref, conversation.Place(r.Place), r.SentAt, r.MessageID, marks.Online))
	}
	threads, err := s.q.ThreadMarks(ctx, s.pool, dbsqlc.ThreadMarksParams{Platform: string(p), Since: s.now().Add(-threadsFor), Commands: conversation.CommandThread(""), Most: threadMarks})
	if err != nil {
		return marks, fault("read marks of conversations", err)
	}
	for _, r := range threads {
		ref := conversation.ThreadRef{Platform: p, Workspace: r.Workspace, Channel: r.Channel}
		place := conversation.Place(r.Place)
		if place == "" {
			place = places[ref] // every message there was deleted
		}
		ref.Thread = r.Thread
		marks.Threads = append(marks.Threads, mark(ref, place, r.NewestAt, r.NewestID, marks.Online))
	}
	return marks, nil
}

func mark(ref conversation.ThreadRef, place conversation.Place, at time.Time, id string, online time.Time) conversation.Mark {
	newest := conversation.Position{SentAt: at.UTC(), MessageID: id}
	if newest.SentAt.After(online) {
		newest = conversation.Position{SentAt: online}
	}
	return conversation.Mark{Ref: ref, Place: place, Newest: newest}
}

// Online implements conversation.Watermarks.
func (s *Store) Online(ctx context.Context, p conversation.Platform, at time.Time) error {
	at = at.Truncate(time.Microsecond)
	return fault("note presence", s.q.SetOnline(ctx, s.pool, dbsqlc.SetOnlineParams{Platform: string(p), At: at, GapBefore: at.Add(-gapAfter)}))
}
