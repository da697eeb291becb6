package discord_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"parley/bots/discord"
	"parley/bots/discord/discordsim"
	"parley/conversation"
)

// given is a command that was taken in and acknowledged.
func (r *rig) given(t *testing.T) conversation.Asked {
	t.Helper()
	i := must(r.sim.InvokeCommand(r.ada.ID, r.channel.ID, "summarize"))(t)
	r.acknowledged(t, i.ID)
	return r.inbox.asked(t, i.ID)
}

func whisperOf(a conversation.Asked, text string) conversation.Whisper {
	return conversation.Whisper{Ask: *a.Message.Ask, Ref: a.Message.Ref, To: a.Message.Author.ID, Text: text}
}

func second(_ string, err error) error { return err }

func whispering(_ string, err error) conversation.Code { return codeOf(err) }

func TestWhisperIsSeenByOnePersonAndReplacesItself(t *testing.T) {
	t.Parallel()
	r := offered(t, discordsim.Options{})
	asked := r.given(t)
	if _, err := r.adapter.Whisper(t.Context(), whisperOf(asked, "read 640 of 2,112 messages")); err != nil {
		t.Fatal(err)
	}
	last := whisperOf(asked, "Done @everyone <@"+r.bob.ID+">, see https://evil.example/x")
	last.Share = asked.Message.Ref.Thread
	if _, err := r.adapter.Whisper(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	seen := r.sim.Whispers(r.ada.ID, r.channel.ID)
	if len(seen) != 1 || !strings.HasPrefix(seen[0].Content, "Done") || len(seen[0].Revisions) != 3 {
		t.Fatalf("Ada sees %+v", seen)
	}
	if m := seen[0]; m.MentionEveryone || len(m.Mentions) != 0 || strings.Contains(m.Content, "@everyone") || m.Flags&discordsim.FlagSuppressEmbeds == 0 {
		t.Errorf("not inert: %+v", m)
	}
	if n := len(r.sim.Whispers(r.bob.ID, r.channel.ID)) + len(r.sim.Messages(r.channel.ID)); n != 0 {
		t.Errorf("others see %d messages", n)
	}
	for _, c := range r.sim.CallsTo(whisperRoute) {
		if !strings.Contains(string(c.Body), `"allowed_mentions":{"parse":[]`) {
			t.Errorf("body %s", c.Body)
		}
	}

	i := must(r.sim.Press(r.ada.ID, seen[0].ID, "share:"+asked.Message.Ref.Thread))(t)
	share := r.inbox.asked(t, i.ID).Message
	if share.Ask.Verb != conversation.VerbShare || share.Ask.Text != asked.Message.Ref.Thread || share.Author.ID != r.ada.ID || share.Ref.Thread != conversation.ShareThread(asked.Message.Ref.Thread, r.ada.ID) {
		t.Errorf("share: %+v %+v", share, share.Ask)
	}
	if got := r.acknowledged(t, i.ID); got.Response != 4 {
		t.Errorf("share acknowledged with %d", got.Response)
	}
}

func TestWhisperWaitsForTheAcknowledgement(t *testing.T) {
	t.Parallel()
	r := offered(t, discordsim.Options{})
	if err := r.sim.SetFault(respondRoute, discordsim.Fault{Delay: time.Second, Times: 1}); err != nil {
		t.Fatal(err)
	}
	i := must(r.sim.InvokeCommand(r.ada.ID, r.channel.ID, "help"))(t)
	if _, err := r.adapter.Whisper(t.Context(), whisperOf(r.inbox.asked(t, i.ID), "here")); err != nil {
		t.Fatalf("an answer that overtook its acknowledgement: %v", err)
	}
	if seen := r.sim.Whispers(r.ada.ID, r.channel.ID); len(seen) != 1 || seen[0].Content != "here" {
		t.Errorf("%+v", seen)
	}
}

func TestWhisperTellsThatTheHandleIsGone(t *testing.T) {
	t.Parallel()
	clock := newSettable()
	r := offered(t, discordsim.Options{Clock: clock.Now}, func(o *discord.Options) { o.Clock = clock.Now })
	asked := r.given(t)
	clock.add(15*time.Minute + time.Second)
	before := len(r.sim.CallsTo(whisperRoute))
	if got := whispering(r.adapter.Whisper(t.Context(), whisperOf(asked, "late"))); got != conversation.CodeHandleGone {
		t.Errorf("after its end: %q", got)
	}
	if n := len(r.sim.CallsTo(whisperRoute)); n != before {
		t.Error("a call was made for a token that is known to be over")
	}
	long := whisperOf(asked, "late")
	long.Ask.Expires = clock.Now().Add(time.Hour) // a clock that is wrong
	if got := whispering(r.adapter.Whisper(t.Context(), long)); got != conversation.CodeHandleGone {
		t.Errorf("50027: %q", got)
	}
	for _, f := range []discordsim.Fault{
		{Status: http.StatusNotFound, Body: `{"message":"Unknown Webhook","code":10015}`}, {Status: http.StatusNotFound, Body: `{"message":"Unknown Message","code":10008}`},
	} {
		f.Times = 1
		if err := r.sim.SetFault(whisperRoute, f); err != nil {
			t.Fatal(err)
		}
		if got := whispering(r.adapter.Whisper(t.Context(), long)); got != conversation.CodeHandleGone {
			t.Errorf("%s: %q", f.Body, got)
		}
	}
	if err := r.sim.SetFault(whisperRoute, discordsim.Fault{Status: http.StatusBadGateway, Times: 1}); err != nil {
		t.Fatal(err)
	}
	if f := conversation.FailureOf(second(r.adapter.Whisper(t.Context(), long))); f.Code != conversation.CodePlatformDown || !f.Retry {
		t.Errorf("502: %+v", f)
	}
	for _, handle := range []string{"", "x", "1/", "../1/x"} {
		w := whisperOf(asked, "x")
		w.Ask.Handle, w.Ask.Expires = r.adapter.SealHandle(handle), clock.Now().Add(time.Hour)
		if got := whispering(r.adapter.Whisper(t.Context(), w)); got != conversation.CodeHandleGone {
			t.Errorf("handle %q: %q", handle, got)
		}
	}
}

func TestCommandsAreAnsweredWithoutTheBotsToken(t *testing.T) {
	t.Parallel()
	asked := make(chan *http.Request, 1)
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		asked <- req
		_, _ = io.WriteString(w, `{"id":"1"}`)
	}))
	t.Cleanup(api.Close)
	a := must(discord.New(discord.Options{BotToken: "secret", APIURL: api.URL + "/api/", Logger: slog.New(slog.DiscardHandler)}))(t)
	w := conversation.Whisper{Ask: conversation.Ask{Handle: a.SealHandle("12/a-token"), Expires: time.Now().Add(time.Minute)}, Text: "x"}
	if _, err := a.Whisper(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	if req := <-asked; req.Header.Get("Authorization") != "" || req.URL.Path != "/api/v9/webhooks/12/a-token/messages/@original" {
		t.Errorf("%s with %q", req.URL.Path, req.Header.Get("Authorization"))
	}
}

func TestDirectOpensTheSameConversation(t *testing.T) {
	t.Parallel()
	r := newRig(t, discordsim.Options{})
	ref := must(r.adapter.Direct(t.Context(), r.guild.ID, r.ada.ID))(t)
	if want := r.dm(t, r.ada).ID; ref.Workspace != "@me" || ref.Channel != want || ref.Thread != "" {
		t.Errorf("%v, want channel %s", ref, want)
	}
	if _, err := r.adapter.Post(t.Context(), conversation.Outgoing{Ref: ref, Place: conversation.PlaceDM, SendID: "d-1", Text: "for you"}); err != nil {
		t.Fatal(err)
	}
	if got := r.sim.Messages(ref.Channel); len(got) != 1 || got[0].Content != "for you" {
		t.Errorf("%+v", got)
	}
}
