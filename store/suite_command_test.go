package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"parley/conversation"
	"parley/conversation/conversationtest"
	"parley/store"
)

// TestCommandsBehaveAlike holds the store in memory to what Postgres does with commands.
func TestCommandsBehaveAlike(t *testing.T) {
	t.Parallel()
	alike(t, map[string]func(*testing.T, subject, *turner){
		"a command is a question":       ruleCommand,
		"duplicates":                    ruleCommandTwice,
		"what is none":                  ruleNoCommand,
		"denied":                        ruleCommandDenied,
		"it is nobody else's history":   ruleCommandIsPrivate,
		"no catching up":                ruleCommandIsNotCaughtUp,
		"an answer in a direct message": ruleCommandAnsweredByDM,
	})
}

func ask(id string, second int, change ...func(*conversation.Message)) conversation.Asked {
	m := post(conversation.CommandThread(id), conversation.CommandThread(id), second, change...)
	m.Place, m.Text = conversation.PlacePrivate, "/summarize last 200"
	m.Ask = &conversation.Ask{
		Verb: conversation.VerbSummarize, Source: post("t9", "", 0).Ref, MessageID: "m9", From: true, Text: "last 200",
		Handle: "secret-handle", Expires: base().Add(30 * time.Minute),
	}
	return conversation.Asked{Delivery: conversation.Delivery{ID: "D-" + id}, Message: m}
}

// ledger gives the outcome and reason of each line of the ledger, by message.
func ledger(t *testing.T, s subject) map[string]string {
	t.Helper()
	all := map[string]string{}
	switch s := s.Store.(type) {
	case *conversationtest.Store:
		reasons := s.Reasons()
		for id, outcome := range s.Outcomes() {
			all[id] = string(outcome) + " " + string(reasons[id])
		}
	case *store.Store:
		rows, err := s.Pool().Query(t.Context(), `SELECT message_id, coalesce(outcome, '') || ' ' || outcome_reason FROM items`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var id, outcome string
			if err := rows.Scan(&id, &outcome); err != nil {
				t.Fatal(err)
			}
			all[id] = outcome
		}
	}
	return all
}

func ruleCommand(t *testing.T, s subject, f *turner) {
	e := ask("1", 1)
	a := take(t, s, e)
	if d := a.Decision; !d.Respond || d.Reason != conversation.ReasonCommand || a.ConversationID == 0 || a.Seq != 1 {
		t.Errorf("accepted %+v", a)
	}
	turns := run(t, s, f, e.Message.Ref.Thread)
	if len(turns) != 1 || len(turns[0].Items) != 1 || !turns[0].HistoryKnown || turns[0].Place != conversation.PlacePrivate || turns[0].Ref != e.Message.Ref {
		t.Fatalf("turns %+v", turns)
	}
	got := turns[0].Last()
	if got.Message.Ask == nil || *got.Message.Ask != *e.Message.Ask || got.Reason != conversation.ReasonCommand || got.Message.Text != e.Message.Text {
		t.Errorf("item %+v, ask %+v", got, got.Message.Ask)
	}
	if l := ledger(t, s); l["command:1"] != "answered " {
		t.Errorf("ledger %v", l)
	}
	list, err := s.History(t.Context(), conversation.HistoryQuery{Ref: e.Message.Ref, Limit: 9})
	if err != nil || len(list) != 2 || list[1].Ask == nil || list[1].Ask.Handle != "" || list[1].Ask.Text != "last 200" {
		t.Errorf("when it is answered the handle is gone and the rest is not: %+v %v", list, err)
	}
}

func ruleCommandTwice(t *testing.T, s subject, f *turner) {
	take(t, s, ask("1", 1))
	other := ask("2", 2)
	other.Delivery.ID = "D-1"
	again := ask("1", 1)
	again.Delivery.ID = "D-other"
	for name, e := range map[string]conversation.Asked{"delivery": ask("1", 1), "delivery of another": other, "message": again} {
		if a := take(t, s, e); !a.Duplicate {
			t.Errorf("%s: %+v", name, a)
		}
	}
	if turns := run(t, s, f, "command:1"); len(turns) != 1 {
		t.Errorf("turns %+v", turns)
	}
}

func ruleNoCommand(t *testing.T, s subject, _ *turner) {
	without, elsewhere, program := ask("1", 1), ask("2", 1), ask("3", 1)
	without.Message.Ask = nil
	elsewhere.Message.Ref.Thread = "t1"
	program.Message.Author.Kind = conversation.Bot
	for _, e := range []conversation.Asked{without, elsewhere, program} {
		if a, err := s.Accept(t.Context(), e, policy()); err == nil {
			t.Errorf("%s: %+v", e.Message.ID, a)
		}
	}
	if l := ledger(t, s); len(l) != 0 {
		t.Errorf("ledger %v", l)
	}
}

