package summary_test

import (
	"strings"
	"testing"
	"time"

	"parley/conversation/summary"
)

func person(n int, name, text string, mentions ...string) summary.Message {
	return summary.Message{N: n, ID: "m" + string(rune('0'+n)), Author: name, AuthorID: "U" + name, Speaker: summary.Person, Text: text, Mentions: mentions,
		At: time.Date(2031, 5, 23, 9, n, 0, 0, time.UTC)}
}

func talk() []summary.Message {
	deleted := person(9, "Bo", "")
	deleted.Deleted = true
	return []summary.Message{
		person(1, "Ana", "Good morning everybody"),
		person(2, "Bo Berg", "We ship version 2.4.1 of the importer on Friday, see https://ci.example/run/77"),
		person(3, "Ana", "Fine. I will write the migration guide by 3 pm, @Chen can you review it?", "Chen"),
		person(4, "Chen", "Yes, I review it tonight"),
		person(5, "Dora", "The config lives in deploy/values.yaml, port 8443"),
		person(6, "Emil", "Lunch?"),
		person(7, "Emil", "The restaurant around the corner costs twelve euros"),
		person(8, "Dora", "金曜日にリリースすることに決めました"),
		deleted,
	}
}

func TestCheckKeepsWhatTheMessagesSay(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		// kept as they are
		"D [2] Version 2.4.1 of the importer ships on Friday":  "D [2] Version 2.4.1 of the importer ships on Friday",
		"A [3] @Ana: writes the migration guide (due 3 pm)":    "A [3] @Ana: writes the migration guide (due 3 pm)",
		"A [3] @Ana: writes the migration guide (due 15:00)":   "A [3] @Ana: writes the migration guide (due 15:00)",
		"A [3] @Chen: reviews the guide":                       "A [3] @Chen: reviews the guide",
		"A [2] Bo: ships the importer on Friday":               "A [2] @Bo Berg: ships the importer on Friday",
		"F [5] The config is in deploy/values.yaml":            "F [5] The config is in deploy/values.yaml",
		"F [7] The restaurant costs 12 euros":                  "F [7] The restaurant costs 12 euros",
		"D [8] 金曜日にリリースする":                                     "D [8] 金曜日にリリースする",
		"F [2] see https://ci.example/run/77 for the importer": "F [2] see https://ci.example/run/77 for the importer",
		// translated by the model of its own accord: words do not match, facts do
		"D [8] The release is on Friday": "D [8] The release is on Friday",
		"D [8] The release is on Monday": "",
		// moved to the message that says it
		"D [6] The importer ships on Friday":  "D [2] The importer ships on Friday",
		"D [99] The importer ships on Friday": "D [2] The importer ships on Friday",
		"D The importer ships on Friday":      "D [2] The importer ships on Friday",
		// a citation that does not exist or says nothing of it falls out
		"D [2,500] The importer ships on Friday":      "D [2] The importer ships on Friday",
		"D [2,6] The importer ships on Friday":        "D [2] The importer ships on Friday",
		"F [7,9] The restaurant is around the corner": "F [7] The restaurant is around the corner",
		// invented owners and dates fall out, the rest stays
		"A [3] @Zebulon: writes the migration guide":             "A [3] writes the migration guide",
		"A [3] Zebulon: writes the migration guide":              "A [3] writes the migration guide",
		"A [3] @Dora: writes the migration guide":                "A [3] writes the migration guide",
		"A [3] @Ana: writes the migration guide (due tomorrow)":  "A [3] @Ana: writes the migration guide",
		"A [3] @Ana: writes the migration guide (due 12 August)": "A [3] @Ana: writes the migration guide",
		"A [3] @Chen: Chen, can you review the guide?":           "A [3] @Chen: can you review the guide?",
		// invented facts strike the line
		"D [2] Version 2.4.2 of the importer ships on Friday":      "",
		"D [2] The importer ships on Monday":                       "",
		"F [5] The config listens on port 9443":                    "",
		"F [5] The config lives in deploy/other.yaml":              "",
		"F [2] see https://evil.example/x for the importer":        "",
		"F [3] @Zebulon will review the migration guide":           "",
		"F [3] The migration guide is reviewed by Zebulon tonight": "",
		"F [2] The importer costs 500 euros":                       "",
		// about something else altogether
		"F [6] Quarterly revenue exceeded all expectations": "",
		"D [9] The deleted message decides everything":      "",
	} {
		checker := summary.NewChecker(talk(), true)
		var tally summary.Tally
		parsed := summary.Parse(line, false).Items
		if len(parsed) != 1 {
			t.Fatalf("%q is no item", line)
		}
		got, ok := checker.Check(parsed[0], false, &tally)
		switch {
		case !ok && want != "":
			t.Errorf("%q was dropped, %+v", line, tally)
		case ok && got.String() != want:
			t.Errorf("%q became %q, want %q", line, got, want)
		case ok != (tally.Kept == 1) || ok == (tally.Dropped == 1):
			t.Errorf("%q: tally %+v", line, tally)
		}
		if ok {
			for _, r := range got.Refs {
				if r.ID == "" || r.At.IsZero() {
					t.Errorf("%q cites %+v", line, r)
				}
			}
		}
	}
}

