package store

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"time"

	"parley/conversation"
	"parley/store/internal/dbsqlc"
)

// personPage is how many rows that concern a person are read, or erased, at a time.
const personPage = 200

// The roles of a PersonMessage.
const (
	// RoleWritten is a message of the person's own.
	RoleWritten = "written"
	// RoleAnswer is what Parley answered to them.
	RoleAnswer = "answer"
	// RoleMention is somebody else's message that mentions them or replies to them. Its text is not theirs, and not given.
	RoleMention = "mention"
)

// PersonMessage is a stored message that concerns a person.
type PersonMessage struct {
	Role        string          `json:"role"`
	Workspace   string          `json:"workspace"`
	Channel     string          `json:"channel"`
	Thread      string          `json:"thread"`
	MessageID   string          `json:"message_id"`
	Place       string          `json:"place"`
	SentAt      time.Time       `json:"sent_at"`
	EditedAt    *time.Time      `json:"edited_at,omitempty"`
	DeletedAt   *time.Time      `json:"deleted_at,omitempty"`
	StoredAt    time.Time       `json:"stored_at"`
	AuthorName  string          `json:"author_name,omitempty"`
	ReplyTo     string          `json:"reply_to,omitempty"`
	Text        string          `json:"text,omitempty"`
	Mentions    json.RawMessage `json:"mentions,omitempty"`
	Attachments json.RawMessage `json:"attachments,omitempty"`
	// Command is what a command asked for.
	Command json.RawMessage `json:"command,omitempty"`
}

// PersonItem is the ledger's line on a message of the person's that was addressed to Parley.
type PersonItem struct {
	Workspace  string     `json:"workspace"`
	Channel    string     `json:"channel"`
	MessageID  string     `json:"message_id"`
	SentAt     time.Time  `json:"sent_at"`
	AcceptedAt time.Time  `json:"accepted_at"`
	Why        string     `json:"why"`
	Outcome    string     `json:"outcome"`
	Reason     string     `json:"reason,omitempty"`
	ClosedAt   *time.Time `json:"closed_at,omitempty"`
}

// PersonTurn is the work on an answer to the person.
type PersonTurn struct {
	ID           int64      `json:"id"`
	Workspace    string     `json:"workspace"`
	Channel      string     `json:"channel"`
	BegunAt      time.Time  `json:"begun_at"`
	FinishedAt   *time.Time `json:"finished_at,omitempty"`
	Outcome      string     `json:"outcome"`
	Reason       string     `json:"reason,omitempty"`
	Detail       string     `json:"detail,omitempty"`
	Model        string     `json:"model"`
	InputTokens  int32      `json:"input_tokens"`
	OutputTokens int32      `json:"output_tokens"`
}

// pages calls read for page after page and yields the rows, until a page is not full.
func pages[Row, Out any](read func(last *Row) ([]Row, error), out func(Row) Out) iter.Seq2[Out, error] {
	return func(yield func(Out, error) bool) {
		var last *Row
		for {
			rows, err := read(last)
			if err != nil {
				var none Out
				yield(none, err)
				return
			}
			for _, r := range rows {
				if !yield(out(r), nil) {
					return
				}
			}
			if len(rows) < personPage {
				return
			}
			last = &rows[len(rows)-1]
		}
	}
}

// PersonMessages yields the stored messages that concern a person, page by page. An error is the last thing yielded.
func (s *Store) PersonMessages(ctx context.Context, p conversation.Platform, userID string) iter.Seq2[PersonMessage, error] {
	return pages(func(last *dbsqlc.PersonMessagesRow) ([]dbsqlc.PersonMessagesRow, error) {
		var after dbsqlc.Message
		if last != nil {
			after = last.Message
		}
		rows, err := s.personMessages(ctx, s.pool, p, userID, after)
		return rows, fault("read messages of a person", err)
	}, personMessage)
}

// personMessages gives the page after a message.
func (s *Store) personMessages(ctx context.Context, db dbsqlc.DBTX, p conversation.Platform, userID string, after dbsqlc.Message) ([]dbsqlc.PersonMessagesRow, error) {
	pattern, err := mentionOf(userID)
	if err != nil {
		return nil, err
	}
	return s.q.PersonMessages(ctx, db, dbsqlc.PersonMessagesParams{
		Platform: string(p), UserID: userID, Mention: pattern, Most: personPage,
		AfterWorkspace: after.Workspace, AfterChannel: after.Channel, AfterMessage: after.MessageID,
	})
}

// mentionOf is what mentions of a person contain.
func mentionOf(userID string) ([]byte, error) {
	pattern, err := json.Marshal([]map[string]string{{"kind": string(conversation.MentionUser), "id": userID}})
	if err != nil {
		return nil, fmt.Errorf("encode id: %w", err)
	}
	return pattern, nil
}

