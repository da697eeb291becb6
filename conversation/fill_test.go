package conversation_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	c "parley/conversation"
	"parley/conversation/conversationtest"
	"parley/llm/llmsim"
)

// mixed is a message of a team's chat: mostly English, with code, links, Japanese and emoji.
func mixed(i int) string {
	switch i % 12 {
	case 3:
		return fmt.Sprintf("see https://ci.example.org/builds/%d/log?step=%d#L%d please", 4000+i, i%7, i*3)
	case 5:
		return fmt.Sprintf("```go\nfor i := range %d {\n\tif err := run(ctx, i); err != nil {\n\t\treturn fmt.Errorf(\"run %%d: %%w\", i, err)\n\t}\n}\n```", i)
	case 7:
		return fmt.Sprintf("明日の会議は%d時からです。資料を確認してください。", i%12)
	case 9:
		return "great 🎉🎉 thanks 👍"
	}
	return fmt.Sprintf("I think that build %d is fine, but somebody should look at the numbers of the %dth run before we ship it to customers", i, i%9)
}

// TestAThreadOfThreeThousandMessagesFillsTheWindow asks the real client against a server that counts by another rule than the
// estimator and refuses what is over its window.
func TestAThreadOfThreeThousandMessagesFillsTheWindow(t *testing.T) {
	t.Parallel()
	for name, say := range map[string]func(int) string{
		"mixed": mixed,
		"japanese": func(i int) string {
			return fmt.Sprintf("今日の進捗は%d番の修正が終わりました。レビューをお願いします。", i)
		},
	} {
		for _, window := range []int{4096, 32768} {
			if name != "mixed" && window == 4096 {
				continue
			}
			t.Run(fmt.Sprint(name, " in ", window), func(t *testing.T) {
				t.Parallel()
				server, client := simulated(t, llmsim.VLLM, window)
				store, chat := conversationtest.NewStore(), &conversationtest.Messenger{}
				engine, err := c.New(c.Options{Store: store, Model: client, ModelName: "google/gemma-3n-E4B-it", Messengers: map[c.Platform]c.Messenger{c.Slack: chat},
					Policy: c.Policy{FollowUps: c.FollowUpsThread}, Logger: slog.New(slog.DiscardHandler)})
				if err != nil {
					t.Fatal(err)
				}
				h := &house{Engine: engine, store: store, chat: chat, ref: c.ThreadRef{Platform: c.Slack, Workspace: "T", Channel: "C", Thread: "m1"}}
				for i := range 3000 {
					chat.Past = append(chat.Past, h.message(i+1, []string{"Ana", "Bo", "Chidi"}[i%3], say(i)))
				}
				var shares []string
				share := 0.0
				for turn := range 10 {
					m := h.message(5000+10*turn, "Ana", fmt.Sprintf("@Parley what was decided, turn%d?", turn))
					if err := h.Ingest(context.Background(), c.Posted{Message: m}); err != nil {
						t.Fatal(err)
					}
					h.work(t)
					requests := server.Requests()
					r := requests[len(requests)-1]
					if r.Status != 200 || r.Tokens+r.MaxTokens > window {
						t.Fatalf("turn %d: status %d, %d and %d tokens in a window of %d", turn, r.Status, r.Tokens, r.MaxTokens, window)
					}
					share = float64(r.Tokens) / float64(window-r.MaxTokens)
					shares = append(shares, fmt.Sprintf("%.1f", 100*share))
					if !strings.Contains(r.Messages[0].Text, fmt.Sprintf("turn%d?", turn)) || turn == 0 && name == "mixed" && window == 32768 && share < .9 {
						t.Errorf("turn %d: share %.3f, or the question fell out", turn, share)
					}
				}
				t.Logf("share of the window, turn by turn, in percent: %s", strings.Join(shares, " "))
				if share < .94 && name == "mixed" && window == 32768 || share < .9 {
					t.Errorf("after ten turns the prompt uses %.3f of what it may", share)
				}
			})
		}
	}
}
