package main

import (
	"strings"
	"testing"
)

func TestChatIsHeldToTheBudget(t *testing.T) {
	t.Parallel()
	w := newTown(t, echo())
	for name, limit := range map[string]map[string]string{
		"BUDGET_DAILY_USD":         {"BUDGET_DAILY_USD": "0.000001"},
		"BUDGET_USER_DAILY_TOKENS": {"BUDGET_USER_DAILY_TOKENS": "10"},
	} {
		_, stdout, stderr := w.run(t, limit, "say mango\n", "chat")
		if !strings.Contains(strings.Join(strings.Fields(stdout), " "), "00:00 UTC") || !strings.Contains(stderr, "budget is used up") || strings.Contains(stdout, "mango") {
			t.Errorf("%s: stdout %q, stderr %q", name, stdout, stderr)
		}
	}
	if n := len(w.model.Requests()); n != 0 {
		t.Errorf("the model got %d requests", n)
	}
	_, stdout, stderr := w.run(t, map[string]string{"BUDGET_DAILY_USD": "1", "BUDGET_USER_DAILY_TOKENS": "100000"}, "say mango\n", "chat")
	if !strings.Contains(stdout, "You said mango.") {
		t.Errorf("within the budget: stdout %q, stderr %q", stdout, stderr)
	}
	for name, value := range map[string]string{"BUDGET_DAILY_USD": "-1", "BUDGET_USER_DAILY_TOKENS": "-1"} {
		if code, _, stderr := w.run(t, map[string]string{name: value}, "hi", "chat"); code != exitConfig || !strings.Contains(stderr, name+":") {
			t.Errorf("%s=%s: exit %d, stderr %q", name, value, code, stderr)
		}
	}
}

// serve holds both platforms to one budget, and tells the person.
func TestServeRefusesBeyondTheBudget(t *testing.T) {
	t.Parallel()
	w := newTown(t, echo())
	_, url := w.serve(t, map[string]string{"BUDGET_USER_DAILY_TOKENS": "10"})
	ready(t, url)
	must(w.slack.Say(w.ana, w.direct, "say mango"))(t)
	must(w.discord.Say(w.dana, w.dm, "say mango"))(t)
	until(t, "both are told", func() bool {
		both := strings.Join(append(w.slackSays(w.direct), w.discordSays(w.dm)...), "\n")
		return strings.Count(both, "for one person in a day") == 2 && strings.Count(both, "00:00 UTC") == 2
	})
	st := w.store(t, nil)
	until(t, "the refusals are recorded", func() bool {
		var reasons string
		err := st.Pool().QueryRow(t.Context(), `SELECT coalesce(string_agg(outcome || ' ' || outcome_reason, ','), '') FROM items`).Scan(&reasons)
		return err == nil && reasons == "refused budget,refused budget"
	})
	if n := len(w.model.Requests()); n != 0 {
		t.Errorf("the model got %d requests", n)
	}
}
