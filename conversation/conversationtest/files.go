package conversationtest

import (
	"context"
	"slices"

	"parley/conversation"
)

var _ conversation.Files = (*Store)(nil)

// Described implements conversation.Files.
func (s *Store) Described(_ context.Context, ref conversation.ThreadRef, sha256 string) (conversation.Attachment, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, known := s.derived.media[contentOf(ref, sha256)]
	return a, known, nil
}

func contentOf(ref conversation.ThreadRef, sha256 string) messageKey {
	return messageKey{platform: ref.Platform, workspace: ref.Workspace, name: sha256}
}

// NoteFile implements conversation.Files.
func (s *Store) NoteFile(_ context.Context, t conversation.Turn, ref conversation.ThreadRef, messageID string, a conversation.Attachment) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.held(t); err != nil {
		return err
	}
	key := keyOf(ref, messageID)
	holds := func(m conversation.Message) bool {
		return m.DeletedAt.IsZero() && slices.ContainsFunc(m.Attachments, func(x conversation.Attachment) bool { return x.ID == a.ID })
	}
	c, copied := s.derived.copies[t.ID][key]
	if m := s.messages[key]; (m == nil || !holds(*m)) && (!copied || !holds(c)) {
		return nil
	}
	file := fileKey{key, a.ID}
	before := s.derived.files[file]
	s.derived.files[file] = conversation.Attachment{ID: a.ID, Verdict: a.Verdict, SHA256: a.SHA256}
	if before.SHA256 != a.SHA256 {
		s.dropContent(contentOf(ref, before.SHA256))
	}
	if content := contentOf(ref, a.SHA256); a.SHA256 != "" && s.derived.media[content].Description == "" {
		s.derived.media[content] = conversation.Attachment{Verdict: a.Verdict, SHA256: a.SHA256, Description: a.Description, Tokens: a.Tokens}
	}
	return nil
}

// withFiles gives a message with what became of its files.
func (s *Store) withFiles(m conversation.Message) conversation.Message {
	m.Attachments = slices.Clone(m.Attachments)
	for i := range m.Attachments {
		a := &m.Attachments[i]
		file, noted := s.derived.files[fileKey{keyOf(m.Ref, m.ID), a.ID}]
		if !noted {
			continue
		}
		content := s.derived.media[contentOf(m.Ref, file.SHA256)]
		a.Verdict, a.SHA256, a.Description, a.Tokens = file.Verdict, file.SHA256, content.Description, content.Tokens
	}
	return m
}

// dropFiles takes the files of a message away, but for those to keep.
func (s *Store) dropFiles(message messageKey, keep func(id string) bool) {
	for key, file := range s.derived.files {
		if key.message == message && !keep(key.file) {
			delete(s.derived.files, key)
			s.dropContent(messageKey{platform: message.platform, workspace: message.workspace, name: file.SHA256})
		}
	}
}

// dropContent takes the description of a content away that no file has any more.
func (s *Store) dropContent(content messageKey) {
	for key, file := range s.derived.files {
		if key.message.platform == content.platform && key.message.workspace == content.workspace && file.SHA256 == content.name {
			return
		}
	}
	delete(s.derived.media, content)
}
