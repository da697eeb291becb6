package slacksim_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"parley/bots/slack/slacksim"
)

func TestReactionsOfBothSides(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{})
	m := b.say(b.room.ID, "look")
	item := slack.NewRefToMessage(b.room.ID, m.TS)
	b.ok(b.api.AddReactionContext(b.ctx, "eyes", item))
	if err := b.api.AddReactionContext(b.ctx, "eyes", item); err == nil || err.Error() != "already_reacted" {
		t.Errorf("the same again: %v", err)
	}
	if err := b.api.AddReactionContext(b.ctx, "eyes", slack.NewRefToMessage(b.room.ID, "1.000001")); err == nil || err.Error() != "message_not_found" {
		t.Errorf("on nothing: %v", err)
	}
	got := b.after(func() { b.ok(b.React(b.ada.ID, b.room.ID, m.TS, "eyes")) })
	if len(got) != 1 || got[0].Type != "reaction_added" || got[0].User != b.ada.ID {
		t.Errorf("event: %+v", got)
	}
	m, _ = b.Message(b.room.ID, m.TS)
	if len(m.Reactions) != 1 || len(m.Reactions[0].Users) != 2 {
		t.Errorf("reactions: %+v", m.Reactions)
	}
}

func TestTheMessagesTab(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{})
	got := b.after(func() {
		if dm := must(b.OpenHome(b.ada.ID))(t); dm.ID != b.dm.ID {
			t.Errorf("the tab is %s, the DM %s", dm.ID, b.dm.ID)
		}
	})
	if len(got) != 1 || got[0].Type != "app_home_opened" || got[0].Channel != b.dm.ID {
		t.Errorf("event: %+v", got)
	}
	prompts := slack.AssistantThreadsSetSuggestedPromptsParameters{ChannelID: b.dm.ID}
	for _, title := range []string{"One", "Two", "Three", "Four"} {
		prompts.AddPrompt(title, "say "+title)
	}
	b.ok(b.api.SetAssistantThreadsSuggestedPromptsContext(b.ctx, prompts))
	if shown := b.Prompts(b.dm.ID, ""); len(shown) != 4 || shown[1].Message != "say Two" {
		t.Errorf("prompts: %+v", shown)
	}
	prompts.AddPrompt("Five", "too many")
	if err := b.api.SetAssistantThreadsSuggestedPromptsContext(b.ctx, prompts); err == nil || err.Error() != "invalid_arguments" {
		t.Errorf("five prompts: %v", err)
	}
	m := b.say(b.dm.ID, "hello")
	b.ok(b.api.SetAssistantThreadsTitleContext(b.ctx, slack.AssistantThreadsSetTitleParameters{ChannelID: b.dm.ID, ThreadTS: m.TS, Title: "A greeting"}))
	if title := b.ThreadTitle(b.dm.ID, m.TS); title != "A greeting" {
		t.Errorf("title is %q", title)
	}
	if _, err := b.api.SetAgentSessionStatusContext(b.ctx, agentStatus("active", b.dm.ID, m.TS)); err != nil {
		t.Fatal(err)
	}
	if session, ok := b.Session(b.dm.ID, m.TS); !ok || session.Status != "active" {
		t.Errorf("session: %+v", session)
	}
}

