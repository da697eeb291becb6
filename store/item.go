package store

import (
	"context"
	"fmt"
	"time"

	"parley/conversation"
	"parley/store/internal/dbsqlc"
)

// Unanswered counts addressed messages that have no outcome yet, waiting and running ones and those of tasks included.
func (s *Store) Unanswered(ctx context.Context) (int, error) {
	n, err := s.q.CountOpenItems(ctx, s.pool)
	return int(n), fault("count open items", err)
}

// judge asks whether m is owed an answer, with what is seen under the conversation's lock.
func (in *intake) judge(ctx context.Context, c dbsqlc.Conversation, m conversation.Message) (conversation.Decision, error) {
	if m.Author.Kind == conversation.Self {
		return in.decide(m, conversation.View{}), nil // which is the same whatever is seen
	}
	seen, err := in.q.GetView(ctx, in.tx, dbsqlc.GetViewParams{
		Platform: c.Platform, Workspace: c.Workspace, Channel: c.Channel, ConversationID: c.ID,
		AuthorID: m.Author.ID, ReplyTo: m.ReplyTo,
		MinuteAgo: in.now.Add(-time.Minute), HourAgo: in.now.Add(-time.Hour),
	})
	if err != nil {
		return conversation.Decision{}, fmt.Errorf("look at conversation: %w", err)
	}
	return in.decide(m, conversation.View{
		Ours:         afterFirst(c, m.Position()),
		ReplyToSelf:  seen.ReplyToSelf,
		RecentTurns:  int(seen.Recent),
		CaughtUp:     in.caughtUp,
		Age:          in.now.Sub(m.SentAt),
		ToldRecently: seen.Told,
		ToldMissed:   seen.ToldMissed,
		Waiting:      seen.Waiting,
	}), nil
}

// afterFirst reports whether a position lies after the first message here that was owed an answer.
func afterFirst(c dbsqlc.Conversation, p conversation.Position) bool {
	if !c.Ours || c.FirstAt == nil {
		return false
	}
	return conversation.Position{SentAt: *c.FirstAt, MessageID: c.FirstID}.Before(p)
}

// open writes the ledger's line for an addressed message, and brings the conversation and its job in line with it.
// c is changed as its row is.
func (in *intake) open(ctx context.Context, c *dbsqlc.Conversation, m conversation.Message, d conversation.Decision) error {
	if !d.Addressed {
		return nil
	}
	item := dbsqlc.OpenItemParams{
		Platform: c.Platform, Workspace: c.Workspace, Channel: c.Channel, MessageID: m.ID, ConversationID: c.ID,
		Seq: m.Seq, SentAt: m.SentAt, AuthorID: m.Author.ID, Reason: string(d.Reason), Refuse: string(d.Refuse),
		Told: d.Respond && d.Refuse != "", AcceptedAt: in.now,
	}
	if !d.Respond {
		outcome := string(d.Outcome())
		item.Outcome, item.OutcomeReason, item.ClosedAt = &outcome, string(d.Refuse), &in.now
		if d.Stop {
			item.OutcomeReason = string(conversation.CodeStopped)
		}
	}
	opened, err := in.q.OpenItem(ctx, in.tx, item)
	if err != nil {
		return fmt.Errorf("open item: %w", err)
	}
	if opened == 0 {
		return nil
	}
	if err := in.takePart(ctx, c, m, d); err != nil {
		return err
	}
	if d.Stop {
		_, err := in.stopFor(ctx, *c, m.Author.ID, 0)
		return err
	}
	if !d.Respond {
		return nil
	}
	return in.ensureJob(ctx, in.tx, *c)
}

// takePart makes the conversation ours when an answer is owed, or would be if the person were slower or we had been
// there. A refusal by the operator's rules does not: what others say there is not for us.
func (in *intake) takePart(ctx context.Context, c *dbsqlc.Conversation, m conversation.Message, d conversation.Decision) error {
	if d.Refuse != "" && d.Refuse != conversation.CodeRate && d.Refuse != conversation.CodeMissed {
		return nil
	}
	before := c.FirstAt != nil && conversation.Position{SentAt: *c.FirstAt, MessageID: c.FirstID}.Before(m.Position())
	if c.Ours && before {
		return nil
	}
	late := c.Ours
	if !c.Ours {
		c.Ours, c.HistoryKnown = true, c.HistoryKnown && in.fresh
	}
	if !before {
		c.FirstAt, c.FirstID = &m.SentAt, m.ID
	}
	err := in.q.BeginConversation(ctx, in.tx, dbsqlc.BeginConversationParams{
		ID: c.ID, Ours: true, HistoryKnown: c.HistoryKnown, FirstAt: c.FirstAt, FirstID: c.FirstID,
	})
	if err != nil {
		return fmt.Errorf("begin conversation: %w", err)
	}
	if late {
		return in.judgeAgain(ctx, c)
	}
	return nil
}

// judgeAgain decides once more on what was said after a mention that arrived late.
func (in *intake) judgeAgain(ctx context.Context, c *dbsqlc.Conversation) error {
	rows, err := in.q.UnaddressedAfter(ctx, in.tx, dbsqlc.UnaddressedAfterParams{
		Platform: c.Platform, Workspace: c.Workspace, Channel: c.Channel, Thread: c.Thread,
		AfterAt: *c.FirstAt, AfterID: c.FirstID, Most: 500,
	})
	if err != nil {
		return fmt.Errorf("read overtaken messages: %w", err)
	}
	list, err := messages(rows)
	if err != nil {
		return err
	}
	for _, m := range list {
		if err := in.judgeStored(ctx, c, m); err != nil {
			return err
		}
	}
	return nil
}

// judgeStored decides on a message whose row is there already.
func (in *intake) judgeStored(ctx context.Context, c *dbsqlc.Conversation, m conversation.Message) error {
	d, err := in.judge(ctx, *c, m)
	if err != nil {
		return err
	}
	err = in.q.SetJudged(ctx, in.tx, dbsqlc.SetJudgedParams{
		Platform: c.Platform, Workspace: c.Workspace, Channel: c.Channel, MessageID: m.ID,
	})
	if err != nil {
		return fmt.Errorf("mark message: %w", err)
	}
	return in.open(ctx, c, m, d)
}
