package main

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"parley/bots/slack/slacksim"
	"parley/llm/llmsim"
)

// inventing adds to each of the offline model's notes lines that no message supports: ids, numbers, links and owners.
func inventing() llmsim.Responder {
	return llmsim.ResponderFunc(func(ctx context.Context, r llmsim.Request) llmsim.Reply {
		if !isNotes(r) {
			return echo().Respond(ctx, r)
		}
		notes := llmsim.Offline{Pace: -1}.Respond(ctx, r).Text
		cited := "1"
		if m := regexp.MustCompile(`\[(\d+)`).FindStringSubmatch(notes); m != nil {
			cited = m[1]
		}
		return llmsim.Say(strings.Join([]string{
			"S [" + cited + "] The Zebulon project costs 77000 euros", "D [99999] The Zebulon project is approved",
			"D [" + cited + "] see https://evil.example/zebulon about the fair", "A [" + cited + "] @Zebulon: builds the stands (due 12 August)",
			"D [" + cited + "] We agreed to build a stand for 4321 euros", notes,
		}, "\n"))
	})
}

func TestEveryMessageOfALongThreadReachesTheModel(t *testing.T) {
	t.Parallel()
	const all = 2000
	w := newTown(t, inventing())
	bo := w.slack.AddUser("Bo").ID
	if err := w.slack.Invite(w.general, bo, w.ana); err != nil {
		t.Fatal(err)
	}
	begun := time.Now().Add(-all * time.Minute).Truncate(time.Second)
	var root string
	for i := range all {
		opts := []slacksim.SayOption{slacksim.Quiet(), slacksim.At(begun.Add(time.Duration(i) * time.Minute))}
		if root != "" {
			opts = append(opts, slacksim.InThread(root))
		}
		m := must(w.slack.Say([]string{w.ana, bo}[i%2], w.general, fmt.Sprintf("We agreed to build q%04dx for the fair, as everybody had hoped.", i), opts...))(t)
		if i == 0 {
			root = m.TS
		}
	}
	_, url := w.serve(t, nil)
	ready(t, url)
	must(w.slack.Say(w.ana, w.general, "@Parley summarize this thread", slacksim.InThread(root)))(t)
	until(t, "the thread is summed up", func() bool {
		return strings.Contains(strings.Join(w.slackSays(w.general), "\n"), "2,000 of 2,000 messages")
	})
	w.closed(t)
	reached := map[string]bool{}
	word := regexp.MustCompile(`q\d{4}x`)
	for _, r := range w.model.Requests() {
		if !isNotes(r) {
			continue
		}
		for _, w := range word.FindAllString(r.Messages[len(r.Messages)-1].Text, -1) {
			reached[w] = true
		}
	}
	if len(reached) != all {
		t.Errorf("%d of %d messages reach the model", len(reached), all)
	}
	text := strings.Join(w.slackSays(w.general), "\n")
	if n := w.slackSources(t, text, w.general, root); n < 10 {
		t.Errorf("%d links", n)
	}
	if !strings.Contains(text, "2 people") || !word.MatchString(text) {
		t.Errorf("people read:\n%s", text)
	}
	for _, invented := range []string{"Zebulon", "zebulon", "77000", "4321", "99999", "August", "evil.example"} {
		if strings.Contains(text, invented) {
			t.Errorf("%s is told:\n%s", invented, text)
		}
	}
}
