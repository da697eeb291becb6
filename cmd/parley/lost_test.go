package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"parley/conversation"
	"parley/store"
)

// store opens the town's database beside the program.
func (w *town) store(t *testing.T, clock func() time.Time) *store.Store {
	t.Helper()
	st, err := store.Open(context.Background(), store.Options{DatabaseURL: w.db, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(st.Close)
	return st
}

// ask stores a message to Parley as if it had been delivered at a time.
func ask(t *testing.T, st *store.Store, id, author string, sentAt time.Time) {
	t.Helper()
	_, err := st.Accept(t.Context(), conversation.Posted{Message: conversation.Message{
		Ref:   conversation.ThreadRef{Platform: conversation.Slack, Workspace: "T1", Channel: "C1", Thread: id},
		Place: conversation.PlaceChannel, Root: true, ID: id, SentAt: sentAt, Text: "the words of " + id,
		Author:   conversation.Author{ID: author, Name: "Ana", Kind: conversation.Person},
		Mentions: []conversation.Mention{{Kind: conversation.MentionSelf, ID: "bot", Name: "Parley"}},
	}}, conversation.Policy{}.Decide)
	if err != nil {
		t.Fatal(err)
	}
}

func TestServeDeletesWhatIsOlderThanRetention(t *testing.T) {
	t.Parallel()
	w := newTown(t, echo())
	long := time.Now().Add(-100 * 24 * time.Hour)
	st := w.store(t, func() time.Time { return long })
	ask(t, st, "old", "U1", long)
	ask(t, st, "young", "U1", time.Now()) // that the channel has moved on
	w.serve(t, nil)                       // the platform knows no such channel, so both end as failed
	until(t, "the old message is gone and the young one stays", func() bool {
		var ids string
		err := st.Pool().QueryRow(t.Context(), `SELECT coalesce(string_agg(message_id, ' '), '') FROM messages`).Scan(&ids)
		return err == nil && ids == "young"
	})
}

func TestLostListsWhatHasNoOutcome(t *testing.T) {
	t.Parallel()
	w := newTown(t, echo())
	if code, stdout, stderr := w.run(t, nil, "", "lost"); code != exitOK || stdout != "0 lost, 0 pending\n" {
		t.Errorf("nothing lost: exit %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	hourAgo := time.Now().Add(-time.Hour)
	ask(t, w.store(t, nil), "young", "U2", hourAgo) // accepted now, after an absence
	if code, stdout, stderr := w.run(t, nil, "", "lost"); code != exitOK || !strings.Contains(stdout, "waiting") || !strings.HasSuffix(stdout, "0 lost, 1 pending\n") {
		t.Errorf("one pending: exit %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	ask(t, w.store(t, func() time.Time { return hourAgo }), "old", "U1", hourAgo)
	code, stdout, stderr := w.run(t, nil, "", "lost", "--json")
	var l ledger
	if err := json.Unmarshal([]byte(stdout), &l); err != nil {
		t.Fatalf("%v\n%s%s", err, stdout, stderr)
	}
	if code != exitFault || l.Lost != 1 || l.Pending != 1 || len(l.Messages) != 2 || stderr != "" {
		t.Fatalf("one lost, one pending: exit %d, %+v, stderr %q", code, l, stderr)
	}
	got := l.Messages[0]
	if got.State != stateLost || got.Platform != "slack" || got.Workspace != "T1" || got.Channel != "C1" || got.MessageID != "old" || got.AuthorID != "U1" || got.AgeSeconds < 3600 {
		t.Errorf("the lost one is told as %+v", got)
	}
	if code, stdout, _ := w.run(t, map[string]string{"TURN_TIMEOUT": "2h"}, "", "lost"); code != exitOK || !strings.Contains(stdout, "1h0m") {
		t.Errorf("a longer TURN_TIMEOUT: exit %d, stdout %q", code, stdout)
	}
}