func personMessage(r dbsqlc.PersonMessagesRow) PersonMessage {
	m := PersonMessage{
		Role: r.Role, Workspace: r.Message.Workspace, Channel: r.Message.Channel, Thread: r.Message.Thread,
		MessageID: r.Message.MessageID, Place: r.Message.Place, SentAt: r.Message.SentAt.UTC(), EditedAt: utc(r.Message.EditedAt),
		DeletedAt: utc(r.Message.DeletedAt), StoredAt: r.Message.StoredAt.UTC(), ReplyTo: r.Message.ReplyTo,
	}
	if r.Role != RoleMention {
		m.Text, m.Mentions, m.Attachments = r.Message.Text, r.Message.Mentions, r.Message.Attachments
		m.AuthorName = r.Message.AuthorName
		if command, err := withoutHandle(r.Message.Ask); err == nil {
			m.Command = command
		}
	}
	return m
}

// PersonItems yields the ledger's lines on what a person asked. An error is the last thing yielded.
func (s *Store) PersonItems(ctx context.Context, p conversation.Platform, userID string) iter.Seq2[PersonItem, error] {
	return pages(func(last *dbsqlc.Item) ([]dbsqlc.Item, error) {
		var after dbsqlc.Item
		if last != nil {
			after = *last
		}
		rows, err := s.q.PersonItems(ctx, s.pool, dbsqlc.PersonItemsParams{
			Platform: string(p), UserID: userID, Most: personPage,
			AfterWorkspace: after.Workspace, AfterChannel: after.Channel, AfterMessage: after.MessageID,
		})
		return rows, fault("read the ledger of a person", err)
	}, func(r dbsqlc.Item) PersonItem {
		item := PersonItem{
			Workspace: r.Workspace, Channel: r.Channel, MessageID: r.MessageID, SentAt: r.SentAt.UTC(), AcceptedAt: r.AcceptedAt.UTC(),
			Why: r.Reason, Reason: r.OutcomeReason, ClosedAt: utc(r.ClosedAt),
		}
		if r.Outcome != nil {
			item.Outcome = *r.Outcome
		}
		return item
	})
}

// PersonTurns yields the turns for what a person asked. An error is the last thing yielded.
func (s *Store) PersonTurns(ctx context.Context, p conversation.Platform, userID string) iter.Seq2[PersonTurn, error] {
	return pages(func(last *dbsqlc.Turn) ([]dbsqlc.Turn, error) {
		var after int64
		if last != nil {
			after = last.ID
		}
		rows, err := s.q.PersonTurns(ctx, s.pool, dbsqlc.PersonTurnsParams{Platform: string(p), UserID: userID, After: after, Most: personPage})
		return rows, fault("read the turns of a person", err)
	}, func(r dbsqlc.Turn) PersonTurn {
		return PersonTurn{
			ID: r.ID, Workspace: r.Workspace, Channel: r.Channel, BegunAt: r.BegunAt.UTC(), FinishedAt: utc(r.FinishedAt), Outcome: r.Outcome,
			Reason: r.Reason, Detail: r.Detail, Model: r.Model, InputTokens: r.InputTokens, OutputTokens: r.OutputTokens,
		}
	})
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	in := t.UTC()
	return &in
}

// PersonFile is what became of a file that a person posted.
type PersonFile struct {
	Workspace    string    `json:"workspace"`
	Channel      string    `json:"channel"`
	MessageID    string    `json:"message_id"`
	AttachmentID string    `json:"attachment_id"`
	SentAt       time.Time `json:"sent_at"`
	NotedAt      time.Time `json:"noted_at"`
	Verdict      string    `json:"verdict"`
	SHA256       string    `json:"sha256,omitempty"`
	Description  string    `json:"description,omitempty"`
}

// PersonFiles yields what became of the files that a person posted, with their descriptions. An error is the last
// thing yielded.
func (s *Store) PersonFiles(ctx context.Context, p conversation.Platform, userID string) iter.Seq2[PersonFile, error] {
	return pages(func(last *dbsqlc.PersonFilesRow) ([]dbsqlc.PersonFilesRow, error) {
		var after dbsqlc.PersonFilesRow
		if last != nil {
			after = *last
		}
		rows, err := s.q.PersonFiles(ctx, s.pool, dbsqlc.PersonFilesParams{
			Platform: string(p), UserID: userID, Most: personPage, AfterWorkspace: after.Workspace, AfterChannel: after.Channel,
			AfterMessage: after.MessageID, AfterAttachment: after.AttachmentID,
		})
		return rows, fault("read files of a person", err)
	}, func(r dbsqlc.PersonFilesRow) PersonFile {
		return PersonFile{
			Workspace: r.Workspace, Channel: r.Channel, MessageID: r.MessageID, AttachmentID: r.AttachmentID, SentAt: r.SentAt.UTC(),
			NotedAt: r.NotedAt.UTC(), Verdict: r.Verdict, SHA256: r.Sha256, Description: r.Description,
		}
	})
}
