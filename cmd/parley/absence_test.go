package main

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"parley/bots/discord/discordsim"
	"parley/bots/slack/slacksim"
)

// limitsVariable turns the platforms' real rate limits on in the test of a long absence, which then takes minutes.
const limitsVariable = "PARLEY_TEST_LIMITS"

// TestAnHourOffline: 200 mentions, follow-ups and direct messages are written on both platforms while nobody runs, and their
// events are never delivered. After the start each is answered once, but for ten of one person in one Discord direct
// conversation, which are answered together. The messages are minutes old at most: their age has tests in conversation.
func TestAnHourOffline(t *testing.T) {
	t.Parallel()
	limits := os.Getenv(limitsVariable) != ""
	w := newTown(t, echo(), limits)
	bot := w.discord.BotUserID()
	guild := w.discord.Guilds()[0].ID
	var rooms, lobbies []string
	for i := range 10 {
		rooms = append(rooms, must(w.slack.AddChannel(fmt.Sprintf("room-%d", i), false, w.ana, w.slack.BotUserID()))(t).ID)
		lobbies = append(lobbies, must(w.discord.AddChannel(guild, fmt.Sprintf("lobby-%d", i), discordsim.Text))(t).ID)
	}
	p, url := w.serve(t, nil)
	ready(t, url)
	// A known thread and a known direct message on each platform.
	root := must(w.slack.Say(w.ana, w.general, "@Parley before"))(t)
	must(w.slack.Say(w.ana, w.direct, "before"))(t)
	must(w.discord.Say(w.dana, w.dm, "before"))(t)
	until(t, "the conversations are known", func() bool {
		return len(w.slackSays(w.general)) == 1 && len(w.slackSays(w.direct)) == 1 && len(w.discordSays(w.dm)) == 1
	})
	signalTerm(t, p)

	want := map[string]func() int{}
	at := time.Now()
	quiet := func(channel, word string, opts ...slacksim.SayOption) {
		at = at.Add(time.Microsecond)
		text := "@Parley " + word
		if channel == w.direct {
			text = word
		}
		must(w.slack.Say(w.ana, channel, text, append(opts, slacksim.Quiet(), slacksim.At(at))...))(t)
		want[word] = func() int { return count(w.slackSays(channel), "You said "+word+".") }
	}
	for i := range 90 {
		quiet(rooms[i%len(rooms)], fmt.Sprintf("s%d", i))
	}
	quiet(w.general, "follow", slacksim.InThread(root.TS))
	for i := range 9 {
		quiet(w.direct, fmt.Sprintf("d%d", i))
	}
	for i := range 90 {
		word, lobby := fmt.Sprintf("g%d", i), lobbies[i%len(lobbies)]
		must(w.discord.Say(w.dana, lobby, "<@"+bot+"> "+word))(t)
		want[word] = func() int { return count(w.discordSays(lobby), "You said "+word+".") }
	}
	// Messages of one person that wait in one conversation are answered together: the last word tells.
	for i := range 10 {
		must(w.discord.Say(w.dana, w.dm, fmt.Sprintf("m%d", i)))(t)
	}
	want["m9"] = func() int { return count(w.discordSays(w.dm), "You said m9.") }

	calls := len(w.slack.Calls("")) + len(w.discord.Calls())
	_, url = w.serve(t, nil)
	ready(t, url)
	waitFor := 90 * time.Second
	if limits {
		waitFor = 10 * time.Minute
	}
	defer func() {
		for word, n := range want {
			if t.Failed() && n() == 0 {
				t.Logf("%s is not answered", word)
			}
		}
	}()
	untilWithin(t, waitFor, "everything missed is answered", func() bool {
		for _, n := range want {
			if n() == 0 {
				return false
			}
		}
		return true
	})
	for word, n := range want {
		if n() != 1 {
			t.Errorf("%s is answered %d times", word, n())
		}
	}
	if n := w.tooMany(); n > 0 {
		t.Errorf("%d calls were answered by 429", n)
	}
	t.Logf("%d calls on both platforms", len(w.slack.Calls(""))+len(w.discord.Calls())-calls)
	if code, stdout, _ := w.run(t, nil, "", "lost"); code != exitOK {
		t.Errorf("parley lost: exit %d: %s", code, stdout)
	}
}

// tooMany counts the calls that were refused by a rate limit.
func (w *town) tooMany() (n int) {
	for _, method := range []string{"chat.postMessage", "chat.update", "conversations.history", "conversations.replies", "users.conversations", "assistant.threads.setStatus"} {
		n += len(slices.DeleteFunc(w.slack.Calls(method), func(c slacksim.Call) bool { return c.Status != 429 }))
	}
	return n + len(slices.DeleteFunc(w.discord.Calls(), func(c discordsim.Call) bool { return c.Status != 429 }))
}
