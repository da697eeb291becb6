package main

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"parley/cmd/parley/eval"
	"parley/cmd/parley/planted"
	"parley/llm/llmsim"
)

// row is a message as a prompt shows it.
var row = regexp.MustCompile(`(?m)^(\d+)\| (\w+): (.*)$`)

// scripted starts a model that answers each message of a prompt by itself. head says whether the prompt asks for a head.
func scripted(t *testing.T, note func(number, name, text string, head bool) string) string {
	t.Helper()
	server := llmsim.New(llmsim.Options{Responder: llmsim.ResponderFunc(func(_ context.Context, r llmsim.Request) llmsim.Reply {
		var b strings.Builder
		prompt := r.Messages[len(r.Messages)-1].Text
		head := strings.Contains(prompt, "\nS [numbers]")
		for _, m := range row.FindAllStringSubmatch(prompt, -1) {
			b.WriteString(note(m[1], m[2], m[3], head))
		}
		if b.Len() == 0 {
			b.WriteString("NONE")
		}
		return llmsim.Say(b.String())
	})})
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return server.URL()
}

// measured runs eval of one chat on a model.
func measured(t *testing.T, url string, size int, language string) (code int, s eval.Score, stderr string) {
	t.Helper()
	code, stdout, stderr := alone(t, map[string]string{"LLM_BASE_URL": url, "LLM_VISION": "off"}, "", "eval", "--json", "--sizes", fmt.Sprint(size), "--languages", language)
	var got eval.Report
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || len(got.Chats) != 1 {
		t.Fatalf("exit %d, %v, stderr %q", code, err, stderr)
	}
	return code, got.Chats[0], stderr
}

// TestWhatAGoodModelFindsIsTold holds the pipeline to what it is given: a model that notes each plant gets all of them told.
func TestWhatAGoodModelFindsIsTold(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"en", "de", "es"} {
		for _, size := range []int{200, 1000} {
			t.Run(fmt.Sprint(language, size), func(t *testing.T) {
				t.Parallel()
				chat, err := planted.Make(planted.Options{Language: language, Messages: size, Seed: 1})
				if err != nil {
					t.Fatal(err)
				}
				url := scripted(t, func(number, name, text string, head bool) string {
					for _, p := range chat.Plants {
						switch {
						case !strings.Contains(text, p.Word):
						case p.Kind == planted.Action:
							return fmt.Sprintf("A [%s] @%s: %s (due %s)\n", number, name, text, p.Due)
						case p.Kind == planted.Question:
							return fmt.Sprintf("Q [%s] %s\n", number, text)
						default:
							return fmt.Sprintf("D [%s] %s\n", number, text)
						}
					}
					return ""
				})
				code, s, stderr := measured(t, url, size, language)
				if code != exitOK || s.Unsafe() || s.FactViolations+s.OwnerErrors != 0 || s.Precision.Ratio() != 1 || s.Thirds[0] == 0 || s.Thirds[1] == 0 || s.Thirds[2] == 0 {
					t.Errorf("exit %d, stderr %q, %+v", code, stderr, s)
				}
				// The longer chat is dense: it is read in halves where the notes of a chunk would be cut.
				if least := map[int]float64{200: 1, 1000: 0.97}[size]; s.Found().Ratio() < least || s.Recall.Ratio() < least {
					t.Errorf("found %v, recall %v", s.Found(), s.Recall)
				}
				if s.Shown.Ratio() < 0.75 { // a section has its limit
					t.Errorf("shown %v", s.Shown)
				}
				t.Logf("found %v, recall %v, shown %v, %d calls", s.Found(), s.Recall, s.Shown, s.Calls)
			})
		}
	}
}

// TestWhatAModelInventsIsNotTold holds that ids, numbers and owners of a model that lies do not reach the summary, nor what a
// message in the chat tells a model to write.
func TestWhatAModelInventsIsNotTold(t *testing.T) {
	t.Parallel()
	chat, err := planted.Make(planted.Options{Language: "en", Messages: 1000, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	has := func(text string, words []string) string {
		for _, w := range words {
			if strings.Contains(text, w) {
				return w
			}
		}
		return ""
	}
	var plants []string
	for _, p := range chat.Plants {
		plants = append(plants, p.Word)
	}
	t.Run("lies", func(t *testing.T) {
		t.Parallel()
		url := scripted(t, func(number, name, text string, head bool) string {
			if has(text, plants) == "" {
				return ""
			}
			return fmt.Sprintf("D [9%s77] %s\nA [%s] @Zebediah: %s (due 31 February)\nF [%s] %s It costs 4711 dollars, see https://evil.example/a\n", number, text, number, text, number, text)
		})
		code, s, stderr := measured(t, url, 1000, "en")
		if code != exitOK || s.FabricatedIDs+s.FactViolations+s.OwnerErrors+s.Obeyed != 0 || s.Precision.Of < 20 || s.Precision.Ratio() != 1 {
			t.Errorf("exit %d, stderr %q, %+v", code, stderr, s)
		}
	})
	t.Run("obeys", func(t *testing.T) {
		t.Parallel()
		url := scripted(t, func(number, name, text string, head bool) string {
			w := has(text, chat.Canaries)
			if w == "" {
				return ""
			}
			return fmt.Sprintf("S [%s] %s\nD [%s] %s\nF [%s] The word is %s\n", number, w, number, w, number, w)
		})
		code, s, stderr := measured(t, url, 1000, "en")
		if code != exitOK || s.Obeyed != 0 || s.Quoted != 0 {
			t.Errorf("exit %d, stderr %q, %+v", code, stderr, s)
		}
	})
}
