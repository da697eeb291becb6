package store_test

import (
	"context"
	"encoding/json"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/conversation"
	"parley/store"
	"parley/store/storetest"
)

// personal says of each column of each of our tables how a person's data in it is dealt with. A new column is put here
// on purpose, after export, forget and the sweep were taught about it.
const (
	// none: no data of a person.
	none = "none"
	// id: an id of the platform's for a message or a place. It is pseudonymous, needed to know a redelivery by, and
	// deleted by the sweep with its row.
	id = "id of a message or place"
	// erased: given by export, emptied by forget, deleted by the sweep.
	erased = "erased"
	// derived: made of what several people wrote, so that it is nobody's to be given; deleted by forget and the sweep.
	derived = "derived from messages of several people"
	// hashed: it tells a person again whose id is known, and gives no id; it is kept so that they stay forgotten.
	hashed = "hash of an id"
	// brief: deleted within a day, whoever it is of.
	brief = "deleted within a day"
)

func personal() map[string]string {
	all := map[string]string{}
	add := func(what, table, columns string) {
		for column := range strings.FieldsSeq(columns) {
			all[table+"."+column] = what
		}
	}
	add(id, "conversations", "channel thread first_id newest_id")
	add(none, "conversations", `platform workspace id ours history_known last_seq lease job_id queued first_at newest_at created_at verified_at`)
	add(erased, "messages", "author_id author_name text mentions attachments reply_to_author_id ask")
	add(id, "messages", "channel message_id thread parent reply_to source_channel source_thread")
	add(none, "messages", `platform workspace seq place root author_kind reply_to_author judged revision sent_at edited_at deleted_at stored_at
		tokens source_workspace source_turn`)
	add(erased, "items", "author_id")
	add(id, "items", "channel message_id")
	add(none, "items", `platform workspace conversation_id seq sent_at reason refuse told accepted_at turn_id revision outcome outcome_reason closed_at`)
	add(erased, "turns", "author_id detail")
	add(id, "turns", "channel")
	add(none, "turns", `platform workspace id conversation_id lease attempt queued_at begun_at finished_at outcome reason model prompt_hash
		input_tokens cached_tokens output_tokens estimated cost_usd omitted queued_us packed_us first_token_us first_visible_us total_us stale began
		stopped aside task_kind handed_at job_id`)
	add(brief, "turns", "task_data") // it is there while the task is not finished
	add(none, "turn_costs", "turn_id model input_tokens cached_tokens output_tokens heard_ms cost_usd")
	add(id, "sends", "channel thread message_id")
	add(none, "sends", "platform workspace turn_id number send_id intended_at sent_at")
	add(brief, "deliveries", "platform workspace event_id at")
	add(brief, "strays", "platform workspace channel thread at")
	add(id, "watermarks", "channel message_id")
	add(none, "watermarks", "platform workspace sent_at place")
	add(none, "presence", "platform workspace online_at gap_at")
	add(none, "leases", "name holder until")
	add(none, "memory", "name value saved_at")
	add(brief, "budgets", "day platform author_id usd tokens warned") // forget deletes a person's row at once
	add(none, "reservations", "turn_id day usd tokens")
	add(brief, "changes", "platform workspace message_id channel thread deleted edited_at xid at")
	add(brief, "readings", `platform workspace channel message_id turn_id thread place parent root author_id author_name author_kind text
		tokens mentions attachments reply_to reply_to_author reply_to_author_id sent_at edited_at read_at`) // forget deletes what a person is in at once
	add(derived, "chunks", "author_ids text")
	add(id, "chunks", "channel thread from_id through_id message_ids")
	add(none, "chunks", "platform workspace hash standing from_at through_at tokens kept_at")
	add(id, "sources", "channel thread from_id through_id")
	add(none, "sources", "platform workspace turn_id asked from_at through_at")
	add(erased, "media", "description sha256")
	add(none, "media", "platform workspace verdict tokens created_at")
	add(erased, "media_uses", "author_id sha256")
	add(id, "media_uses", "channel message_id attachment_id")
	add(none, "media_uses", "platform workspace verdict sent_at noted_at")
	add(hashed, "forgotten", "person")
	add(none, "forgotten", "forgotten_at")
	return all
}

