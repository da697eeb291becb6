package store_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"parley/store/storetest"
)

// A page of history costs the same in a long thread as in a short one: the index gives it in order.
func TestHistoryIsReadFromTheIndex(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	_, err := s.Pool().Exec(t.Context(), `INSERT INTO messages (platform, workspace, channel, message_id, thread, place, author_id,
			author_name, author_kind, text, sent_at, stored_at)
		SELECT 'slack', 'T1', 'C' || i % 5, 'm' || i, 't' || i % 10, 'thread', 'a', 'a', 'person', 'x', now() + i * interval '1 s', now()
		FROM generate_series(1, 50000) i`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Pool().Exec(t.Context(), `ANALYZE messages`); err != nil {
		t.Fatal(err)
	}
	for index, where := range map[string]string{
		"messages_thread":  `channel = 'C1' AND thread = 't1'`,
		"messages_channel": `channel = 'C1'`,
	} {
		rows, err := s.Pool().Query(t.Context(), `EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF)
			SELECT * FROM messages WHERE platform = 'slack' AND workspace = 'T1' AND `+where+` AND deleted_at IS NULL
			AND (sent_at, message_id) < (now() + interval '30000 s', 'm'::text)
			ORDER BY sent_at DESC, message_id DESC LIMIT 200`)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		plan := strings.Join(lines, "\n")
		if !strings.Contains(plan, "Index Scan Backward using "+index) || strings.Contains(plan, "Sort") || strings.Contains(plan, "Filter") {
			t.Errorf("plan for %s:\n%s", where, plan)
		}
	}
}
