package discord_test

import (
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"parley/bots/discord"
	"parley/conversation"
)

func TestInteractionTokenIsStoredSealedAndEndsWithTheToken(t *testing.T) {
	t.Parallel()
	a := must(discord.New(discord.Options{BotToken: "x", Logger: slog.New(slog.DiscardHandler)}))(t)
	e := must(a.Interaction([]byte(`{"id":"11","application_id":"1","type":2,"token":"aW50ZXJhY3Rpb24","channel_id":"3","user":{"id":"4"},"data":{"type":1,"name":"summarize"}}`)))(t)
	asked, ok := e.(conversation.Asked)
	if !ok {
		t.Fatalf("%T", e)
	}
	if whole := string(must(json.Marshal(asked))(t)); asked.Message.Ask.Handle == "" || strings.Contains(whole, "aW50ZXJhY3Rpb24") {
		t.Errorf("what is stored of a command tells its token: %s", whole)
	}
	if got := a.OpenHandle(asked.Message.Ask.Handle); got != "1/aW50ZXJhY3Rpb24" {
		t.Errorf("opened as %q", got)
	}
	other := must(discord.New(discord.Options{BotToken: "y", Logger: slog.New(slog.DiscardHandler)}))(t)
	w := conversation.Whisper{Ask: *asked.Message.Ask, Text: "x"}
	w.Ask.Expires = w.Ask.Expires.AddDate(100, 0, 0)
	if got := whispering(other.Whisper(t.Context(), w)); got != conversation.CodeHandleGone {
		t.Errorf("with another token: %q", got)
	}
}
