package main

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"parley/bots/discord/discordsim"
	"parley/bots/slack/slacksim"
	"parley/llm/llmsim"
)

// works is what people say of 40 walls.
func works() (lines []string) {
	for i := range 40 {
		lines = append(lines, fmt.Sprintf("We agreed to paint wall%d green in building%d.", i, i))
	}
	return lines
}

// clerk tells every line as a decision.
func clerk(lines []string) llmsim.Responder {
	return llmsim.ResponderFunc(func(ctx context.Context, r llmsim.Request) llmsim.Reply {
		if !isNotes(r) {
			return echo().Respond(ctx, r)
		}
		var b strings.Builder
		for i, line := range lines {
			fmt.Fprintf(&b, "%s [%d] %s\n", []string{"S", "D"}[min(i, 1)], i+1, line)
		}
		return llmsim.Reply{Text: b.String()}
	})
}

// each reports how often every line is told in texts: -1 where some are told more often than others.
func each(texts []string) int {
	all := strings.Join(texts, "\n")
	n := strings.Count(all, "wall1 green")
	for i := 1; i < 40; i++ {
		if strings.Count(all, fmt.Sprintf("wall%d green", i)) != n {
			return -1
		}
	}
	return n
}

var customID = regexp.MustCompile(`"custom_id":\s*"(share:[^"]*)"`)

// discordMail gives the direct messages to the person with their files, and the one with the button.
func (w *town) discordMail() (texts []string, id, button string) {
	for _, m := range w.discord.Messages(w.dm) {
		texts = append(texts, m.Content)
		for _, a := range m.Attachments {
			texts = []string{string(a.Data)} // all of it is in the file
		}
		if found := customID.FindSubmatch(m.Components); found != nil {
			id, button = m.ID, string(found[1])
		}
	}
	return texts, id, button
}

func (w *town) slackMail() (texts []string, ts string) {
	for _, m := range w.slack.Messages(w.direct) {
		texts = append(texts, m.Plain)
		for _, f := range m.Files {
			data, _ := w.slack.FileBytes(f.ID)
			texts = []string{string(data)}
		}
		if len(w.slack.Buttons(w.direct, m.TS)) > 0 {
			ts = m.TS
		}
	}
	return texts, ts
}

// TestWhatWentByDirectMessageIsSharedWhereItIsOf gives commands that the platforms no longer let be answered, shares them from the direct messages, and has the person forgotten.
func TestWhatWentByDirectMessageIsSharedWhereItIsOf(t *testing.T) {
	t.Parallel()
	lines := works()
	w := newTown(t, clerk(lines))
	root := must(w.slack.Say(w.ana, w.general, lines[0]))(t).TS
	thread := must(w.discord.StartThread(w.dana, w.lobby, "", "The harbour", false))(t).ID
	for i, line := range lines {
		if i > 0 {
			must(w.slack.Say(w.ana, w.general, line, slacksim.InThread(root)))(t)
		}
		must(w.discord.Say(w.dana, thread, line))(t)
	}
	_, url := w.serve(t, nil)
	ready(t, url)
	until(t, "the commands are offered", func() bool { return len(w.discord.Commands("")) > 0 })
	w.slack.SetFault("response_url", slacksim.Fault{Status: http.StatusNotFound, Error: "expired_url"})
	if err := w.discord.SetFault("PATCH /webhooks/{application}/{token}/messages/{message}",
		discordsim.Fault{Status: http.StatusUnauthorized, Body: `{"message":"Invalid Webhook Token","code":50027}`}); err != nil {
		t.Fatal(err)
	}
	must(w.slack.Shortcut(w.ana, w.general, root, "summarize_thread"))(t)
	must(w.discord.InvokeCommand(w.dana, thread, "summarize"))(t)
	until(t, "both went by direct message", func() bool {
		texts, ts := w.slackMail()
		mail, id, _ := w.discordMail()
		return each(texts) == 1 && each(mail) == 1 && ts != "" && id != ""
	})
	w.closed(t)
	if said := append(w.slackSays(w.general), w.discordSays(thread)...); len(said) > 0 {
		t.Errorf("others read %q", said)
	}
	_, ts := w.slackMail()
	_, id, button := w.discordMail()
	for range 2 { // a double click
		must(w.slack.Click(w.ana, w.direct, ts, "share"))(t)
		must(w.discord.Press(w.dana, id, button))(t)
	}
	until(t, "both are shared", func() bool { return len(w.slackSays(w.general)) > 0 && len(w.discordSays(thread)) > 0 })
	w.closed(t)
	for _, said := range [][]string{w.slackSays(w.general), w.discordSays(thread)} {
		if n := strings.Count(strings.Join(said, "\n"), "TL;DR"); n != 1 {
			t.Errorf("it is shared %d times", n)
		}
	}
	for platform, user := range map[string]string{"slack": w.ana, "discord": w.dana} {
		if code, _, stderr := w.run(t, nil, "", "forget", "--platform", platform, "--user", user); code != exitOK {
			t.Fatalf("forget: exit %d, %s", code, stderr)
		}
	}
	var left int
	if err := w.store(t, nil).Pool().QueryRow(t.Context(), `SELECT count(*) FROM messages WHERE text LIKE '%wall%'`).Scan(&left); err != nil || left > 0 {
		t.Errorf("%d messages still tell of the walls, %v", left, err)
	}
}

// TestKillBetweenTwoPartsOfAPrivateAnswer kills a process that has shown the beginning of an answer to one person.
func TestKillBetweenTwoPartsOfAPrivateAnswer(t *testing.T) {
	t.Parallel()
	for name, skip := range map[string]int{"before the first that follows": 0, "between two that follow": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines := works()
			w := newTown(t, clerk(lines))
			thread := must(w.discord.StartThread(w.dana, w.lobby, "", "The harbour", false))(t).ID
			for _, line := range lines {
				must(w.discord.Say(w.dana, thread, line))(t)
			}
			const follow = "POST /webhooks/{application}/{token}"
			if err := w.discord.SetFault(follow, discordsim.Fault{Skip: skip, Delay: time.Minute, Times: 1}); err != nil {
				t.Fatal(err)
			}
			first, url := w.serve(t, map[string]string{"SLACK_BOT_TOKEN": "", "SLACK_APP_TOKEN": ""})
			ready(t, url)
			until(t, "the commands are offered", func() bool { return len(w.discord.Commands("")) > 0 })
			must(w.discord.InvokeCommand(w.dana, thread, "summarize"))(t)
			seen := func() (texts []string) {
				for _, m := range w.discord.Whispers(w.dana, thread) {
					texts = append(texts, m.Content)
				}
				return texts
			}
			until(t, "the beginning is shown", func() bool {
				texts := seen()
				return len(texts) == skip+1 && strings.Contains(texts[skip], "green")
			})
			if err := first.cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			<-first.done
			w.serve(t, map[string]string{"SLACK_BOT_TOKEN": "", "SLACK_APP_TOKEN": ""})
			until(t, "the answer is whole", func() bool { return strings.Contains(strings.Join(seen(), ""), "40 of 40 messages") })
			w.closed(t)
			if texts := seen(); each(texts) != 1 {
				t.Errorf("the person reads %q", texts)
			}
			if mail, _, _ := w.discordMail(); len(mail) > 0 {
				t.Errorf("and as a direct message %q", mail)
			}
		})
	}
}
