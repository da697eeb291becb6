package main

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"parley/bots/slack/slacksim"
)

// TestWhatACommandIsAnsweredByIsStoredSealed looks through the whole database while two commands are worked on.
func TestWhatACommandIsAnsweredByIsStoredSealed(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	w := newTown(t, scribe(hold))
	root := must(w.slack.Say(w.ana, w.general, "We need a plan."))(t).TS
	must(w.slack.Say(w.ana, w.general, plan(1), slacksim.InThread(root)))(t)
	thread := must(w.discord.StartThread(w.dana, w.lobby, "", "Plan", false))(t).ID
	must(w.discord.Say(w.dana, thread, plan(1)))(t)
	_, url := w.serve(t, nil)
	ready(t, url)
	until(t, "the commands are offered", func() bool { return len(w.discord.Commands("")) > 0 })
	pressed := must(w.slack.Shortcut(w.ana, w.general, root, "summarize_thread"))(t)
	must(w.discord.InvokeCommand(w.dana, thread, "summarize"))(t)
	pool := w.store(t, nil).Pool()
	until(t, "both are stored", func() bool {
		var n int
		err := pool.QueryRow(t.Context(), `SELECT count(*) FROM messages WHERE ask ->> 'handle' LIKE 'sealed:%'`).Scan(&n)
		return err == nil && n == 2
	})
	rows, err := pool.Query(t.Context(), `SELECT quote_ident(table_schema) || '.' || quote_ident(table_name) FROM information_schema.tables
		WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tables) < 5 {
		t.Fatalf("tables %q, %v", tables, err)
	}
	for _, table := range tables {
		var all string
		if err := pool.QueryRow(t.Context(), `SELECT coalesce(string_agg(t::text, ' '), '') FROM `+table+` t`).Scan(&all); err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{pressed.ResponseURL, "/hook/"} {
			if secret == "" || strings.Contains(all, secret) {
				t.Errorf("%s holds %q", table, secret)
			}
		}
	}
	close(hold)
	w.settled(t, 2)
	var left int
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM messages WHERE ask ->> 'handle' <> ''`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d handles are kept after the answer, %v", left, err)
	}
	if len(w.slack.Ephemerals(w.ana)) == 0 || len(w.discord.Whispers(w.dana, thread)) == 0 {
		t.Error("a command has no answer")
	}
}
