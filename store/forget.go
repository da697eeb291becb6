package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"parley/conversation"
	"parley/store/internal/dbsqlc"
)

// someone stands for the name of a person who was forgotten.
const someone = "someone"

// Forgotten counts the rows out of which Forget took a person.
type Forgotten struct {
	// Written are their messages, Answers what was answered to them, Mentions messages of others that named them.
	Written, Answers, Mentions int64
	// Items are lines of the ledger, Turns the work on their answers.
	Items, Turns int64
	// Chunks are the pieces of summaries that were made of what they wrote, Files the files of theirs that were noted.
	Chunks, Files int64
}

// Forget takes a person out of the database: the text, names and attachments of what they wrote, with what was made of
// it: descriptions of their files, pieces of summaries, answers about it; the text of what was answered to them; their
// name and id where others mention them; their id in the ledger and in turns. Open
// questions of theirs are withdrawn, and turns that run for them stop. What stays are ids of messages, by which a
// redelivery is known, times, outcomes and costs. What people wrote about them without a mention is not found.
//
// It goes page by page, each in a transaction of its own, and may be run again after an error. What the person wrote
// before is not stored again when a platform's history is read once more: a hash of their id tells. What they write from
// then on is stored as before.
func (s *Store) Forget(ctx context.Context, p conversation.Platform, userID string) (Forgotten, error) {
	var done Forgotten
	if userID == "" {
		return done, errors.New("forget person: the id is empty")
	}
	if err := s.q.RememberForgotten(ctx, s.pool, dbsqlc.RememberForgottenParams{Person: person(p, userID), ForgottenAt: s.now()}); err != nil {
		return done, fault("forget person", err)
	}
	var after dbsqlc.Message
	for more := true; more; {
		before, last := done, after
		err := s.inTx(ctx, "forget person", func(tx pgx.Tx) (err error) {
			done, after = before, last
			more, err = s.forgetPage(ctx, tx, p, userID, &after, &done)
			return err
		})
		if err != nil {
			return before, err
		}
	}
	if err := s.forgetDerived(ctx, p, userID, &done); err != nil {
		return done, err
	}
	// Lines whose messages are gone already.
	items, err := s.q.ForgetClosedItems(ctx, s.pool, dbsqlc.ForgetClosedItemsParams{Platform: string(p), UserID: userID})
	if err != nil {
		return done, fault("forget person", err)
	}
	done.Items += items
	if err := s.q.ForgetBudgets(ctx, s.pool, dbsqlc.ForgetBudgetsParams{Platform: string(p), UserID: userID}); err != nil {
		return done, fault("forget person", err)
	}
	turns, err := s.q.ForgetTurns(ctx, s.pool, dbsqlc.ForgetTurnsParams{Platform: string(p), UserID: userID})
	done.Turns = turns
	return done, fault("forget person", err)
}

// forgetPage deals with the page after a message. The conversations' locks come first, as everywhere.
func (s *Store) forgetPage(ctx context.Context, tx pgx.Tx, p conversation.Platform, userID string, after *dbsqlc.Message, done *Forgotten) (bool, error) {
	page, err := s.personMessages(ctx, tx, p, userID, *after)
	if err != nil || len(page) == 0 {
		return false, err
	}
	var ids []int64
	for _, r := range page {
		ids = append(ids, r.ConversationID)
	}
	if err := s.q.WaitForConversations(ctx, tx, ids); err != nil {
		return false, fmt.Errorf("lock conversations: %w", err)
	}
	var written, answers keys
	for _, r := range page {
		m := r.Message
		switch r.Role {
		case RoleWritten:
			written.add(m.Platform, m.Workspace, m.Channel, m.MessageID)
		case RoleAnswer:
			answers.add(m.Platform, m.Workspace, m.Channel, m.MessageID)
		default:
			if err := s.forgetMention(ctx, tx, m, userID); err != nil {
				return false, err
			}
			done.Mentions++
		}
	}
	if err := s.forgetWritten(ctx, tx, written, done); err != nil {
		return false, err
	}
	for _, r := range page {
		if err := s.forgetChanged(ctx, tx, r.Message, r.Role != RoleMention); err != nil {
			return false, err
		}
	}
	n, err := s.blank(ctx, tx, answers)
	done.Answers += n
	*after = page[len(page)-1].Message
	return len(page) == personPage, err
}

func (s *Store) forgetWritten(ctx context.Context, tx pgx.Tx, k keys, done *Forgotten) error {
	if err := s.q.StopTurns(ctx, tx, dbsqlc.StopTurnsParams(k)); err != nil {
		return fmt.Errorf("stop turns: %w", err)
	}
	items, err := s.q.ForgetItems(ctx, tx, dbsqlc.ForgetItemsParams{
		Platforms: k.Platforms, Workspaces: k.Workspaces, Channels: k.Channels, MessageIds: k.MessageIds, At: s.now(),
	})
	if err != nil {
		return fmt.Errorf("forget items: %w", err)
	}
	written, err := s.blank(ctx, tx, k)
	done.Items += items
	done.Written += written
	return err
}

