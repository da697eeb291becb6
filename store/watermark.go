package store

import (
	"context"
	"fmt"

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
