package store_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"parley/store"
	"parley/store/storetest"
)

// query gives a query of a file as Postgres takes it, with its values.
func query(t *testing.T, file, name string, values map[string]any) (string, []any) {
	t.Helper()
	text, err := os.ReadFile("queries/" + file)
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(text), "-- name: "+name+" :")
	if !found {
		t.Fatalf("%s has no query %s", file, name)
	}
	_, after, _ = strings.Cut(after, "\n")
	statement, _, _ := strings.Cut(after, "-- name: ")
	var args []any
	numbers := map[string]string{}
	statement = regexp.MustCompile(`[^@]@[a-z0-9_]+`).ReplaceAllStringFunc(statement, func(s string) string {
		param := s[2:]
		if numbers[param] == "" {
			value, given := values[param]
			if !given {
				t.Fatalf("%s has no value for %s", name, param)
			}
			args = append(args, value)
			numbers[param] = fmt.Sprint("$", len(args))
		}
		return s[:1] + numbers[param]
	})
	return statement, args
}

func plan(t *testing.T, s *store.Store, statement string, args []any) string {
	t.Helper()
	rows, err := s.Pool().Query(t.Context(), "EXPLAIN (COSTS OFF) "+statement, args...)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%v\n%s", err, statement)
	}
	return strings.Join(lines, "\n")
}

// What every edit and delete looks for, and what a running task asks for, is found by an index, however much is stored.
func TestDerivedIsFoundByIndexes(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	_, err := s.Pool().Exec(t.Context(), `
		INSERT INTO messages (platform, workspace, channel, message_id, thread, place, author_id, author_name, author_kind, text, sent_at, stored_at, source_turn)
		SELECT 'slack', 'T1', 'C' || i % 20, 'm' || i, 't' || i % 100, 'thread', 'a' || i % 50, 'a', CASE WHEN i % 10 = 0 THEN 'self' ELSE 'person' END, 'x',
			now() + i * interval '1 s', now(), CASE WHEN i % 10 = 0 THEN i ELSE 0 END FROM generate_series(1, 20000) i;
		INSERT INTO readings (platform, workspace, channel, message_id, turn_id, thread, place, parent, root, author_id, author_name, author_kind, text,
			tokens, mentions, attachments, reply_to, reply_to_author, reply_to_author_id, sent_at, read_at)
		SELECT 'slack', 'T1', 'C' || i % 20, 'm' || i, i % 10, '', '', '', false, 'a', 'a', 'person', 'x', 0, '[]', '[]', '', '', '', now() + i * interval '1 s', now()
		FROM generate_series(1, 20000) i;
		INSERT INTO chunks SELECT 'slack', 'T1', 'C' || i % 20, '', 'h' || i, i % 2 = 0, now() + i * interval '1 s', 'm', now() + i * interval '2 s', 'm',
			(SELECT array_agg('m' || i * 10 + n) FROM generate_series(0, 19) n), ARRAY['a' || i % 50], 'x', 1, now() FROM generate_series(1, 5000) i;
		INSERT INTO sources SELECT 'slack', 'T1', 'C' || i % 500, i, '', true, now(), 'm', now(), 'm' FROM generate_series(1, 20000) i;
		INSERT INTO turns (platform, workspace, conversation_id, channel, author_id, lease, queued_at, begun_at, finished_at)
		SELECT 'slack', 'T1', i, 'C', 'a' || i % 50, 1, now(), now(), now() FROM generate_series(1, 20000) i;
		INSERT INTO changes SELECT 'slack', 'T1', 'm' || i, 'C' || i % 20, '', false, now(), i, now() FROM generate_series(1, 20000) i;
		INSERT INTO media SELECT 'slack', 'T1', 's' || i, 'described', 'x', 1, now() FROM generate_series(1, 20000) i;
		INSERT INTO media_uses SELECT 'slack', 'T1', 'C' || i % 20, 'm' || i, 'F', 's' || i, 'described', 'a' || i % 50, now(), now() FROM generate_series(1, 20000) i;
		ANALYZE`)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]any{
		"platform": "slack", "workspace": "T1", "channel": "C1", "thread": "t1", "message_id": "m77", "parent": "", "dated": true, "deleted": true,
		"sent_at": base(), "edited_at": base(), "at": base(), "text": "new", "tokens": 1, "mentions": "[]", "attachments": "[]", "turn_id": 5, "id": 5,
		"after_at": base(), "after_id": "m", "most": 200, "hash": "h7", "user_id": "a7", "began": "5:9:", "lease": 1,
		"message_ids": []string{"m1", "m2", "m3"}, "channels": []string{"C1", "C2", "C3"}, "platforms": []string{"slack"}, "workspaces": []string{"T1"},
		"keep": []string{}, "sha256": "s7", "attachment": `[{"id":"F"}]`, "attachment_id": "F",
	}
	for name, file := range map[string]string{
		"EraseDerived": "derived.sql", "ChangedSince": "derived.sql", "GetChunk": "derived.sql", "StandingChunks": "derived.sql", "LastSummary": "derived.sql",
		"ForgetChunks": "derived.sql", "ClearSource": "derived.sql", "DropSources": "derived.sql", "TurnBegan": "derived.sql", "TaskBegan": "reading.sql",
		"Collected": "reading.sql", "Since": "reading.sql", "RewriteReadings": "reading.sql", "DropReadings": "reading.sql", "EndReading": "reading.sql",
		"ReadChannels": "reading.sql", "GetMedia": "media.sql", "FileHolder": "media.sql", "FilesOf": "media.sql", "GetFile": "media.sql",
	} {
		t.Run(name, func(t *testing.T) {
			statement, args := query(t, file, name, values)
			if p := plan(t, s, statement, args); strings.Contains(p, "Seq Scan") {
				t.Errorf("plan:\n%s", p)
			}
		})
	}
	one := map[string]any{"platforms": []string{"slack"}, "workspaces": []string{"T1"}, "channels": []string{"C1"}, "message_ids": []string{"m1"}, "keep": []string{}}
	for _, name := range []string{"LockMediaOf", "DropFiles"} {
		t.Run(name, func(t *testing.T) {
			statement, args := query(t, "media.sql", name, one)
			if p := plan(t, s, statement, args); strings.Contains(p, "Seq Scan") {
				t.Errorf("plan:\n%s", p)
			}
		})
	}
}