// forgetChanged erases what was derived from a message that a person was taken out of. Of one that is not there any
// more, copies and files go as well.
func (s *Store) forgetChanged(ctx context.Context, tx pgx.Tx, m dbsqlc.Message, gone bool) error {
	ref := conversation.ThreadRef{Platform: conversation.Platform(m.Platform), Workspace: m.Workspace, Channel: m.Channel, Thread: m.Thread}
	if gone {
		return s.changedDelete(ctx, tx, ref, m.MessageID, s.now())
	}
	return s.changed(ctx, tx, change{ref: ref, id: m.MessageID, at: s.now(), sentAt: m.SentAt, parent: m.Parent})
}

// forgetDerived takes a person out of what was made of messages that are not stored: copies that a task reads, pieces
// of summaries, files.
func (s *Store) forgetDerived(ctx context.Context, p conversation.Platform, userID string, done *Forgotten) error {
	mention, err := mentionOf(userID)
	if err != nil {
		return err
	}
	err = s.q.ForgetReadings(ctx, s.pool, dbsqlc.ForgetReadingsParams{Platform: string(p), UserID: userID, Mention: mention})
	if err != nil {
		return fault("forget person", err)
	}
	if err := s.forgetChunks(ctx, p, userID, done); err != nil {
		return err
	}
	for more := true; more; {
		n := 0
		err := s.inTx(ctx, "forget person", func(tx pgx.Tx) error {
			files, err := s.q.PersonFiles(ctx, tx, dbsqlc.PersonFilesParams{Platform: string(p), UserID: userID, Most: personPage})
			if err != nil {
				return fmt.Errorf("read files: %w", err)
			}
			var k keys
			for _, f := range files {
				k.add(f.Platform, f.Workspace, f.Channel, f.MessageID)
			}
			n = len(files)
			return s.dropFiles(ctx, tx, k, []string{})
		})
		if err != nil {
			return err
		}
		done.Files += int64(n)
		more = n == personPage
	}
	return nil
}

// forgetChunks erases the pieces of summaries that a person's messages went into, and the answers that were made of them.
func (s *Store) forgetChunks(ctx context.Context, p conversation.Platform, userID string, done *Forgotten) error {
	before := done.Chunks
	return s.inTx(ctx, "forget person", func(tx pgx.Tx) error {
		chunks, err := s.q.ForgetChunks(ctx, tx, dbsqlc.ForgetChunksParams{Platform: string(p), UserID: userID})
		if err != nil {
			return fmt.Errorf("delete chunks: %w", err)
		}
		done.Chunks = before + int64(len(chunks))
		for _, c := range chunks {
			erased, err := s.q.EraseAnswersOver(ctx, tx, dbsqlc.EraseAnswersOverParams{
				Platform: c.Platform, Workspace: c.Workspace, Channel: c.Channel, FromAt: c.FromAt, ThroughAt: c.ThroughAt,
			})
			if err != nil {
				return fmt.Errorf("erase answers: %w", err)
			}
			for _, r := range erased {
				if err := s.changed(ctx, tx, answerChange(dbsqlc.EraseDerivedRow(r), s.now())); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// forgetMention takes a person out of somebody else's message, as it is now.
func (s *Store) forgetMention(ctx context.Context, tx pgx.Tx, m dbsqlc.Message, userID string) error {
	m, err := s.q.MessageForUpdate(ctx, tx, dbsqlc.MessageForUpdateParams{
		Platform: m.Platform, Workspace: m.Workspace, Channel: m.Channel, MessageID: m.MessageID,
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read message: %w", err)
	}
	var mentions []mention
	if err := json.Unmarshal(m.Mentions, &mentions); err != nil {
		return fmt.Errorf("decode mentions of message %s: %w", m.MessageID, err)
	}
	for i, x := range mentions {
		if x.ID == userID && x.Kind == string(conversation.MentionUser) {
			m.Text = unname(m.Text, x.Name)
			mentions[i].ID, mentions[i].Name = "", someone
		}
	}
	encoded, err := json.Marshal(mentions)
	if err != nil {
		return fmt.Errorf("encode mentions: %w", err)
	}
	if m.ReplyToAuthorID == userID {
		m.ReplyToAuthorID = ""
	}
	err = s.q.ForgetMention(ctx, tx, dbsqlc.ForgetMentionParams{
		Platform: m.Platform, Workspace: m.Workspace, Channel: m.Channel, MessageID: m.MessageID,
		Text: m.Text, Mentions: encoded, ReplyToAuthorID: m.ReplyToAuthorID,
	})
	if err != nil {
		return fmt.Errorf("forget mention: %w", err)
	}
	return nil
}

// unname puts @someone for each @name in a text, but not for the beginning of a longer name.
func unname(text, name string) string {
	if name == "" {
		return text
	}
	parts := strings.Split(text, "@"+name)
	var b strings.Builder
	for i, part := range parts {
		if i > 0 {
			next, _ := utf8.DecodeRuneInString(part)
			if part != "" && slices.ContainsFunc([]*unicode.RangeTable{unicode.L, unicode.N, unicode.M}, func(t *unicode.RangeTable) bool { return unicode.Is(t, next) }) {
				b.WriteString("@" + name)
			} else {
				b.WriteString("@" + someone)
			}
		}
		b.WriteString(part)
	}
	return b.String()
}
