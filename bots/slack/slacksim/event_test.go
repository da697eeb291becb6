package slacksim_test

import (
	"encoding/json"
	"testing"

	"parley/bots/slack/slacksim"
)

// inner is what the tests read of an event.
type inner struct {
	Type        string `json:"type"`
	Subtype     string `json:"subtype"`
	Channel     string `json:"channel"`
	ChannelType string `json:"channel_type"`
	User        string `json:"user"`
	Text        string `json:"text"`
	TS          string `json:"ts"`
	ThreadTS    string `json:"thread_ts"`
	DeletedTS   string `json:"deleted_ts"`
	BotID       string `json:"bot_id"`
	AppID       string `json:"app_id"`
	Hidden      bool   `json:"hidden"`
	Edited      *struct {
		TS string `json:"ts"`
	} `json:"edited"`
	Message  *inner `json:"message"`
	Previous *inner `json:"previous_message"`
	Root     *inner `json:"root"`
	Files    []struct {
		ID string `json:"id"`
	} `json:"files"`
}

// events decodes what was made for the app since the journal had this length.
func (b *bundle) events(since int) []inner {
	b.t.Helper()
	var out []inner
	for _, d := range b.Deliveries()[since:] {
		var payload struct {
			Event   inner  `json:"event"`
			EventID string `json:"event_id"`
			TeamID  string `json:"team_id"`
		}
		if err := json.Unmarshal(d.Payload, &payload); err != nil || payload.EventID != d.EventID || payload.TeamID != b.Team() {
			b.t.Fatalf("event %s: %v", d.Payload, err)
		}
		out = append(out, payload.Event)
	}
	return out
}

// after runs do and returns the events that it made.
func (b *bundle) after(do func()) []inner {
	b.t.Helper()
	since := len(b.Deliveries())
	do()
	return b.events(since)
}

func (b *bundle) ok(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func TestOnlyMentionsInChannelsComeTwice(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{})
	group := must(b.OpenGroupDM(b.ada.ID, b.AddUser("Grace").ID))(t)
	for _, place := range []struct {
		channel, kind, text string
		events              int
	}{
		{b.room.ID, "channel", "hello", 1}, {b.room.ID, "channel", "@parley hello", 2},
		{b.dm.ID, "im", "@parley hello", 1}, {group.ID, "mpim", "hello", 1}, {group.ID, "mpim", "@parley hello", 2},
	} {
		got := b.after(func() { b.say(place.channel, place.text) })
		mentions := 0
		for _, e := range got {
			switch {
			case e.Type == "app_mention":
				mentions++
			case e.Type != "message" || e.ChannelType != place.kind || e.Channel != place.channel:
				t.Errorf("%q in %s: %+v", place.text, place.kind, e)
			}
		}
		if len(got) != place.events || mentions != place.events-1 {
			t.Errorf("%q in %s makes %d events, %d of them mentions", place.text, place.kind, len(got), mentions)
		}
	}
}

func TestAChannelWithoutTheBotIsSilent(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{})
	other := must(b.AddChannel("other", false, b.ada.ID))(t)
	if got := b.after(func() { b.say(other.ID, "@parley hello") }); len(got) != 0 {
		t.Errorf("events %+v", got)
	}
	if got := b.after(func() { b.ok(b.Invite(other.ID, b.BotUserID(), b.ada.ID)) }); len(got) != 2 || got[0].Subtype != "channel_join" || got[1].Type != "member_joined_channel" {
		t.Errorf("the bot's arrival makes %+v", got)
	}
	if got := b.after(func() { b.say(other.ID, "@parley hello") }); len(got) != 2 {
		t.Errorf("events after the invitation %+v", got)
	}
	if got := b.after(func() { b.ok(b.Kick(other.ID, b.BotUserID())) }); len(got) != 1 || got[0].Type != "channel_left" {
		t.Errorf("the bot's removal makes %+v", got)
	}
}

func TestSubscriptionsAndScopesGateEvents(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{Events: []string{"app_mention", "message.im"}, Scopes: []string{"app_mentions:read", "im:read"}})
	if got := b.after(func() { b.say(b.room.ID, "@parley hello") }); len(got) != 1 || got[0].Type != "app_mention" {
		t.Errorf("in the channel: %+v", got)
	}
	if got := b.after(func() { b.say(b.dm.ID, "hello") }); len(got) != 0 {
		t.Errorf("without im:history: %+v", got)
	}
}

