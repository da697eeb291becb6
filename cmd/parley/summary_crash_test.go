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