func TestUsersBotsAndLinks(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{})
	b.ada.TimeZone, b.ada.Guest = "Asia/Tokyo", true
	b.ok(b.UpdateUser(b.ada))
	user, err := b.api.GetUserInfoContext(b.ctx, b.ada.ID)
	if err != nil || user.TZ != "Asia/Tokyo" || !user.IsRestricted || user.RealName != "Ada Lovelace" {
		t.Errorf("users.info: %+v, %v", user, err)
	}
	if _, err := b.api.GetUserInfoContext(b.ctx, "U0NOBODY"); err == nil || err.Error() != "user_not_found" {
		t.Errorf("a stranger: %v", err)
	}
	bot, err := b.api.GetBotInfoContext(b.ctx, slack.GetBotInfoParameters{Bot: b.BotID()})
	if err != nil || bot.UserID != b.BotUserID() || bot.AppID != b.AppID() {
		t.Errorf("bots.info: %+v, %v", bot, err)
	}
	if again := b.AddUser("Ada Lovelace"); again.Name == b.ada.Name || len(b.Users()) != 3 {
		t.Errorf("a namesake is called %s, users are %d", again.Name, len(b.Users()))
	}
	root := b.say(b.room.ID, "root")
	reply := b.say(b.room.ID, "reply", slacksim.InThread(root.TS))
	link, err := b.api.GetPermalinkContext(b.ctx, &slack.PermalinkParameters{Channel: b.room.ID, Ts: reply.TS})
	want := "/archives/" + b.room.ID + "/p" + strings.Replace(reply.TS, ".", "", 1) + "?thread_ts=" + root.TS
	if err != nil || !strings.Contains(link, want) {
		t.Errorf("permalink is %s, %v", link, err)
	}
}

func TestJSONBodiesAreReadAndTheirTokenIsNot(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{})
	post := func(body, bearer string) map[string]any {
		t.Helper()
		req, err := http.NewRequestWithContext(b.ctx, http.MethodPost, b.URL()+"chat.postMessage", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
		if bearer != "" {
			req.Header.Set("Authorization", "Bearer "+bearer)
		}
		answer, _ := b.do(req)
		return answer
	}
	body := `{"channel":"` + b.room.ID + `","unfurl_links":false,"blocks":[{"type":"header","text":{"type":"plain_text","text":"Title <!here>"}},{"type":"divider"},{"type":"section","text":{"type":"mrkdwn","text":"*a* &lt; <https://a.example|b>"}}]}`
	if answer := post(body, b.BotToken()); answer["ok"] != true {
		t.Fatalf("answer is %v", answer)
	}
	m := b.Messages(b.room.ID)[0]
	if want := "Title <!here>\n---\n*a* < b (https://a.example)"; m.Plain != want || len(m.Notifies) != 0 {
		t.Errorf("it reads %q and alerts %v, want %q", m.Plain, m.Notifies, want)
	}
	if answer := post(`{"channel":"x","text":"y","token":"`+b.BotToken()+`"}`, ""); answer["error"] != "not_authed" {
		t.Errorf("a token in the body: %v", answer)
	}
	if answer := post(`{"channel":`, b.BotToken()); answer["error"] != "invalid_json" {
		t.Errorf("half a body: %v", answer)
	}
	huge := `{"text":"` + string(bytes.Repeat([]byte("a"), 2<<20)) + `"}`
	if answer := post(huge, b.BotToken()); answer["error"] != "invalid_arguments" {
		t.Errorf("two megabytes: %v", answer)
	}
}

func TestPeopleCannotDoWhatTheyMayNot(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{})
	grace := b.AddUser("Grace")
	m := b.say(b.room.ID, "mine")
	if _, err := b.Say(grace.ID, b.room.ID, "hello"); err == nil {
		t.Error("someone outside spoke in the channel")
	}
	if err := b.EditMessage(grace.ID, b.room.ID, m.TS, "yours"); err == nil {
		t.Error("someone edited another's message")
	}
	if _, err := b.Say(b.ada.ID, b.room.ID, ""); err == nil {
		t.Error("an empty message was posted")
	}
	if _, err := b.Say(b.ada.ID, b.room.ID, "x", slacksim.InThread("1.000001")); err == nil {
		t.Error("a reply to nothing was posted")
	}
	if _, err := b.AddChannel("engines", false); err == nil {
		t.Error("a channel name was given twice")
	}
	b.ok(b.Archive(b.room.ID))
	if _, err := b.Say(b.ada.ID, b.room.ID, "late"); err == nil {
		t.Error("an archived channel took a message")
	}
	if c, _ := b.Channel(b.room.ID); !c.Archived || len(b.Channels()) != 2 {
		t.Errorf("channel: %+v", c)
	}
	if left := b.AllMessages(b.room.ID); len(left) != 1 {
		t.Errorf("left: %+v", left)
	}
}
