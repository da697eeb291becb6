package slacksim_test

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"parley/bots/slack/slacksim"
)

// liveForm is what may stand in angle brackets after a person typed something.
var liveForm = regexp.MustCompile(`<(?:@U[A-Z0-9]+|#C[A-Z0-9]+\|[^<>]*|!(?:here|channel|everyone)|https?://[^<>]*)>`)

func FuzzTypedTextIsEscaped(f *testing.F) {
	for _, seed := range []string{"a < b & c", "@parley", "<!here>", "`<@U1>`", "https://a.b/<c>", "@here.@ada-lovelace#engines", "```", "<https://x|y>", "\x00\xff<"} {
		f.Add(seed)
	}
	s, err := slacksim.New(slacksim.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = s.Close() }) // nothing is asserted after it
	ada := s.AddUser("Ada Lovelace")
	f.Fuzz(func(t *testing.T, typed string) {
		room, err := s.AddChannel("", false, ada.ID)
		if err != nil {
			t.Fatal(err)
		}
		m, err := s.Say(ada.ID, room.ID, typed)
		if (err != nil) != (typed == "") {
			t.Fatalf("say %q: %v", typed, err)
		}
		if rest := liveForm.ReplaceAllString(m.Text, ""); strings.ContainsAny(rest, "<>") {
			t.Errorf("%q becomes %q with loose brackets", typed, m.Text)
		}
		if !strings.ContainsAny(typed, "@#<`") && !strings.Contains(typed, "http") && strings.ToValidUTF8(typed, "") == typed && m.Plain != typed {
			t.Errorf("%q reads %q", typed, m.Plain)
		}
	})
}

func FuzzCallsAreAnsweredWithKnownErrors(f *testing.F) {
	for _, seed := range []string{`[{"type":"section"}]`, `[{"type":"markdown","text":"x"}]`, `[{"type":"table","rows":[[{"type":"raw_text","text":"x"}]]}]`, `{}`, `[1]`, `[{"type":"context","elements":[{"elements":[{}]}]}]`, `null`, `[{"type":7}]`} {
		f.Add(seed, `{"event_type":"a","event_payload":{"b":1}}`, "1.000001", "bmV4dF90czox")
	}
	s, err := slacksim.New(slacksim.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = s.Close() }) // nothing is asserted after it
	room, err := s.AddChannel("room", false, s.BotUserID())
	if err != nil {
		f.Fatal(err)
	}
	known := []string{
		"cannot_reply_to_message", "invalid_blocks", "invalid_blocks_format", "invalid_cursor", "invalid_limit",
		"invalid_metadata_format", "metadata_too_large", "msg_blocks_too_long", "no_text", "thread_not_found", "",
	}
	f.Fuzz(func(t *testing.T, blocks, metadata, ts, cursor string) {
		b := &bundle{Server: s, t: t, ctx: t.Context(), http: newClient(t)}
		form := url.Values{"token": {s.BotToken()}, "channel": {room.ID}, "blocks": {blocks}, "metadata": {metadata}, "thread_ts": {ts}}
		answers := []map[string]any{b.call("chat.postMessage", form)}
		form = url.Values{"token": {s.BotToken()}, "channel": {room.ID}, "ts": {ts}, "oldest": {ts}, "cursor": {cursor}, "limit": {cursor}}
		answers = append(answers, b.call("conversations.replies", form), b.call("conversations.history", form))
		for _, answer := range answers {
			code, _ := answer["error"].(string)
			if !slices.Contains(known, code) || (answer["ok"] == true) != (code == "") {
				t.Errorf("answer is %v", answer)
			}
		}
	})
}
