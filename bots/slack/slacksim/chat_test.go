package slacksim_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"parley/bots/slack/slacksim"
)

func TestPostMessageRefusesAsSlackDoes(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{})
	elsewhere := must(b.AddChannel("elsewhere", false, b.ada.ID))(t)
	secret := must(b.AddChannel("secret", true, b.ada.ID))(t)
	closed := must(b.AddChannel("closed", false, b.BotUserID()))(t)
	if err := b.Archive(closed.ID); err != nil {
		t.Fatal(err)
	}
	section := func(text string) slack.MsgOption {
		return slack.MsgOptionBlocks(slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", text, false, false), nil, nil))
	}
	many := make([]slack.Block, 51)
	for i := range many {
		many[i] = slack.NewDividerBlock()
	}
	var sections []slack.Block
	for range 5 {
		sections = append(sections, slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", strings.Repeat("a", 2900), false, false), nil, nil))
	}
	text := slack.MsgOptionText("hello", false)
	for _, test := range []struct {
		rule, channel, want string
		options             []slack.MsgOption
	}{
		{"unknown channel", "C0NOWHERE", "channel_not_found", []slack.MsgOption{text}},
		{"private channel without the bot", secret.ID, "channel_not_found", []slack.MsgOption{text}},
		{"public channel without the bot", elsewhere.ID, "not_in_channel", []slack.MsgOption{text}},
		{"archived channel", closed.ID, "is_archived", []slack.MsgOption{text}},
		{"nothing to say", b.room.ID, "no_text", nil},
		{"section over 3000", b.room.ID, "invalid_blocks", []slack.MsgOption{section(strings.Repeat("é", 3001))}},
		{"51 blocks", b.room.ID, "invalid_blocks", []slack.MsgOption{slack.MsgOptionBlocks(many...)}},
		{"markdown over 12000", b.room.ID, "invalid_blocks", []slack.MsgOption{slack.MsgOptionBlocks(slack.NewMarkdownBlock("", strings.Repeat("a", 12_001)))}},
		{"all blocks over 13200", b.room.ID, "msg_blocks_too_long", []slack.MsgOption{slack.MsgOptionBlocks(sections...)}},
		{"markdown_text over 12000", b.room.ID, "msg_too_long", []slack.MsgOption{slack.MsgOptionMarkdownText(strings.Repeat("a", 12_001))}},
		{"markdown_text beside text", b.room.ID, "markdown_text_conflict", []slack.MsgOption{text, slack.MsgOptionMarkdownText("a")}},
		{"reply to nothing", b.room.ID, "cannot_reply_to_message", []slack.MsgOption{text, slack.MsgOptionTS("1.000001")}},
		{"metadata without payload", b.room.ID, "invalid_metadata_format", []slack.MsgOption{text, slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "x"})}},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			_, _, err := b.api.PostMessageContext(b.ctx, test.channel, test.options...)
			if err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
	t.Cleanup(func() {
		if left := b.Messages(b.room.ID); len(left) != 0 {
			t.Errorf("a refused message was stored: %+v", left)
		}
	})
}

func TestTextIsCutAt40000AndUpdatesAreRefusedAbove4000(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{})
	ts := b.post(b.room.ID, strings.Repeat("é", 40_010))
	m, _ := b.Message(b.room.ID, ts)
	if n := len([]rune(m.Text)); n != 40_000 {
		t.Errorf("%d characters are left, want 40000", n)
	}
	_, _, _, err := b.api.UpdateMessageContext(b.ctx, b.room.ID, ts, slack.MsgOptionText(strings.Repeat("é", 4_001), false))
	if err == nil || err.Error() != "msg_too_long" {
		t.Errorf("update says %v, want msg_too_long", err)
	}
}

