package discord_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"parley/bots/discord"
	"parley/bots/discord/discordsim"
	"parley/conversation"
)

const unfollowRoute = "DELETE /webhooks/{application}/{token}/messages/{message}"

func TestFurtherWhispersAreSeenByOnePersonAndChange(t *testing.T) {
	t.Parallel()
	r := offered(t, discordsim.Options{})
	asked := r.given(t)
	first := whisperOf(asked, "one")
	if _, err := r.adapter.Whisper(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	next := whisperOf(asked, "…")
	next.Part = 1
	id := must(r.adapter.Whisper(t.Context(), next))(t)
	next.MessageID, next.Text, next.Share = id, "two @everyone https://evil.example/x", asked.Message.Ref.Thread
	if again := must(r.adapter.Whisper(t.Context(), next))(t); again != id {
		t.Errorf("brought up to date as %q, sent as %q", again, id)
	}
	seen := r.sim.Whispers(r.ada.ID, r.channel.ID)
	if len(seen) != 2 || seen[0].Content != "one" || !strings.HasPrefix(seen[1].Content, "two") || seen[1].ID != id {
		t.Fatalf("Ada sees %+v", seen)
	}
	if m := seen[1]; m.MentionEveryone || m.Flags&discordsim.FlagEphemeral == 0 || m.Flags&discordsim.FlagSuppressEmbeds == 0 {
		t.Errorf("not private and inert: %+v", m)
	}
	if n := len(r.sim.Whispers(r.bob.ID, r.channel.ID)) + len(r.sim.Messages(r.channel.ID)); n != 0 {
		t.Errorf("others see %d messages", n)
	}
	must(r.sim.Press(r.ada.ID, id, "share:"+asked.Message.Ref.Thread))(t)
	for range 2 { // one that is gone is no error
		if err := r.adapter.Unwhisper(t.Context(), next); err != nil {
			t.Error(err)
		}
	}
	for _, m := range r.sim.Whispers(r.ada.ID, r.channel.ID) { // the press is acknowledged there as well
		if m.ID == id {
			t.Errorf("still seen: %+v", m)
		}
	}
	if got := whispering(r.adapter.Whisper(t.Context(), next)); got != conversation.CodeMessageGone {
		t.Errorf("a message that the person has closed: %q", got)
	}
}

func TestFurtherWhisperWhoseFateIsUnknownSaysSo(t *testing.T) {
	t.Parallel()
	clock := newSettable()
	r := offered(t, discordsim.Options{Clock: clock.Now}, func(o *discord.Options) { o.Clock = clock.Now })
	asked := r.given(t)
	next := whisperOf(asked, "…")
	next.Part = 1
	if _, err := r.adapter.Whisper(t.Context(), whisperOf(asked, "one")); err != nil {
		t.Fatal(err)
	}
	for _, f := range []discordsim.Fault{{DropResponse: true}, {Status: http.StatusBadGateway}} {
		f.Times = 1
		if err := r.sim.SetFault(followRoute, f); err != nil {
			t.Fatal(err)
		}
		if f := conversation.FailureOf(second(r.adapter.Whisper(t.Context(), next))); f.Code != conversation.CodeSendUnknown || !f.Retry {
			t.Errorf("%+v", f)
		}
	}
	next.MessageID = "../1"
	if got := whispering(r.adapter.Whisper(t.Context(), next)); got != conversation.CodeInternal {
		t.Errorf("an id that is none: %q", got)
	}
	next.MessageID = ""
	clock.add(15*time.Minute + time.Second)
	calls := len(r.sim.CallsTo(followRoute))
	if got := whispering(r.adapter.Whisper(t.Context(), next)); got != conversation.CodeHandleGone || len(r.sim.CallsTo(followRoute)) != calls {
		t.Errorf("too late: %q", got)
	}
	if got := codeOf(r.adapter.Unwhisper(t.Context(), conversation.Whisper{Ask: next.Ask, Part: 1, MessageID: "1"})); got != conversation.CodeHandleGone || len(r.sim.CallsTo(unfollowRoute)) != 0 {
		t.Errorf("taken away too late: %q", got)
	}
}

func TestPrivateAnswerIsCutAsDiscordTakesIt(t *testing.T) {
	t.Parallel()
	r := newRig(t, discordsim.Options{})
	line := "- We agreed to paint the wall green. [1](https://discord.com/channels/1575086231711814836/1575086232605201584/1575086232605201584)\n"
	for lines, want := range map[int]struct {
		parts int
		whole bool
	}{1: {1, true}, 30: {3, true}, 200: {5, false}} {
		texts, whole := r.adapter.SplitWhisper(strings.Repeat(line, lines), 80)
		if len(texts) != want.parts || whole != want.whole {
			t.Errorf("%d lines make %d messages, whole %t", lines, len(texts), whole)
		}
		for _, text := range texts {
			if len([]rune(text)) > 1920 {
				t.Errorf("a message of %d characters", len([]rune(text)))
			}
		}
	}
}
