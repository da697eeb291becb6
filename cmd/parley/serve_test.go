package main

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"parley/bots/discord/discordsim"
	"parley/bots/slack/slacksim"
	"parley/llm/llmsim"
)

func TestServeAnswersOnBothPlatforms(t *testing.T) {
	t.Parallel()
	w := newTown(t, echo())
	begun := time.Now()
	p, url := w.serve(t, nil)
	ready(t, url)
	t.Logf("ready %v after the start", time.Since(begun).Round(time.Millisecond))

	must(w.slack.Say(w.ana, w.general, "@Parley mango"))(t)
	must(w.slack.Say(w.ana, w.direct, "papaya"))(t)
	must(w.discord.Say(w.dana, w.lobby, "<@"+w.discord.BotUserID()+"> cherry"))(t)
	must(w.discord.Say(w.dana, w.dm, "banana"))(t)
	for place, ok := range map[string]func() bool{
		"Slack channel":   func() bool { return count(w.slackSays(w.general), "You said mango.") == 1 },
		"Slack DM":        func() bool { return count(w.slackSays(w.direct), "You said papaya.") == 1 },
		"Discord channel": func() bool { return count(w.discordSays(w.lobby), "You said cherry.") == 1 },
		"Discord DM":      func() bool { return count(w.discordSays(w.dm), "You said banana.") == 1 },
	} {
		until(t, place+" is answered", ok)
	}
	if code := signalTerm(t, p); code != exitOK {
		t.Errorf("exit code %d after SIGTERM, want 0", code)
	}
}

func TestMessagesDuringATurnAreAnsweredAfterIt(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	w := newTown(t, echo())
	w.model.Enqueue(llmsim.Reply{Text: "First.", Hold: hold})
	_, url := w.serve(t, map[string]string{"USER_TURNS_PER_MINUTE": "0"})
	ready(t, url)
	root := must(w.slack.Say(w.ana, w.general, "@Parley one"))(t)
	until(t, "the first turn runs", func() bool { return len(w.model.Requests()) == 1 })
	for _, word := range numbered("w%d", 20) {
		must(w.slack.Say(w.ana, w.general, "@Parley "+word, slacksim.InThread(root.TS)))(t)
	}
	must(w.slack.Say(w.ana, w.direct, "meanwhile"))(t)
	until(t, "another conversation is not held up", func() bool { return count(w.slackSays(w.direct), "You said meanwhile.") == 1 })
	close(hold)
	until(t, "the last one is answered", func() bool {
		says := w.slackSays(w.general)
		return len(says) > 1 && says[0] == "First." && says[len(says)-1] == "You said w19."
	})
}

func TestDrainFinishesWhatRuns(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	w := newTown(t, echo())
	w.model.Enqueue(llmsim.Reply{Text: "Late but whole.", Hold: hold})
	p, url := w.serve(t, nil)
	ready(t, url)
	must(w.discord.Say(w.dana, w.dm, "hi"))(t)
	until(t, "the turn runs", func() bool { return len(w.model.Requests()) == 1 })
	exited := make(chan int, 1)
	go func() { exited <- signalTerm(t, p) }()
	until(t, "it is stopping", func() bool { return strings.Contains(p.log(), "stopping") })
	close(hold)
	if code := <-exited; code != exitOK {
		t.Errorf("exit code %d", code)
	}
	if says := w.discordSays(w.dm); len(says) != 1 || says[0] != "Late but whole." {
		t.Errorf("people see %q", says)
	}
}

// TestKillBetweenCommitAndAnswer kills a process while the model writes, alone and beside a second process.
func TestKillBetweenCommitAndAnswer(t *testing.T) {
	t.Parallel()
	for name, second := range map[string]bool{"alone and started again": false, "with a second process alive": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t, echo())
			for range 2 {
				w.model.Enqueue(llmsim.Reply{Chunks: []string{"Half an ", "answer "}, Fault: llmsim.Fault{Kind: llmsim.Stall, After: 1}})
			}
			first, url := w.serve(t, nil)
			ready(t, url)
			must(w.slack.Say(w.ana, w.general, "@Parley mango"))(t)
			must(w.discord.Say(w.dana, w.dm, "banana"))(t)
			until(t, "both half answers are visible", func() bool { return len(w.slackSays(w.general)) == 1 && len(w.discordSays(w.dm)) == 1 })
			if second {
				_, other := w.serve(t, map[string]string{"DISCORD_BOT_TOKEN": ""})
				ready(t, other)
			}
			if err := first.cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			killed := time.Now()
			<-first.done
			w.serve(t, nil)
			until(t, "both turns begin again", func() bool { return len(w.model.Requests()) >= 4 })
			took := time.Since(killed)
			until(t, "both are answered", func() bool {
				return count(w.slackSays(w.general), "You said mango.") == 1 && count(w.discordSays(w.dm), "You said banana.") == 1
			})
			if a, b := len(w.slackSays(w.general)), len(w.discordSays(w.dm)); a != 1 || b != 1 {
				t.Errorf("people see %d and %d messages, want one each", a, b)
			}
			t.Logf("new turns begun %v after the kill", took)
		})
	}
}

