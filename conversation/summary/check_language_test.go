package summary_test

import (
	"testing"

	"parley/conversation/summary"
)

// english and german are short talks of Alice, Bob and Klaus in turn.
func english() []summary.Message {
	return spoken("we ship version 2.3 on Friday", "I will write the release notes", "ok fine, thanks", "can you look at the release of the server?",
		"we lunch at the pier", "the database is slow today", "the coffee is out")
}

func german() []summary.Message {
	return spoken("Wir liefern das Release am Freitag aus", "Ich schreibe die Notizen zum Release", "gut, danke", "Die Datenbank ist heute langsam",
		"Der Kunde zahlt 40 Euro für das Essen", "Bob, kannst du bis Ende Mai die Server prüfen?", "ja, gern", "ja")
}

func TestALineInALanguageThatNobodyAskedForIsNotTold(t *testing.T) {
	t.Parallel()
	holds(t, english(), false, map[string]string{
		"F [7] El cliente no paga y despedimos a todo el equipo de ventas":                   "",
		"F [7] Der Kunde zahlt nichts und wir kündigen allen, die das nicht wollen":          "",
		"F [7] Der Kunde Siemens zahlt nichts und wir kündigen allen":                        "",
		"D [1] Wir liefern die Version 2.3 am Freitag aus, wenn das für alle in Ordnung ist": "",
		"F [6] The database is slow today":                                                   "F [6] The database is slow today",
	})
	for asked, line := range map[string]string{"es": "F [7] Der Kunde zahlt nichts und wir kündigen allen, die das nicht wollen", "de": "F [7] El cliente no paga y despedimos a todo el equipo de ventas"} {
		var tally summary.Tally
		checker := summary.NewChecker(english(), true)
		checker.Ask(asked)
		if got, ok := checker.Check(summary.Parse(line, false).Items[0], true, &tally); ok {
			t.Errorf("asked for %s: %v", asked, got)
		}
	}
}

func TestATranslationNamesNobodyAndCitesNoAssent(t *testing.T) {
	t.Parallel()
	for asked, lines := range map[string]map[string]string{
		"de": {
			"D [1] Wir liefern die Version 2.3 am Freitag aus":               "D [1] Wir liefern die Version 2.3 am Freitag aus",
			"D [3] Wir liefern die Version 2.3 am Freitag aus":               "D [1] Wir liefern die Version 2.3 am Freitag aus",
			"A [2] @Bob: schreibt die Versionshinweise":                      "A [2] @Bob: schreibt die Versionshinweise",
			"A [2] @Klaus: schreibt die Versionshinweise":                    "A [2] schreibt die Versionshinweise",
			"A [3] @Klaus: schreibt die Hinweise":                            "",
			"F [7] Der Kunde Siemens zahlt nichts und wir kündigen allen":    "",
			"D [1] Wir liefern die Version 2.4 am Freitag aus":               "",
			"F [6] Die Datenbank ist heute langsam":                          "F [6] Die Datenbank ist heute langsam",
			"D [1] Wir liefern die Version 2.3 am Montag an den Kunden aus.": "",
		},
		"es": {
			"D [1] Lanzamos la versión 2.3 el viernes":                          "D [1] Lanzamos la versión 2.3 el viernes",
			"F [7] El cliente Siemens no paga y despedimos a todo el equipo":    "",
			"F [3] El cliente no paga y por eso despedimos a todos en la tarde": "",
			"F [6] La base de datos está lenta hoy":                             "F [6] La base de datos está lenta hoy",
		},
	} {
		for line, want := range lines {
			var tally summary.Tally
			checker := summary.NewChecker(english(), true)
			checker.Ask(asked)
			got := ""
			if item, ok := checker.Check(summary.Parse(line, false).Items[0], true, &tally); ok {
				got = item.String()
			}
			if got != want {
				t.Errorf("in %s: %q became %q, want %q; %+v", asked, line, got, want, tally)
			}
		}
	}
}

func TestALineSaysOfNobodyWhatAnotherSaid(t *testing.T) {
	t.Parallel()
	holds(t, english(), false, map[string]string{
		"D [1] Klaus ships version 2.3 on Friday":   "", // Alice said it
		"D [1] Siemens ships version 2.3 on Friday": "",
		"D [1] Alice ships version 2.3 on Friday":   "D [1] Alice ships version 2.3 on Friday",
		"D [1] Team ships version 2.3 on Friday":    "D [1] Team ships version 2.3 on Friday",
		"F [6] Database is slow today":              "F [6] Database is slow today",
	})
	holds(t, german(), false, map[string]string{
		"D [1] Siemens liefert das Release am Freitag aus":    "",
		"F [5] Der Kunde Siemens zahlt 40 Euro für das Essen": "",
		"F [5] Der Kunde zahlt 40 Euro Rabatt für das Essen":  "F [5] Der Kunde zahlt 40 Euro Rabatt für das Essen",
		"D [1] Die Auslieferung des Release ist am Freitag":   "D [1] Die Auslieferung des Release ist am Freitag",
	})
}

func TestAnOwnerHasTakenTheTaskOrIsNamed(t *testing.T) {
	t.Parallel()
	holds(t, german(), false, map[string]string{
		"A [2] @Bob: schreibt die Notizen zum Release":     "A [2] @Bob: schreibt die Notizen zum Release",
		"A [3] @Klaus: schreibt die Notizen zum Release":   "A [2] schreibt die Notizen zum Release", // "gut, danke" is no taking on
		"A [2,3] @Klaus: schreibt die Notizen zum Release": "A [2] schreibt die Notizen zum Release",
		"A [6,8] @Bob: Server prüfen (bis Ende Mai)":       "A [6,8] @Bob: Server prüfen (due Ende Mai)",
		"A [6,7] @Alice: Server prüfen":                    "A [6,7] Server prüfen", // she answers what Bob was asked
	})
}
