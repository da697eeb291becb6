package conversation_test

import (
	"strings"
	"testing"

	"parley/cmd/parley/planted"
	c "parley/conversation"
	"parley/llm/llmsim"
)

// TestOfflineModelSumsUpPlantedChats: the whole way over HTTP, with a model that quotes. The server counts tokens by a rule of
// its own and refuses what does not fit.
func TestOfflineModelSumsUpPlantedChats(t *testing.T) {
	t.Parallel()
	for _, window := range []int{4096, 32768} {
		for language, coverage := range map[string]string{
			"en": "900 of 900 messages, 3 Mar 09:00 to 9 Mar 21:55, 12 people", "de": "900 von 900 Nachrichten, 3. März 09:00 bis 9. März 21:55, 12 Personen",
			"es": "900 de 900 mensajes, del 3 de marzo 09:00 al 9 de marzo 21:55, 12 personas",
		} {
			_, client := simulated(t, llmsim.Together, window)
			chat, err := planted.Make(planted.Options{Language: language, Messages: 900, Seed: 7})
			if err != nil {
				t.Fatal(err)
			}
			got := sumUp(t, client, c.SummaryJob{Source: thread(chat.Messages)})
			if got.CoverageLine != coverage || got.Language != language {
				t.Errorf("%s in a window of %d: language %q, %s", language, window, got.Language, got.CoverageLine)
			}
			if got.Coverage.Thirds[0] == 0 || got.Coverage.Thirds[1] == 0 || got.Coverage.Thirds[2] == 0 || got.Checks.Dropped > got.Checks.Kept/20 {
				t.Errorf("%s in a window of %d: citations per third %v, checks %+v", language, window, got.Coverage.Thirds, got.Checks)
			}
			for _, p := range chat.Plants {
				for _, i := range got.Items {
					if p.Kind == planted.Reversed && strings.Contains(i.Text, p.Word) && i.Kind == "decision" && i.ReversedBy == nil && standsOn(i.Messages, p.IDs[0]) {
						t.Errorf("%s: %q is told as if it held", language, i.Text)
					}
				}
			}
		}
	}
}

// standsOn reports whether a line stands on a message.
func standsOn(messages []c.SummaryRef, id string) bool {
	for _, m := range messages {
		if m.ID == id {
			return true
		}
	}
	return false
}
