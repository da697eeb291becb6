//go:build peers

package browsertest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"parley/bots/discord/discordsim"
	"parley/bots/slack/slacksim"
)

// answer is what the bot of this test writes, in steps, with everything in it that the page must render.
const answer = "Hello! This is **one** answer with `code`, a [link](https://example.org/) and a list:\n\n" +
	"1. first\n2. second\n   - inner\n\n> a quote\n\n```go\nfmt.Println(\"<b>hi</b>\")\n```\n\n| name | size |\n| --- | --- |\n| map | 3 |\n"

// startBots lets two bots of a few lines answer over the platforms' own web APIs until the test ends.
func startBots(t *testing.T, slack *slacksim.Server, discord *discordsim.Server) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan struct{}, 2)
	go func() { answerSlack(ctx, t, slack); done <- struct{}{} }()
	go func() { answerDiscord(ctx, t, discord); done <- struct{}{} }()
	t.Cleanup(func() { cancel(); <-done; <-done })
}

func answerSlack(ctx context.Context, t *testing.T, s *slacksim.Server) {
	seen := map[string]bool{}
	for _, c := range s.Channels() {
		for _, m := range s.AllMessages(c.ID) {
			seen[c.ID+m.TS] = true
		}
	}
	mention := "<@" + s.BotUserID() + ">"
	for ctx.Err() == nil {
		var ask slacksim.Message
		err := s.WaitFor(ctx, func(*slacksim.Workspace) bool {
			for _, c := range s.Channels() {
				for _, m := range s.AllMessages(c.ID) {
					if asked := strings.Contains(m.Text, mention) || c.Kind == slacksim.DirectMessage; asked && m.BotID == "" && !seen[c.ID+m.TS] {
						ask = m
						return true
					}
				}
			}
			return false
		})
		if err != nil {
			return
		}
		seen[ask.Channel+ask.TS] = true
		thread := ask.ThreadTS
		if thread == "" {
			thread = ask.TS
		}
		call := func(method string, args map[string]any) map[string]any {
			return post(ctx, t, http.MethodPost, s.URL()+method, "Bearer "+s.BotToken(), args)
		}
		call("assistant.threads.setStatus", map[string]any{"channel_id": ask.Channel, "thread_ts": thread, "status": "is thinking…"})
		var ts any
		grow(ctx, func(text string) {
			args := map[string]any{"channel": ask.Channel, "text": "answer", "blocks": []any{map[string]any{"type": "markdown", "text": text}}}
			if ts == nil {
				args["thread_ts"] = thread
				ts = call("chat.postMessage", args)["ts"]
				return
			}
			args["ts"] = ts
			call("chat.update", args)
		})
	}
}

func answerDiscord(ctx context.Context, t *testing.T, s *discordsim.Server) {
	dms := map[string]discordsim.Channel{}
	for _, u := range s.Users() {
		if !u.Bot {
			if c, err := s.OpenDM(u.ID); err == nil {
				dms[c.ID] = c
			}
		}
	}
	seen := map[string]bool{}
	for ctx.Err() == nil {
		var ask discordsim.Message
		err := s.WaitFor(ctx, func() bool {
			for id := range dms {
				for _, m := range s.Messages(id) {
					if !m.Author.Bot && !seen[m.ID] {
						ask = m
						return true
					}
				}
			}
			return false
		})
		if err != nil {
			return
		}
		seen[ask.ID] = true
		channel := s.URL() + "v9/channels/" + ask.ChannelID
		post(ctx, t, http.MethodPost, channel+"/typing", "Bot "+s.BotToken(), nil)
		var id string
		grow(ctx, func(text string) {
			if id == "" {
				sent := post(ctx, t, http.MethodPost, channel+"/messages", "Bot "+s.BotToken(), map[string]any{
					"content": text, "message_reference": map[string]any{"message_id": ask.ID},
				})
				id = fmt.Sprint(sent["id"])
				return
			}
			post(ctx, t, http.MethodPatch, channel+"/messages/"+id, "Bot "+s.BotToken(), map[string]any{"content": text})
		})
	}
}

// grow writes the answer in three steps, at the pace of a slow model.
func grow(ctx context.Context, write func(string)) {
	for i := 1; i <= 3; i++ {
		select {
		case <-time.After(300 * time.Millisecond):
			write(answer[:len(answer)*i/3])
		case <-ctx.Done():
			return
		}
	}
}

func post(ctx context.Context, t *testing.T, method, url, token string, body any) map[string]any {
	data, err := json.Marshal(body)
	if err != nil {
		t.Error(err)
		return nil
	}
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(data))
	if err != nil {
		t.Error(err)
		return nil
	}
	req.Header.Set("Authorization", token)
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	res, err := client.Do(req)
	if err != nil {
		return nil // the test is over
	}
	defer res.Body.Close()
	var out map[string]any
	_ = json.NewDecoder(res.Body).Decode(&out) // an empty body answers nothing
	if ok, said := out["ok"].(bool); res.StatusCode >= 400 || said && !ok {
		t.Errorf("%s %s: %s %v", method, url, res.Status, out)
	}
	return out
}
