package main

import (
	"fmt"
	"strings"
	"testing"

	"parley/bots/discord/discordsim"
	"parley/bots/slack/slacksim"
)

// plan is what is said in the threads of these tests: decisions with a word of their own each.
func plan(i int) string {
	return fmt.Sprintf("We agreed to build stand%d for the fair in spring.", i)
}

// slackThread is a thread of Ana's and Bo's in a channel, with n messages in all.
func (w *town) slackThread(t *testing.T, channel, bo string, n int, opts ...slacksim.SayOption) string {
	t.Helper()
	root := must(w.slack.Say(w.ana, channel, "We need a plan for the fair.", opts...))(t)
	for i := range n - 1 {
		must(w.slack.Say([]string{w.ana, bo}[i%2], channel, plan(i), append(opts, slacksim.InThread(root.TS))...))(t)
	}
	return root.TS
}

func TestAThreadOnSlackIsSummedUpWhileQuestionsAreAnswered(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	w := newTown(t, scribe(hold))
	bo := w.slack.AddUser("Bo").ID
	if err := w.slack.Invite(w.general, bo, w.ana); err != nil {
		t.Fatal(err)
	}
	root := w.slackThread(t, w.general, bo, 60)
	_, url := w.serve(t, nil)
	ready(t, url)
	asked := must(w.slack.Say(w.ana, w.general, "@Parley summarize this thread", slacksim.InThread(root)))(t)
	until(t, "the summary is being made", func() bool { return len(w.model.Requests()) == 1 })
	must(w.slack.Say(bo, w.general, "@Parley mango", slacksim.InThread(root)))(t)
	until(t, "another question is answered meanwhile", func() bool { return count(w.slackSays(w.general), "You said mango.") == 1 })
	close(hold)
	var text string
	until(t, "the summary stands in the thread", func() bool {
		text = strings.Join(w.slackSays(w.general), "\n")
		return strings.Contains(text, "60 of 60 messages")
	})
	w.closed(t)
	texts := w.slackSays(w.general)
	text = strings.Join(texts, "\n")
	if n := strings.Count(text, "60 of 60 messages"); n != 1 || !strings.Contains(text, "2 people") || strings.Contains(text, "Read ") {
		t.Errorf("%d coverage lines:\n%s", n, text)
	}
	if n := w.slackSources(t, w.slackReads(w.ana), w.general, root); n < 3 {
		t.Errorf("%d links:\n%s", n, text)
	}
	if got := w.outcomes(t)[asked.TS]; got != "answered" {
		t.Errorf("the request ended as %q", got)
	}
}

func TestAThreadOnDiscordIsSummedUp(t *testing.T) {
	t.Parallel()
	w := newTown(t, scribe(nil))
	thread := must(w.discord.StartThread(w.dana, w.lobby, "", "The fair", false))(t).ID
	for i := range 60 {
		must(w.discord.Say(w.dana, thread, plan(i)))(t)
	}
	_, url := w.serve(t, nil)
	ready(t, url)
	asked := must(w.discord.Say(w.dana, thread, "<@"+w.discord.BotUserID()+"> tl;dr"))(t)
	until(t, "the summary stands in the thread", func() bool {
		return strings.Contains(strings.Join(w.discordSays(thread), "\n"), "60 of 60 messages")
	})
	w.closed(t)
	text := strings.Join(w.discordSays(thread), "\n")
	if n := w.discordSources(t, text, thread); n < 3 || strings.Count(text, "60 of 60 messages") != 1 {
		t.Errorf("%d links:\n%s", n, text)
	}
	if got := w.outcomes(t)[asked.ID]; got != "answered" {
		t.Errorf("the request ended as %q", got)
	}
}

