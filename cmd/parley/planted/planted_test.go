package planted_test

import (
	"reflect"
	"strings"
	"testing"

	"parley/cmd/parley/planted"
)

func TestChatsHoldWhatTheySay(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"en", "de", "es"} {
		for _, n := range []int{10, 200, 5000} {
			chat, err := planted.Make(planted.Options{Language: language, Messages: n, Seed: 7})
			if err != nil {
				t.Fatal(err)
			}
			if len(chat.Messages) != n || len(chat.Plants) < 3 || n >= 200 && len(chat.Canaries) == 0 {
				t.Fatalf("%s %d: %d messages, %d plants, %d canaries", language, n, len(chat.Messages), len(chat.Plants), len(chat.Canaries))
			}
			text := map[string]string{}
			holders := map[string]int{}
			for i, m := range chat.Messages {
				text[m.ID] = m.Text
				if i > 0 && !chat.Messages[i-1].SentAt.Before(m.SentAt) {
					t.Fatalf("message %s is out of order", m.ID)
				}
			}
			for _, p := range chat.Plants {
				for _, m := range chat.Messages {
					if strings.Contains(m.Text, p.Word) {
						holders[p.Word]++
					}
				}
				for _, id := range p.IDs {
					if !strings.Contains(text[id], p.Word) {
						t.Errorf("%s does not hold %s: %q", id, p.Word, text[id])
					}
				}
				if holders[p.Word] != len(p.IDs) || p.Kind == planted.Action && (p.Owner == "" || p.Due == "") {
					t.Errorf("plant %+v stands in %d messages", p, holders[p.Word])
				}
			}
			again, _ := planted.Make(planted.Options{Language: language, Messages: n, Seed: 7})
			if !reflect.DeepEqual(chat, again) {
				t.Error("the same seed gives another chat")
			}
		}
	}
	if _, err := planted.Make(planted.Options{Language: "xx", Messages: 10}); err == nil {
		t.Error("an unknown language is no error")
	}
}
