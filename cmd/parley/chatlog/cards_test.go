package chatlog_test

import (
	"strings"
	"testing"

	"parley/cmd/parley/chatlog"
)

func TestMessagesThatAreNothingButCards(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text, want    string
		noise, unread int
	}{
		"Slack": {`[
 {"type":"message","subtype":"bot_message","bot_id":"B1","username":"ci","text":"","ts":"1.1","attachments":[{"fallback":"f","title":"Build 7","text":"failed in &lt;main&gt;"},{"fallback":"only this"}]},
 {"type":"message","bot_id":"B1","username":"ci","ts":"2.1","blocks":[{"type":"header","text":{"type":"plain_text","text":"Deploy"}},{"type":"section","fields":[{"type":"mrkdwn","text":"to *prod*"}]},
  {"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"see "},{"type":"link","url":"https://a.example"}]}]}]},
 {"type":"message","user":"U1","text":"own words","ts":"3.1","blocks":[{"type":"section","text":{"text":"own words"}}]},
 {"type":"message","subtype":"message_deleted","ts":"3.2"},
 {"type":"message","bot_id":"B1","ts":"4.1","blocks":[{"type":"divider"}]}]`,
			"ci: Build 7\nfailed in <main>\nonly this|ci: Deploy\nto *prod*\nsee https://a.example|U1: own words", 1, 1},
		"DiscordChatExporter": {`{"messages":[
 {"id":"1","type":"Default","timestamp":"2024-02-01T10:00:00Z","content":"","author":{"id":"9","name":"ci","isBot":true},"embeds":[{"title":"Build 7","description":"failed","fields":[{"name":"branch","value":"main"}]}]},
 {"id":"2","type":"20","timestamp":"2024-02-01T10:01:00Z","content":"rolled 6","author":{"id":"9","name":"ci"}},
 {"id":"3","type":"Default","timestamp":"2024-02-01T10:02:00Z","content":"","author":{"id":"8","name":"bo"},"stickers":[{"name":"wave"}]},
 {"id":"4","type":"Default","timestamp":"2024-02-01T10:03:00Z","content":"","author":{"id":"8","name":"bo"}},
 {"id":"5","type":"ChannelPinnedMessage","timestamp":"2024-02-01T10:04:00Z","content":"pinned","author":{"id":"8","name":"bo"}}]}`,
			"ci: Build 7\nfailed\nbranch: main|ci: rolled 6|bo: Sticker: wave", 1, 1},
	} {
		log := read(t, tt.text, "x.json")
		var all []string
		for _, m := range log.Messages {
			all = append(all, m.Author.Name+": "+m.Text)
		}
		if got := strings.Join(all, "|"); got != tt.want || log.Noise != tt.noise || log.Unread != tt.unread {
			t.Errorf("%s\n got %q\nwant %q\n%d noise, %d unread", name, got, tt.want, log.Noise, log.Unread)
		}
	}
}

func TestJSONOfAnotherSortIsSaidInOneSentence(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"null": "is no chat export", "[1,2,3]": "is no chat export", "[[1]]": "is no chat export", `"a: b"`: "is no chat export", "12": "is no chat export",
		"[null]": "holds no messages", `{"a":[]}`: "is no chat export", `{"messages":null}`: "is no chat export", `{"messages":[]}`: "holds no messages",
		`{"messages":[{"id":"1","timestamp":"2024-02-01T10:00:00","content":"a"}]}`: "is no time such as",
	} {
		if _, err := chatlog.Read(strings.NewReader(text), "f"); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
