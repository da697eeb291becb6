package slacksim_test

import (
	"context"
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"parley/bots/slack/slacksim"
)

// listen runs a Socket Mode client that acknowledges everything and hands out the inner events.
func (b *bundle) listen() <-chan slackevents.EventsAPIEvent {
	b.t.Helper()
	open := b.Sockets()
	client := socketmode.New(b.api)
	ctx, cancel := context.WithCancel(b.ctx)
	out := make(chan slackevents.EventsAPIEvent, 100)
	done := make(chan struct{}, 2)
	go func() {
		_ = client.RunContext(ctx) // ends with ctx
		done <- struct{}{}
	}()
	go func() {
		defer func() { done <- struct{}{} }()
		for {
			select {
			case <-ctx.Done():
				return
			case event := <-client.Events:
				if event.Request == nil || event.Type != socketmode.EventTypeEventsAPI {
					continue
				}
				if err := client.Ack(*event.Request); err != nil {
					b.t.Error(err)
				}
				if inner, ok := event.Data.(slackevents.EventsAPIEvent); ok {
					out <- inner
				}
			}
		}
	}()
	b.t.Cleanup(func() { cancel(); <-done; <-done })
	b.waitFor("socket opens", func(*slacksim.Workspace) bool { return b.Sockets() > open })
	return out
}

func (b *bundle) next(events <-chan slackevents.EventsAPIEvent) slackevents.EventsAPIEvent {
	b.t.Helper()
	select {
	case event := <-events:
		return event
	case <-b.ctx.Done():
		b.t.Fatal("no event came")
		return slackevents.EventsAPIEvent{}
	}
}

func TestMentionIsAnsweredInItsThread(t *testing.T) {
	t.Parallel()
	b := start(t, slacksim.Options{})
	events := b.listen()
	asked := b.say(b.room.ID, "@parley what is 2 < 3?")
	if want := "<@" + b.BotUserID() + "> what is 2 &lt; 3?"; asked.Text != want {
		t.Fatalf("text is %q, want %q", asked.Text, want)
	}
	types := map[string]string{}
	for range 2 {
		event := b.next(events)
		switch inner := event.InnerEvent.Data.(type) {
		case *slackevents.AppMentionEvent:
			types["app_mention"] = inner.TimeStamp
		case *slackevents.MessageEvent:
			types["message"] = inner.TimeStamp
			if inner.ChannelType != "channel" || inner.ClientMsgID == "" {
				t.Errorf("message event: channel_type %q, client_msg_id %q", inner.ChannelType, inner.ClientMsgID)
			}
		}
	}
	if types["app_mention"] != asked.TS || types["message"] != asked.TS {
		t.Fatalf("events carry %v, want both with ts %s", types, asked.TS)
	}
	ts := b.post(b.room.ID, "yes", slack.MsgOptionTS(asked.TS))
	if _, _, _, err := b.api.UpdateMessageContext(b.ctx, b.room.ID, ts, slack.MsgOptionText("yes &amp; always", false)); err != nil {
		t.Fatal(err)
	}
	thread := b.Thread(b.room.ID, asked.TS)
	if len(thread) != 2 || thread[1].Plain != "yes & always" || thread[1].Edits != 1 {
		t.Fatalf("thread is %+v", thread)
	}
	b.waitFor("everything is acknowledged", func(*slacksim.Workspace) bool { return b.Settled() })
	for _, d := range b.Deliveries() {
		if !d.Acked || len(d.Attempts) != 1 || !strings.HasPrefix(d.Attempts[0].Via, "socket") {
			t.Errorf("delivery %s of %s: %+v", d.EventID, d.Type, d.Attempts)
		}
	}
}
