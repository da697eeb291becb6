package main

import (
	"context"
	"strings"
	"testing"

	"parley/bots/slack/slacksim"
	"parley/llm/llmsim"
)

// endless answers with a few words and then with nothing more until the client leaves. Summaries wait in the same way.
func endless() llmsim.Responder {
	return llmsim.ResponderFunc(func(context.Context, llmsim.Request) llmsim.Reply {
		return llmsim.Reply{Chunks: []string{"Once upon ", "a time ", "and so on"}, Fault: llmsim.Fault{Kind: llmsim.Stall, After: 2}}
	})
}

// left reports whether every request so far was given up by the client.
func (w *town) left(n int) bool {
	requests := w.model.Requests()
	for _, r := range requests {
		if !r.Left {
			return false
		}
	}
	return len(requests) == n
}

// keptTale checks what people see of an answer that was stopped.
func keptTale(t *testing.T, texts []string) {
	t.Helper()
	if len(texts) != 1 || !strings.HasPrefix(texts[0], "Once upon") || strings.Count(texts[0], "Stopped.") != 1 {
		t.Errorf("people read %q", texts)
	}
}

func TestStopOnSlack(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]func(*testing.T, *town, slacksim.Message){
		"by the button": func(t *testing.T, w *town, m slacksim.Message) {
			t.Helper()
			must(w.slack.Click(w.ana, m.Channel, m.TS, "stop"))(t)
		},
		"by the word": func(t *testing.T, w *town, m slacksim.Message) {
			t.Helper()
			must(w.slack.Say(w.ana, m.Channel, "stop", slacksim.InThread(m.ThreadTS)))(t)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t, endless())
			bo := w.slack.AddUser("Bo").ID
			if err := w.slack.Invite(w.general, bo, w.ana); err != nil {
				t.Fatal(err)
			}
			_, url := w.serve(t, nil)
			ready(t, url)
			asked := must(w.slack.Say(w.ana, w.general, "@Parley tell me a tale"))(t)
			answer := func() (m slacksim.Message) {
				if all := w.slack.Thread(w.general, asked.TS); len(all) > 1 {
					m = all[1]
				}
				return m
			}
			until(t, "the answer grows, with a button", func() bool {
				m := answer()
				return strings.HasPrefix(m.Plain, "Once upon") && len(w.slack.Buttons(m.Channel, m.TS)) == 1
			})
			must(w.slack.Click(bo, w.general, answer().TS, "stop"))(t)
			until(t, "another person's press is taken in", func() bool {
				i := w.slack.Interactions()
				return len(i) == 1 && i[0].Acked
			})
			if strings.Contains(answer().Plain, "Stopped") || w.left(1) {
				t.Error("another person has stopped the answer")
			}
			stop(t, w, answer())
			until(t, "the request is given up, and the answer marked", func() bool {
				return w.left(1) && strings.Contains(answer().Plain, "Stopped.")
			})
			w.closed(t)
			keptTale(t, w.slackSays(w.general))
			if b := w.slack.Buttons(w.general, answer().TS); len(b) != 0 {
				t.Errorf("buttons are left: %v", b)
			}
			if got := w.outcomes(t)[asked.TS]; got != "withdrawn stopped" {
				t.Errorf("the question ended as %q", got)
			}
		})
	}
}

func TestStopOnDiscord(t *testing.T) {
	t.Parallel()
	for name, word := range map[string]bool{"by the button": false, "by the word": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t, endless())
			bo := w.discord.AddUser("Bo").ID
			if err := w.discord.AddMember(w.discord.Guilds()[0].ID, bo); err != nil {
				t.Fatal(err)
			}
			where := must(w.discord.StartThread(w.dana, w.lobby, "", "Tales", false))(t).ID
			_, url := w.serve(t, nil)
			ready(t, url)
			asked := must(w.discord.Say(w.dana, where, "<@"+w.discord.BotUserID()+"> tell me a tale"))(t)
			find := func() (id, text, button string) {
				for _, m := range w.discord.Messages(where) {
					if m.Author.ID == w.discord.BotUserID() {
						return m.ID, m.Content, buttonOf(t, m)
					}
				}
				return "", "", ""
			}
			until(t, "the answer grows, with a button", func() bool {
				_, text, button := find()
				return strings.HasPrefix(text, "Once upon") && button != ""
			})
			id, _, button := find()
			i := must(w.discord.Press(bo, id, button))(t)
			until(t, "another person's press is taken in", func() bool {
				i, _ := w.discord.Interaction(i.ID)
				return i.Response != 0
			})
			if _, text, _ := find(); strings.Contains(text, "Stopped") || w.left(1) {
				t.Error("another person has stopped the answer")
			}
			if word {
				must(w.discord.Say(w.dana, where, "stop"))(t)
			} else {
				must(w.discord.Press(w.dana, id, button))(t)
			}
			until(t, "the request is given up, and the answer marked", func() bool {
				_, text, _ := find()
				return w.left(1) && strings.Contains(text, "Stopped.")
			})
			w.closed(t)
			keptTale(t, w.discordSays(where))
			if _, _, button := find(); button != "" {
				t.Error("the button is left")
			}
			if got := w.outcomes(t)[asked.ID]; got != "withdrawn stopped" {
				t.Errorf("the question ended as %q", got)
			}
		})
	}
}

func TestASummaryIsStopped(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	defer close(hold)
	w := newTown(t, scribe(hold))
	bo := w.slack.AddUser("Bo").ID
	if err := w.slack.Invite(w.general, bo, w.ana); err != nil {
		t.Fatal(err)
	}
	root := w.slackThread(t, w.general, bo, 20)
	_, url := w.serve(t, nil)
	ready(t, url)
	asked := must(w.slack.Say(w.ana, w.general, "@Parley summarize this thread", slacksim.InThread(root)))(t)
	until(t, "the summary is being made", func() bool { return len(w.model.Requests()) == 1 })
	must(w.slack.Say(w.ana, w.general, "stop", slacksim.InThread(root)))(t)
	until(t, "the request is given up", func() bool { return w.left(1) })
	w.closed(t)
	if got := w.outcomes(t)[asked.TS]; got != "withdrawn stopped" {
		t.Errorf("the request ended as %q", got)
	}
	if text := strings.Join(w.slackSays(w.general), "\n"); strings.Contains(text, "stand") || strings.Contains(text, "Read ") {
		t.Errorf("people read %q", text)
	}
}