func TestFaultsOfTheModelAreSaidInTheChat(t *testing.T) {
	t.Parallel()
	html := func(context.Context, llmsim.Request) llmsim.Reply { return llmsim.HTMLPage(http.StatusBadGateway) }
	for name, tt := range map[string]struct {
		responder llmsim.Responder
		change    map[string]string
		say       string
	}{
		"down":          {echo(), map[string]string{"LLM_BASE_URL": "http://" + freePort(t) + "/v1"}, "cannot be reached right now"},
		"html":          {llmsim.ResponderFunc(html), nil, "cannot be reached right now"},
		"no such model": {echo(), map[string]string{"LLM_MODEL": "no/such-model"}, "does not have the model"},
		"wrong key":     {echo(), map[string]string{"LLM_API_KEY": "wrong"}, "does not accept my key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t, tt.responder)
			_, url := w.serve(t, tt.change)
			ready(t, url)
			must(w.slack.Say(w.ana, w.direct, "hi"))(t)
			until(t, "the fault is said", func() bool {
				says := w.slackSays(w.direct)
				return len(says) == 1 && strings.Contains(says[0], tt.say)
			})
			until(t, "/readyz tells it without counting it", func() bool {
				status, checks := readyz(url)
				return status == http.StatusOK && !checks["model"].OK
			})
		})
	}
}

func TestFaultsOfThePlatformsAreTold(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		before func(*town)
		change map[string]string
		check  string
		tell   string
	}{
		"wrong Slack token":   {nil, map[string]string{"SLACK_BOT_TOKEN": "xoxb-wrong"}, "slack", "SLACK_BOT_TOKEN"},
		"wrong app token":     {nil, map[string]string{"SLACK_APP_TOKEN": "xapp-wrong"}, "slack", "SLACK_APP_TOKEN"},
		"wrong Discord token": {nil, map[string]string{"DISCORD_BOT_TOKEN": "wrong"}, "discord", "DISCORD_BOT_TOKEN"},
		"Message Content intent off": {func(w *town) { w.discord.SetMessageContent(false) }, nil, "discord",
			"Message Content"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t, echo())
			if tt.before != nil {
				tt.before(w)
			}
			p, url := w.serve(t, tt.change)
			other := map[string]string{"slack": "discord", "discord": "slack"}[tt.check]
			until(t, "/readyz tells the fault and the other platform serves", func() bool {
				status, checks := readyz(url)
				return status == http.StatusServiceUnavailable && strings.Contains(checks[tt.check].Error, tt.tell) && checks[other].OK
			})
			if !strings.Contains(p.log(), tt.tell) {
				t.Error("the log does not tell it")
			}
			if other == "slack" {
				must(w.slack.Say(w.ana, w.direct, "mango"))(t)
				until(t, "the other platform answers", func() bool { return count(w.slackSays(w.direct), "You said mango.") == 1 })
			} else {
				must(w.discord.Say(w.dana, w.dm, "mango"))(t)
				until(t, "the other platform answers", func() bool { return count(w.discordSays(w.dm), "You said mango.") == 1 })
			}
		})
	}
}

func TestRefusedPostsEndInTheLog(t *testing.T) {
	t.Parallel()
	w := newTown(t, echo())
	w.slack.SetFault("chat.postMessage", slacksim.Fault{Error: "not_in_channel"})
	if err := w.discord.SetFault("POST /channels/{channel}/messages", discordsim.Fault{Status: http.StatusForbidden, Body: `{"message":"Missing Permissions","code":50013}`}); err != nil {
		t.Fatal(err)
	}
	p, url := w.serve(t, nil)
	ready(t, url)
	must(w.slack.Say(w.ana, w.general, "@Parley hi"))(t)
	must(w.discord.Say(w.dana, w.lobby, "<@"+w.discord.BotUserID()+"> hi"))(t)
	until(t, "both turns end with a reason", func() bool {
		return strings.Count(p.log(), "outcome=failed reason=platform_refused") == 2 && strings.Contains(p.log(), "not_in_channel") && strings.Contains(p.log(), "50013")
	})
}
