package main

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"parley/bots/slack/slacksim"
	"parley/llm/llmsim"
)

// TestKillInTheMiddleOfASummary kills a process while two summaries are shown as far as they are written, alone and beside a
// second process.
func TestKillInTheMiddleOfASummary(t *testing.T) {
	t.Parallel()
	for name, second := range map[string]bool{"alone and started again": false, "with a second process alive": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var whole atomic.Bool
			w := newTown(t, llmsim.ResponderFunc(func(ctx context.Context, r llmsim.Request) llmsim.Reply {
				reply := scribe(nil).Respond(ctx, r)
				if !whole.Load() && isNotes(r) { // some lines, then silence
					reply.Chunks = strings.SplitAfter(reply.Text, "\n")
					reply.Fault = llmsim.Fault{Kind: llmsim.Stall, After: len(reply.Chunks) - 1}
				}
				return reply
			}))
			bo := w.slack.AddUser("Bo").ID
			if err := w.slack.Invite(w.general, bo, w.ana); err != nil {
				t.Fatal(err)
			}
			root := w.slackThread(t, w.general, bo, 40)
			thread := must(w.discord.StartThread(w.dana, w.lobby, "", "The fair", false))(t).ID
			for i := range 40 {
				must(w.discord.Say(w.dana, thread, plan(i)))(t)
			}
			first, url := w.serve(t, nil)
			ready(t, url)
			must(w.slack.Say(w.ana, w.general, "@Parley summarize this thread", slacksim.InThread(root)))(t)
			must(w.discord.Say(w.dana, thread, "<@"+w.discord.BotUserID()+"> summarize this thread"))(t)
			until(t, "a part of each is visible", func() bool {
				return strings.Contains(strings.Join(w.slackSays(w.general), ""), "stand") && strings.Contains(strings.Join(w.discordSays(thread), ""), "stand")
			})
			if second {
				_, other := w.serve(t, map[string]string{"DISCORD_BOT_TOKEN": ""})
				ready(t, other)
			}
			whole.Store(true)
			if err := first.cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			<-first.done
			w.serve(t, nil)
			until(t, "both summaries are whole", func() bool {
				return strings.Contains(strings.Join(w.slackSays(w.general), ""), "40 of 40 messages") &&
					strings.Contains(strings.Join(w.discordSays(thread), ""), "40 of 40 messages")
			})
			w.closed(t)
			for _, texts := range [][]string{w.slackSays(w.general), w.discordSays(thread)} {
				if text := strings.Join(texts, "\n"); strings.Count(text, "TL;DR") != 1 || strings.Count(text, "40 of 40 messages") != 1 || len(texts) != 1 {
					t.Errorf("people read %q", texts)
				}
			}
			for id, how := range w.outcomes(t) {
				if how != "answered" {
					t.Errorf("%s ended as %q", id, how)
				}
			}
		})
	}
}

// TestKillInTheMiddleOfACommand kills a process while it makes two summaries that only one person will see.
func TestKillInTheMiddleOfACommand(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	w := newTown(t, scribe(hold))
	bo := w.slack.AddUser("Bo").ID
	if err := w.slack.Invite(w.general, bo, w.ana); err != nil {
		t.Fatal(err)
	}
	root := w.slackThread(t, w.general, bo, 40)
	for i := range 40 {
		must(w.discord.Say(w.dana, w.lobby, plan(i)))(t)
	}
	first, url := w.serve(t, nil)
	ready(t, url)
	until(t, "the commands are offered", func() bool { return len(w.discord.Commands("")) > 0 })
	must(w.slack.Shortcut(w.ana, w.general, root, "summarize_thread"))(t)
	must(w.discord.InvokeCommand(w.dana, w.lobby, "summarize"))(t)
	until(t, "both are being made", func() bool { return len(w.model.Requests()) == 2 })
	if err := first.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-first.done
	close(hold)
	w.serve(t, nil)
	answers := func() (slack, discord int) {
		for _, e := range w.slack.Ephemerals(w.ana) {
			slack += strings.Count(e.Plain, "40 of 40 messages")
		}
		for _, m := range w.discord.Whispers(w.dana, w.lobby) {
			discord += strings.Count(m.Content, "40 of 40 messages")
		}
		return slack, discord
	}
	until(t, "both are answered", func() bool { slack, discord := answers(); return slack > 0 && discord > 0 })
	w.closed(t)
	if slack, discord := answers(); slack != 1 || discord != 1 {
		t.Errorf("%d answers on Slack, %d on Discord", slack, discord)
	}
	if said := append(w.slackSays(w.general), w.discordSays(w.lobby)...); len(said) != 0 {
		t.Errorf("others read %q", said)
	}
}
