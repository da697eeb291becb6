package summary_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"parley/conversation/summary"
)

func TestParseTakesWhatSmallModelsWrite(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"D [12,15] We ship on Friday":                          "D [12,15] We ship on Friday",
		"- **D** [12, 15]: We ship on Friday":                  "D [12,15] We ship on Friday",
		"* D [12-15] We ship":                                  "D [12,13,14,15] We ship",
		"D [3-300] We ship":                                    "D [3,4,5,6,7] We ship",
		"D［12、15］We ship":                                      "D [12,15] We ship",
		"D 【12】 We ship":                                       "D [12] We ship",
		"**Decision:** We ship on Friday [12]":                 "D [12] We ship on Friday",
		"Decision [12]: We ship":                               "D [12] We ship",
		"[D] [12] We ship":                                     "D [12] We ship",
		"D (12, 15) We ship":                                   "D [12,15] We ship",
		"D[12]We ship":                                         "D [12] We ship",
		"3. D [#12] We ship":                                   "D [12] We ship",
		"D [msg 12] We ship":                                   "D [12] We ship",
		"D [12|] We ship":                                      "D [12] We ship",
		"D We ship on Friday [12].":                            "D [12] We ship on Friday.",
		"> D [12] We ship":                                     "D [12] We ship",
		"d [12] we ship":                                       "D [12] we ship",
		"A [31] @Ana: sends the report (due Friday)":           "A [31] @Ana: sends the report (due Friday)",
		"A [31] @Ana sends the report":                         "A [31] @Ana: sends the report",
		"A [31] Ana: sends the report (due: 3 May)":            "A [31] @Ana: sends the report (due 3 May)",
		"Action item [31]: @Ana Lima: sends the report":        "A [31] @Ana Lima: sends the report",
		"A [31] @name: somebody does it (due when not stated)": "A [31] somebody does it (due when not stated)",
		"Q [40] Who has the key?":                              "Q [40] Who has the key?",
		"Open question: Who has the key? [40]":                 "Q [40] Who has the key?",
		"F [3,4] see [the docs](https://a.example/b) first":    "F [3,4] see the docs https://a.example/b first",
		"F [3] ping <@U024BE7LH> and 123456789012345678":       "F [3] ping and",
		"Entscheidung: Wir liefern am Freitag [12]":            "D [12] Wir liefern am Freitag",
		"TL;DR: All is well [2]":                               "S [2] All is well",
		"S [2] All is well":                                    "S [2] All is well",
	} {
		got := summary.Parse(line, false)
		if len(got.Items) != 1 || strings.ReplaceAll(got.Items[0].String(), "(due when not stated)", "(due when not stated)") != want {
			t.Errorf("%q gives %+v, want %q", line, got.Items, want)
		}
	}
	for _, line := range []string{"A man came in and said hello", "Here are the notes:", "I cannot help with that.", "```", "---", "[12]", "D [12]", "Sure! D is a letter"} {
		if got := summary.Parse(line, false); len(got.Items) != 0 {
			t.Errorf("%q gives %+v", line, got.Items)
		}
	}
}

func TestParseReadsAWholeAnswer(t *testing.T) {
	t.Parallel()
	got := summary.Parse("Here are the notes:\n```\nT Release\nD [1] We ship\nD [1] We ship\n## Action items\n- @Bo: tests it [2]\n\nT Office\nF [3] The office mov", true)
	var lines []string
	for _, i := range got.Items {
		lines = append(lines, i.Topic+"/"+i.String())
	}
	if want := []string{"Release/D [1] We ship", "Release/A [2] @Bo: tests it"}; !slices.Equal(lines, want) {
		t.Errorf("got %q, want %q", lines, want)
	}
	if got.Unread != 2 { // the introduction and the line that was cut
		t.Errorf("%d lines unread", got.Unread)
	}
	if none := summary.Parse("**NONE**.", false); !none.None || len(none.Items) > 0 {
		t.Errorf("got %+v", none)
	}
	if refused := summary.Parse("I'm sorry, but I can't do that.", false); refused.None || len(refused.Items) > 0 {
		t.Errorf("a refusal gives %+v", refused)
	}
}

// TestParseReadsWhatLinesWrites: what is kept of a chunk comes back as it was.
func TestParseReadsWhatLinesWrites(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[a-z]{3,8}( [a-z]{3,8}){1,4}`)
		items := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) summary.Item {
			i := summary.Item{Kind: rapid.SampledFrom([]summary.Kind{summary.Decision, summary.Action, summary.Question, summary.Fact}).Draw(t, "kind"),
				Text: word.Draw(t, "text"), Refs: []summary.Ref{{N: rapid.IntRange(1, 999).Draw(t, "ref")}}}
			if i.Kind == summary.Action && rapid.Bool().Draw(t, "owned") {
				i.Owner, i.Due = "Ana", "Friday"
			}
			return i
		}), 1, 20).Draw(t, "items")
		got := summary.Parse(summary.Lines(items), false).Items
		var want []string
		for _, i := range items {
			if s := i.String(); !slices.Contains(want, s) {
				want = append(want, s)
			}
		}
		if len(got) != len(want) {
			t.Fatalf("%d of %d items came back:\n%s", len(got), len(want), summary.Lines(items))
		}
		for k := range got {
			if got[k].String() != want[k] {
				t.Fatalf("got %q, want %q", got[k], want[k])
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"D [1] a b\nA [2-9] @x: y (due z)", "T t\n- F [3", "［１］", "D [99999999999] x", "**Decision** (1,2): x [a](b)", strings.Repeat("- ", 500)} {
		f.Add(text, true)
	}
	f.Fuzz(func(t *testing.T, text string, cut bool) {
		got := summary.Parse(text, cut)
		for _, i := range got.Items {
			if strings.ContainsAny(i.Text+i.Owner+i.Due+i.Topic, "\n\r") || !utf8.ValidString(i.Text) || i.Text == "" || len(i.Refs) > 8*5 {
				t.Errorf("%q gives %q", text, fmt.Sprint(i))
			}
		}
		if len(got.Items) > 150 {
			t.Errorf("%d items", len(got.Items))
		}
	})
}

func TestACutLineIsNoItem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"S [1] we ship": 0, "S [1] we ship on Friday\nF [2] the ser": 1, "S [1] we ship\n": 1} {
		if got := summary.Parse(text, true); len(got.Items) != want {
			t.Errorf("%q: %v", text, got.Items)
		}
	}
}