func TestEditsUnfurlsAndDeletes(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{})
	m := b.say(b.room.ID, "first https://example.org")
	got := b.after(func() { b.ok(b.Unfurl(b.room.ID, m.TS, "https://example.org")) })
	if len(got) != 1 || got[0].Subtype != "message_changed" || !got[0].Hidden || got[0].Message.Edited != nil || got[0].Message.Text != got[0].Previous.Text {
		t.Errorf("unfurl: %+v", got)
	}
	got = b.after(func() { b.ok(b.EditMessage(b.ada.ID, b.room.ID, m.TS, "@parley second")) })
	if len(got) != 2 || got[0].Message.Edited == nil || got[0].Previous.Text != m.Text || got[0].Message.TS != m.TS || got[0].TS == m.TS {
		t.Fatalf("edit: %+v", got)
	}
	if got[1].Type != "app_mention" || got[1].Edited == nil || got[1].TS != m.TS {
		t.Errorf("an edit that mentions the bot also makes %+v", got[1])
	}
	got = b.after(func() { b.ok(b.DeleteMessage(b.ada.ID, b.room.ID, m.TS)) })
	if len(got) != 1 || got[0].Subtype != "message_deleted" || got[0].DeletedTS != m.TS || got[0].Previous.Text == "" {
		t.Errorf("delete: %+v", got)
	}
	if err := b.EditMessage(b.ada.ID, b.room.ID, m.TS, "again"); err == nil {
		t.Error("a deleted message was edited")
	}
}

func TestADeletedRootWithRepliesBecomesATombstone(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{})
	root := b.say(b.room.ID, "root")
	reply := b.say(b.room.ID, "reply", slacksim.InThread(root.TS))
	got := b.after(func() { b.ok(b.DeleteMessage(b.ada.ID, b.room.ID, root.TS)) })
	if len(got) != 1 || got[0].Subtype != "message_changed" || got[0].Message.Subtype != "tombstone" || got[0].Previous.Text != "root" {
		t.Fatalf("delete: %+v", got)
	}
	thread := b.Thread(b.room.ID, root.TS)
	if len(thread) != 2 || thread[0].Text == "root" || !thread[0].Deleted || thread[1].TS != reply.TS {
		t.Errorf("people see %+v", thread)
	}
	got = b.after(func() { b.ok(b.DeleteMessage(b.ada.ID, b.room.ID, reply.TS)) })
	if len(got) != 2 || got[0].DeletedTS != reply.TS || got[1].DeletedTS != root.TS {
		t.Errorf("the last reply's end makes %+v", got)
	}
	if left := b.AllMessages(b.room.ID); len(left) != 0 {
		t.Errorf("left: %+v", left)
	}
}

func TestTheBotHearsItsOwnMessages(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{MessageReplied: true})
	root := b.say(b.room.ID, "root")
	got := b.after(func() { b.post(b.room.ID, "<@"+b.BotUserID()+"> me", slackThread(root.TS)) })
	if len(got) != 2 || got[0].BotID != b.BotID() || got[0].AppID != b.AppID() || got[0].User != b.BotUserID() || got[0].ThreadTS != root.TS {
		t.Errorf("own message: %+v", got)
	}
	if got[1].Subtype != "message_replied" || !got[1].Hidden || got[1].Message.TS != root.TS {
		t.Errorf("with message_replied on: %+v", got[1])
	}
}

func TestABroadcastReplyCarriesItsRoot(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{})
	root := b.say(b.room.ID, "root")
	got := b.after(func() { b.say(b.room.ID, "for all", slacksim.InThread(root.TS), slacksim.AlsoToChannel()) })
	if len(got) != 1 || got[0].Subtype != "thread_broadcast" || got[0].Root == nil || got[0].Root.TS != root.TS {
		t.Errorf("broadcast: %+v", got)
	}
	quietly := b.say(b.room.ID, "first here", slacksim.InThread(root.TS))
	got = b.after(func() { b.ok(b.Broadcast(b.ada.ID, b.room.ID, quietly.TS)) })
	if len(got) != 1 || got[0].Subtype != "message_changed" || got[0].Message.Subtype != "thread_broadcast" {
		t.Errorf("later broadcast: %+v", got)
	}
	if n := len(b.Messages(b.room.ID)); n != 3 {
		t.Errorf("the channel shows %d messages, want the root and both replies", n)
	}
}

func TestAgentSessionsCanBeStopped(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{})
	m := b.say(b.dm.ID, "long work")
	if err := b.StopSession(b.ada.ID, b.dm.ID, m.TS); err == nil {
		t.Error("a thread without work was stopped")
	}
	if _, err := b.api.SetAgentSessionStatusContext(b.ctx, agentStatus("processing", b.dm.ID, m.TS)); err != nil {
		t.Fatal(err)
	}
	got := b.after(func() { b.ok(b.StopSession(b.ada.ID, b.dm.ID, m.TS)) })
	if len(got) != 1 || got[0].Type != "agent_session_stopped" || got[0].ThreadTS != m.TS || got[0].User != b.ada.ID {
		t.Errorf("stop: %+v", got)
	}
	if _, err := b.api.SetAgentSessionStatusContext(b.ctx, agentStatus("dancing", b.dm.ID, m.TS)); err == nil || err.Error() != "invalid_arguments" {
		t.Errorf("an unknown status says %v", err)
	}
}

func TestIDsNeverRepeatBetweenStarts(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 20 {
		b := start(t, slacksim.Options{})
		for _, id := range []string{b.Team(), b.AppID(), b.BotID(), b.BotUserID(), b.ada.ID, b.room.ID, b.dm.ID, b.BotToken(), b.say(b.dm.ID, "x").TS} {
			if seen[id] {
				t.Errorf("%s came twice", id)
			}
			seen[id] = true
		}
	}
}
