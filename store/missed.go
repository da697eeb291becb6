package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"parley/conversation"
	"parley/store/internal/dbsqlc"
)

// catchUp takes in a message that was read after an absence: as new where it is not known, as an edit where it is newer
// than what is stored.
func (in *intake) catchUp(ctx context.Context, d conversation.Delivery, m conversation.Message) (conversation.Accepted, error) {
	stored, err := in.q.GetMessage(ctx, in.tx, dbsqlc.GetMessageParams{
		Platform: string(m.Ref.Platform), Workspace: m.Ref.Workspace, Channel: m.Ref.Channel, MessageID: m.ID,
	})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		kept, err := in.withoutForgotten(ctx, in.tx, []conversation.Message{m})
		if err == nil && len(kept) == 0 {
			err = errDuplicate
		}
		if err != nil {
			return conversation.Accepted{}, err
		}
		return in.post(ctx, d, m)
	case err != nil:
		return conversation.Accepted{}, fmt.Errorf("read message: %w", err)
	case stored.DeletedAt != nil:
		return conversation.Accepted{}, errDuplicate
	case newer(stored, m):
		return in.edit(ctx, d, m)
	case stored.Judged:
		return conversation.Accepted{}, errDuplicate
	}
	return in.post(ctx, d, m) // known only as history
}
