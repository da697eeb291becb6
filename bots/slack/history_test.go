package slack_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/bots/slack/slacksim"
	"parley/conversation"
)

func (w *world) history(t *testing.T, r conversation.HistoryRequest) (all []conversation.Message, failure error) {
	t.Helper()
	for page, err := range w.adapter.History(t.Context(), r) {
		if err != nil {
			return all, err
		}
		all = append(all, page...)
	}
	return all, nil
}

func TestThreadHistoryIsWhole(t *testing.T) {
	t.Parallel()
	w := connected(t)
	bob := w.sim.AddUser("bob")
	if err := w.sim.Invite(w.channel.ID, bob.ID, w.ann.ID); err != nil {
		t.Fatal(err)
	}
	root := w.say(t, "the *root*", slacksim.Quiet())
	for i := range 1200 {
		user := []string{w.ann.ID, bob.ID}[i%2]
		if _, err := w.sim.Say(user, w.channel.ID, fmt.Sprintf("reply %d", i), slacksim.InThread(root.TS), slacksim.Quiet()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.adapter.Post(t.Context(), w.outgoing(root, "an answer")); err != nil {
		t.Fatal(err)
	}
	all, err := w.history(t, conversation.HistoryRequest{Ref: w.ref(root), Place: conversation.PlaceThread})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 1202 {
		t.Fatalf("%d messages, want 1202", len(all))
	}
	if all[0].Text != "the **root**" || !all[0].Root || all[1].Text != "reply 0" || all[1200].Text != "reply 1199" {
		t.Errorf("first %+v, last %+v", all[0], all[1200])
	}
	last := all[1201]
	if last.Author.Kind != conversation.Self || !strings.Contains(last.Text, "an answer") {
		t.Errorf("own answer = %+v", last)
	}
	for i, m := range all {
		if m.Ref != w.ref(root) {
			t.Fatalf("message %d belongs to %s", i, m.Ref)
		}
		if i > 0 && !all[i-1].SentAt.Before(m.SentAt) {
			t.Fatalf("message %d is not in order", i)
		}
	}
	if all[2].Author.Name != "bob" {
		t.Errorf("author = %+v", all[2].Author)
	}
}

func TestDirectHistoryWithoutThreads(t *testing.T) {
	t.Parallel()
	w := open(t, setup{wait: true, sim: slacksim.Options{Scopes: []string{"chat:write", "im:history", "im:read", "users:read"}}})
	dm, err := w.sim.OpenDM(w.ann.ID)
	if err != nil {
		t.Fatal(err)
	}
	var last slacksim.Message
	for i := range 210 {
		if last, err = w.sim.Say(w.ann.ID, dm.ID, fmt.Sprintf("line %d", i), slacksim.Quiet()); err != nil {
			t.Fatal(err)
		}
	}
	trigger, err := w.sim.Say(w.ann.ID, dm.ID, "what now?")
	if err != nil {
		t.Fatal(err)
	}
	m := w.inbox.awaitText(t, "what now?")
	if m.Ref.Thread != "" || m.Place != conversation.PlaceDM {
		t.Errorf("an app that is no agent: ref %+v, place %s", m.Ref, m.Place)
	}
	all, err := w.history(t, conversation.HistoryRequest{Ref: m.Ref, Place: m.Place, Trigger: m})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 200 || all[199].ID != trigger.TS || all[198].ID != last.TS {
		t.Errorf("%d messages, the last is %q", len(all), all[len(all)-1].Text)
	}
}

func TestHistoryFailures(t *testing.T) {
	t.Parallel()
	w := connected(t)
	root := w.say(t, "root")
	r := conversation.HistoryRequest{Ref: w.ref(root), Place: conversation.PlaceChannel}
	w.sim.SetFault("conversations.replies", slacksim.Fault{Error: "missing_scope", Needed: "channels:history", Times: 1})
	_, err := w.history(t, r)
	if f := conversation.FailureOf(err); f.Code != conversation.CodeCallRefused || f.Retry || !strings.Contains(f.Error(), "channels:history") {
		t.Errorf("failure = %+v", f)
	}
	w.sim.SetFault("conversations.replies", slacksim.Fault{Status: 500, Times: 1})
	_, err = w.history(t, r)
	if f := conversation.FailureOf(err); f.Code != conversation.CodePlatformDown || !f.Retry {
		t.Errorf("failure = %+v", f)
	}
	w.sim.SetFault("conversations.replies", slacksim.Fault{Status: 429, RetryAfter: time.Second, Times: 1})
	all, err := w.history(t, r)
	if err != nil || len(all) != 1 {
		t.Errorf("after a 429: %d messages, %v", len(all), err)
	}
}

func TestEditsAndDeletesFollow(t *testing.T) {
	t.Parallel()
	w := connected(t)
	m := w.say(t, "first words")
	w.inbox.awaitText(t, "first words")
	if err := w.sim.Unfurl(w.channel.ID, m.TS, "https://example.com"); err != nil {
		t.Fatal(err)
	}
	if err := w.sim.EditMessage(w.ann.ID, w.channel.ID, m.TS, "second words"); err != nil {
		t.Fatal(err)
	}
	e := w.inbox.await(t, func(e conversation.Event) bool { _, ok := e.(conversation.Edited); return ok }).(conversation.Edited)
	if e.Message.ID != m.TS || e.Message.Text != "second words" || e.Message.EditedAt.IsZero() {
		t.Errorf("edit = %+v", e.Message)
	}
	if err := w.sim.DeleteMessage(w.ann.ID, w.channel.ID, m.TS); err != nil {
		t.Fatal(err)
	}
	d := w.inbox.await(t, func(e conversation.Event) bool { _, ok := e.(conversation.Deleted); return ok }).(conversation.Deleted)
	if len(d.MessageIDs) != 1 || d.MessageIDs[0] != m.TS || d.Ref.Channel != w.channel.ID {
		t.Errorf("delete = %+v", d)
	}
	edits := 0
	for _, e := range w.inbox.all() {
		if _, ok := e.(conversation.Edited); ok {
			edits++
		}
	}
	if edits != 1 {
		t.Errorf("%d edits, want 1: a preview is none", edits)
	}
}