func TestDecisionsThatWereTakenBackAreMarked(t *testing.T) {
	t.Parallel()
	for rule, c := range map[string]struct {
		after string
		back  bool
	}{
		"taken back":           {"I have to take that back: we do not do Tavoren after all, legal said no.", true},
		"a change of plan":     {"Change of plan: Tavoren is off, we stay with what we have.", true},
		"about something else": {"Change of plan: lunch is off", false},
		"the word alone":       {"Tavoren will not be easy, I won't be here on Friday", false},
	} {
		var messages []summary.Message
		for n := range 20 {
			messages = append(messages, person(n+1, "Ana", "some talk about nothing"))
		}
		messages[3].Text, messages[9].Text = "Decided: we go with Tavoren for the new release.", c.after
		var tally summary.Tally
		got, ok := summary.NewChecker(messages, true).Check(summary.Parse("D [4] We go with Tavoren for the new release\nX [7]", false).Items[0], false, &tally)
		if !ok || (got.Reversed.N == 10) != c.back || !c.back && got.Reversed.N != 0 {
			t.Errorf("%s: taken back by %d", rule, got.Reversed.N)
		}
		kept := summary.Parse(summary.Lines([]summary.Item{got}), false).Items
		if len(kept) != 1 || kept[0].Reversed.N != got.Reversed.N {
			t.Errorf("%s: kept as %+v", rule, kept)
		}
	}
}

func TestCheckOfTranslationsHoldsFactsAndNames(t *testing.T) {
	t.Parallel()
	for line, kept := range map[string]bool{
		"D [2] Version 2.4.1 des Importers kommt am Freitag":  true,
		"D [2] Version 2.4.9 des Importers kommt am Freitag":  false,
		"D [2] Version 2.4.1 des Importers kommt am Montag":   false,
		"F [5] Die Konfiguration liegt in deploy/values.yaml": true,
		"F [77] Die Konfiguration liegt irgendwo":             false,
	} {
		var tally summary.Tally
		if _, ok := summary.NewChecker(talk(), true).Check(summary.Parse(line, false).Items[0], true, &tally); ok != kept {
			t.Errorf("%q: kept %v, %+v", line, ok, tally)
		}
	}
}

func merge(lines string) []string {
	items, _ := summary.Merge(summary.Parse(lines, false).Items)
	var out []string
	for _, i := range items {
		s := i.String()
		if i.Answered.N > 0 {
			s += " answered"
		}
		if i.Reversed.N > 0 {
			s += " reversed"
		}
		out = append(out, s)
	}
	return out
}

func TestMergeTellsThingsOnce(t *testing.T) {
	t.Parallel()
	for rule, c := range map[string]struct{ in, want string }{
		"the same from two chunks":       {"D [5] We ship the importer on Friday\nD [5] The importer ships on Friday", "D [5] We ship the importer on Friday"},
		"said again later":               {"D [5] ship the importer Friday\nD [90] ship the importer on Friday", "D [5,90] ship the importer Friday"},
		"other things stay":              {"D [5] use Tavoren for the new release\nD [9] use Mikelda for the new release", "D [5] use Tavoren for the new release\nD [9] use Mikelda for the new release"},
		"other numbers stay":             {"D [5] ship version 2 of the importer\nD [9] ship version 3 of the importer", "D [5] ship version 2 of the importer\nD [9] ship version 3 of the importer"},
		"a fact that is a decision":      {"F [5] importer ships on Friday\nD [5] importer ships on Friday", "D [5] importer ships on Friday"},
		"a question that was answered":   {"Q [5] Who has the cellar key?\nF [9] Bo has the cellar key", "Q [5] Who has the cellar key? answered\nF [9] Bo has the cellar key"},
		"a decision that was taken back": {"D [5] We use Tavoren for the importer\nD [9] Tavoren is cancelled for the importer, legal said no", "D [5] We use Tavoren for the importer reversed\nD [9] Tavoren is cancelled for the importer, legal said no"},
		"an answer before the question":  {"F [2] Bo has the cellar key\nQ [5] Who has the cellar key?", "F [2] Bo has the cellar key\nQ [5] Who has the cellar key?"},
		"an owner that was told later":   {"A [5] writes the migration guide\nA [5] @Ana: writes the migration guide (due Friday)", "A [5] @Ana: writes the migration guide (due Friday)"},
		"two people with the same task":  {"A [5] @Ana: tests the importer\nA [6] @Bo: tests the importer", "A [5] @Ana: tests the importer\nA [6] @Bo: tests the importer"},
	} {
		if got := strings.Join(merge(c.in), "\n"); got != c.want {
			t.Errorf("%s:\n%s\nwant:\n%s", rule, got, c.want)
		}
	}
}

func TestMergeIsBounded(t *testing.T) {
	t.Parallel()
	var items []summary.Item
	for i := range 12000 {
		kind := summary.Fact
		if i%10 == 0 {
			kind = summary.Decision
		}
		word := strings.Map(func(r rune) rune { return 'a' + (r-'0')*2 }, strings.TrimLeft(time.Duration(i).String(), "0"))
		items = append(items, summary.Item{Kind: kind, Text: "the common words and " + word + " " + strings.Repeat(string(rune('a'+i%26)), 4+i%7), Refs: []summary.Ref{{N: i + 1}}})
	}
	begun := time.Now()
	got, left := summary.Merge(items)
	if len(got) > 6000 {
		t.Errorf("%d items, %d left", len(got), left)
	}
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}