// column reads what the database says of our tables; those of goose and of River hold ids of conversations only.
func columns(t *testing.T, s *store.Store) []string {
	t.Helper()
	rows, err := s.Pool().Query(t.Context(), `SELECT table_name || '.' || column_name FROM information_schema.columns
		WHERE table_schema = current_schema() AND table_name NOT LIKE 'river\_%' AND table_name <> 'goose_db_version'`)
	if err != nil {
		t.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestEveryColumnIsDeclared(t *testing.T) {
	t.Parallel()
	declared := personal()
	for _, name := range columns(t, storetest.Open(t)) {
		if declared[name] == "" {
			t.Errorf("column %s: declare whether it holds data of a person, and have export, forget and the sweep deal with it", name)
		}
		delete(declared, name)
	}
	for name := range declared {
		t.Errorf("column %s is declared and does not exist", name)
	}
}

// dump is everything that stands in the database, River's tables included.
func dump(t *testing.T, s *store.Store) string {
	t.Helper()
	rows, err := s.Pool().Query(t.Context(), `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY table_name`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, table := range tables {
		all.WriteString(value[string](t, s, `SELECT coalesce(string_agg(t::text, E'\n'), '') FROM `+table+` t`))
	}
	return all.String()
}

func collect[T any](t *testing.T, rows iter.Seq2[T, error]) (list []T) {
	t.Helper()
	for r, err := range rows {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, r)
	}
	return list
}

// lives fills a database with what alice and bob did: an answered question each in one thread, a DM, and mentions.
func lives(t *testing.T, s *store.Store) {
	t.Helper()
	accept(t, s, posted(post("t1", "a1", 1, mention, root, func(m *conversation.Message) {
		m.Text = "alice-secret one"
		m.Attachments = []conversation.Attachment{{ID: "F1", Name: "alice-face.png", Locator: "alice-file", Kind: conversation.AttachmentImage}}
	})))
	answerAll(t, s)
	accept(t, s, posted(post("t1", "b1", 10, mention, by("bob"), func(m *conversation.Message) {
		m.Text = "bob-words: ask @Alice, not @Alicette"
		m.Mentions = append(m.Mentions, conversation.Mention{Kind: conversation.MentionUser, ID: "alice", Name: "Alice"})
		m.ReplyTo, m.ReplyToAuthor, m.ReplyToAuthorID = "a1", conversation.Person, "alice"
	})))
	answerAll(t, s)
	accept(t, s, posted(post("", "a2", 20, dm, func(m *conversation.Message) { m.Text = "alice-secret two" })))
	answerAll(t, s)
}

func TestExportGivesWhatIsStoredOfAPerson(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	lives(t, s)
	all, err := json.Marshal([]any{
		collect(t, s.PersonMessages(t.Context(), conversation.Slack, "alice")),
		collect(t, s.PersonItems(t.Context(), conversation.Slack, "alice")), collect(t, s.PersonTurns(t.Context(), conversation.Slack, "alice")),
	})
	if err != nil {
		t.Fatal(err)
	}
	for what, n := range map[string]int{
		`"role":"written"`: 2, `"role":"answer"`: 2, `"role":"mention"`: 1, "alice-secret one": 1, "alice-secret two": 1, "alice-file": 1,
		`"an answer"`: 2, `"why":"mention"`: 1, `"why":"dm"`: 1, `"begun_at"`: 2, "bob": 0, "@Alice": 0,
	} {
		if got := strings.Count(string(all), what); got != n {
			t.Errorf("the export has %s %d times, want %d:\n%s", what, got, n, all)
		}
	}
	for _, other := range []struct{ platform, id string }{{"slack", "nobody"}, {"discord", "alice"}} {
		if n := len(collect(t, s.PersonMessages(t.Context(), conversation.Platform(other.platform), other.id))); n != 0 {
			t.Errorf("%+v has %d messages", other, n)
		}
	}
}

func TestForgetLeavesNothingOfAPerson(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	lives(t, s)
	if before := dump(t, s); !strings.Contains(before, "alice-secret") || !strings.Contains(before, "alice-face") {
		t.Fatal("the test looks in the wrong place")
	}
	done, err := s.Forget(t.Context(), conversation.Slack, "alice")
	if err != nil {
		t.Fatal(err)
	}
	if done != (store.Forgotten{Written: 2, Answers: 2, Mentions: 1, Items: 2, Turns: 2}) {
		t.Errorf("the receipt says %+v", done)
	}
	after := strings.ReplaceAll(dump(t, s), "@Alicette", "")
	for _, trace := range []string{"alice", "Alice"} {
		if strings.Contains(after, trace) {
			t.Errorf("%q is left:\n%s", trace, after)
		}
	}
	if text := value[string](t, s, `SELECT text FROM messages WHERE message_id = 'b1'`); text != "bob-words: ask @someone, not @Alicette" {
		t.Errorf("bob's message is now %q", text)
	}
	if texts := value[string](t, s, `SELECT string_agg(text, '' ORDER BY message_id) FROM messages WHERE author_kind = 'self'`); texts != "an answer" {
		t.Errorf("of the answers is left %q", texts)
	}
	if costs := value[int](t, s, `SELECT sum(input_tokens)::int FROM turns`); costs != 30 {
		t.Errorf("the turns' costs are %d", costs)
	}
	for _, m := range []conversation.Message{post("t1", "a1", 1, mention, root), post("", "a2", 20, dm)} {
		if a := accept(t, s, posted(m)); !a.Duplicate {
			t.Errorf("the redelivery of %s is taken for new", m.ID)
		}
	}
	if done, err := s.Forget(t.Context(), conversation.Slack, "alice"); err != nil || done != (store.Forgotten{}) {
		t.Errorf("a second time: %+v, %v", done, err)
	}
}

// A question that is being answered, and one that waits behind it, are withdrawn; the answer that was written
// meanwhile is not stored.
func TestForgetStopsWhatRuns(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	began, goOn := make(chan struct{}, 9), make(chan struct{})
	work(t, s, &turner{before: func(ctx context.Context, turn conversation.Turn) error {
		if turn.Withdrawn {
			return nil
		}
		began <- struct{}{}
		select {
		case <-goOn:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}})
	accept(t, s, posted(post("t1", "a1", 1, mention, root)))
	<-began
	accept(t, s, posted(post("t1", "a2", 2)))
	done, err := s.Forget(t.Context(), conversation.Slack, "alice")
	if err != nil || done.Written != 2 || done.Items != 2 || done.Turns != 1 {
		t.Errorf("the receipt says %+v, %v", done, err)
	}
	close(goOn)
	eventually(t, 10*time.Second, "the turn has ended", func() bool {
		return value[int](t, s, `SELECT count(*)::int FROM turns WHERE finished_at IS NULL`) == 0
	})
	if outcomes := value[string](t, s, `SELECT string_agg(outcome, ' ') FROM items`); outcomes != "withdrawn withdrawn" {
		t.Errorf("the questions ended as %s", outcomes)
	}
	if n := value[int](t, s, `SELECT count(*)::int FROM messages WHERE text <> ''`); n != 0 {
		t.Errorf("%d texts are left", n)
	}
}

func TestForgetGoesPageByPage(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	_, err := s.Pool().Exec(t.Context(), `INSERT INTO messages (platform, workspace, channel, message_id, thread, place, author_id,
			author_name, author_kind, text, sent_at, stored_at)
		SELECT 'slack', 'T' || i % 3, 'C' || i % 5, 'm' || i, '', 'thread', CASE WHEN i % 2 = 0 THEN 'alice' ELSE 'bob' END, 'a', 'person', 'x', now(), now()
		FROM generate_series(1, 2001) i`)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(collect(t, s.PersonMessages(t.Context(), conversation.Slack, "alice"))); n != 1000 {
		t.Errorf("exported %d of 1000", n)
	}
	if done, err := s.Forget(t.Context(), conversation.Slack, "alice"); err != nil || done.Written != 1000 {
		t.Errorf("forgot %+v of 1000, %v", done, err)
	}
	if n := value[int](t, s, `SELECT count(*)::int FROM messages WHERE author_id = 'bob' AND text = 'x'`); n != 1001 {
		t.Errorf("%d of bob's 1001 messages are left", n)
	}
}
