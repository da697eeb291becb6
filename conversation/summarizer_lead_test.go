package conversation_test

import (
	"context"
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

// TestTheHeadOfALongSummaryTellsNoDecisionThatWasTakenBack: neither while it is written nor at its end, also where only the
// notes say that it was taken back.
func TestTheHeadOfALongSummaryTellsNoDecisionThatWasTakenBack(t *testing.T) {
	t.Parallel()
	const made, back = "Decided: we go with Rengor-693 for the new release.", "Change of plan: Rengor-693 is off for the new release, legal said no."
	chat := talk(400)
	chat[20].Text, chat[350].Text = made, back
	model := &reader{window: 4096, answer: func(kind string, lines []said) string {
		var b strings.Builder
		for i, l := range lines {
			switch {
			case kind == "write" && l.text == made:
				fmt.Fprintf(&b, "S [%d] %s\n", l.n, made)
			case kind == "map" && (l.text == made || l.text == back):
				fmt.Fprintf(&b, "D [%d] %s\n", l.n, l.text)
			case i%20 == 0:
				fmt.Fprintf(&b, "F [%d] %s\n", l.n, l.text)
			}
		}
		return b.String()
	}}
	grown := 0
	got := sumUp(t, model, c.SummaryJob{Source: chat, Stream: func(_ context.Context, text string) error {
		grown++
		if head, _, _ := strings.Cut(text, "**Decisions**"); strings.Contains(head, "we go with") {
			t.Errorf("while it is written the head tells\n%s", head)
		}
		return nil
	}})
	if head, rest, _ := strings.Cut(got.Text, "**Decisions**"); strings.Contains(head, "we go with") || !strings.Contains(rest, "~~") || grown == 0 || got.Chunks < 2 {
		t.Errorf("%d times shown, %d chunks:\n%s", grown, got.Chunks, got.Text)
	}
}
