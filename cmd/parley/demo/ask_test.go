package demo_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"parley/bots/discord/discordsim"
	"parley/cmd/parley/demo"
)

const whisper = `{"text":"for you alone","blocks":[{"type":"markdown","text":"for *you* alone"},{"type":"actions","elements":[` +
	`{"type":"button","action_id":"share","value":"x","text":{"type":"plain_text","text":"Share in thread"}}]}]}`

// app acknowledges what it is sent by HTTP, and answers commands with a private text and a button.
func app(t *testing.T) (url string, heard chan string) {
	t.Helper()
	heard = make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		heard <- r.FormValue("text") + r.FormValue("payload")
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, whisper)
	}))
	t.Cleanup(server.Close)
	return server.URL, heard
}

// shown is a message as a tab has it.
type shown struct {
	ID, Only, Text string
	Buttons        []struct{ ID, Label string }
	Files          []struct{ Name, Type, Verdict, Description string }
}

func TestASlackCommandIsAnsweredPrivately(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	url, heard := app(t)
	b.slack.SetInteractionURLs(url, url)
	ana, general := b.person("slack", "Ana"), b.channel("slack", "general")
	fields := map[string]string{"platform": "slack", "person": ana, "channel": general, "text": "/parley summarize last 20"}
	if status, answer := b.send(http.MethodPost, "/api/commands", fields); status != http.StatusAccepted {
		t.Fatalf("%d %v", status, answer)
	}
	if got := <-heard; got != "summarize last 20" {
		t.Errorf("the app heard %q", got)
	}
	var private shown
	b.open().until("the private answer", func(seen map[string]json.RawMessage) bool {
		for key, raw := range seen {
			var m shown
			if strings.HasPrefix(key, "slack/message/"+general+"/") && json.Unmarshal(raw, &m) == nil && m.Only != "" {
				private = m
			}
		}
		return private.ID != ""
	})
	if private.Only != ana || private.Text != "for *you* alone" || len(private.Buttons) != 1 || private.Buttons[0].Label != "Share in thread" {
		t.Errorf("shown as %+v", private)
	}

	fields = map[string]string{"platform": "slack", "person": ana, "channel": general, "id": private.ID, "button": "share"}
	if status, answer := b.send(http.MethodPost, "/api/buttons", fields); status != http.StatusAccepted {
		t.Errorf("press: %d %v", status, answer)
	}
	if got := <-heard; !strings.Contains(got, `"block_actions"`) {
		t.Errorf("the app heard %q", got)
	}
	fields["person"] = b.person("slack", "Bo")
	if status, _ := b.send(http.MethodPost, "/api/buttons", fields); status != http.StatusBadRequest {
		t.Errorf("another person pressed a button that only one sees: %d", status)
	}

	fields["id"], fields["command"] = b.slack.AllMessages(general)[0].TS, "summarize_thread"
	if status, answer := b.send(http.MethodPost, "/api/menu", fields); status != http.StatusAccepted {
		t.Errorf("menu: %d %v", status, answer)
	}
	if got := <-heard; !strings.Contains(got, `"message_action"`) {
		t.Errorf("the app heard %q", got)
	}
}

func TestBadCommandsGetOneSentence(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	on := func(platform string, change map[string]string) map[string]string {
		fields := map[string]string{"platform": platform, "person": b.person(platform, "Ana"), "channel": b.channel(platform, "general")}
		maps.Copy(fields, change)
		return fields
	}
	cases := map[string]struct {
		path   string
		fields map[string]string
		says   string
	}{
		"a command of nobody's on Slack":   {"commands", on("slack", map[string]string{"text": "/remind me"}), "/remind is not a valid command"},
		"a command in a Slack thread":      {"commands", on("slack", map[string]string{"text": "/parley help", "thread": "1.000000"}), "do not work in Slack's threads"},
		"a command without an app":         {"commands", on("slack", map[string]string{"text": "/parley help"}), "dispatch_unknown_error"},
		"a command of nobody's on Discord": {"commands", on("discord", map[string]string{"text": "/remind me"}), "no command /remind"},
		"no such message":                  {"menu", on("slack", map[string]string{"id": "1.000000", "command": "summarize_thread"}), "shortcut"},
		"no such button":                   {"buttons", on("discord", map[string]string{"id": "1", "button": "stop"}), "press"},
		"nothing to stop":                  {"stops", on("slack", map[string]string{"id": "1.000000"}), "nothing is processing"},
		"Discord has no such stop button":  {"stops", on("discord", nil), "under the answer"},
	}
	for name, c := range cases {
		status, answer := b.send(http.MethodPost, "/api/"+c.path, c.fields)
		if status != http.StatusBadRequest || !strings.Contains(answer["error"], c.says) {
			t.Errorf("%s: %d %v", name, status, answer)
		}
	}
}

func TestTypedOptions(t *testing.T) {
	t.Parallel()
	channels := []discordsim.Channel{{ID: "7", Name: "night-walk"}, {ID: "8", Name: "Map colours"}}
	cases := map[string][]discordsim.Option{
		"":                               nil,
		"last:20":                        {{Name: "last", Value: 20}},
		"last 20":                        {{Name: "last", Value: 20}},
		"since: 2 days ago last 5":       {{Name: "since", Value: "2 days ago"}, {Name: "last", Value: 5}},
		"#night-walk since monday":       {{Name: "channel", Value: "7"}, {Name: "since", Value: "monday"}},
		"since 2 weeks last 5":           {{Name: "since", Value: "2 weeks"}, {Name: "last", Value: 5}},
		"link https://x.example/ last:1": {{Name: "link", Value: "https://x.example/"}, {Name: "last", Value: 1}},
		"channel:Map colours":            {{Name: "channel", Value: "8"}},
		"https://discord.com/channels/1": {{Name: "link", Value: "https://discord.com/channels/1"}},
	}
	for text, want := range cases {
		got, err := demo.TypedOptions(text, channels)
		if err != nil || len(got) != len(want) {
			t.Errorf("%q: %v, %v", text, got, err)
			continue
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%q: option %d is %v, want %v", text, i, got[i], want[i])
			}
		}
	}
	for _, text := range []string{"everything", "last:many", "#nowhere", "attachment:x", "please last 5"} {
		if got, err := demo.TypedOptions(text, channels); err == nil {
			t.Errorf("%q became %v", text, got)
		}
	}
}

func TestTheSlackCommandsAreThoseOfTheManifest(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../../deploy/slack/manifest.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Features struct {
			Commands []struct {
				Command, Description string
				Hint                 string `yaml:"usage_hint"`
			} `yaml:"slash_commands"`
			Shortcuts []struct {
				Name     string
				Callback string `yaml:"callback_id"`
			}
		}
	}
	if err := yaml.Unmarshal(data, &manifest); err != nil {
		t.Fatal(err)
	}
	commands, shortcuts := map[string]string{}, map[string]string{}
	for _, c := range manifest.Features.Commands {
		commands[c.Command] = c.Description + " " + c.Hint
	}
	for _, s := range manifest.Features.Shortcuts {
		shortcuts[s.Callback] = s.Name
	}
	gotCommands, gotShortcuts := demo.SlackSettings()
	if !maps.Equal(gotCommands, commands) || !maps.Equal(gotShortcuts, shortcuts) {
		t.Errorf("the page offers %v and %v, the manifest %v and %v", gotCommands, gotShortcuts, commands, shortcuts)
	}
}