func TestUpdateFollowsTheRulesOfEdits(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{})
	markdown := slack.MsgOptionBlocks(slack.NewMarkdownBlock("", "# Title\n\n**bold**"))
	meta := slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "answer", EventPayload: map[string]any{"send_id": "1"}})
	_, ts, err := b.api.PostMessageContext(b.ctx, b.room.ID, markdown, meta)
	if err != nil {
		t.Fatal(err)
	}
	update := func(options ...slack.MsgOption) slacksim.Message {
		t.Helper()
		if _, _, _, err := b.api.UpdateMessageContext(b.ctx, b.room.ID, ts, options...); err != nil {
			t.Fatal(err)
		}
		m, _ := b.Message(b.room.ID, ts)
		return m
	}
	if m := update(markdown); m.EditedTS != "" || len(m.Blocks) == 0 || len(m.Metadata) == 0 {
		t.Errorf("after blocks: edited %q, blocks %s, metadata %s", m.EditedTS, m.Blocks, m.Metadata)
	}
	if m := update(slack.MsgOptionText("plain", false)); m.EditedTS == "" || m.Blocks != nil || m.Plain != "plain" || m.Edits != 2 {
		t.Errorf("after text: %+v", m)
	}
	theirs := b.say(b.room.ID, "mine")
	for _, test := range []struct{ ts, want string }{{theirs.TS, "cant_update_message"}, {"1.000001", "message_not_found"}} {
		if _, _, _, err := b.api.UpdateMessageContext(b.ctx, b.room.ID, test.ts, slack.MsgOptionText("x", false)); err == nil || err.Error() != test.want {
			t.Errorf("update of %s says %v, want %s", test.ts, err, test.want)
		}
	}
	if _, _, err := b.api.DeleteMessageContext(b.ctx, b.room.ID, ts); err != nil {
		t.Fatal(err)
	}
	if m, _ := b.Message(b.room.ID, ts); !m.Deleted {
		t.Error("the deleted message is not marked so")
	}
	if left := b.Messages(b.room.ID); len(left) != 1 || left[0].TS != theirs.TS {
		t.Errorf("people still see %+v", left)
	}
}

func TestTokensAndScopesAreChecked(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{Scopes: []string{"chat:write"}})
	client := func(token string) *slack.Client {
		return slack.New(token, slack.OptionAPIURL(b.URL()), slack.OptionHTTPClient(b.http), slack.OptionAppLevelToken(token))
	}
	if _, err := client("xoxb-wrong").AuthTestContext(b.ctx); err == nil || err.Error() != "invalid_auth" {
		t.Errorf("wrong token: %v", err)
	}
	if _, err := client("").AuthTestContext(b.ctx); err == nil || err.Error() != "not_authed" {
		t.Errorf("no token: %v", err)
	}
	if _, _, err := client(b.BotToken()).StartSocketModeContext(b.ctx); err == nil || err.Error() != "not_allowed_token_type" {
		t.Errorf("bot token for a socket: %v", err)
	}
	_, err := b.api.GetUserInfoContext(b.ctx, b.ada.ID)
	var refused slack.SlackErrorResponse
	if !errors.As(err, &refused) || refused.Err != "missing_scope" || refused.Needed != "users:read" || refused.Provided != "chat:write" {
		t.Errorf("missing scope: %+v", refused)
	}
	auth, err := b.api.AuthTestContext(b.ctx)
	if err != nil || auth.UserID != b.BotUserID() || auth.BotID != b.BotID() || auth.TeamID != b.Team() {
		t.Errorf("auth.test says %+v, %v", auth, err)
	}
	if got := auth.Header.Get("X-Oauth-Scopes"); got != "chat:write" {
		t.Errorf("x-oauth-scopes is %q", got)
	}
}