func ruleCommandDenied(t *testing.T, s subject, f *turner) {
	take(t, s, ask("1", 1, by("mallory")))
	turns := run(t, s, f, "command:1")
	if len(turns) != 1 || turns[0].Last().Refuse != conversation.CodeDenied || turns[0].Last().Message.Ask.Handle == "" {
		t.Errorf("turns %+v", turns)
	}
	limited := conversation.Policy{TurnsPerMinute: 2}.Decide
	var got []conversation.Code
	for i := range 3 {
		a, err := s.Accept(t.Context(), ask(fmt.Sprint("r", i), 10+i), limited)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, a.Decision.Refuse)
	}
	if fmt.Sprint(got) != "[  rate]" {
		t.Errorf("refusals %q", got)
	}
}

func ruleCommandIsPrivate(t *testing.T, s subject, f *turner) {
	take(t, s, ask("1", 1))
	take(t, s, posted(post("t1", "a", 2, mention, root)))
	run(t, s, f, "command:1")
	list, err := s.ChannelBefore(t.Context(), conversation.HistoryQuery{Ref: post("", "", 0).Ref, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		if m.Place == conversation.PlacePrivate || m.Ref.Thread == "command:1" {
			t.Errorf("the channel shows %+v", m)
		}
	}
	if len(list) != 2 {
		t.Errorf("%d messages of the channel", len(list))
	}
}

func ruleCommandIsNotCaughtUp(t *testing.T, s subject, f *turner) {
	if err := s.Online(t.Context(), conversation.Slack, s.now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	take(t, s, ask("1", 1))
	if turns := run(t, s, f, "command:1"); len(turns) != 1 || !turns[0].HistoryKnown {
		t.Errorf("turns %+v", turns)
	}
	marks, err := s.Marks(t.Context(), conversation.Slack)
	if err != nil || len(marks.Channels) != 0 || len(marks.Threads) != 0 {
		t.Errorf("marks %+v %v", marks, err)
	}
}

// A command's answer that went as a direct message stands there, with what it was derived from.
func ruleCommandAnsweredByDM(t *testing.T, s subject, f *turner) {
	to := conversation.ThreadRef{Platform: conversation.Slack, Workspace: "T1-people", Channel: "D9"}
	var parts []conversation.Part
	f.before = func(ctx context.Context, turn conversation.Turn) error {
		turn.To = to
		parts = turn.Parts
		_, err := s.Intend(ctx, turn, 0)
		if turn.Attempt == 1 {
			return errors.Join(errors.New("cut off"), err, s.Sent(ctx, turn, 0, "dm1"))
		}
		return err
	}
	f.outcome = func(turn conversation.Turn, o conversation.Outcome) conversation.Outcome {
		o.Parts = []conversation.SentPart{{MessageID: "dm1", Text: "the summary", SentAt: base().Add(time.Minute), Ref: to}}
		o.Source = &conversation.Source{Ref: c2(""), From: read("m1", 1).Position(), Through: read("m9", 9).Position()}
		return o
	}
	take(t, s, ask("1", 1))
	if turns := run(t, s, f, "command:1"); len(turns) != 2 {
		t.Fatalf("turns %+v", turns)
	}
	if len(parts) != 1 || parts[0].Ref != to || parts[0].MessageID != "dm1" {
		t.Errorf("parts %+v", parts)
	}
	list, err := s.History(t.Context(), conversation.HistoryQuery{Ref: to, Limit: 9})
	if err != nil || len(list) != 1 || list[0].Source != c2("") || list[0].Place != conversation.PlaceDM || list[0].Text != "the summary" || list[0].Author.Kind != conversation.Self {
		t.Errorf("the direct conversation holds %+v %v", list, err)
	}
	if recorded, err := s.Recorded(t.Context(), to, "dm1"); !recorded || err != nil {
		t.Errorf("recorded %v %v", recorded, err)
	}
	if recorded, err := s.Recorded(t.Context(), ask("1", 1).Message.Ref, "dm1"); recorded || err != nil {
		t.Errorf("recorded where the command was given: %v %v", recorded, err)
	}
	take(t, s, conversation.Deleted{Ref: c2(""), MessageIDs: []string{"m5"}, At: base().Add(time.Minute)})
	if list, err := s.History(t.Context(), conversation.HistoryQuery{Ref: to, Limit: 9}); err != nil || len(list) != 0 {
		t.Errorf("after a delete of what it was made of: %+v %v", list, err)
	}
}
