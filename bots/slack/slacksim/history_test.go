package slacksim_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"parley/bots/slack/slacksim"
)

func TestRepliesComeInPagesWithTheRootFirst(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{})
	root := b.say(b.room.ID, "root")
	want := []string{}
	for i := range 25 {
		want = append(want, b.say(b.room.ID, fmt.Sprint("reply ", i), slacksim.InThread(root.TS)).TS)
	}
	b.say(b.room.ID, "another root")
	params := slack.GetConversationRepliesParameters{ChannelID: b.room.ID, Timestamp: want[3], Limit: 10}
	var got []string
	for {
		page, more, next, err := b.api.GetConversationRepliesContext(b.ctx, &params)
		if err != nil {
			t.Fatal(err)
		}
		if page[0].Timestamp != root.TS || page[0].ReplyCount != 25 || len(page) > 10 {
			t.Fatalf("page of %d begins with %+v", len(page), page[0].Msg)
		}
		for _, m := range page[1:] {
			got = append(got, m.Timestamp)
		}
		if more != (next != "") {
			t.Fatalf("has_more %v, cursor %q", more, next)
		}
		if !more {
			break
		}
		params.Cursor = next
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("pages hold %v, want %v", got, want)
	}
	params = slack.GetConversationRepliesParameters{ChannelID: b.room.ID, Timestamp: root.TS, Oldest: want[20], Latest: want[22], Inclusive: true}
	page, _, _, err := b.api.GetConversationRepliesContext(b.ctx, &params)
	if err != nil || len(page) != 4 || page[1].Timestamp != want[20] {
		t.Errorf("range holds %d messages, %v", len(page), err)
	}
}

func TestHistoryGoesBackInTimeWithoutReplies(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{})
	var all []slacksim.Message
	for i := range 12 {
		all = append(all, b.say(b.room.ID, fmt.Sprint("message ", i)))
	}
	b.say(b.room.ID, "a reply", slacksim.InThread(all[0].TS))
	shown := b.say(b.room.ID, "a shown reply", slacksim.InThread(all[0].TS), slacksim.AlsoToChannel())
	params := slack.GetConversationHistoryParameters{ChannelID: b.room.ID, Limit: 5}
	var got []string
	for {
		page, err := b.api.GetConversationHistoryContext(b.ctx, &params)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page.Messages {
			got = append(got, m.Timestamp)
		}
		if !page.HasMore {
			break
		}
		params.Cursor = page.ResponseMetaData.NextCursor
	}
	want := []string{shown.TS}
	for i := range all {
		want = append(want, all[len(all)-1-i].TS)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("history is %v, want %v", got, want)
	}
	if _, err := b.api.GetConversationHistoryContext(b.ctx, &slack.GetConversationHistoryParameters{ChannelID: b.room.ID, Limit: 1001}); err == nil || err.Error() != "invalid_limit" {
		t.Errorf("limit 1001 says %v", err)
	}
	if _, err := b.api.GetConversationHistoryContext(b.ctx, &slack.GetConversationHistoryParameters{ChannelID: b.room.ID, Cursor: "%%%"}); err == nil || err.Error() != "invalid_cursor" {
		t.Errorf("a wrong cursor says %v", err)
	}
}

func TestMetadataComesOnlyWhenAskedFor(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{})
	ts := b.post(b.room.ID, "x", slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "answer", EventPayload: map[string]any{"send_id": "s1"}}))
	for _, ask := range []bool{false, true} {
		page, _, _, err := b.api.GetConversationRepliesContext(b.ctx, &slack.GetConversationRepliesParameters{ChannelID: b.room.ID, Timestamp: ts, IncludeAllMetadata: ask})
		if err != nil || len(page) != 1 {
			t.Fatalf("replies: %d, %v", len(page), err)
		}
		if got := page[0].Metadata.EventPayload["send_id"]; (got == "s1") != ask {
			t.Errorf("asked %v: send_id is %v", ask, got)
		}
	}
}

func TestMessagesOfThePastAreOrderedByTheirTime(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{})
	now := b.say(b.room.ID, "now")
	old := b.say(b.room.ID, "old", slacksim.At(time.Now().Add(-7*time.Hour)), slacksim.Quiet())
	all := b.Messages(b.room.ID)
	if len(all) != 2 || all[0].TS != old.TS || all[1].TS != now.TS {
		t.Errorf("order is %+v", all)
	}
	if n := len(b.Deliveries()); n != 1 {
		t.Errorf("%d events were made, want 1: the quiet message has none", n)
	}
}

func TestConversationListsShowWhatTheBotMayKnow(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{})
	grace := b.AddUser("Grace")
	must(b.AddChannel("hidden", true, b.ada.ID))(t)
	shared := must(b.AddChannel("shared", true, b.ada.ID, b.BotUserID()))(t)
	public := must(b.AddChannel("public", false, b.ada.ID))(t)
	list, _, err := b.api.GetConversationsForUserContext(b.ctx, &slack.GetConversationsForUserParameters{
		UserID: b.ada.ID, Types: []string{"public_channel", "private_channel"},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, c := range list {
		got[c.ID] = true
	}
	if len(got) != 3 || !got[shared.ID] || !got[public.ID] || !got[b.room.ID] {
		t.Errorf("ada's conversations are %v", got)
	}
	members, _, err := b.api.GetUsersInConversationContext(b.ctx, &slack.GetUsersInConversationParameters{ChannelID: public.ID})
	if err != nil || len(members) != 1 || members[0] != b.ada.ID {
		t.Errorf("members are %v, %v", members, err)
	}
	dm, _, already, err := b.api.OpenConversationContext(b.ctx, &slack.OpenConversationParameters{Users: []string{grace.ID}, ReturnIM: true})
	if err != nil || already || !dm.IsIM || dm.User != grace.ID {
		t.Errorf("opened %+v, already %v, %v", dm, already, err)
	}
	info, err := b.api.GetConversationInfoContext(b.ctx, &slack.GetConversationInfoInput{ChannelID: shared.ID, IncludeNumMembers: true})
	if err != nil || !info.IsPrivate || info.NumMembers != 2 || !info.IsMember {
		t.Errorf("info is %+v, %v", info, err)
	}
}
