package summary_test

import (
	"testing"

	"parley/conversation/summary"
)

// reversals are short threads: what was decided, what was said later, and whether that takes it back.
var reversals = []struct {
	decided, later string
	back           bool
}{
	{"OK, we migrate to Postgres 16 next sprint", "Forget that, we stay on Postgres 14", true},
	{"Gut, wir wechseln nächste Woche zu Postgres 16", "Kommando zurück, wir bleiben bei Postgres 14", true},
	{"Bon, on passe à Postgres 16 la semaine prochaine", "Oubliez ça, on reste sur Postgres 14", true},
	{"Vale, pasamos a Postgres 16 la semana que viene", "Olvida eso, nos quedamos con Postgres 14", true},
	{"Certo, passamos para Postgres 16 na próxima semana", "Esquece isso, ficamos com Postgres 14", true},
	{"Bene, passiamo a Postgres 16 la prossima settimana", "Lascia perdere, restiamo su Postgres 14", true},
	{"Goed, volgende week gaan we naar Postgres 16", "Vergeet dat, we blijven bij Postgres 14", true},
	{"Хорошо, на следующей неделе переходим на Postgres 16", "Забудьте, остаёмся на Postgres 14", true},
	{"来週は Postgres 16 に移行します", "やっぱり Postgres 14 のままにします", true},
	{"我们下周迁移到 Postgres 16", "算了, 还是用 Postgres 14", true},
	{"다음 주에 Postgres 16 으로 옮깁니다", "아까 건 잊고 Postgres 14 그대로 가요", true},
	{"OK, we migrate to Postgres 16 next sprint", "I have to take that back: we stay on Postgres 14", true},
	{"OK, we migrate to Postgres 16 next sprint", "Plans have changed, we stay on Postgres 14", true},
	{"Gut, wir wechseln nächste Woche zu Postgres 16", "Ich nehme das zurück: wir bleiben bei Postgres 14", true},
	{"Bon, on passe à Postgres 16 la semaine prochaine", "Changement de plan : on reste sur Postgres 14", true},
	{"Goed, volgende week gaan we naar Postgres 16", "Dat gaat niet door, we blijven bij Postgres 14", true},
	{"OK, we migrate to Postgres 16 next sprint", "I have to take that back: lunch is at one", false},
	{"Gut, wir wechseln nächste Woche zu Postgres 16", "Ich nehme das zurück: das Essen ist um eins", false},
	{"OK, we migrate to Postgres 16 next sprint", "Forget that, lunch is at one", false},
	{"OK, we migrate to Postgres 16 next sprint", "I read the Postgres 16 notes, they look fine", false},
	{"OK, we migrate to Postgres 16 next sprint", "Change of plan: we meet on Friday", false},
	{"Gut, wir wechseln nächste Woche zu Postgres 16", "Vergiss das Essen nicht", false},
	{"Vale, pasamos a Postgres 16 la semana que viene", "Olvida eso, comemos a la una", false},
	{"OK, we migrate to Postgres 16 next sprint", "Good, we stay with Postgres 16", false},
	{"Gut, wir wechseln nächste Woche zu Postgres 16", "Schön, wir bleiben bei Postgres 16", false},
	{"来週は Postgres 16 に移行します", "やっぱり昼食は一時です", false},
}

func TestAShortThreadTellsWhatWasTakenBack(t *testing.T) {
	t.Parallel()
	for _, r := range reversals {
		messages := []summary.Message{person(1, "Ana", r.decided), person(2, "Bo", "+1"), person(3, "Ana", r.later)}
		var tally summary.Tally
		checker := summary.NewChecker(messages, true)
		got, ok := checker.Check(summary.Item{Kind: summary.Decision, Text: r.decided, Refs: []summary.Ref{{N: 1}}}, false, &tally)
		if !ok || (got.Reversed.N == 3) != r.back {
			t.Errorf("%q, then %q: kept %v, taken back by %d", r.decided, r.later, ok, got.Reversed.N)
		}
		merged, _ := summary.Merge([]summary.Item{{Kind: summary.Decision, Text: r.decided, Refs: []summary.Ref{{N: 1}}}, {Kind: summary.Decision, Text: r.later, Refs: []summary.Ref{{N: 3}}}})
		if len(merged) == 0 || (merged[0].Reversed.N == 3) != r.back {
			t.Errorf("%q, then %q: merged %+v", r.decided, r.later, merged)
		}
	}
}

// TestWhatALaterPartTakesBack: the decision and what takes it back were found in different chunks, among other things.
func TestWhatALaterPartTakesBack(t *testing.T) {
	t.Parallel()
	for _, r := range []struct {
		later string
		back  bool
	}{
		{"I have to take that back: the gateway stays where it is", true},
		{"Plans have changed for the gateway", true},
		{"Ich muss das zurücknehmen: das gateway bleibt", true},
		{"I have to take that back: the canteen stays closed", false},
		{"The gateway has a new cable", false},
	} {
		items := []summary.Item{{Kind: summary.Decision, Text: "We move the gateway to Frankfurt", Refs: []summary.Ref{{N: 1}}}}
		for k, text := range []string{"The canteen opens later", "Rents rise in summer", "Bo writes the minutes", "A printer is missing", "Windows were cleaned", "Bikes stand in the yard"} {
			items = append(items, summary.Item{Kind: summary.Fact, Text: text, Refs: []summary.Ref{{N: 10 + k}}})
		}
		for _, kind := range []summary.Kind{summary.Decision, summary.Fact} {
			merged, _ := summary.Merge(append(items, summary.Item{Kind: kind, Text: r.later, Refs: []summary.Ref{{N: 900}}}))
			if len(merged) != len(items)+1 || (merged[0].Reversed.N == 900) != r.back {
				t.Errorf("%q: %+v", r.later, merged[0])
			}
		}
	}
}
