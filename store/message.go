package store

import (
	"encoding/json"
	"fmt"
	"time"

	"parley/conversation"
	"parley/store/internal/dbsqlc"
)

// mention and attachment are the stored forms of conversation.Mention and conversation.Attachment: their field
// names are a format, whatever the domain types are called.
type mention struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

type attachment struct {
	ID      string `json:"id"`
	Kind    string `json:"kind"`
	Name    string `json:"name"`
	MIME    string `json:"mime"`
	Size    int64  `json:"size"`
	Locator string `json:"locator"`
}

// row turns a message into its row: cleaned, and with times as precise as Postgres keeps them.
func row(m conversation.Message, now time.Time) (dbsqlc.InsertMessageParams, error) {
	mentions := make([]mention, 0, len(m.Mentions))
	for _, x := range m.Mentions {
		mentions = append(mentions, mention{Kind: string(x.Kind), ID: clean(x.ID), Name: clean(x.Name)})
	}
	attachments := make([]attachment, 0, len(m.Attachments))
	for _, x := range m.Attachments {
		attachments = append(attachments, attachment{
			ID: clean(x.ID), Kind: string(x.Kind), Name: clean(x.Name), MIME: clean(x.MIME), Size: x.Size, Locator: clean(x.Locator),
		})
	}
	mentionsJSON, err := json.Marshal(mentions)
	if err != nil {
		return dbsqlc.InsertMessageParams{}, fmt.Errorf("encode mentions: %w", err)
	}
	attachmentsJSON, err := json.Marshal(attachments)
	if err != nil {
		return dbsqlc.InsertMessageParams{}, fmt.Errorf("encode attachments: %w", err)
	}
	askJSON, err := encodeAsk(m.Ask)
	if err != nil {
		return dbsqlc.InsertMessageParams{}, err
	}
	return dbsqlc.InsertMessageParams{
		Platform: string(m.Ref.Platform), Workspace: m.Ref.Workspace, Channel: m.Ref.Channel, MessageID: m.ID,
		Thread: m.Ref.Thread, Seq: m.Seq, Place: string(m.Place), Parent: m.Parent, Root: m.Root,
		AuthorID: m.Author.ID, AuthorName: m.Author.Name, AuthorKind: string(m.Author.Kind),
		Text: m.Text, Mentions: mentionsJSON, Attachments: attachmentsJSON,
		ReplyTo: m.ReplyTo, ReplyToAuthor: string(m.ReplyToAuthor), ReplyToAuthorID: m.ReplyToAuthorID,
		SentAt: m.SentAt, EditedAt: optional(m.EditedAt), StoredAt: now, Tokens: int32(count(m.Tokens)), Ask: askJSON,
	}, nil
}

// normalise cleans a message as it comes from an adapter, so that what is compared is what is stored.
func normalise(m conversation.Message) conversation.Message {
	m.Ref = normaliseRef(m.Ref)
	m.ID, m.Parent = clean(m.ID), clean(m.Parent)
	m.Author.ID, m.Author.Name = clean(m.Author.ID), clean(m.Author.Name)
	m.Text = clean(m.Text)
	m.ReplyTo, m.ReplyToAuthorID = clean(m.ReplyTo), clean(m.ReplyToAuthorID)
	m.SentAt = m.SentAt.Truncate(time.Microsecond)
	m.EditedAt = m.EditedAt.Truncate(time.Microsecond)
	if m.Author.Kind == "" {
		m.Author.Kind = conversation.Bot
	}
	return m
}

func normaliseRef(r conversation.ThreadRef) conversation.ThreadRef {
	r.Workspace, r.Channel, r.Thread = clean(r.Workspace), clean(r.Channel), clean(r.Thread)
	return r
}

// message turns a row into the domain type.
func message(r dbsqlc.Message) (conversation.Message, error) {
	var mentions []mention
	if err := json.Unmarshal(r.Mentions, &mentions); err != nil {
		return conversation.Message{}, fmt.Errorf("decode mentions of message %s: %w", r.MessageID, err)
	}
	var attachments []attachment
	if err := json.Unmarshal(r.Attachments, &attachments); err != nil {
		return conversation.Message{}, fmt.Errorf("decode attachments of message %s: %w", r.MessageID, err)
	}
	m := conversation.Message{
		Ref: conversation.ThreadRef{
			Platform: conversation.Platform(r.Platform), Workspace: r.Workspace, Channel: r.Channel, Thread: r.Thread,
		},
		Place: conversation.Place(r.Place), ID: r.MessageID, Seq: r.Seq,
		Author: conversation.Author{ID: r.AuthorID, Name: r.AuthorName, Kind: conversation.AuthorKind(r.AuthorKind)},
		Text:   r.Text, Parent: r.Parent, ReplyTo: r.ReplyTo, ReplyToAuthor: conversation.AuthorKind(r.ReplyToAuthor),
		ReplyToAuthorID: r.ReplyToAuthorID, Root: r.Root, SentAt: r.SentAt.UTC(), Revision: int(r.Revision), Tokens: int(r.Tokens),
	}
	var err error
	if m.Ask, err = decodeAsk(r.Ask); err != nil {
		return conversation.Message{}, fmt.Errorf("message %s: %w", r.MessageID, err)
	}
	if r.SourceChannel != "" {
		m.Source = conversation.ThreadRef{
			Platform: m.Ref.Platform, Workspace: r.SourceWorkspace, Channel: r.SourceChannel, Thread: r.SourceThread,
		}
	}
	if r.EditedAt != nil {
		m.EditedAt = r.EditedAt.UTC()
	}
	if r.DeletedAt != nil {
		m.DeletedAt = r.DeletedAt.UTC()
	}
	for _, x := range mentions {
		m.Mentions = append(m.Mentions, conversation.Mention{Kind: conversation.MentionKind(x.Kind), ID: x.ID, Name: x.Name})
	}
	for _, x := range attachments {
		m.Attachments = append(m.Attachments, conversation.Attachment{
			ID: x.ID, Kind: conversation.AttachmentKind(x.Kind), Name: x.Name, MIME: x.MIME, Size: x.Size, Locator: x.Locator,
		})
	}
	return m, nil
}

func messages(rows []dbsqlc.Message) ([]conversation.Message, error) {
	list := make([]conversation.Message, 0, len(rows))
	for _, r := range rows {
		m, err := message(r)
		if err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	return list, nil
}

// optional gives nil for the zero time.
func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
