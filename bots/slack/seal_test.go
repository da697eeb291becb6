package slack_test

import (
	"encoding/json"
	"strings"
	"testing"

	"parley/conversation"
)

func TestResponseURLIsStoredSealedAndEndsWithTheToken(t *testing.T) {
	t.Parallel()
	w := connected(t)
	i := w.slash(t, "/parley help")
	m := w.awaitAsked(t, i)
	whole, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if i.ResponseURL == "" || m.Ask.Handle == "" || strings.Contains(string(whole), i.ResponseURL) || strings.Contains(string(whole), "/hook/") {
		t.Errorf("what is stored of a command tells its response_url: %s", whole)
	}
	if err := w.whisper(t, m, "here", ""); err != nil {
		t.Fatal(err)
	}
	other := open(t, setup{edit: func(o *slackOptions) { o.BotToken = "xoxb-another" }, wait: false})
	_, err = other.adapter.Whisper(t.Context(), conversation.Whisper{Ask: *m.Ask, Ref: m.Ref, To: m.Author.ID, Text: "x"})
	if f := conversation.FailureOf(err); err == nil || f.Code != conversation.CodeHandleGone || f.Retry {
		t.Errorf("with another token: %v", err)
	}
}
