package main

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"parley/bots/discord/discordsim"
	"parley/bots/slack/slacksim"
	"parley/llm/llmsim"
)

var numberedLine = regexp.MustCompile(`(?m)^(\d+)\| [^:\n]*: (We decided .*)$`)

// decided tells every decision that a prompt holds, word for word.
func decided() llmsim.Responder {
	return llmsim.ResponderFunc(func(_ context.Context, r llmsim.Request) llmsim.Reply {
		var b strings.Builder
		for _, m := range numberedLine.FindAllStringSubmatch(r.Messages[len(r.Messages)-1].Text, -1) {
			fmt.Fprintf(&b, "D [%s] %s\n", m[1], m[2])
		}
		return llmsim.Say(b.String())
	})
}

// TestAChannelOnSlackIsToldThreadByThread: two threads that go on side by side, one that ends at once, and talk outside of them;
// an old thread goes on.
func TestAChannelOnSlackIsToldThreadByThread(t *testing.T) {
	t.Parallel()
	w := newTown(t, decided())
	bo := w.slack.AddUser("Bo").ID
	fair := must(w.slack.AddChannel("fair", false, w.ana, bo, w.slack.BotUserID()))(t).ID
	say := func(who, thread, text string) string {
		if thread == "" {
			return must(w.slack.Say(who, fair, text))(t).TS
		}
		return must(w.slack.Say(who, fair, text, slacksim.InThread(thread)))(t).TS
	}
	old := must(w.slack.Say(w.ana, fair, "What is left of the budget?", slacksim.At(time.Now().Add(-5*24*time.Hour))))(t).TS
	hall := say(w.ana, "", "Which hall do we take in Lyon?")
	train := say(bo, "", "The train tickets are to be booked.")
	say(w.ana, "", "Good morning.")
	for i := range 8 {
		say(bo, hall, fmt.Sprintf("We decided to take hall-%d in Lyon.", i))
		say(w.ana, train, fmt.Sprintf("We decided to book train-%d for the fair.", i))
	}
	lunch := say(bo, "", "Lunch?")
	say(w.ana, lunch, "Yes.")
	say(bo, old, "We decided to spend budget-7 on the fair.")
	_, url := w.serve(t, nil)
	ready(t, url)
	must(w.slack.Slash(w.ana, w.general, "/parley summarize #fair since 2d"))(t)
	var text string
	until(t, "it is answered privately", func() bool {
		for _, e := range w.slack.Ephemerals(w.ana) {
			text = e.Plain + "\n" + e.Text
			if strings.Contains(text, "22 of 22 messages") {
				return true
			}
		}
		return false
	})
	w.closed(t)
	for _, want := range []string{
		`Ana: “Which hall do we take in Lyon\?”.*\(9 messages, 2 people\)`, `Bo: “The train tickets are to be booked\.”.*\(9 messages, 2 people\)`,
		`1 more thread with 2 messages`, `Outside of threads: 1 message`, `Ana: “What is left of the budget\?”.*\(1 message, 1 person\)`,
	} {
		if !regexp.MustCompile(want).MatchString(text) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	if strings.Contains(text, "23 of") {
		t.Errorf("what is older is counted:\n%s", text)
	}
}

// TestAChannelOnDiscordIsToldThreadByThread: a thread that was started from a message, and one without.
func TestAChannelOnDiscordIsToldThreadByThread(t *testing.T) {
	t.Parallel()
	w := newTown(t, decided())
	begin := must(w.discord.Say(w.dana, w.lobby, "Which hall do we take in Lyon?"))(t).ID
	hall := must(w.discord.StartThread(w.dana, w.lobby, begin, "Hall", false))(t).ID
	train := must(w.discord.StartThread(w.dana, w.lobby, "", "Train", false))(t).ID
	for i := range 8 {
		must(w.discord.Say(w.dana, hall, fmt.Sprintf("We decided to take hall-%d in Lyon.", i)))(t)
		must(w.discord.Say(w.dana, train, fmt.Sprintf("We decided to book train-%d for the fair.", i)))(t)
	}
	must(w.discord.Say(w.dana, w.lobby, "Good morning."))(t)
	guild := w.discord.Guilds()[0].ID
	_, url := w.serve(t, nil)
	ready(t, url)
	until(t, "the commands are offered", func() bool { return len(w.discord.Commands("")) > 0 || len(w.discord.Commands(guild)) > 0 })
	must(w.discord.InvokeCommand(w.dana, w.lobby, "summarize", discordsim.Option{Name: "last", Value: 100}))(t)
	var text string
	until(t, "it is answered privately", func() bool {
		text = ""
		for _, m := range w.discord.Whispers(w.dana, w.lobby) {
			text += m.Content + "\n"
		}
		return strings.Contains(text, "18 of 18 messages")
	})
	w.closed(t)
	for _, want := range []string{
		`\*\*Hall\*\*.*` + regexp.QuoteMeta(guild+"/"+w.lobby+"/"+begin) + `.*\(9 messages, 1 person\)`,
		`\*\*Train\*\*.*` + regexp.QuoteMeta(guild+"/"+train+"/") + `.*\(8 messages, 1 person\)`, `Outside of threads: 1 message`,
	} {
		if !regexp.MustCompile(want).MatchString(text) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}
