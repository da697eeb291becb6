package conversation_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	c "parley/conversation"
)

func TestTheHeadTellsNoDecisionThatWasTakenBack(t *testing.T) {
	t.Parallel()
	texts := []string{"Decided: we go with Rengor-693 for the new release.", "Fine with me.", "I have to take that back: we do not go with Rengor-693 for the new release, legal said no."}
	var chat thread
	for i, text := range texts {
		chat = append(chat, c.Message{ID: fmt.Sprintf("M%d", i+1), Author: c.Author{ID: "ana", Name: "Ana", Kind: c.Person}, Text: text, SentAt: began.Add(time.Duration(i) * time.Minute)})
	}
	model := &reader{answer: func(string, []said) string {
		return "S [1] Decided: we go with Rengor-693 for the new release.\nD [1] Decided: we go with Rengor-693 for the new release.\n" +
			"D [3] I have to take that back: we do not go with Rengor-693 for the new release, legal said no.\n"
	}}
	got := sumUp(t, model, c.SummaryJob{Source: chat})
	for _, i := range got.Items {
		if i.Kind == "lead" && strings.Contains(i.Text, "we go with") {
			t.Errorf("the head tells %q", i.Text)
		}
	}
	if !strings.Contains(got.Text, "legal said no") {
		t.Errorf("the change is not told:\n%s", got.Text)
	}
}
