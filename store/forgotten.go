package store

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"parley/conversation"
	"parley/store/internal/dbsqlc"
)

// person is what stands for a person who was forgotten: it tells them again and names nobody.
func person(p conversation.Platform, userID string) []byte {
	sum := sha256.Sum256([]byte("parley/forgotten\x00" + string(p) + "\x00" + userID))
	return sum[:]
}

// forgottenAmong gives when those of the people were forgotten that ever were, by id.
func (s *Store) forgottenAmong(ctx context.Context, db dbsqlc.DBTX, p conversation.Platform, userIDs []string) (map[string]time.Time, error) {
	ids := make(map[string]string, len(userIDs))
	hashes := make([][]byte, 0, len(userIDs))
	for _, id := range userIDs {
		hash := person(p, id)
		if _, known := ids[string(hash)]; id != "" && !known {
			ids[string(hash)] = id
			hashes = append(hashes, hash)
		}
	}
	if len(hashes) == 0 {
		return nil, nil
	}
	rows, err := s.q.ForgottenAmong(ctx, db, hashes)
	if err != nil {
		return nil, fmt.Errorf("look for people who were forgotten: %w", err)
	}
	at := make(map[string]time.Time, len(rows))
	for _, r := range rows {
		at[ids[string(r.Person)]] = r.ForgottenAt
	}
	return at, nil
}

// withoutForgotten gives the messages, but for those that people wrote before they were forgotten.
func (s *Store) withoutForgotten(ctx context.Context, db dbsqlc.DBTX, list []conversation.Message) ([]conversation.Message, error) {
	if len(list) == 0 {
		return nil, nil
	}
	authors := make([]string, len(list))
	for i, m := range list {
		authors[i] = m.Author.ID
	}
	forgotten, err := s.forgottenAmong(ctx, db, list[0].Ref.Platform, authors)
	if err != nil {
		return nil, err
	}
	kept := make([]conversation.Message, 0, len(list))
	for _, m := range list {
		if at, was := forgotten[m.Author.ID]; !was || m.SentAt.After(at) {
			kept = append(kept, m)
		}
	}
	return kept, nil
}