func TestACommandOnDiscordIsAnsweredPrivately(t *testing.T) {
	t.Parallel()
	w := newTown(t, scribe(nil))
	eve := w.discord.AddUser("Eve").ID
	guild := w.discord.Guilds()[0].ID
	if err := w.discord.AddMember(guild, eve); err != nil {
		t.Fatal(err)
	}
	thread := must(w.discord.StartThread(w.dana, w.lobby, "", "The fair", false))(t).ID
	for i := range 60 {
		must(w.discord.Say(w.dana, thread, plan(i)))(t)
	}
	_, url := w.serve(t, nil)
	ready(t, url)
	offered := func() bool { return len(w.discord.Commands("")) > 0 || len(w.discord.Commands(guild)) > 0 }
	until(t, "the commands are offered", offered)
	must(w.discord.InvokeCommand(w.dana, thread, "summarize", discordsim.Option{Name: "last", Value: 20}))(t)
	whispered := func() (m discordsim.Message, ok bool) {
		for _, m := range w.discord.Whispers(w.dana, thread) {
			if strings.Contains(m.Content, "20 of 20 messages") {
				return m, true
			}
		}
		return m, false
	}
	until(t, "the command is answered privately", func() bool { _, ok := whispered(); return ok })
	w.closed(t)
	m, _ := whispered()
	if n := w.discordSources(t, m.Content, thread); n < 3 || strings.Contains(m.Content, "stand39") {
		t.Errorf("%d links:\n%s", n, m.Content)
	}
	if said := w.discordReads(eve) + strings.Join(w.discordSays(thread), ""); strings.TrimSpace(said) != "" {
		t.Errorf("others read %q", said)
	}
	answer, share := m, buttonOf(t, m)
	if share == "" {
		t.Fatal("the answer has no button")
	}
	if _, err := w.discord.Press(eve, m.ID, share); err == nil {
		t.Error("somebody else sees the button")
	}
	for range 2 { // a double click
		must(w.discord.Press(w.dana, m.ID, share))(t)
	}
	until(t, "it is shared", func() bool { return len(w.discordSays(thread)) > 0 })
	w.closed(t)
	if said := w.discordSays(thread); len(said) != 1 || !strings.Contains(said[0], "20 of 20 messages") || w.discordSources(t, said[0], thread) < 3 {
		t.Errorf("the thread reads %q", said)
	}
	until(t, "neither press leaves somebody waiting", func() bool {
		told := 0
		for _, m := range w.discord.Whispers(w.dana, thread) {
			if m.ID != answer.ID && m.Content != "" {
				told++
			}
		}
		return told == 2
	})
}

func TestPrivateSummariesOnSlackAreSharedOnce(t *testing.T) {
	t.Parallel()
	w := newTown(t, scribe(nil))
	bo, eve := w.slack.AddUser("Bo").ID, w.slack.AddUser("Eve").ID
	fair := must(w.slack.AddChannel("fair", false, w.ana, bo, eve, w.slack.BotUserID()))(t).ID
	root := w.slackThread(t, fair, bo, 30)
	_, url := w.serve(t, nil)
	ready(t, url)
	private := func(coverage string) (m slacksim.Message) {
		until(t, "it is answered privately", func() bool {
			for _, e := range w.slack.Ephemerals(w.ana) {
				if strings.Contains(e.Plain, coverage) {
					m = e
					return true
				}
			}
			return false
		})
		return m
	}
	must(w.slack.Slash(w.ana, w.general, "/parley summarize #fair since 2d"))(t)
	if m := private("30 of 30 messages"); w.slackSources(t, m.Plain+m.Text, fair, root) < 3 {
		t.Errorf("few links in\n%s", m.Plain)
	}
	before := len(w.slack.Ephemerals(w.ana))
	must(w.slack.Shortcut(w.ana, fair, root, "summarize_thread"))(t)
	var m slacksim.Message
	until(t, "the shortcut is answered privately", func() bool {
		for _, e := range w.slack.Ephemerals(w.ana)[before:] {
			if strings.Contains(e.Plain, "30 of 30 messages") {
				m = e
				return true
			}
		}
		return false
	})
	w.closed(t)
	if said := strings.TrimSpace(w.slackReads(eve)); said != "" {
		t.Errorf("others read %q", said)
	}
	if _, err := w.slack.Click(eve, m.Channel, m.TS, "share"); err == nil {
		t.Error("somebody else can press the button")
	}
	for range 2 { // a double click
		must(w.slack.Click(w.ana, m.Channel, m.TS, "share"))(t)
	}
	until(t, "it is shared", func() bool { return len(w.slackSays(fair)) > 0 })
	w.closed(t)
	if said := w.slackSays(fair); len(said) != 1 || !strings.Contains(said[0], "30 of 30 messages") {
		t.Errorf("the channel reads %q", said)
	}
	shared := 0
	for _, m := range w.slack.Thread(fair, root) {
		if m.BotID != "" && m.Ephemeral == "" {
			shared++
		}
	}
	if shared != 1 {
		t.Errorf("%d shared summaries stand in the thread", shared)
	}
}

// buttonOf is the custom_id of the first button under a message.
func buttonOf(t *testing.T, m discordsim.Message) string {
	t.Helper()
	_, rest, _ := strings.Cut(strings.ReplaceAll(string(m.Components), " ", ""), `"custom_id":"`)
	id, _, _ := strings.Cut(rest, `"`)
	return id
}
