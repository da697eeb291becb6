package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/conversation"
	"parley/store/internal/dbsqlc"
)

// pageLimit bounds a page of history, whatever the caller asks for.
const pageLimit = 500

// endOfTime stands for "no position given": the page begins with the newest message.
func endOfTime() time.Time { return time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC) }

// History implements conversation.Store. It reads the page from an index, whatever the thread's length.
func (s *Store) History(ctx context.Context, q conversation.HistoryQuery) ([]conversation.Message, error) {
	p := page(q)
	rows, err := s.q.ThreadHistory(ctx, s.pool, p)
	if err != nil {
		return nil, fault("read history", err)
	}
	return s.withFiles(ctx, s.pool, rows)
}

// ChannelBefore implements conversation.Store.
func (s *Store) ChannelBefore(ctx context.Context, q conversation.HistoryQuery) ([]conversation.Message, error) {
	p := page(q)
	rows, err := s.q.ChannelHistory(ctx, s.pool, dbsqlc.ChannelHistoryParams{
		Platform: p.Platform, Workspace: p.Workspace, Channel: p.Channel, BeforeAt: p.BeforeAt, BeforeID: p.BeforeID, Most: p.Most,
	})
	if err != nil {
		return nil, fault("read channel history", err)
	}
	return s.withFiles(ctx, s.pool, rows)
}

func page(q conversation.HistoryQuery) dbsqlc.ThreadHistoryParams {
	ref := normaliseRef(q.Ref)
	at := q.Before.SentAt
	if at.IsZero() {
		at = endOfTime()
	}
	return dbsqlc.ThreadHistoryParams{
		Platform: string(ref.Platform), Workspace: ref.Workspace, Channel: ref.Channel, Thread: ref.Thread,
		BeforeAt: at, BeforeID: clean(q.Before.MessageID), Most: pageSize(q.Limit),
	}
}

func pageSize(limit int) int32 {
	if limit <= 0 || limit > pageLimit {
		return pageLimit
	}
	return int32(limit)
}

// SaveHistory implements conversation.Store.
func (s *Store) SaveHistory(ctx context.Context, t conversation.Turn, p conversation.HistoryPage, decide conversation.DecideFunc) error {
	list := slices.Clone(p.Messages)
	for i := range list {
		list[i] = normalise(list[i])
	}
	// Rows are locked in the order of their key, so that two pages of one channel cannot wait for each other.
	slices.SortFunc(list, func(a, b conversation.Message) int {
		return strings.Compare(a.Ref.Channel+"\x00"+a.ID, b.Ref.Channel+"\x00"+b.ID)
	})
	var in *intake
	err := s.inTx(ctx, "save history", func(tx pgx.Tx) error {
		c, err := s.holdLease(ctx, tx, t)
		if err != nil {
			return err
		}
		in = &intake{Store: s, tx: tx, now: s.now(), decide: decide, caughtUp: true}
		if err := in.verify(ctx, &c, conversation.HistoryPage{Messages: list, Whole: p.Whole}); err != nil {
			return err
		}
		kept, err := s.withoutForgotten(ctx, tx, list)
		if err != nil {
			return err
		}
		missed, err := in.insertHistory(ctx, &c, kept)
		if err != nil {
			return err
		}
		slices.SortFunc(missed, func(a, b conversation.Message) int {
			if a.Position().Before(b.Position()) {
				return -1
			}
			return 1
		})
		for _, m := range missed {
			if err := in.judgeStored(ctx, &c, m); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		in.interrupt()
	}
	return err
}

// insertHistory stores what is new and gives the messages that must be decided on: those of the conversation, said
// after its first addressed message, that no event brought yet.
func (in *intake) insertHistory(ctx context.Context, c *dbsqlc.Conversation, list []conversation.Message) ([]conversation.Message, error) {
	params := make([]dbsqlc.InsertHistoryParams, len(list))
	for i := range list {
		list[i].Seq = 0
		if belongs(*c, list[i]) {
			c.LastSeq++
			list[i].Seq = c.LastSeq
		}
		r, err := row(list[i], in.now)
		if err != nil {
			return nil, err
		}
		params[i] = dbsqlc.InsertHistoryParams(r)
	}
	var missed []conversation.Message
	var failed error
	results := in.q.InsertHistory(ctx, in.tx, params)
	results.QueryRow(func(i int, judged bool, err error) {
		switch {
		case errors.Is(err, pgx.ErrNoRows):
		case err != nil:
			failed = errors.Join(failed, err)
		case !judged && belongs(*c, list[i]) && list[i].Author.Kind == conversation.Person && afterFirst(*c, list[i].Position()):
			missed = append(missed, list[i])
		}
	})
	if err := errors.Join(failed, results.Close()); err != nil {
		return nil, fmt.Errorf("insert history: %w", err)
	}
	if err := in.q.SetLastSeq(ctx, in.tx, dbsqlc.SetLastSeqParams{ID: c.ID, LastSeq: c.LastSeq}); err != nil {
		return nil, fmt.Errorf("set seq: %w", err)
	}
	return missed, nil
}

func belongs(c dbsqlc.Conversation, m conversation.Message) bool {
	return string(m.Ref.Platform) == c.Platform && m.Ref.Workspace == c.Workspace && m.Ref.Channel == c.Channel && m.Ref.Thread == c.Thread
}

// HistoryDone implements conversation.Store.
func (s *Store) HistoryDone(ctx context.Context, t conversation.Turn) error {
	return s.inTx(ctx, "note complete history", func(tx pgx.Tx) error {
		if _, err := s.holdLease(ctx, tx, t); err != nil {
			return err
		}
		return s.q.SetHistoryKnown(ctx, tx, dbsqlc.SetHistoryKnownParams{ID: t.ConversationID, VerifiedAt: s.now()})
	})
}
