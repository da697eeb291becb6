package main

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"
)

// bills fills a database with turns: one at the end of a UTC day and one a second later, one of each other kind, one that
// is too old and one that still runs.
func bills(t *testing.T, w *town, midnight time.Time) {
	t.Helper()
	_, err := w.store(t, nil).Pool().Exec(t.Context(), `INSERT INTO turns (platform, workspace, conversation_id, channel, author_id, lease,
			queued_at, begun_at, finished_at, model, input_tokens, cached_tokens, output_tokens, cost_usd)
		SELECT p, ws, c, ch, u, 1, now(), now(), $1::timestamptz + s * interval '1 second', m, i, k, o, usd FROM (VALUES
			('slack', 'T1', 1, 'C1', 'U1', -1, 'gemma', 2000000000, 5, 7, 0.25),
			('slack', 'T1', 2, 'C2', 'U2', 0, 'gemma', 2000000000, 0, 3, 0.5),
			('slack', 'T2', 3, 'C1', '', 1, '', 0, 0, 0, 0),
			('discord', 'T1', 4, 'C1', 'U1', 2, E'odd\tmodel', 10, 1, 1, 0.00000001),
			('slack', 'T1', 5, 'C1', 'U1', -86400 * 40, 'gemma', 100, 100, 100, 9),
			('slack', 'T1', 6, 'C1', 'U1', NULL, 'gemma', 100, 100, 100, 9)
		) AS v(p, ws, c, ch, u, s, m, i, k, o, usd)`, midnight)
	if err != nil {
		t.Fatal(err)
	}
}

func TestUsageAddsUpWhatTurnsCost(t *testing.T) {
	t.Parallel()
	w := newTown(t, echo())
	midnight := time.Now().UTC().Truncate(24 * time.Hour).Add(-48 * time.Hour)
	bills(t, w, midnight)
	day, before := midnight.Format(time.DateOnly), midnight.Add(-time.Second).Format(time.DateOnly)

	for by, names := range map[string][]string{
		"day":       {before, day},
		"workspace": {"discord/T1", "slack/T1", "slack/T2"},
		"channel":   {"discord/T1/C1", "slack/T1/C1", "slack/T1/C2", "slack/T2/C1"},
		"user":      {"discord/U1", "slack/(none)", "slack/U1", "slack/U2"},
		"model":     {"(none)", "gemma", `"odd\tmodel"`},
	} {
		code, stdout, stderr := w.run(t, nil, "", "usage", "--by", by)
		lines := strings.Split(strings.TrimSuffix(stdout, "\n"), "\n")
		if code != exitOK || stderr != "" || len(lines) != len(names)+2 {
			t.Errorf("by %s: exit %d, stderr %q\n%s", by, code, stderr, stdout)
			continue
		}
		if head := strings.Fields(lines[0]); strings.Join(head, " ") != strings.ToUpper(by)+" TURNS INPUT CACHED OUTPUT HEARD USD" {
			t.Errorf("by %s: the head is %q", by, lines[0])
		}
		for i, name := range names {
			if got := strings.Fields(lines[i+1])[0]; got != name {
				t.Errorf("by %s: line %d is of %s, want %s", by, i+1, got, name)
			}
		}
		if total := strings.Join(strings.Fields(lines[len(lines)-1]), " "); total != "total 4 4000000010 6 11 0 0.750000" {
			t.Errorf("by %s: %q", by, total)
		}
	}

	code, stdout, stderr := w.run(t, nil, "", "usage", "--json")
	var b bill
	if err := json.Unmarshal([]byte(stdout), &b); err != nil || code != exitOK {
		t.Fatalf("exit %d, %v\n%s%s", code, err, stdout, stderr)
	}
	if b.By != "day" || len(b.Rows) != 2 || b.Rows[0] != (spent{Day: before, Turns: 1, InputTokens: 2000000000, CachedTokens: 5, OutputTokens: 7, CostUSD: 0.25}) {
		t.Errorf("the days are %+v", b)
	}
	if b.Total.Turns != 4 || math.Abs(b.Total.CostUSD-0.75000001) > 1e-12 {
		t.Errorf("the total is %+v", b.Total)
	}
	if code, stdout, _ := w.run(t, nil, "", "usage", "--since", "2000h"); code != exitOK || !strings.Contains(stdout, "9.750000") {
		t.Errorf("a duration: exit %d\n%s", code, stdout)
	}
}

func TestUsageOfNothingIsATotalOfNothing(t *testing.T) {
	t.Parallel()
	w := newTown(t, echo())
	code, stdout, stderr := w.run(t, nil, "", "usage", "--since", "1h")
	if code != exitOK || stderr != "" || strings.Join(strings.Fields(stdout), " ") != "DAY TURNS INPUT CACHED OUTPUT HEARD USD total 0 0 0 0 0 0.000000" {
		t.Errorf("exit %d, stderr %q\n%s", code, stderr, stdout)
	}
	if code, stdout, _ := w.run(t, nil, "", "usage", "--json"); code != exitOK || !strings.Contains(stdout, `"rows": []`) {
		t.Errorf("exit %d\n%s", code, stdout)
	}
}

func TestUsageRefusesWhatItCannotTell(t *testing.T) {
	t.Parallel()
	w := newTown(t, echo())
	for _, args := range [][]string{{"--since", "soon"}, {"--since", "0"}, {"--since", "-5h"}, {"--since", "30"}, {"--by", "team"}, {"--by", ""}, {"more"}} {
		if code, stdout, stderr := w.run(t, nil, "", append([]string{"usage"}, args...)...); code != exitConfig || stdout != "" || stderr == "" {
			t.Errorf("%v: exit %d, stdout %q, stderr %q", args, code, stdout, stderr)
		}
	}
}
