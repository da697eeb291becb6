package summary_test

import (
	"fmt"
	"strings"
	"testing"

	"parley/conversation/summary"
)

// spoken gives messages of three people in turn.
func spoken(texts ...string) (out []summary.Message) {
	for i, text := range texts {
		out = append(out, person(i+1, []string{"Alice", "Bob", "Klaus"}[i%3], text))
	}
	return out
}

// holds checks lines against messages: each becomes what it is mapped to, "" where it must not be told.
func holds(t *testing.T, messages []summary.Message, translated bool, lines map[string]string) {
	t.Helper()
	for line, want := range lines {
		var tally summary.Tally
		items := summary.Parse(line, false).Items
		if len(items) != 1 {
			t.Fatalf("%q is no item", line)
		}
		got := ""
		if item, ok := summary.NewChecker(messages, true).Check(items[0], translated, &tally); ok {
			got = item.String()
		}
		if got != want {
			t.Errorf("%q became %q, want %q; %+v", line, got, want, tally)
		}
	}
}

func TestALineCitesTheMessageThatBearsItOut(t *testing.T) {
	t.Parallel()
	holds(t, spoken("we ship version 2.3 on Friday", "I will write the release notes", "ok fine, thanks", "can you look at the release of the server?",
		"we lunch at the pier", "the database is slow today", "Bob, who keeps the cellar key?", "me, until Friday", "the coffee is out"), false, map[string]string{
		// beside the message that says it
		"F [2] We will not ship version 2.3 on Friday": "", // the contrary was said
		"F [2] We ship version 2.3 on Friday":          "F [1] We ship version 2.3 on Friday",
		"D [3] We ship version 2.3 on Friday":          "D [1] We ship version 2.3 on Friday",
		"A [3] write the release notes":                "A [2] write the release notes",
		"A [4] @Bob: write the release notes":          "A [2] @Bob: write the release notes",
		"F [5] The database is slow today":             "F [6] The database is slow today",
		"A [2,3,4] @Bob: write the release notes":      "A [2,4] @Bob: write the release notes",
		// a question and its answer are needed together
		"F [8] Bob keeps the cellar key until Friday": "F [7,8] Bob keeps the cellar key until Friday",
		// a word in common is no source
		"D [6] We delete the database":             "",
		"A [6] drop the production database":       "",
		"A [4] deploy the release of the importer": "",
		"A [4] deploy the release":                 "",
		// short lines that say what was said, in other forms
		"F [6] Slow database":               "F [6] Slow database",
		"D [1] Ships on Friday":             "D [1] Ships on Friday",
		"F [5] Lunches at the pier":         "F [5] Lunches at the pier",
		"A [2] @Bob: writing release notes": "A [2] @Bob: writing release notes",
	})
}

func TestALineInPairsOfCharactersCitesTheMessageThatBearsItOut(t *testing.T) {
	t.Parallel()
	holds(t, spoken("金曜日にバージョン2.3をリリースします", "了解です", "データベースが遅いです"), false, map[string]string{
		"D [1] 金曜日にリリース":    "D [1] 金曜日にリリース",
		"D [2] 金曜日にリリース":    "D [1] 金曜日にリリース",
		"F [3] データベースが遅い":   "F [3] データベースが遅い",
		"D [3] 新しい事務所へ引っ越す": "",
	})
}

// TestLinesThatSumUpLongMessagesStay: of a long line a part is enough.
func TestLinesThatSumUpLongMessagesStay(t *testing.T) {
	t.Parallel()
	text := "The importer fails on files with empty columns, so Dora wrote a patch that skips such rows and logs a warning for each"
	line := "F [1] A patch makes the importer robust against malformed input; affected rows are skipped with warnings in the log"
	messages := spoken(text, strings.Repeat("lunch ", 3))
	var tally summary.Tally
	if got, ok := summary.NewChecker(messages, true).Check(summary.Parse(line, false).Items[0], false, &tally); !ok || fmt.Sprint(got.Refs[0].N) != "1" {
		t.Errorf("%v, %+v", got, tally)
	}
}

func TestALineThatSaysNotWhereNobodyDidIsNotTold(t *testing.T) {
	t.Parallel()
	holds(t, spoken("we ship the importer on Friday", "lunch at noon?", "the garage stays open", "we cancelled the trip to Rome", "wir nehmen die neue Halle"), false, map[string]string{
		"D [1] We do not ship the importer on Friday": "",
		"D [1] We ship the importer on Friday":        "D [1] We ship the importer on Friday",
		"D [4] No trip to Rome":                       "D [4] No trip to Rome",
	})
	holds(t, spoken("wir nehmen die neue Halle", "gut", "die alte Halle nehmen wir nicht"), false, map[string]string{
		"D [3] Die alte Halle nehmen wir nicht": "D [3] Die alte Halle nehmen wir nicht",
	})
}
