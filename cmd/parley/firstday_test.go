package main

import (
	"fmt"
	"strings"
	"testing"

	"parley/bots/discord/discordsim"
	"parley/bots/slack/slacksim"
	"parley/llm/llmsim"
)

// TestFirstDay does what a newcomer does on both platforms with the offline model: a thread is summed up, a command is
// answered privately, a picture is described.
func TestFirstDay(t *testing.T) {
	t.Parallel()
	w := newTown(t, llmsim.Offline{})
	bo := w.slack.AddUser("Bo")
	fair := must(w.slack.AddChannel("fair", false, w.ana, bo.ID, w.slack.BotUserID()))(t).ID
	root := must(w.slack.Say(w.ana, fair, "We need a plan for the fair."))(t)
	for i := range 20 {
		who := []string{w.ana, bo.ID}[i%2]
		must(w.slack.Say(who, fair, fmt.Sprintf("We agreed to build stand%d for the fair.", i), slacksim.InThread(root.TS)))(t)
		must(w.discord.Say(w.dana, w.lobby, fmt.Sprintf("We agreed to rent hall%d in the spring.", i)))(t)
	}
	_, url := w.serve(t, map[string]string{"LLM_VISION": "auto"})
	ready(t, url)

	must(w.slack.Say(w.ana, fair, "<@"+w.slack.BotUserID()+"> summarize this thread", slacksim.InThread(root.TS)))(t)
	until(t, "the thread is summed up", func() bool {
		all := strings.Join(w.slackSays(fair), "\n")
		return strings.Contains(all, "21 of 21 messages") && strings.Contains(all, "stand")
	})
	must(w.slack.Slash(w.ana, fair, "/parley summarize last 5"))(t)
	until(t, "the command is answered privately", func() bool {
		var all string
		for _, e := range w.slack.Ephemerals(w.ana) {
			all += e.Plain + "\n"
		}
		return strings.Contains(all, "5 of 5 messages") || strings.Contains(strings.Join(w.slackSays(w.direct), "\n"), "5 of 5 messages")
	})
	must(w.discord.InvokeCommand(w.dana, w.lobby, "summarize"))(t)
	until(t, "the command is answered privately on Discord", func() bool {
		var all string
		for _, m := range w.discord.Whispers(w.dana, w.lobby) {
			all += m.Content + "\n"
		}
		all += strings.Join(w.discordSays(w.dm), "\n")
		return strings.Contains(all, "20 of 20 messages")
	})
	if said := w.discordSays(w.lobby); len(said) != 0 {
		t.Errorf("everybody on Discord reads %q", said)
	}
	picture := redPNG(t)
	must(w.discord.Say(w.dana, w.dm, "", discordsim.WithFiles(discordsim.File{Name: "red.png", ContentType: "image/png", Data: picture})))(t)
	until(t, "the picture is described", func() bool {
		return strings.Contains(strings.Join(w.discordSays(w.dm), "\n"), "red")
	})
	until(t, "the ledger is closed", func() bool {
		code, _, _ := w.run(t, nil, "", "lost")
		return code == exitOK
	})
}
