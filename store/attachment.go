package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"parley/conversation"
	"parley/store/internal/dbsqlc"
)

var _ conversation.Files = (*Store)(nil)

// Described implements conversation.Files.
func (s *Store) Described(ctx context.Context, ref conversation.ThreadRef, sha256 string) (conversation.Attachment, bool, error) {
	ref = normaliseRef(ref)
	r, err := s.q.GetMedia(ctx, s.pool, dbsqlc.GetMediaParams{Platform: string(ref.Platform), Workspace: ref.Workspace, Sha256: clean(sha256)})
	if errors.Is(err, pgx.ErrNoRows) {
		return conversation.Attachment{}, false, nil
	}
	if err != nil {
		return conversation.Attachment{}, false, fault("read description", err)
	}
	return conversation.Attachment{
		Verdict: conversation.Verdict(r.Verdict), SHA256: r.Sha256, Description: r.Description, Tokens: int(r.Tokens),
	}, true, nil
}

// NoteFile implements conversation.Files. The message is one that is stored, or that the turn has read.
func (s *Store) NoteFile(ctx context.Context, t conversation.Turn, ref conversation.ThreadRef, messageID string, a conversation.Attachment) error {
	ref, messageID = normaliseRef(ref), clean(messageID)
	file := dbsqlc.PutFileParams{
		Platform: string(ref.Platform), Workspace: ref.Workspace, Channel: ref.Channel, MessageID: messageID,
		AttachmentID: clean(a.ID), Sha256: clean(a.SHA256), Verdict: string(a.Verdict),
	}
	holds, err := json.Marshal([]map[string]string{{"id": file.AttachmentID}})
	if err != nil {
		return fmt.Errorf("encode id: %w", err)
	}
	return s.inTx(ctx, "note file", func(tx pgx.Tx) error {
		if err := s.q.LockDerived(ctx, tx, derivedLock(ref)); err != nil {
			return fmt.Errorf("lock derived text: %w", err)
		}
		if _, err := s.began(ctx, tx, t); err != nil {
			return err
		}
		holder, err := s.q.FileHolder(ctx, tx, dbsqlc.FileHolderParams{
			Platform: file.Platform, Workspace: file.Workspace, Channel: file.Channel, MessageID: messageID,
			TurnID: t.ID, Attachment: holds,
		})
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("look for message: %w", err)
		}
		file.AuthorID, file.SentAt, file.NotedAt = holder.AuthorID, holder.SentAt, s.now()
		return s.putFile(ctx, tx, file, a)
	})
}

func (s *Store) putFile(ctx context.Context, tx pgx.Tx, file dbsqlc.PutFileParams, a conversation.Attachment) error {
	before, err := s.q.GetFile(ctx, tx, dbsqlc.GetFileParams{
		Platform: file.Platform, Workspace: file.Workspace, Channel: file.Channel, MessageID: file.MessageID, AttachmentID: file.AttachmentID,
	})
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("read file: %w", err)
	}
	if err := s.q.PutFile(ctx, tx, file); err != nil {
		return fmt.Errorf("store file: %w", err)
	}
	if before.Sha256 != "" && before.Sha256 != file.Sha256 {
		err := s.q.DropUnusedMedia(ctx, tx, dbsqlc.DropUnusedMediaParams{Platform: file.Platform, Workspace: file.Workspace, Sha256: before.Sha256})
		if err != nil {
			return fmt.Errorf("drop description: %w", err)
		}
	}
	if file.Sha256 == "" {
		return nil
	}
	err = s.q.PutMedia(ctx, tx, dbsqlc.PutMediaParams{
		Platform: file.Platform, Workspace: file.Workspace, Sha256: file.Sha256, Verdict: file.Verdict,
		Description: clean(a.Description), Tokens: int32(count(a.Tokens)), CreatedAt: file.NotedAt,
	})
	if err != nil {
		return fmt.Errorf("store description: %w", err)
	}
	return nil
}

// dropFiles takes the files of messages away, but for those to keep, and with the last that uses it a content.
func (s *Store) dropFiles(ctx context.Context, tx pgx.Tx, k keys, keep []string) error {
	if err := s.q.LockMediaOf(ctx, tx, dbsqlc.LockMediaOfParams(k)); err != nil {
		return fmt.Errorf("lock descriptions: %w", err)
	}
	err := s.q.DropFiles(ctx, tx, dbsqlc.DropFilesParams{
		Platforms: k.Platforms, Workspaces: k.Workspaces, Channels: k.Channels, MessageIds: k.MessageIds, Keep: keep,
	})
	if err != nil {
		return fmt.Errorf("drop files: %w", err)
	}
	return nil
}

// withFiles turns rows into messages, with what became of their files.
func (s *Store) withFiles(ctx context.Context, db dbsqlc.DBTX, rows []dbsqlc.Message) ([]conversation.Message, error) {
	list, err := messages(rows)
	if err != nil {
		return nil, err
	}
	pointers := make([]*conversation.Message, len(list))
	for i := range list {
		pointers[i] = &list[i]
	}
	return list, s.describe(ctx, db, pointers)
}

// describeItems adds to the questions of a turn what became of their files.
func (s *Store) describeItems(ctx context.Context, db dbsqlc.DBTX, items []conversation.Item) error {
	pointers := make([]*conversation.Message, len(items))
	for i := range items {
		pointers[i] = &items[i].Message
	}
	return s.describe(ctx, db, pointers)
}

// describe adds to messages of one workspace what became of their files. The database is asked only where there are
// any.
func (s *Store) describe(ctx context.Context, db dbsqlc.DBTX, list []*conversation.Message) error {
	type key struct{ channel, message, file string }
	files := map[key]*conversation.Attachment{}
	var p dbsqlc.FilesOfParams
	for _, m := range list {
		if len(m.Attachments) == 0 {
			continue
		}
		p.Platform, p.Workspace = string(m.Ref.Platform), m.Ref.Workspace
		p.Channels, p.MessageIds = append(p.Channels, m.Ref.Channel), append(p.MessageIds, m.ID)
		for i := range m.Attachments {
			files[key{m.Ref.Channel, m.ID, m.Attachments[i].ID}] = &m.Attachments[i]
		}
	}
	if len(files) == 0 {
		return nil
	}
	rows, err := s.q.FilesOf(ctx, db, p)
	if err != nil {
		return fault("read descriptions", err)
	}
	for _, r := range rows {
		if a := files[key{r.Channel, r.MessageID, r.AttachmentID}]; a != nil {
			a.Verdict, a.SHA256, a.Description, a.Tokens = conversation.Verdict(r.Verdict), r.Sha256, r.Description, int(r.Tokens)
		}
	}
	return nil
}
