package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"parley/conversation"
	"parley/store/internal/dbsqlc"
)

// keepAnswer stores what was sent, and what it was derived from. Of a withdrawn question's answer nothing is kept.
func (s *Store) keepAnswer(ctx context.Context, tx pgx.Tx, c dbsqlc.Conversation, t conversation.Turn, o conversation.Outcome) error {
	var err error
	if t.Withdrawn {
		err = s.eraseParts(ctx, tx, t)
	} else {
		err = s.keepParts(ctx, tx, c, t, o)
	}
	if err != nil {
		return err
	}
	return s.endReading(ctx, tx, t, o)
}

// keepParts stores what was sent as messages of the conversations that it stands in.
func (s *Store) keepParts(ctx context.Context, tx pgx.Tx, c dbsqlc.Conversation, t conversation.Turn, o conversation.Outcome) error {
	in := map[conversation.ThreadRef]*dbsqlc.Conversation{refOf(c): &c}
	for _, p := range o.Parts {
		if p.MessageID == "" {
			continue
		}
		at := normaliseRef(place(t, p))
		if in[at] == nil {
			// What is answered elsewhere too goes from a command or a thread to a person, or from a command to a thread,
			// and never back: nobody waits here for somebody who waits for this turn.
			other, err := s.lockOther(ctx, tx, at)
			if err != nil {
				return err
			}
			in[at] = &other
		}
		if err := s.keepPart(ctx, tx, in[at], at, t, p); err != nil {
			return err
		}
	}
	for _, c := range in {
		if len(o.Parts) == 0 || c.ID == 0 {
			continue
		}
		if err := s.q.SetLastSeq(ctx, tx, dbsqlc.SetLastSeqParams{ID: c.ID, LastSeq: c.LastSeq}); err != nil {
			return fmt.Errorf("set seq: %w", err)
		}
	}
	return nil
}

// lockOther locks the conversation that a part stands in. Where there is none yet it has no id, and its first own message
// no seq.
func (s *Store) lockOther(ctx context.Context, tx pgx.Tx, ref conversation.ThreadRef) (dbsqlc.Conversation, error) {
	c, err := s.q.LockConversation(ctx, tx, dbsqlc.LockConversationParams{
		Platform: string(ref.Platform), Workspace: ref.Workspace, Channel: ref.Channel, Thread: ref.Thread,
	})
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return c, fmt.Errorf("lock conversation of answer: %w", err)
	}
	return c, nil
}

func (s *Store) keepPart(ctx context.Context, tx pgx.Tx, c *dbsqlc.Conversation, at conversation.ThreadRef, t conversation.Turn, p conversation.SentPart) error {
	own := dbsqlc.UpsertOwnMessageParams{
		Platform: string(at.Platform), Workspace: at.Workspace, Channel: at.Channel, Thread: at.Thread,
		MessageID: clean(p.MessageID), Place: string(t.Place), Text: clean(p.Text), SentAt: p.SentAt, StoredAt: s.now(),
	}
	if c.ID != 0 {
		c.LastSeq++
		own.Seq = c.LastSeq
	}
	if own.SentAt.IsZero() {
		own.SentAt = s.now()
	}
	switch {
	case at != t.Ref:
		var err error
		if own.Place, err = s.placeElsewhere(ctx, tx, at); err != nil {
			return err
		}
	case len(t.Items) > 0:
		own.ReplyTo = t.Last().Message.ID
	}
	if err := s.q.UpsertOwnMessage(ctx, tx, own); err != nil {
		return fmt.Errorf("store own message: %w", err)
	}
	return nil
}

// placeElsewhere is what kind of place another conversation is: where nothing is known of it, a direct one.
func (s *Store) placeElsewhere(ctx context.Context, tx pgx.Tx, at conversation.ThreadRef) (string, error) {
	known, err := s.q.PlaceOfConversation(ctx, tx, dbsqlc.PlaceOfConversationParams{
		Platform: string(at.Platform), Workspace: at.Workspace, Channel: at.Channel, Thread: at.Thread,
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return string(conversation.PlaceDM), nil
	}
	if err != nil {
		return "", fmt.Errorf("read place of answer: %w", err)
	}
	return known, nil
}

// eraseParts erases what is stored of a turn's messages.
func (s *Store) eraseParts(ctx context.Context, tx pgx.Tx, t conversation.Turn) error {
	sent, err := s.q.SentMessages(ctx, tx, t.ID)
	if err != nil {
		return fmt.Errorf("read parts of turn: %w", err)
	}
	for _, p := range sent {
		at := conversation.ThreadRef{Platform: t.Ref.Platform, Workspace: p.Workspace, Channel: p.Channel, Thread: p.Thread}
		if err := s.eraseOwn(ctx, tx, at, p.MessageID); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) eraseOwn(ctx context.Context, tx pgx.Tx, at conversation.ThreadRef, messageID string) error {
	n, err := s.q.EraseMessage(ctx, tx, dbsqlc.EraseMessageParams{
		Platform: string(at.Platform), Workspace: at.Workspace, Channel: at.Channel, MessageID: messageID, DeletedAt: s.now(),
	})
	if err != nil {
		return fmt.Errorf("erase own message: %w", err)
	}
	if n == 0 {
		return nil
	}
	return s.changedDelete(ctx, tx, at, messageID, s.now())
}