func TestMentionsAndPreviewsOfTheBotsTextAreSeen(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{})
	ts := b.post(b.room.ID, "<!here> <@"+b.ada.ID+"> see https://example.org/a.png and https://example.org/page")
	m, _ := b.Message(b.room.ID, ts)
	if want := []string{b.ada.ID, "here"}; !slices.Equal(m.Notifies, want) {
		t.Errorf("it alerts %v, want %v", m.Notifies, want)
	}
	if want := []string{"https://example.org/a.png"}; !slices.Equal(m.Previews, want) {
		t.Errorf("it previews %v, want %v", m.Previews, want)
	}
	_, ts, err := b.api.PostMessageContext(b.ctx, b.room.ID, slack.MsgOptionBlocks(slack.NewMarkdownBlock("", "hey <!channel>, https://example.org/a.png")),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl())
	if err != nil {
		t.Fatal(err)
	}
	if m, _ := b.Message(b.room.ID, ts); !slices.Equal(m.Notifies, []string{"channel"}) || len(m.Previews) != 0 {
		t.Errorf("it alerts %v and previews %v", m.Notifies, m.Previews)
	}
	ts = b.post(b.room.ID, "&lt;!here&gt; is only text")
	if m, _ := b.Message(b.room.ID, ts); len(m.Notifies) != 0 || m.Plain != "<!here> is only text" {
		t.Errorf("it alerts %v and reads %q", m.Notifies, m.Plain)
	}
}

func TestEphemeralMessagesStayOutOfTheHistory(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{})
	if _, err := b.api.PostEphemeralContext(b.ctx, b.room.ID, b.ada.ID, slack.MsgOptionText("only you", false)); err != nil {
		t.Fatal(err)
	}
	if seen := b.Messages(b.room.ID); len(seen) != 1 || seen[0].Ephemeral != b.ada.ID {
		t.Errorf("people see %+v", seen)
	}
	history, err := b.api.GetConversationHistoryContext(b.ctx, &slack.GetConversationHistoryParameters{ChannelID: b.room.ID})
	if err != nil || len(history.Messages) != 0 {
		t.Errorf("history is %+v, %v", history, err)
	}
	if _, err := b.api.PostEphemeralContext(b.ctx, b.room.ID, "U0NOBODY", slack.MsgOptionText("x", false)); err == nil || err.Error() != "user_not_in_channel" {
		t.Errorf("to a stranger: %v", err)
	}
}

func TestWhatPeopleTypeBecomesMrkdwn(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{})
	for typed, want := range map[string]string{
		"1 < 2 & 3 > 2":               "1 &lt; 2 &amp; 3 &gt; 2",
		"@ada-lovelace: hi":           "<@" + b.ada.ID + ">: hi",
		"@Ada-Lovelace.":              "<@" + b.ada.ID + ">.",
		"mail ada@parley now":         "mail ada@parley now",
		"@nobody and #nowhere":        "@nobody and #nowhere",
		"in #engines!":                "in <#" + b.room.ID + "|engines>!",
		"@here look":                  "<!here> look",
		"see https://a.example/?x=1.": "see <https://a.example/?x=1>.",
		"code `@parley <b>`":          "code `@parley &lt;b&gt;`",
		"```\n@here\n``` after":       "```\n@here\n``` after",
		"<@U0NOBODY> x":               "&lt;@U0NOBODY&gt; x",
		"<@" + b.ada.ID + "> as wire": "<@" + b.ada.ID + "> as wire",
	} {
		m := b.say(b.room.ID, typed)
		if m.Text != want {
			t.Errorf("%q becomes %q, want %q", typed, m.Text, want)
		}
		if !json.Valid(m.Blocks) {
			t.Errorf("%q has no rich text", typed)
		}
	}
}

func TestRateLimitsAnswer429WithRetryAfter(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{Limits: true})
	var limited *slack.RateLimitedError
	for range 20 {
		_, _, err := b.api.PostMessageContext(b.ctx, b.room.ID, slack.MsgOptionText("x", false))
		if errors.As(err, &limited) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if limited == nil || limited.RetryAfter < 1e9 || limited.RetryAfter > 60e9 {
		t.Fatalf("20 posts at once: %+v", limited)
	}
	if posted := len(b.Messages(b.room.ID)); posted < 3 || posted > 8 {
		t.Errorf("%d posts went through at once", posted)
	}
	b.post(b.dm.ID, "another channel has its own limit")
	for range 20 {
		if _, err := b.api.GetUsersContext(b.ctx); err != nil {
			t.Fatalf("within tier 2: %v", err)
		}
	}
	if answer := b.call("users.list", map[string][]string{"token": {b.BotToken()}}); answer["error"] != "ratelimited" {
		t.Errorf("the 21st call in a minute answers %v", answer["error"])
	}
}
