package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"parley/bots/slack/slacksim"
	"parley/conversation"
	"parley/llm/llmsim"
)

// colourProbe is how the client finds out whether a model sees.
func colourProbe(r llmsim.Request) bool {
	return strings.HasPrefix(r.Messages[len(r.Messages)-1].Text, "What colour is this picture?")
}

// upload has Ana send a file to Parley.
func (w *town) upload(t *testing.T, text, name, mime string, data []byte) string {
	t.Helper()
	file := must(w.slack.Upload(w.ana, name, mime, data))(t)
	return must(w.slack.Say(w.ana, w.direct, text, slacksim.WithFiles(file.ID)))(t).TS
}

// TestFirstPictureWaitsForTheProbe: the server is slow to show whether its model sees, and the first picture comes before. It
// is answered about all the same; afterwards what it shows is kept, without a second answer.
func TestFirstPictureWaitsForTheProbe(t *testing.T) {
	t.Parallel()
	w := newTown(t, llmsim.ResponderFunc(func(ctx context.Context, r llmsim.Request) llmsim.Reply {
		last := r.Messages[len(r.Messages)-1]
		switch {
		case colourProbe(r):
			reply := llmsim.Offline{Pace: -1}.Respond(ctx, r)
			reply.First = 2 * time.Second // and it is shown two
			return reply
		case len(last.Images) == 0:
			return llmsim.Say("I see nothing.")
		case strings.Contains(last.Text, "how many boats"):
			return llmsim.Say("None.")
		}
		return llmsim.Say("A field of red.")
	}))
	_, url := w.serve(t, map[string]string{"LLM_VISION": "auto"})
	ready(t, url)
	until(t, "the probe is on its way", func() bool {
		for _, r := range w.model.Requests() {
			if colourProbe(r) {
				return true
			}
		}
		return false
	})
	root := w.upload(t, "how many boats are in it?", "red.png", "image/png", redPNG(t))
	st := w.store(t, nil)
	until(t, "what the picture shows is kept", func() bool {
		for f, err := range st.PersonFiles(t.Context(), conversation.Slack, w.ana) {
			if err == nil && f.MessageID == root && f.Verdict == "described" && f.Description == "A field of red." {
				return true
			}
		}
		return false
	})
	if got := strings.Join(w.slackSays(w.direct), "|"); got != "None." {
		t.Errorf("people read %q", got)
	}
}

// TestSpeechIsBilledUnderItsOwnModel: a voice note costs what its length costs, in the metrics and in usage.
func TestSpeechIsBilledUnderItsOwnModel(t *testing.T) {
	t.Parallel()
	withFFmpeg(t)
	w := newTown(t, watcher())
	_, url := w.serve(t, map[string]string{"TRANSCRIBE_PRICE": "0.6"})
	ready(t, url)
	w.model.EnqueueSpeech(llmsim.Say("Good morning."), llmsim.Say("Good night."))
	w.upload(t, "", "note.wav", "audio/wav", hum(40*time.Second))
	w.settled(t, 1)

	code, stdout, stderr := w.run(t, nil, "", "usage", "--by", "model", "--json")
	var b bill
	if err := json.Unmarshal([]byte(stdout), &b); err != nil || code != exitOK {
		t.Fatalf("exit %d, %v\n%s%s", code, err, stdout, stderr)
	}
	if len(b.Rows) != 1 || b.Rows[0].Model != "openai/whisper-large-v3" || b.Rows[0].HeardSeconds < 39.5 || b.Rows[0].HeardSeconds > 42 ||
		b.Rows[0].CostUSD < 0.4 || b.Rows[0].CostUSD > 0.43 || b.Rows[0].Turns != 1 || b.Total.InputTokens != 0 {
		t.Errorf("by model: %+v", b.Rows)
	}
	if _, stdout, _ := w.run(t, nil, "", "usage", "--by", "model"); !strings.Contains(stdout, " 0:4") || !strings.Contains(stdout, "openai/whisper-large-v3") {
		t.Errorf("the table is\n%s", stdout)
	}
	metrics := scrape(t, url)
	for _, line := range []string{`parley_cost_usd_total{model="openai/whisper-large-v3"} 0.4`, `parley_heard_seconds_total{model="openai/whisper-large-v3"} 4`,
		`parley_model_requests_total{model="openai/whisper-large-v3",outcome="ok",purpose="transcribe"} 2`} {
		if !strings.Contains(metrics, line) {
			t.Errorf("the metrics lack %s", line)
		}
	}
	if strings.Contains(metrics, `parley_cost_usd_total{model="google`) {
		t.Error("the chat model has cost something")
	}
}

// scrape reads the metrics of a process.
func scrape(t *testing.T, url string) string {
	t.Helper()
	request := must(http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/metrics", nil))(t)
	response := must(http.DefaultClient.Do(request))(t)
	defer response.Body.Close() //nolint:errcheck // read to its end
	return string(must(io.ReadAll(response.Body))(t))
}
