package slack_test

import (
	"log/slog"
	"strings"
	"testing"
	"unicode/utf8"

	"parley/bots/slack"
	"parley/conversation"
)

func FuzzInteraction(f *testing.F) {
	f.Add("slash_commands", []byte(`{"text":"summarize <#C0123|x> <https://home.slack.com/archives/C1/p1700000000000001|y> since 2d","trigger_id":"1.2.3","channel_id":"C1","user_id":"U1"}`))
	f.Add("slash_commands", []byte(`{"text":"#x <<<>>> & <@U1|`+"`"+`> *a*","response_url":"https://hooks.slack.com/x"}`))
	f.Add("interactive", []byte(`{"type":"message_action","callback_id":"describe_image","trigger_id":"1","message":{"ts":"1700000000.000001","files":[{"id":"F1"}]}}`))
	f.Add("interactive", []byte(`{"type":"block_actions","actions":[{"action_id":"share","value":"command:1"}],"container":{"message_ts":"1.1"}}`))
	f.Add("interactive", []byte(`{"type":"block_actions","actions":[{"action_id":"stop"}],"container":{"message_ts":"1700000000.000001","thread_ts":7},"user":null}`))
	a, err := slack.New(slack.Options{BotToken: "xoxb-1", AppToken: "xapp-1", Ingester: newInbox(), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, kind string, payload []byte) {
		e, ok := a.Read(kind, payload)
		if !ok {
			return
		}
		if e.In().Platform != conversation.Slack || e.In().Workspace != "T0HOME" {
			t.Errorf("in %+v", e.In())
		}
		asked, ok := e.(conversation.Asked)
		if !ok {
			return
		}
		ask := asked.Message.Ask
		if address := a.OpenHandle(ask.Handle); ask.Handle != "" && !strings.HasPrefix(strings.ToLower(address), "https://") {
			t.Errorf("handle %q of %q", ask.Handle, address)
		}
		if ask.Source != (conversation.ThreadRef{}) && ask.Source.Workspace != "T0HOME" {
			t.Errorf("source %+v", ask.Source)
		}
		if utf8.Valid(payload) && !utf8.ValidString(asked.Message.Text+ask.Text) {
			t.Error("text is not UTF-8")
		}
	})
}
